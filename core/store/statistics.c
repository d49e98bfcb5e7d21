/*
 * Statistics: the numbers of a month as they may be published, and what was published. A release
 * stands in the ledger by its hash, so that nobody can exchange it, and nobody can publish other
 * numbers of the same month: from two that differ a little, the difference would be known.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "consent/figures.h"
#include "store/calls.h"
#include "store/chain.h"

#include <string.h>

static const char kind[] = "release";

enum { CONSENT_TABLES = 3 };

static char *dump(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text)
        abort();
    json_decref(json);
    return text;
}

static struct slice column_bytes(sqlite3_stmt *row, int at)
{
    const void *bytes = sqlite3_column_blob(row, at);

    return slice_of(bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, at));
}

static json_t *day_json(int64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    return json_stringn(text, strlen("2026-01-31"));
}

/* Tables of the players who accepted one policy, which come one after the other. */
struct policy_tables {
    char *policy;
    char *names[CONSENT_TABLES];
    struct figures tables[CONSENT_TABLES];
    size_t count;
};

static void finish_policy(struct policy_tables *all, int k, json_t *groups)
{
    json_t *group = all->count > 0 ? figures_publish(all->tables, all->count, k) : NULL;
    json_t *tables = json_array();
    json_t *rows;
    size_t i;

    json_array_foreach(json_object_get(group, "tables"), i, rows)
        json_array_append_new(tables, json_pack("{ss sO}", "by", all->names[i], "rows", rows));
    if (group) {
        json_object_set(group, "tables", tables);
        json_object_set_new(group, "accepted", json_string(all->policy));
        json_array_append_new(groups, group);
    }
    json_decref(tables);
    for (i = 0; i < all->count; i++) {
        figures_clear(&all->tables[i]);
        free(all->names[i]);
    }
    free(all->policy);
    *all = (struct policy_tables){0};
}

static void read_consent_row(struct policy_tables *all, sqlite3_stmt *row, int k, json_t *groups)
{
    const char *policy = sql_column_str(row, 0);
    const char *name = sql_column_str(row, 1);

    if (all->policy && strcmp(all->policy, policy) != 0)
        finish_policy(all, k, groups);
    if (!all->policy)
        all->policy = mem_strdup(policy);
    if (all->count == 0 || strcmp(all->names[all->count - 1], name) != 0)
        all->names[all->count++] = mem_strdup(name);
    figures_add(&all->tables[all->count - 1], column_bytes(row, 2), sqlite3_column_int64(row, 3));
}

static int count_consents(struct sqlite *db, const struct store_question *question, json_t *groups)
{
    struct policy_tables all = {0};
    char begin[CLOCK_TEXT_BYTES], end[CLOCK_TEXT_BYTES];
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_FIGURES_CONSENT, &row);

    if (err < 0)
        return err;
    clock_format(question->begin_ms, begin);
    clock_format(question->end_ms, end);
    sql_text(row, 1, begin);
    sql_text(row, 2, end);
    while ((err = sql_step(db, row)) > 0)
        read_consent_row(&all, row, question->k, groups);
    finish_policy(&all, question->k, groups);
    return err;
}

/* The table of one field on one server. */
struct value_table {
    char *server, *field, *purpose;
    bool tally;
    struct figures figures;
    int64_t keep_ms;
};

static bool is_of(const struct value_table *table, sqlite3_stmt *row)
{
    return table->server && strcmp(table->server, sql_column_str(row, 0)) == 0 &&
           strcmp(table->field, sql_column_str(row, 1)) == 0 &&
           strcmp(table->purpose, sql_column_str(row, 2)) == 0 &&
           table->tally == (sqlite3_column_int(row, 3) != 0);
}

static void finish_table(struct value_table *table, const struct store_question *question,
                         int64_t now_ms, json_t *groups)
{
    json_t *group = table->server ? figures_publish(&table->figures, 1, question->k) : NULL;

    if (group) {
        json_t *rows = json_incref(json_array_get(json_object_get(group, "tables"), 0));
        json_t *one = json_pack("[{ss so}]", "by", table->field, "rows", rows);

        json_object_set_new(group, "tables", one);
        json_object_set_new(group, "server", json_string(table->server));
        json_object_set_new(group, "purpose", json_string(table->purpose));
        /* What came before was erased by the time that this was worked out. */
        if (now_ms - table->keep_ms > question->begin_ms)
            json_object_set_new(group, "since", day_json(now_ms - table->keep_ms));
        json_array_append_new(groups, group);
    }
    figures_clear(&table->figures);
    free(table->server);
    free(table->field);
    free(table->purpose);
    *table = (struct value_table){0};
}

static void read_value_row(struct value_table *table, sqlite3_stmt *row)
{
    int64_t keep_ms = sqlite3_column_int64(row, 6);

    if (!table->server) {
        table->server = mem_strdup(sql_column_str(row, 0));
        table->field = mem_strdup(sql_column_str(row, 1));
        table->purpose = mem_strdup(sql_column_str(row, 2));
        table->tally = sqlite3_column_int(row, 3) != 0;
        table->keep_ms = keep_ms;
    }
    table->keep_ms = keep_ms < table->keep_ms ? keep_ms : table->keep_ms;
    figures_add(&table->figures, column_bytes(row, 4), sqlite3_column_int64(row, 5));
}

static int count_values(struct sqlite *db, const struct store_question *question, int64_t now_ms,
                        json_t *groups)
{
    struct value_table table = {0};
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_FIGURES_VALUES, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, question->begin_ms);
    sqlite3_bind_int64(row, 2, question->end_ms);
    sql_text(row, 3, question->purposes);
    sql_text(row, 4, question->fields);
    while ((err = sql_step(db, row)) > 0) {
        if (table.server && !is_of(&table, row))
            finish_table(&table, question, now_ms, groups);
        read_value_row(&table, row);
    }
    finish_table(&table, question, now_ms, groups);
    return err;
}

/* Returns 0 when something had been recorded by then, or ERR_NOT_FOUND. */
static int check_begun(struct sqlite *db, int64_t by_ms)
{
    sqlite3_stmt *row;
    int64_t begin_ms = INT64_MAX;
    int err = sql_prepare(db, SQL_LEDGER_BEGIN, &row);

    if (err == 0)
        err = sql_step(db, row);
    if (err < 0)
        return err;
    if (err > 0) {
        if (clock_parse(sql_column_str(row, 0), &begin_ms) < 0)
            begin_ms = INT64_MAX;
        sql_reset(row);
    }
    return begin_ms < by_ms ? 0 : ERR_NOT_FOUND;
}

int sqlite_figures(struct sqlite *db, const struct store_question *question, int64_t now_ms,
                   char **out)
{
    json_t *groups = json_array();
    int err = check_begun(db, question->end_ms);

    if (err == 0)
        err = count_consents(db, question, groups);
    if (err == 0)
        err = count_values(db, question, now_ms, groups);
    if (err == 0)
        *out = dump(json_pack("{ss si so sO}", "period", question->period, "k", question->k,
                              "made_on", day_json(now_ms), "groups", groups));
    json_decref(groups);
    return err;
}

/* ERR_DAMAGED where the ledger knows of a release whose text is gone. */
static int check_unpublished(struct sqlite *db, const char *period)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_RELEASE_ENTRY, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, period);
    err = sql_step(db, row);
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : err > 0 ? ERR_DAMAGED : ERR_NOT_FOUND;
}

/* Not that of another period, put in its place with its entry. */
static bool names_period(const char *text, const char *period)
{
    json_t *json = json_loads(text, 0, NULL);
    const char *named = json_string_value(json_object_get(json, "period"));
    bool names = named && strcmp(named, period) == 0;

    json_decref(json);
    return names;
}

/* ERR_NOT_FOUND where nothing is kept, whatever the ledger says. */
static int find_kept(struct sqlite *db, const char *period, char **out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_RELEASE_FIND, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, period);
    err = sql_find(db, row);
    if (err < 0)
        return err;
    if (names_period(sql_column_str(row, 0), period) &&
        chain_cites(sql_column_str(row, 1), kind, sql_column_str(row, 0)))
        *out = mem_strdup(sql_column_str(row, 0));
    sql_reset(row);
    return *out ? 0 : ERR_DAMAGED;
}

int sqlite_release_find(struct sqlite *db, const char *period, char **out)
{
    int err = find_kept(db, period, out);

    return err == ERR_NOT_FOUND ? check_unpublished(db, period) : err;
}

static int put_release(struct sqlite *db, const char *period, const char *text)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_RELEASE_PUT, &put);

    if (err == 0)
        err = chain_cite(db, kind, json_pack("{ss}", "period", period), text);
    if (err < 0)
        return err;
    sql_text(put, 1, period);
    sql_text(put, 2, text);
    sqlite3_bind_int64(put, 3, db->last);
    return sql_run(db, put);
}

/* Does not read through the ledger while others wait to write: who publishes has looked before. */
int sqlite_release_put(struct sqlite *db, const char *period, const char *text, char **out)
{
    int err = find_kept(db, period, out);

    if (err != ERR_NOT_FOUND)
        return err;
    err = put_release(db, period, text);
    if (err == 0)
        *out = mem_strdup(text);
    return err;
}

struct statistics_call {
    struct text_call call;
    struct store_question question; /* its texts are owned */
    char *text;                     /* to publish */
};

static int run_figures(struct sqlite *db, struct request *request)
{
    struct statistics_call *call = (struct statistics_call *)request;

    return sqlite_figures(db, &call->question, clock_wall_ms(), text_call_out(&call->call));
}

static int run_find(struct sqlite *db, struct request *request)
{
    struct statistics_call *call = (struct statistics_call *)request;

    return sqlite_release_find(db, call->question.period, text_call_out(&call->call));
}

static int run_put(struct sqlite *db, struct request *request)
{
    struct statistics_call *call = (struct statistics_call *)request;

    return sqlite_release_put(db, call->question.period, call->text, text_call_out(&call->call));
}

static void free_call(struct request *request)
{
    struct statistics_call *call = (struct statistics_call *)request;

    free((void *)(uintptr_t)call->question.purposes);
    free((void *)(uintptr_t)call->question.fields);
    free(call->text);
    text_call_free(request);
}

static struct statistics_call *new_call(uint64_t id, enum lane_of lane, const char *period,
                                        int (*run)(struct sqlite *db, struct request *request),
                                        store_text_cb done)
{
    struct statistics_call *call = mem_alloc(sizeof *call);

    call_begin(&call->call.request, lane, run, text_call_answer, free_call);
    snprintf(call->question.period, sizeof call->question.period, "%s", period);
    call->call.id = id;
    call->call.done = done;
    return call;
}

void store_figures(struct store *store, uint64_t id, const struct store_question *question,
                   store_text_cb done)
{
    struct statistics_call *call = new_call(id, LANE_READS, question->period, run_figures, done);

    call->question = *question;
    call->question.purposes = mem_strdup(question->purposes);
    call->question.fields = mem_strdup(question->fields);
    lanes_ask(store->lanes, &call->call.request);
}

void store_release_find(struct store *store, uint64_t id, const char *period, store_text_cb done)
{
    lanes_ask(store->lanes, &new_call(id, LANE_READS, period, run_find, done)->call.request);
}

void store_release_put(struct store *store, uint64_t id, const char *period, const char *text,
                       store_text_cb done)
{
    struct statistics_call *call = new_call(id, LANE_WRITES, period, run_put, done);

    call->text = mem_strdup(text);
    lanes_ask(store->lanes, &call->call.request);
}
