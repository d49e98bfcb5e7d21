/*
 * Values that passed a rule, until they expire; and what many records cite: rules as they stood,
 * texts as they were shown, the installation's secret.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "store/sql.h"

#include <string.h>

enum { DAY_MS = 86400000 };

/*
 * Whether this is the first value of the month that is counted of the player. Whom it has counted
 * is noted until the month ends; by which value, never.
 */
static int note_counted(struct sqlite *db, const struct store_observation *observation, bool *first)
{
    sqlite3_stmt *put;
    int err = observation->counts_players ? sql_prepare(db, SQL_COUNTED, &put) : 0;

    *first = false;
    if (err < 0 || !observation->counts_players)
        return err;
    sql_uuid(put, 1, &observation->player);
    sql_text(put, 2, observation->server);
    sql_text(put, 3, observation->field);
    sql_text(put, 4, observation->purpose);
    sqlite3_bind_int64(put, 5, clock_month(observation->observed_at_ms));
    err = sql_run(db, put);
    *first = err == 0 && sqlite3_changes(db->handle) > 0;
    return err;
}

static int count(struct sqlite *db, const struct store_observation *observation)
{
    sqlite3_stmt *put;
    bool first = false;
    int err = sql_prepare(db, SQL_COUNT, &put);

    if (err == 0)
        err = note_counted(db, observation, &first);
    if (err < 0)
        return err;
    sql_text(put, 1, observation->server);
    sql_text(put, 2, observation->field);
    sql_text(put, 3, observation->purpose);
    sql_bytes(put, 4, observation->value);
    sqlite3_bind_int64(put, 5, observation->observed_at_ms / DAY_MS);
    sqlite3_bind_int64(put, 6, observation->expires_at_ms);
    sqlite3_bind_int(put, 7, first);
    return sql_run(db, put);
}

int sqlite_observe(struct sqlite *db, const struct store_observation *observation)
{
    sqlite3_stmt *put;
    int err;

    if (observation->counted)
        return count(db, observation);
    err = sql_prepare(db, SQL_OBSERVE, &put);
    if (err < 0)
        return err;
    sql_uuid(put, 1, &observation->player);
    sql_text(put, 2, observation->server);
    sql_text(put, 3, observation->field);
    sql_text(put, 4, observation->purpose);
    sql_bytes(put, 5, observation->value);
    sql_text(put, 6, observation->policy_version);
    sql_text(put, 7, observation->rules_hash);
    sqlite3_bind_int64(put, 8, observation->observed_at_ms);
    sqlite3_bind_int64(put, 9, observation->expires_at_ms);
    sql_text(put, 10, observation->form ? observation->form : "");
    return sql_run(db, put);
}

int sqlite_visit(struct sqlite *db, const struct uuid *player, const char *server)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_VISIT, &put);

    if (err < 0)
        return err;
    sql_uuid(put, 1, player);
    sql_text(put, 2, server);
    return sql_run(db, put);
}

static int sweep(struct sqlite *db, enum statement which, int64_t now)
{
    sqlite3_stmt *sweep;
    int err = sql_prepare(db, which, &sweep);

    if (err < 0)
        return err;
    sqlite3_bind_int64(sweep, 1, now);
    err = sql_run(db, sweep);
    if (err == 0 && sqlite3_changes(db->handle) > 0)
        db->unclean = true;
    return err;
}

int sqlite_sweep(struct sqlite *db, int64_t now_ms, bool went_back)
{
    static const enum statement settling[] = {SQL_SETTLE_OBSERVATIONS, SQL_SETTLE_TALLIES,
                                              SQL_SETTLE_INQUIRIES, SQL_SETTLE_PLUGIN_VALUES,
                                              SQL_SETTLE_PLUGIN_PERSONALS};
    static const enum statement sweeping[] = {SQL_SWEEP_OBSERVATIONS, SQL_SWEEP_TALLIES,
                                              SQL_SWEEP_INQUIRIES, SQL_SWEEP_PLUGIN_VALUES,
                                              SQL_SWEEP_PLUGIN_PERSONALS};
    int err = 0;

    for (size_t i = 0; i < sizeof settling / sizeof settling[0] && went_back && err == 0; i++)
        err = sweep(db, settling[i], now_ms);
    for (size_t i = 0; i < sizeof sweeping / sizeof sweeping[0] && err == 0; i++)
        err = sweep(db, sweeping[i], now_ms);
    if (err == 0)
        err = sweep(db, SQL_SWEEP_COUNTED, clock_month(now_ms));
    if (err == 0 && db->unclean)
        db->unclean = !database_empty_log(db->handle, 0);
    return err;
}

int sqlite_scope_put(struct sqlite *db, const char *sha256, const char *text)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_SCOPE_PUT, &put);

    if (err < 0)
        return err;
    sql_text(put, 1, sha256);
    sql_text(put, 2, text);
    return sql_run(db, put);
}

int sqlite_scopes(struct sqlite *db, struct store_scope **out)
{
    sqlite3_stmt *list;
    int err = sql_prepare(db, SQL_SCOPES, &list);

    if (err < 0)
        return err;
    while ((err = sql_step(db, list)) > 0) {
        struct store_scope *scope = mem_alloc(sizeof *scope);

        sql_column_text(list, 0, scope->sha256, sizeof scope->sha256);
        scope->text = mem_strdup(sql_column_str(list, 1));
        scope->kept = true;
        scope->next = *out;
        *out = scope;
    }
    return err;
}

int sqlite_document_put(struct sqlite *db, const struct store_document *document)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_DOCUMENT_PUT, &put);

    if (err < 0)
        return err;
    sql_text(put, 1, document->sha256);
    sql_text(put, 2, document->policy);
    sql_text(put, 3, document->version);
    sql_text(put, 4, document->language);
    sql_text(put, 5, document->title);
    sql_text(put, 6, document->text);
    return sql_run(db, put);
}

static struct store_document *read_document(sqlite3_stmt *row)
{
    struct store_document *document = mem_alloc(sizeof *document);

    document->sha256 = mem_strdup(sql_column_str(row, 0));
    document->policy = mem_strdup(sql_column_str(row, 1));
    document->version = mem_strdup(sql_column_str(row, 2));
    document->language = mem_strdup(sql_column_str(row, 3));
    document->title = mem_strdup(sql_column_str(row, 4));
    document->text = mem_strdup(sql_column_str(row, 5));
    return document;
}

int sqlite_document_find(struct sqlite *db, const char *sha256, struct store_document **out)
{
    struct store_document *found;
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_DOCUMENT_FIND, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, sha256);
    err = sql_find(db, row);
    if (err < 0)
        return err;
    found = read_document(row);
    err = sql_step(db, row);
    if (err == 0) {
        *out = found;
        return 0;
    }
    if (err > 0)
        sql_reset(row);
    store_document_free(found);
    return err < 0 ? err : ERR_REFUSED;
}

int sqlite_secret(struct sqlite *db, uint8_t out[static STORE_SECRET_BYTES])
{
    sqlite3_stmt *statement;
    int err = sql_prepare(db, SQL_SECRET_GET, &statement);

    if (err == 0)
        err = sql_step(db, statement);
    if (err > 0 && sqlite3_column_bytes(statement, 0) == STORE_SECRET_BYTES) {
        memcpy(out, sqlite3_column_blob(statement, 0), STORE_SECRET_BYTES);
        sql_reset(statement);
        return 0;
    }
    if (err > 0)
        sql_reset(statement);
    random_bytes(out, STORE_SECRET_BYTES);
    err = sql_prepare(db, SQL_SECRET_PUT, &statement);
    if (err < 0)
        return err;
    sql_bytes(statement, 1, slice_of(out, STORE_SECRET_BYTES));
    return sql_run(db, statement);
}
