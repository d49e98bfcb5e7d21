/*
 * What servers have still to be told. Whom it is about stands in a table of its own, in rows of one
 * size that are put behind one another and written over in their place: so SQLite moves none, and
 * leaves no copies. It is masked, so that a search for what should be gone does not find what is
 * still needed.
 */
#include "store/task_rows.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "store/persons.h"
#include "store/provision_rows.h"

#include <stdlib.h>

enum { WHO_BYTES = CONSENT_NAME_BYTES + UUID_TEXT_BYTES, MASKED_BYTES = 2 * WHO_BYTES };

/* Turns what follows the mask into plain text, or back. */
static void mask(uint8_t masked[static MASKED_BYTES])
{
    for (size_t i = 0; i < WHO_BYTES; i++)
        masked[WHO_BYTES + i] ^= masked[i];
}

static int put_person(struct sqlite *db, int64_t number, const struct store_task *task)
{
    uint8_t masked[MASKED_BYTES] = {0};
    char *who = (char *)masked + WHO_BYTES;
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_TASK_PERSON_PUT, &put);

    if (err < 0)
        return err;
    random_bytes(masked, WHO_BYTES);
    snprintf(who, CONSENT_NAME_BYTES, "%s", task->name);
    snprintf(who + CONSENT_NAME_BYTES, UUID_TEXT_BYTES, "%s", task->uuid);
    mask(masked);
    sqlite3_bind_int64(put, 1, number);
    sql_bytes(put, 2, slice_of(masked, sizeof masked));
    return sql_run(db, put);
}

static int put_task(struct sqlite *db, int64_t request, const char *subject,
                    const struct store_task *task, int64_t now_ms)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_TASK_PUT, &put);

    if (err < 0)
        return err;
    sqlite3_bind_int64(put, 1, request);
    sql_text(put, 2, subject);
    sql_text(put, 3, task->server);
    sqlite3_bind_int(put, 4, task->pseudonym);
    sqlite3_bind_int64(put, 5, now_ms);
    err = sql_run(db, put);
    return err < 0 ? err : put_person(db, sqlite3_last_insert_rowid(db->handle), task);
}

static int forget_prepared(struct sqlite *db, const char *subject)
{
    int err = sql_run_for(db, SQL_TASKS_WIPE, subject);

    return err < 0 ? err : sql_run_for(db, SQL_TASKS_FORGET, subject);
}

/* 1, 0, or an error. */
static int has_visited(struct sqlite *db, const char *subject, const char *server)
{
    sqlite3_stmt *row;
    int visited;
    int err = sql_prepare(db, SQL_VISITED, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, subject);
    sql_text(row, 2, server);
    err = sql_find(db, row);
    if (err < 0)
        return err;
    visited = sqlite3_column_int(row, 0);
    sql_reset(row);
    return visited;
}

int sqlite_tasks_prepare(struct sqlite *db, const struct store_telling *telling, int64_t now_ms)
{
    struct person_row person;
    int err = person_of_player(db, &telling->player, &person, NULL);

    if (err == 0)
        err = forget_prepared(db, person.subject);
    for (size_t i = 0; i < telling->count && err == 0; i++) {
        err = has_visited(db, person.subject, telling->tasks[i].server);
        if (err > 0)
            err = put_task(db, telling->request, person.subject, &telling->tasks[i], now_ms);
    }
    mem_wipe(&person, sizeof person);
    return err;
}

/* What a server is told of an erasure leaves to it, and stands in the ledger as all that does. */
static int note_provision(struct sqlite *db, const char *subject, const char *server,
                          bool pseudonym, int64_t now_ms)
{
    struct provision provision = {.to = server,
                                  .ground = PROVISION_PERMISSION,
                                  .reason = "the player was erased, which the server has to know",
                                  .purpose = "erasure"};
    const char *form = pseudonym ? "pseudonym" : "full";
    struct person_row person = {0};
    json_t *fields = json_pack("[{ss ss} {ss ss}]", "field", "player.name", "form", form, "field",
                               "player.uuid", "form", form);
    int err;

    snprintf(person.subject, sizeof person.subject, "%s", subject);
    err = provision_append(db, &person, &provision, fields, now_ms);
    json_decref(fields);
    return err;
}

/* One entry for each server. */
static int note_provisions(struct sqlite *db, const char *subject, int64_t now_ms)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_TASKS_PREPARED, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, subject);
    while ((err = sql_step(db, row)) > 0) {
        err = note_provision(db, subject, sql_column_str(row, 0), sqlite3_column_int(row, 1) != 0,
                             now_ms);
        if (err == 0)
            continue;
        sql_reset(row);
        break;
    }
    return err;
}

int sqlite_tasks_begin(struct sqlite *db, const char *subject, int64_t now_ms)
{
    sqlite3_stmt *begin;
    int err = sql_prepare(db, SQL_TASKS_BEGIN, &begin);

    if (err < 0)
        return err;
    err = note_provisions(db, subject, now_ms);
    if (err < 0)
        return err;
    sql_text(begin, 1, subject);
    sqlite3_bind_int64(begin, 2, now_ms);
    return sql_run(db, begin);
}

static void bind_step(sqlite3_stmt *change, const struct store_task_step *step)
{
    sqlite3_bind_int64(change, 1, step->number);
    switch (step->step) {
    case TASK_STEP_CLAIM:
        sqlite3_bind_int64(change, 2, step->next_at_ms);
        sqlite3_bind_int(change, 3, step->attempts);
        break;
    case TASK_STEP_AGAIN:
    case TASK_STEP_STUCK:
        sql_text(change, 2,
                 task_state_name(step->step == TASK_STEP_AGAIN ? TASK_OPEN : TASK_STUCK));
        sqlite3_bind_int64(change, 3, step->next_at_ms);
        sql_text(change, 4, step->problem);
        break;
    case TASK_STEP_RETRY: sqlite3_bind_int64(change, 2, step->at_ms); break;
    case TASK_STEP_TOLD:
    case TASK_STEP_DROP:
        sql_text(change, 2,
                 task_state_name(step->step == TASK_STEP_TOLD ? TASK_DONE : TASK_DROPPED));
        sqlite3_bind_int64(change, 3, step->at_ms);
        break;
    case TASK_STEP_NONE: break;
    }
}

static int change_row(struct sqlite *db, const struct store_task_step *step)
{
    static const enum statement statements[] = {
        [TASK_STEP_CLAIM] = SQL_TASK_CLAIM, [TASK_STEP_TOLD] = SQL_TASK_END,
        [TASK_STEP_AGAIN] = SQL_TASK_REST,  [TASK_STEP_STUCK] = SQL_TASK_REST,
        [TASK_STEP_RETRY] = SQL_TASK_RETRY, [TASK_STEP_DROP] = SQL_TASK_END,
    };
    sqlite3_stmt *change;
    int err = sql_prepare(db, statements[step->step], &change);

    if (err < 0)
        return err;
    bind_step(change, step);
    err = sql_run(db, change);
    if (err < 0)
        return err;
    return sqlite3_changes(db->handle) == 1 ? 0 : ERR_NOT_FOUND;
}

/* The end of a task is evidence: that a server was told, or who decided that it need not be. */
static int note_end(struct sqlite *db, const struct store_task_step *step)
{
    struct person_row person = {0};
    struct chain_entry entry = {.kind = "task", .person = &person, .at_ms = step->at_ms};
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_TASK_FIND, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, step->number);
    err = sql_find(db, row);
    if (err < 0)
        return err;
    entry.facts =
        json_pack("{sI sI ss ss}", "task", (json_int_t)step->number, "request",
                  (json_int_t)sqlite3_column_int64(row, 0), "server", sql_column_str(row, 2),
                  "step", step->step == TASK_STEP_TOLD ? "told" : "dropped");
    sql_column_text(row, 1, person.subject, sizeof person.subject);
    sql_reset(row);
    if (step->step == TASK_STEP_DROP) {
        json_object_set_new(entry.facts, "by", json_string(step->by));
        json_object_set_new(entry.facts, "reason", json_string(step->reason));
    }
    err = chain_append(db, &entry);
    json_decref(entry.facts);
    return err;
}

static int wipe_person(struct sqlite *db, int64_t number)
{
    sqlite3_stmt *wipe;
    int err = sql_prepare(db, SQL_TASK_PERSON_WIPE, &wipe);

    if (err < 0)
        return err;
    sqlite3_bind_int64(wipe, 1, number);
    sql_unsettle(db); /* the write-ahead log has it still; the request may be done */
    return sql_run(db, wipe);
}

int sqlite_task_move(struct sqlite *db, const struct store_task_step *step)
{
    int err = change_row(db, step);

    if (err < 0 || (step->step != TASK_STEP_TOLD && step->step != TASK_STEP_DROP))
        return err;
    err = wipe_person(db, step->number);
    return err < 0 ? err : note_end(db, step);
}

/* Of the column after the server. */
static void read_person(sqlite3_stmt *row, struct store_task *out)
{
    uint8_t masked[MASKED_BYTES] = {0};
    const char *who = (const char *)masked + WHO_BYTES;

    if (sqlite3_column_bytes(row, 3) == MASKED_BYTES)
        memcpy(masked, sqlite3_column_blob(row, 3), MASKED_BYTES);
    mask(masked);
    out->name = mem_strndup(who, strnlen(who, CONSENT_NAME_BYTES));
    who += CONSENT_NAME_BYTES;
    out->uuid = mem_strndup(who, strnlen(who, UUID_TEXT_BYTES));
    mem_wipe(masked, sizeof masked);
}

static void read_task(sqlite3_stmt *row, struct store_task *out)
{
    *out = (struct store_task){
        .number = sqlite3_column_int64(row, 0),
        .request = sqlite3_column_int64(row, 1),
        .server = mem_strdup(sql_column_str(row, 2)),
        .pseudonym = sqlite3_column_int(row, 4) != 0,
        .state = task_state_by_name(sql_column_str(row, 5)),
        .attempts = sqlite3_column_int(row, 6),
        .created_at_ms = sqlite3_column_int64(row, 7),
        .next_at_ms = sqlite3_column_int64(row, 8),
        .ended_at_ms = sqlite3_column_int64(row, 9),
        .problem = mem_strdup(sql_column_str(row, 10)),
    };
    read_person(row, out);
}

int sqlite_task_page(struct sqlite *db, int64_t after, int64_t due_ms, struct store_task *out,
                     int max)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, due_ms ? SQL_TASKS_DUE : SQL_TASKS, &row);
    int found = 0;

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, after);
    sqlite3_bind_int(row, 2, max);
    if (due_ms) {
        sqlite3_bind_int64(row, 3, due_ms);
        sqlite3_bind_int64(row, 4, TASK_REST_MS_MAX);
    }
    while (found < max && (err = sql_step(db, row)) > 0)
        read_task(row, &out[found++]);
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}

static void free_text(const char *text)
{
    char *owned = (char *)(uintptr_t)text;

    if (owned)
        mem_wipe(owned, strlen(owned));
    free(owned);
}

void sqlite_task_free(struct store_task *task)
{
    free_text(task->server);
    free_text(task->name);
    free_text(task->uuid);
    free_text(task->problem);
    *task = (struct store_task){0};
}
