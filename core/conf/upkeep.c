/*
 * What is published of the players, and how often a person has to look at the state of it all.
 */
#include "base/mem.h"
#include "conf/parts.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* With 2, what is too small to be published is exactly 1. */
enum { K_MIN = 3, K_MAX = 1000000, REVIEW_DAYS_MAX = 3650 };

bool conf_publishes(const struct conf *conf, const char *purpose)
{
    for (size_t i = 0; i < conf->statistics_purpose_count; i++)
        if (strcmp(conf->statistics_purposes[i], purpose) == 0)
            return true;
    return false;
}

/* Whether the policy has it shows when both were read. */
static void read_purpose(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    const char *name = reader_text(reader, "the name of a purpose of the policy");

    if (!name)
        return;
    if (conf_publishes(conf, name)) {
        reader_complain(reader, "\"%s\" stands here twice; take one out", name);
        return;
    }
    conf->statistics_purposes =
        mem_resize(conf->statistics_purposes,
                   (conf->statistics_purpose_count + 1) * sizeof *conf->statistics_purposes);
    conf->statistics_purposes[conf->statistics_purpose_count++] = mem_strdup(name);
}

static void read_purposes(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_purpose);
}

void conf_read_statistics(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "k",
         .kind = READER_INT,
         .min = K_MIN,
         .max = K_MAX,
         .offset = offsetof(struct conf, statistics_k)},
        {.name = "purposes", .kind = READER_CUSTOM, .read = read_purposes},
    };

    ((struct conf *)into)->statistics_line = reader_line(reader);
    reader_table(reader, keys, CONF_COUNT(keys), into);
}

void conf_free_statistics(struct conf *conf)
{
    for (size_t i = 0; i < conf->statistics_purpose_count; i++)
        free(conf->statistics_purposes[i]);
    free(conf->statistics_purposes);
}

void conf_read_review(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "every",
         .kind = READER_DURATION,
         .min = DAY_MS,
         .max = REVIEW_DAYS_MAX * DAY_MS,
         .offset = offsetof(struct conf, review_every_ms)},
    };

    reader_table(reader, keys, CONF_COUNT(keys), into);
}
