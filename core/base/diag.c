#include "base/diag.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 64, EDITS_MAX = 2 };

void diag_add(struct diag *diag, const char *file, int line, const char *format, ...)
{
    struct diag_entry *entry;
    va_list args;
    char *message = NULL;

    if (diag->count >= DIAG_ENTRIES_MAX) {
        diag->count++;
        return;
    }
    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        abort();
    va_end(args);
    diag->entries = mem_resize(diag->entries, (diag->count + 1) * sizeof *diag->entries);
    entry = &diag->entries[diag->count++];
    *entry = (struct diag_entry){.file = mem_strdup(file), .line = line, .message = message};
}

static size_t told(const struct diag *diag)
{
    return diag->count < DIAG_ENTRIES_MAX ? diag->count : DIAG_ENTRIES_MAX;
}

char *diag_text(const struct diag_entry *entry)
{
    if (entry->line > 0)
        return mem_format("%s:%d: %s", entry->file, entry->line, entry->message);
    return mem_format("%s: %s", entry->file, entry->message);
}

void diag_print(const struct diag *diag, FILE *out)
{
    for (size_t i = 0; i < told(diag); i++) {
        char *text = diag_text(&diag->entries[i]);

        fprintf(out, "%s\n", text);
        free(text);
    }
    if (diag->count > DIAG_ENTRIES_MAX)
        fprintf(out, "... and %zu more\n", diag->count - DIAG_ENTRIES_MAX);
}

void diag_log(const struct diag *diag)
{
    for (size_t i = 0; i < told(diag); i++) {
        char *text = diag_text(&diag->entries[i]);

        log_error("%s", text);
        free(text);
    }
}

void diag_free(struct diag *diag)
{
    if (!diag)
        return;
    for (size_t i = 0; i < told(diag); i++) {
        free(diag->entries[i].file);
        free(diag->entries[i].message);
    }
    free(diag->entries);
    *diag = (struct diag){0};
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance; both words are shorter than WORD_MAX. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t b_len = strlen(b);

    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

const char *diag_nearest_in(const char *word, const void *structs, size_t count, size_t size)
{
    size_t word_len = strlen(word);
    size_t best_distance = (word_len < 3 ? 1 : EDITS_MAX) + 1;
    const char *best = NULL;

    if (word_len >= WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *candidate;
        size_t distance;

        memcpy(&candidate, (const char *)structs + i * size, sizeof candidate);
        if (strlen(candidate) >= WORD_MAX)
            continue;
        distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

const char *diag_nearest(const char *word, const char *const *candidates, size_t count)
{
    return diag_nearest_in(word, candidates, count, sizeof *candidates);
}

const char *diag_advice(char out[static DIAG_ADVICE_BYTES], const char *nearest,
                        const char *otherwise)
{
    if (nearest)
        snprintf(out, DIAG_ADVICE_BYTES, "did you mean \"%s\"?", nearest);
    else
        snprintf(out, DIAG_ADVICE_BYTES, "%s", otherwise);
    return out;
}
