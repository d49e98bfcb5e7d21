#include "consent/figures.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void add(struct figures *figures, char *value, int64_t players)
{
    figures->rows = mem_resize(figures->rows, (figures->count + 1) * sizeof *figures->rows);
    figures->rows[figures->count++] = (struct figure){.value = value, .players = players};
}

void figures_add(struct figures *figures, struct slice value, int64_t players)
{
    bool has_zero = value.len > 0 && memchr(value.data, 0, value.len);

    if (has_zero || !slice_is_utf8(value))
        figures->unreadable += players;
    else
        add(figures, mem_strndup((const char *)value.data, value.len), players);
}

void figures_clear(struct figures *figures)
{
    for (size_t i = 0; i < figures->count; i++)
        free(figures->rows[i].value);
    free(figures->rows);
    *figures = (struct figures){0};
}

/* Largest first. */
static int compare(const void *a, const void *b)
{
    const struct figure *one = a;
    const struct figure *two = b;

    if (one->players != two->players)
        return one->players > two->players ? -1 : 1;
    return strcmp(one->value, two->value);
}

static int64_t round_down(int64_t players, int k)
{
    return players - players % k;
}

static int64_t total(const struct figures *figures)
{
    int64_t players = 0;

    for (size_t i = 0; i < figures->count; i++)
        players += figures->rows[i].players;
    return players;
}

/*
 * Where every row is as large as its number allows, and the total as small as its own does, that
 * total would say so.
 */
static bool is_betrayed(const struct figures *figures, int64_t rounded_total, int k)
{
    int64_t most = 0;

    for (size_t i = 0; i < figures->count; i++)
        most += round_down(figures->rows[i].players, k) + k - 1;
    return most == rounded_total;
}

/* In the order of the numbers as they are published: the real one would tell more. */
static json_t *publish_rows(struct figures *figures, int k)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < figures->count; i++)
        figures->rows[i].players = round_down(figures->rows[i].players, k);
    if (figures->count > 0)
        qsort(figures->rows, figures->count, sizeof *figures->rows, compare);
    for (size_t i = 0; i < figures->count && figures->rows[i].players > 0; i++)
        json_array_append_new(rows, json_pack("{ss sI}", "value", figures->rows[i].value, "players",
                                              (json_int_t)figures->rows[i].players));
    return rows;
}

json_t *figures_publish(struct figures *tables, size_t count, int k)
{
    bool betrayed = false;
    int64_t players;
    json_t *list;

    for (size_t i = 0; i < count; i++) {
        if (tables[i].unreadable > 0)
            add(&tables[i], mem_strdup("(no text)"), tables[i].unreadable);
        tables[i].unreadable = 0;
    }
    players = round_down(total(&tables[0]), k);
    if (players == 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        betrayed = betrayed || is_betrayed(&tables[i], players, k);
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, publish_rows(&tables[i], k));
    return json_pack("{sI so}", "players", (json_int_t)(betrayed ? players - k : players), "tables",
                     list);
}
