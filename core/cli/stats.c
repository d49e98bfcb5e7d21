/*
 * `sekisho stats`: the numbers of a month's players that may be published. A month is worked out
 * once it has ended, when it is asked for first; from then on the same is printed for ever.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/markdown.h"
#include "cli/visit.h"
#include "rules/field.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct stats {
    const struct conf *conf;
    struct store_question question;
    char *purposes, *fields;
    struct store *store;
    char *found, *worked_out, *published; /* owned; NULL: not yet */
    int err;
};

/* "2026-10". Returns the month, or a negative number. */
static int64_t parse_period(const char *text)
{
    int year, month;
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (i == 4 ? text[i] != '-' : !isdigit((unsigned char)text[i]))
            return -1;
    if (len != strlen("2026-10"))
        return -1;
    year = (int)strtol(text, NULL, 10);
    month = (int)strtol(text + 5, NULL, 10);
    return year >= 1970 && month >= 1 && month <= 12 ? INT64_C(12) * year + month - 1 : -1;
}

/* Returns false after saying what is wrong. */
static bool set_period(const char *given, struct store_question *out)
{
    int64_t now = clock_month(clock_wall_ms());
    int64_t month = given ? parse_period(given) : now - 1;

    if (month < 0) {
        fprintf(stderr, "sekisho stats: \"%s\" is no month; write it as --period 2026-10\n", given);
        return false;
    }
    if (month >= now) {
        fprintf(stderr,
                "sekisho stats: %s has not ended; its numbers are there from %04d-%02d-01, "
                "UTC\n",
                given, (int)((month + 1) / 12), (int)((month + 1) % 12 + 1));
        return false;
    }
    snprintf(out->period, sizeof out->period, "%04d-%02d", (int)(month / 12 % 10000),
             (int)(month % 12 + 1));
    out->begin_ms = clock_month_begin(month);
    out->end_ms = clock_month_begin(month + 1);
    return true;
}

/* What names a person, and what they said, is no statistics in any form. */
static char *fields_json(void)
{
    json_t *list = json_array();
    char *text;

    for (int i = FIELD_NONE + 1; i < FIELDS; i++)
        if (field_info((enum field)i)->class == FIELD_QUASI)
            json_array_append_new(list, json_string(field_name((enum field)i)));
    text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static char *purposes_json(const struct conf *conf)
{
    json_t *list = json_array();
    char *text;

    for (size_t i = 0; i < conf->statistics_purpose_count; i++)
        json_array_append_new(list, json_string(conf->statistics_purposes[i]));
    text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static void on_found(void *owner, uint64_t id, int err, const char *text)
{
    struct stats *stats = owner;

    (void)id;
    stats->err = err == ERR_NOT_FOUND ? 0 : err;
    if (err == 0)
        stats->found = mem_strdup(text);
}

static void on_worked_out(void *owner, uint64_t id, int err, const char *text)
{
    struct stats *stats = owner;

    (void)id;
    if (stats->err == 0)
        stats->err = err;
    if (err == 0)
        stats->worked_out = mem_strdup(text);
}

static void ask_found(struct store *store, void *owner)
{
    struct stats *stats = owner;

    store_release_find(store, 0, stats->question.period, on_found);
}

static void ask_figures(struct store *store, void *owner)
{
    struct stats *stats = owner;

    store_figures(store, 0, &stats->question, on_worked_out);
}

static void on_published(void *owner, uint64_t id, int err, const char *text)
{
    struct stats *stats = owner;

    (void)id;
    stats->err = err;
    if (err == 0)
        stats->published = mem_strdup(text);
}

static void ask_publish(struct store *store, void *owner)
{
    struct stats *stats = owner;

    store_release_put(store, 0, stats->question.period, stats->worked_out, on_published);
}

static int visit(struct stats *stats, enum store_mode mode,
                 void (*ask)(struct store *store, void *owner), struct diag *diag)
{
    const char *url = stats->conf->store;
    int err = visit_store(url, mode, diag, ask, stats);

    if (err == ERR_NOT_FOUND || stats->err == ERR_NOT_FOUND)
        diag_add(diag, url, 0, "nothing had been recorded when %s ended", stats->question.period);
    else if (stats->err == ERR_DAMAGED)
        diag_add(diag, url, 0,
                 "what was published of %s is not kept as the ledger says that it was published; "
                 "restore the database from a backup that sekisho ledger verify finds good",
                 stats->question.period);
    else if (stats->err < 0)
        visit_failed(url, stats->err, diag);
    return diag->count > 0 ? ERR_IO : 0;
}

/* What was published of the period, now or before; NULL with entries in `diag`. */
static const char *publish(struct stats *stats, struct diag *diag)
{
    if (visit(stats, STORE_READ, ask_found, diag) < 0)
        return NULL;
    if (stats->found)
        return stats->found;
    if (visit(stats, STORE_READ, ask_figures, diag) < 0 ||
        visit(stats, STORE_SERVE, ask_publish, diag) < 0)
        return NULL;
    return stats->published;
}

static const char *text_at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));

    return text ? text : "";
}

static long long number_at(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static void print_table(const json_t *table)
{
    const json_t *rows = json_object_get(table, "rows");
    const json_t *row;
    size_t i;

    printf("\n| ");
    markdown_text(text_at(table, "by"), stdout);
    printf(" | players |\n| --- | --- |\n");
    json_array_foreach(rows, i, row)
    {
        printf("| ");
        markdown_text(text_at(row, "value"), stdout);
        printf(" | %lld |\n", number_at(row, "players"));
    }
    if (json_array_size(rows) == 0)
        printf("| *none has enough* | |\n");
}

static void print_group(const json_t *group)
{
    const json_t *table;
    size_t i;

    if (json_object_get(group, "accepted")) {
        printf("\n## Players who accepted ");
        markdown_text(text_at(group, "accepted"), stdout);
    } else {
        printf("\n## Players on ");
        markdown_text(text_at(group, "server"), stdout);
        printf(", for ");
        markdown_text(text_at(group, "purpose"), stdout);
    }
    printf(": %lld\n", number_at(group, "players"));
    if (json_object_get(group, "since"))
        printf("\nValues are kept for less than the month: those since about %s are counted.\n",
               text_at(group, "since"));
    json_array_foreach(json_object_get(group, "tables"), i, table) print_table(table);
}

static void print_release(const char *text, struct diag *diag, const struct conf *conf)
{
    json_t *json = json_loads(text, 0, NULL);
    const json_t *groups = json_object_get(json, "groups");
    const json_t *group;
    size_t i;

    if (!json) {
        diag_add(diag, conf->store, 0, "what was published cannot be read");
        return;
    }
    printf("# Players in %s\n\n", text_at(json, "period"));
    printf(
        "Each player is counted once in a table, by the first value of the month. Numbers are\n"
        "rounded down to multiples of %lld; what fewer players have is not listed. Made on %s.\n",
        number_at(json, "k"), text_at(json, "made_on"));
    json_array_foreach(groups, i, group) print_group(group);
    if (json_array_size(groups) == 0)
        printf("\nThere were too few players to publish anything.\n");
    json_decref(json);
}

static int run(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct stats stats = {.conf = conf, .purposes = purposes_json(conf), .fields = fields_json()};
    const char *text = NULL;

    stats.question.k = conf->statistics_k;
    stats.question.purposes = stats.purposes;
    stats.question.fields = stats.fields;
    if (set_period(options->period, &stats.question))
        text = publish(&stats, diag);
    if (text && options->json)
        printf("%s\n", text);
    else if (text)
        print_release(text, diag, conf);
    if (text && !options->json && conf->statistics_purpose_count == 0)
        fprintf(stderr,
                "sekisho stats: no values are counted: statistics.purposes in %s names no "
                "purpose\n",
                conf->path);
    free(stats.purposes);
    free(stats.fields);
    free(stats.found);
    free(stats.worked_out);
    free(stats.published);
    return text && diag->count == 0 ? 0 : ERR_IO;
}

int cli_stats(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct policies *policies = NULL;
    int status = EXIT_FAILURE;

    if (cli_read(argc, argv, (struct cli_grammar){CLI_CONF | CLI_JSON | CLI_PERIOD, 0, 0},
                 &options) < 0)
        return EXIT_FAILURE;
    if (cli_load(options.conf_path, &diag, &conf, &policies) == 0 &&
        run(&options, conf, &diag) == 0)
        status = EXIT_SUCCESS;
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}
