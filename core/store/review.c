/*
 * What a review of the operation is made from: the state of all that is recorded, in numbers, since
 * when rules are there and when they were of use last, and the reviews that were signed off.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "store/calls.h"
#include "store/chain.h"

#include <string.h>

static const char kind[] = "review";

/* The parts of a survey. */
static const struct {
    const char *name;
    enum statement statement;
} parts[] = {
    {"values", SQL_SURVEY_VALUES},
    {"tallies", SQL_SURVEY_TALLIES},
    {"answers", SQL_SURVEY_ANSWERS},
    {"persons", SQL_SURVEY_PERSONS},
    {"requests", SQL_SURVEY_REQUESTS},
    {"inquiries", SQL_SURVEY_INQUIRIES},
    {"plugins", SQL_SURVEY_PLUGINS},
    {"tasks", SQL_SURVEY_TASKS},
    {"provisions", SQL_SURVEY_PROVISIONS},
    {"refusals", SQL_SURVEY_REFUSALS},
    {"rules", SQL_SURVEY_RULES},
    {"entries", SQL_SURVEY_ENTRIES},
    {"head", SQL_SURVEY_HEAD},
    {"reviews", SQL_SURVEY_REVIEWS},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

/* Columns by their names; NULL is left out. */
static json_t *row_json(sqlite3_stmt *row)
{
    json_t *json = json_object();

    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);

        if (sqlite3_column_type(row, i) == SQLITE_INTEGER)
            json_object_set_new(json, name, json_integer(sqlite3_column_int64(row, i)));
        else if (sqlite3_column_type(row, i) != SQLITE_NULL)
            json_object_set_new(json, name, json_string(sql_column_str(row, i)));
    }
    return json;
}

static int survey_part(struct sqlite *db, enum statement which, int64_t now_ms, json_t *rows)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, which, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, now_ms);
    while ((err = sql_step(db, row)) > 0)
        json_array_append_new(rows, row_json(row));
    return err;
}

int sqlite_survey(struct sqlite *db, int64_t now_ms, char **out)
{
    json_t *json = json_object();
    int err = 0;

    for (size_t i = 0; i < PARTS && err == 0; i++) {
        json_t *rows = json_array();

        json_object_set_new(json, parts[i].name, rows);
        err = survey_part(db, parts[i].statement, now_ms, rows);
    }
    if (err == 0)
        *out = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return err;
}

int sqlite_rules_loaded(struct sqlite *db, const char *rules, int64_t now_ms)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_RULES_LOADED, &put);

    if (err < 0)
        return err;
    sql_text(put, 1, rules);
    sqlite3_bind_int64(put, 2, now_ms);
    err = sql_run(db, put);
    if (err == 0)
        err = sql_prepare(db, SQL_RULES_GONE, &put);
    if (err < 0)
        return err;
    sqlite3_bind_int64(put, 1, now_ms);
    return sql_run(db, put);
}

int sqlite_rule_used(struct sqlite *db, const char *rule, int64_t now_ms)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_RULE_USED, &put);

    if (err < 0)
        return err;
    sql_text(put, 1, rule);
    sqlite3_bind_int64(put, 2, now_ms);
    return sql_run(db, put);
}

int sqlite_review_put(struct sqlite *db, const char *text, char **sha256)
{
    char hash[SHA256_TEXT_BYTES];
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_REVIEW_PUT, &put);

    if (err == 0)
        err = chain_cite(db, kind, json_object(), text);
    if (err < 0)
        return err;
    sql_text(put, 1, text);
    sqlite3_bind_int64(put, 2, db->last);
    err = sql_run(db, put);
    sha256_hex(slice_str(text), hash);
    if (err == 0)
        *sha256 = mem_strdup(hash);
    return err;
}

int sqlite_review_find(struct sqlite *db, int64_t number, char **out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_REVIEW_FIND, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, number);
    err = sql_find(db, row);
    if (err < 0)
        return err;
    if (chain_cites(sql_column_str(row, 1), kind, sql_column_str(row, 0)))
        *out = mem_strdup(sql_column_str(row, 0));
    sql_reset(row);
    return *out ? 0 : ERR_DAMAGED;
}

/* The time in the first column of the first row. */
static int find_time(struct sqlite *db, enum statement which, int64_t *out_ms)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, which, &row);

    if (err == 0)
        err = sql_find(db, row);
    if (err < 0)
        return err;
    err = clock_parse(sql_column_str(row, 0), out_ms);
    sql_reset(row);
    return err;
}

int sqlite_reviewed(struct sqlite *db, int64_t *out_ms)
{
    int err = find_time(db, SQL_REVIEW_LAST, out_ms);

    return err == ERR_NOT_FOUND ? find_time(db, SQL_LEDGER_BEGIN, out_ms) : err;
}

struct review_call {
    struct text_call call;
    char *text; /* rules, one of them, or a review; owned */
    int64_t number;
};

static int run_survey(struct sqlite *db, struct request *request)
{
    return sqlite_survey(db, clock_wall_ms(), text_call_out((struct text_call *)request));
}

static int run_rules_loaded(struct sqlite *db, struct request *request)
{
    return sqlite_rules_loaded(db, ((struct review_call *)request)->text, clock_wall_ms());
}

static int run_rule_used(struct sqlite *db, struct request *request)
{
    return sqlite_rule_used(db, ((struct review_call *)request)->text, clock_wall_ms());
}

static int run_put(struct sqlite *db, struct request *request)
{
    struct review_call *call = (struct review_call *)request;

    return sqlite_review_put(db, call->text, text_call_out(&call->call));
}

static int run_find(struct sqlite *db, struct request *request)
{
    struct review_call *call = (struct review_call *)request;

    return sqlite_review_find(db, call->number, text_call_out(&call->call));
}

static void free_call(struct request *request)
{
    free(((struct review_call *)request)->text);
    text_call_free(request);
}

/* `text` may be NULL; nobody waits for the answer where `done` is. */
static struct review_call *new_call(uint64_t id, enum lane_of lane, const char *text,
                                    int (*run)(struct sqlite *db, struct request *request),
                                    store_text_cb done)
{
    struct review_call *call = mem_alloc(sizeof *call);

    call_begin(&call->call.request, lane, run, text_call_answer, free_call);
    call->call.id = id;
    call->call.done = done;
    call->text = text ? mem_strdup(text) : NULL;
    return call;
}

void store_rules_loaded(struct store *store, const char *rules)
{
    lanes_ask(store->lanes, &new_call(0, LANE_WRITES, rules, run_rules_loaded, NULL)->call.request);
}

void store_rule_used(struct store *store, const char *rule)
{
    lanes_ask(store->lanes, &new_call(0, LANE_WRITES, rule, run_rule_used, NULL)->call.request);
}

void store_survey(struct store *store, uint64_t id, store_text_cb done)
{
    lanes_ask(store->lanes, &new_call(id, LANE_READS, NULL, run_survey, done)->call.request);
}

void store_review_put(struct store *store, uint64_t id, const char *text, store_text_cb done)
{
    lanes_ask(store->lanes, &new_call(id, LANE_WRITES, text, run_put, done)->call.request);
}

void store_review_find(struct store *store, uint64_t id, int64_t number, store_text_cb done)
{
    struct review_call *call = new_call(id, LANE_READS, NULL, run_find, done);

    call->number = number;
    lanes_ask(store->lanes, &call->call.request);
}

struct reviewed_call {
    struct request request;
    uint64_t id;
    int64_t at_ms;
    store_time_cb done;
};

static int run_reviewed(struct sqlite *db, struct request *request)
{
    return sqlite_reviewed(db, &((struct reviewed_call *)request)->at_ms);
}

static bool answer_reviewed(void *owner, struct request *request)
{
    struct reviewed_call *call = (struct reviewed_call *)request;

    call->done(((struct store *)owner)->owner, call->id, request->err, call->at_ms);
    return false;
}

void store_reviewed(struct store *store, uint64_t id, store_time_cb done)
{
    struct reviewed_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, LANE_READS, run_reviewed, answer_reviewed, call_free);
    call->id = id;
    call->done = done;
    lanes_ask(store->lanes, &call->request);
}
