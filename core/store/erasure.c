/*
 * Erasing a person. The order is what counts: the intent is durable before anything is destroyed;
 * then values, words and the person with their key go in one transaction, which leaves a tombstone
 * in the ledger and is looked through for what is left; then the write-ahead log is emptied, in
 * which all of it still stood. Only after that is the request done.
 */
#include "store/erasure.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/intents.h"
#include "store/plugin_rows.h"
#include "store/remains.h"
#include "store/task_rows.h"

#include <string.h>

static const char kind[] = "erasure";

/* What else the person asked for has become pointless. */
static int cancel_others(struct sqlite *db, const struct uuid *player, int64_t number,
                         int64_t at_ms)
{
    struct data_request requests[STORE_REQUESTS_OPEN_MAX];
    int64_t after = 0;
    int count;

    do {
        count = sqlite_request_page(db, player, &after, requests, STORE_REQUESTS_OPEN_MAX);
        for (int i = 0; i < count; i++) {
            struct store_request_step step = {
                .number = requests[i].number, .event = DATA_REQUEST_CANCEL, .at_ms = at_ms};
            int err =
                requests[i].number == number ? 0 : sqlite_request_move(db, &step, &requests[i]);

            if (err < 0 && err != ERR_REFUSED)
                return err;
        }
    } while (count == STORE_REQUESTS_OPEN_MAX);
    return count < 0 ? count : 0;
}

static int put_tombstone(struct sqlite *db, const struct person_row *row, const char *cause,
                         const struct store_request_step *step)
{
    struct chain_entry entry = {.kind = kind, .person = row, .at_ms = step->at_ms};
    int err;

    entry.facts = json_pack("{ss sI}", "cause", cause, "request", (json_int_t)step->number);
    if (step->by)
        json_object_set_new(entry.facts, "by", json_string(step->by));
    if (step->reason)
        json_object_set_new(entry.facts, "reason", json_string(step->reason));
    err = chain_append(db, &entry);
    json_decref(entry.facts);
    return err;
}

/* Every table that may hold something of a person has a line here. */
static int destroy(struct sqlite *db, const char *subject)
{
    static const enum statement statements[] = {
        SQL_ERASE_OBSERVATIONS, SQL_ERASE_INQUIRIES, SQL_ERASE_REQUEST_WORDS,
        SQL_ERASE_COUNTED,      SQL_ERASE_VISITS,    SQL_ERASE_PLUGIN_PERSONALS,
        SQL_ERASE_PERSON,
    };
    int err = 0;

    for (size_t i = 0; err == 0 && i < sizeof statements / sizeof statements[0]; i++)
        err = sql_run_for(db, statements[i], subject);
    return err;
}

/* With the UUID in both ways in which it is written. */
static int run_for_uuid(struct sqlite *db, enum statement which, const struct uuid *player)
{
    char text[UUID_TEXT_BYTES], plain[UUID_PLAIN_BYTES];
    sqlite3_stmt *statement;
    int err = sql_prepare(db, which, &statement);

    if (err < 0)
        return err;
    uuid_format(player, text);
    uuid_format_plain(player, plain);
    sql_text(statement, 1, text);
    sql_text(statement, 2, plain);
    return sql_run(db, statement);
}

static int erase(struct sqlite *db, const struct store_person *person, const struct person_row *row,
                 const char *cause, const struct store_request_step *step)
{
    int err = cancel_others(db, &person->player, step->number, step->at_ms);

    if (err == 0)
        err = destroy(db, person->subject);
    if (err == 0)
        err = run_for_uuid(db, SQL_ERASE_TALLIES, &person->player); /* whoever sent the values */
    if (err == 0)
        err = plugin_rows_forget(db, &person->player);
    if (err == 0)
        err = put_tombstone(db, row, cause, step);
    if (err == 0)
        err = sqlite_tasks_begin(db, person->subject, step->at_ms);
    if (err == 0)
        err = remains_look(db, person, row);
    if (err == 0)
        sql_unsettle(db);
    return err;
}

int erasure_run(struct sqlite *db, const struct data_request *request,
                const struct store_request_step *step)
{
    struct store_person person;
    struct person_row row;
    int err = person_of_subject(db, request->subject, &row, &person);

    if (err == 0)
        err = intents_add(db->intents, person.subject);
    if (err == 0)
        err = erase(db, &person, &row, "request", step);
    mem_wipe(&row, sizeof row);
    return err;
}

int sqlite_mask(struct sqlite *db, const struct uuid *player)
{
    int err = run_for_uuid(db, SQL_MASK_OBSERVATIONS, player);

    if (err == 0)
        err = run_for_uuid(db, SQL_MASK_REQUESTS, player);
    if (err == 0)
        sql_unsettle(db);
    return err;
}

/* The number of what a statement finds of this subject, or anybody; 0: nothing; or an error. */
static int64_t find_number(struct sqlite *db, enum statement which, const char *subject)
{
    sqlite3_stmt *row;
    int64_t number;
    int err = sql_prepare(db, which, &row);

    if (err < 0)
        return err;
    if (subject)
        sql_text(row, 1, subject);
    err = sql_step(db, row);
    if (err <= 0)
        return err;
    number = sqlite3_column_int64(row, 0);
    sql_reset(row);
    return number;
}

/* The request that was broken off goes on; from a backup there may be none. */
static int erase_for_request(struct sqlite *db, const struct store_person *person,
                             const struct person_row *row)
{
    int64_t number = find_number(db, SQL_REQUEST_OF_ERASURE, person->subject);
    struct store_request_step step = {
        .number = number, .event = DATA_REQUEST_RUN, .at_ms = clock_wall_ms()};
    struct data_request request;
    int err = number < 0 ? (int)number : 0;

    if (number > 0)
        err = sqlite_request_move(db, &step, &request);
    return err < 0 ? err : erase(db, person, row, "again", &step);
}

/* The rest of a transaction that was begun: another program may have ended the erasure by then. */
static int erase_whoever_is_left(struct sqlite *db, const char *subject)
{
    struct store_person person;
    struct person_row row;
    int err = person_of_subject(db, subject, &row, &person);

    if (err == 0)
        err = erase_for_request(db, &person, &row);
    if (err == 0)
        err = sqlite_mask(db, &person.player);
    if (err == 0)
        err = sqlite_commit(db);
    mem_wipe(&row, sizeof row);
    return err;
}

/* Of a person who is there although their erasure was begun. */
static int erase_again(void *owner, const char *subject)
{
    struct sqlite *db = owner;
    struct store_person person;
    struct person_row row;
    int err = person_of_subject(db, subject, &row, &person);

    mem_wipe(&row, sizeof row);
    if (err == 0)
        err = sqlite_begin(db);
    if (err < 0)
        return err == ERR_NOT_FOUND ? 0 : err;
    err = erase_whoever_is_left(db, subject);
    if (err < 0)
        sqlite_rollback(db);
    else
        log_warn("store: subject %s was there although it had been erased (broken off, or a backup "
                 "was put back); it is erased again",
                 subject);
    db->worn = db->worn || err == 0;
    return err == ERR_NOT_FOUND ? 0 : err;
}

static int finish(struct sqlite *db, int64_t number)
{
    struct store_request_step step = {
        .number = number, .event = DATA_REQUEST_FINISH, .at_ms = clock_wall_ms()};
    struct data_request request;
    int err = sqlite_begin(db);

    if (err < 0)
        return err;
    err = sqlite_request_move(db, &step, &request);
    if (err == 0)
        err = sqlite_commit(db);
    if (err < 0)
        sqlite_rollback(db);
    return err == ERR_REFUSED ? 0 : err; /* another program was faster */
}

/* Makes the file anew, without the copies of rows that its unused parts may have. */
static int rewrite(struct sqlite *db)
{
    int code = sqlite3_exec(db->handle, "VACUUM", NULL, NULL, NULL);

    if (code != SQLITE_OK)
        return database_error(db->handle, code);
    db->worn = false;
    sql_unsettle(db);
    return 0;
}

/* Whoever should not be there any more is erased. One who cannot be does not keep others. */
static int look_back(struct sqlite *db)
{
    int err = db->looked_back ? 0 : intents_each(db->intents, erase_again, db);

    db->looked_back = err == 0;
    if (db->worn) {
        int worn = rewrite(db);

        err = err < 0 ? err : worn;
    }
    return err;
}

int sqlite_settle(struct sqlite *db, bool again)
{
    int64_t number = 0;
    int before;
    int err = 0;

    if (!db->unsettled || (!again && db->patience_ms == 0))
        return 0;
    before = look_back(db);
    if (db->unclean)
        db->unclean = !database_empty_log(db->handle, db->patience_ms);
    if (db->unclean)
        err = ERR_BUSY;
    while (err == 0 && (number = find_number(db, SQL_REQUEST_FINISHED, NULL)) > 0)
        err = finish(db, number);
    if (err == 0)
        err = number < 0 ? (int)number : before;
    db->unsettled = err < 0;
    db->patience_ms = 0;
    return err;
}

int sqlite_search(struct sqlite *db, const struct uuid *player,
                  const uint8_t key[static SEAL_KEY_BYTES])
{
    return remains_in_file(db, player, key);
}

void sqlite_rewrite(struct sqlite *db)
{
    db->worn = true;
    sql_unsettle(db);
}
