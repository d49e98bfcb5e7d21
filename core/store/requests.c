/*
 * What players ask for, and where that stands. Each step has an entry in the ledger, in which only
 * the reason is sealed: the rest is personal to nobody.
 */
#include "base/err.h"
#include "base/mem.h"
#include "store/persons.h"

#include <stdio.h>
#include <string.h>

static const char kind[] = "request";

/* A row of the columns that statements.def gives. */
static void read_request(sqlite3_stmt *row, struct data_request *out)
{
    *out = (struct data_request){.number = sqlite3_column_int64(row, 0)};
    sql_column_text(row, 1, out->subject, sizeof out->subject);
    out->kind = data_request_kind_by_name(sql_column_str(row, 2));
    out->state = data_request_state_by_name(sql_column_str(row, 3));
    out->proof = data_request_proof_by_name(sql_column_str(row, 4));
    sql_column_text(row, 5, out->server, sizeof out->server);
    sql_column_text(row, 6, out->field, sizeof out->field);
    sql_column_text(row, 7, out->value, sizeof out->value);
    sql_column_text(row, 8, out->reason, sizeof out->reason);
    out->received_at_ms = sqlite3_column_int64(row, 9);
    out->due_at_ms = sqlite3_column_int64(row, 10);
    out->changed_at_ms = sqlite3_column_int64(row, 11);
    out->erased = uuid_parse(sql_column_str(row, 12), &out->player) < 0;
    sql_column_text(row, 13, out->name, sizeof out->name);
    sql_column_text(row, 14, out->by, sizeof out->by);
}

int sqlite_request_find(struct sqlite *db, int64_t number, struct data_request *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_REQUEST_FIND, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, number);
    err = sql_find(db, row);
    if (err < 0)
        return err;
    read_request(row, out);
    sql_reset(row);
    return 0;
}

int sqlite_request_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                        struct data_request *out, int max)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, player ? SQL_REQUEST_PAGE_PLAYER : SQL_REQUEST_PAGE, &row);
    int found = 0;

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, *after);
    if (player)
        sql_uuid(row, 2, player);
    while (found < max && (err = sql_step(db, row)) > 0) {
        read_request(row, &out[found]);
        *after = out[found++].number;
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}

/*
 * The step that it came to, on the ledger; `by` NULL or "": no operator took it; `person` NULL:
 * erased, or nobody who is known.
 */
static int note_step(struct sqlite *db, const struct data_request *request, const char *by,
                     const struct person_row *person)
{
    struct person_row nobody = {{0}, {0}};
    struct chain_entry entry = {.kind = kind, .at_ms = request->changed_at_ms};
    int err;

    memcpy(nobody.subject, request->subject, sizeof nobody.subject);
    entry.person = person ? person : &nobody;
    entry.facts = data_request_facts(request);
    if (by && by[0])
        json_object_set_new(entry.facts, "by", json_string(by));
    if (person && request->reason[0])
        entry.personal = json_pack("{ss}", "reason", request->reason);
    err = chain_append(db, &entry);
    json_decref(entry.facts);
    json_decref(entry.personal);
    return err;
}

/* The number of the same request that is open; 0: there is none; or an error. */
static int64_t find_alike(struct sqlite *db, const struct data_request *request)
{
    sqlite3_stmt *row;
    int64_t number;
    int err = sql_prepare(db, SQL_REQUEST_ALIKE, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, request->subject);
    sql_text(row, 2, data_request_kind_name(request->kind));
    sql_text(row, 3, request->server);
    sql_text(row, 4, request->field);
    sql_text(row, 5, request->value);
    err = sql_step(db, row);
    if (err <= 0)
        return err;
    number = sqlite3_column_int64(row, 0);
    sql_reset(row);
    return number;
}

static int check_room(struct sqlite *db, const struct data_request *request)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_REQUESTS_OPEN, &row);
    int open;

    if (err < 0)
        return err;
    sql_text(row, 1, request->subject);
    err = sql_step(db, row);
    if (err <= 0)
        return err < 0 ? err : ERR_DAMAGED;
    open = sqlite3_column_int(row, 0);
    sql_reset(row);
    return open < STORE_REQUESTS_OPEN_MAX ? 0 : ERR_TOO_LARGE;
}

static int check_correctable(struct sqlite *db, const struct data_request *request)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_CORRECTABLE, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, request->subject);
    sql_text(row, 2, request->field);
    sql_text(row, 3, request->server);
    err = sql_find(db, row);
    if (err == 0)
        sql_reset(row);
    return err == ERR_NOT_FOUND ? ERR_UNSUPPORTED : err;
}

static int insert(struct sqlite *db, struct data_request *request)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_REQUEST_PUT, &put);

    if (err < 0)
        return err;
    sql_text(put, 1, request->subject);
    sql_text(put, 2, data_request_kind_name(request->kind));
    sql_text(put, 3, data_request_state_name(request->state));
    sql_text(put, 4, data_request_proof_name(request->proof));
    sql_text(put, 5, request->server);
    sql_text(put, 6, request->field);
    sql_text(put, 7, request->value);
    sql_text(put, 8, request->reason);
    sqlite3_bind_int64(put, 9, request->received_at_ms);
    sqlite3_bind_int64(put, 10, request->due_at_ms);
    sqlite3_bind_int64(put, 11, request->changed_at_ms);
    sql_text(put, 12, request->by);
    err = sql_step(db, put);
    if (err <= 0)
        return err < 0 ? err : ERR_DAMAGED;
    request->number = sqlite3_column_int64(put, 0);
    return sql_run(db, put); /* what it returns stands in the first row; now it is done */
}

static int put_new(struct sqlite *db, struct data_request *request, const struct person_row *row)
{
    int err = check_room(db, request);

    if (err == 0 && request->kind == DATA_REQUEST_CORRECTION)
        err = check_correctable(db, request);
    request->state = request->proof ? DATA_REQUEST_VERIFIED : DATA_REQUEST_RECEIVED;
    request->changed_at_ms = request->received_at_ms;
    if (err == 0)
        err = insert(db, request);
    return err < 0 ? err : note_step(db, request, request->by, row);
}

int sqlite_request_put(struct sqlite *db, struct data_request *request)
{
    struct store_person person;
    struct person_row row;
    int64_t alike;
    int err = person_of_player(db, &request->player, &row, &person);

    if (err < 0)
        return err;
    memcpy(request->subject, person.subject, sizeof request->subject);
    memcpy(request->name, person.name, sizeof request->name);
    alike = find_alike(db, request);
    if (alike > 0)
        err = sqlite_request_find(db, alike, request);
    else
        err = alike < 0 ? (int)alike : put_new(db, request, &row);
    request->was_open = alike > 0;
    mem_wipe(&row, sizeof row);
    return err;
}

static int change(struct sqlite *db, const struct data_request *request)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_REQUEST_CHANGE, &put);

    if (err < 0)
        return err;
    sqlite3_bind_int64(put, 1, request->number);
    sql_text(put, 2, data_request_state_name(request->state));
    sql_text(put, 3, data_request_proof_name(request->proof));
    sql_text(put, 4, request->reason);
    sqlite3_bind_int64(put, 5, request->changed_at_ms);
    sql_text(put, 6, request->by);
    return sql_run(db, put);
}

int sqlite_request_move(struct sqlite *db, const struct store_request_step *step,
                        struct data_request *out)
{
    struct person_row row;
    bool known;
    int err = sqlite_request_find(db, step->number, out);

    if (err < 0)
        return err;
    if (step->player && (out->erased || !uuid_equal(step->player, &out->player)))
        return ERR_NOT_FOUND;
    out->state = data_request_next(out->state, step->event);
    if (!out->state)
        return ERR_REFUSED;
    if (step->event == DATA_REQUEST_VERIFY)
        out->proof = step->proof;
    if (step->by)
        snprintf(out->by, sizeof out->by, "%s", step->by);
    if (step->reason && !out->erased)
        snprintf(out->reason, sizeof out->reason, "%s", step->reason);
    out->changed_at_ms = step->at_ms;
    err = change(db, out);
    if (err < 0)
        return err;
    err = person_of_subject(db, out->subject, &row, NULL);
    known = err == 0;
    if (known || err == ERR_NOT_FOUND)
        err = note_step(db, out, step->by, known ? &row : NULL);
    mem_wipe(&row, sizeof row);
    return err;
}
