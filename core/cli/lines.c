#include "cli/lines.h"

#include "base/mem.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { CELLS_MAX = 16 * 1024 * 1024 };

struct lines {
    struct slice *line;
    size_t count;
};

static struct lines split(const char *text)
{
    struct lines lines = {0};
    size_t room = 1;

    for (const char *at = text; *at; at++)
        room += *at == '\n';
    lines.line = mem_array(room, sizeof *lines.line);
    while (*text) {
        size_t len = strcspn(text, "\n");

        lines.line[lines.count++] = slice_of(text, len);
        text += len + (text[len] == '\n');
    }
    return lines;
}

/* What is left of both where they begin and end alike. `first` is where. */
static void trim(struct lines *a, struct lines *b, size_t *first)
{
    while (a->count > 0 && b->count > 0 && slice_equal(a->line[0], b->line[0])) {
        a->line++, b->line++;
        a->count--, b->count--;
        ++*first;
    }
    while (a->count > 0 && b->count > 0 &&
           slice_equal(a->line[a->count - 1], b->line[b->count - 1]))
        a->count--, b->count--;
}

/* Cell (i, j): how many lines a[i..] and b[j..] have in common, in order; rows of b.count + 1. */
static uint16_t *count_common(const struct lines *a, const struct lines *b)
{
    size_t width = b->count + 1;
    uint16_t *common = mem_array((a->count + 1) * width, sizeof *common);

    for (size_t i = a->count; i-- > 0;) {
        for (size_t j = b->count; j-- > 0;) {
            uint16_t down = common[(i + 1) * width + j];
            uint16_t right = common[i * width + j + 1];

            if (slice_equal(a->line[i], b->line[j]))
                common[i * width + j] = (uint16_t)(common[(i + 1) * width + j + 1] + 1);
            else
                common[i * width + j] = down > right ? down : right;
        }
    }
    return common;
}

static void print_line(char mark, struct slice line, FILE *out)
{
    fprintf(out, "%c%.*s\n", mark, (int)line.len, (const char *)line.data);
}

/* `common` NULL: nothing is. */
static void print(const struct lines *a, const struct lines *b, const uint16_t *common,
                  size_t first, FILE *out)
{
    size_t width = b->count + 1;
    bool differs = false;
    size_t i = 0;
    size_t j = 0;

    while (i < a->count || j < b->count) {
        if (common && i < a->count && j < b->count && slice_equal(a->line[i], b->line[j])) {
            differs = false;
            i++, j++;
            continue;
        }
        if (!differs)
            fprintf(out, "@@ line %zu\n", first + j + 1);
        differs = true;
        if (i < a->count &&
            (j == b->count || !common || common[(i + 1) * width + j] >= common[i * width + j + 1]))
            print_line('-', a->line[i++], out);
        else
            print_line('+', b->line[j++], out);
    }
}

void lines_diff(const char *before, const char *after, FILE *out)
{
    struct lines a = split(before);
    struct lines b = split(after);
    struct slice *owned[] = {a.line, b.line};
    uint16_t *common = NULL;
    size_t first = 0;

    trim(&a, &b, &first);
    if ((a.count + 1) * (b.count + 1) <= CELLS_MAX && a.count < UINT16_MAX && b.count < UINT16_MAX)
        common = count_common(&a, &b);
    print(&a, &b, common, first, out);
    free(common);
    free(owned[0]);
    free(owned[1]);
}
