#include "store/sqlite.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "store/database.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000 };

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    CONSENT_PUT,
    CONSENT_FIND,
    CONSENT_PAGE,
    CONSENT_PAGE_PLAYER,
    OBSERVE,
    COUNT,
    SWEEP_OBSERVATIONS,
    SWEEP_TALLIES,
    SCOPES,
    SCOPE_PUT,
    SECRET_GET,
    SECRET_PUT,
    STATEMENTS,
};

#define CONSENT_COLUMNS                                                                            \
    "player, name, decision, policy_version, policy_sha256, language, method, identity, purposes," \
    " server, protocol, shown_at, decided_at, nonce, action, scope"

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [CONSENT_PUT] =
        "INSERT INTO consent (" CONSENT_COLUMNS
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [CONSENT_FIND] = "SELECT " CONSENT_COLUMNS ", id FROM consent WHERE player = ?1"
                     " AND decision IN ('accepted', 'withdrawn') ORDER BY id DESC LIMIT 1",
    [CONSENT_PAGE] =
        "SELECT " CONSENT_COLUMNS ", id FROM consent WHERE id > ?1 ORDER BY id LIMIT ?2",
    [CONSENT_PAGE_PLAYER] = "SELECT " CONSENT_COLUMNS ", id FROM consent WHERE id > ?1"
                            " AND (player = ?3 OR name = ?4 COLLATE NOCASE) ORDER BY id LIMIT ?2",
    [OBSERVE] = "INSERT INTO observation (player, server, field, purpose, value, policy_version,"
                " rules_hash, observed_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [COUNT] = "INSERT INTO tally (server, field, purpose, value, day, count, expires_at)"
              " VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)"
              " ON CONFLICT DO UPDATE SET count = count + 1, expires_at = excluded.expires_at",
    [SWEEP_OBSERVATIONS] = "DELETE FROM observation WHERE expires_at <= ?1",
    [SWEEP_TALLIES] = "DELETE FROM tally WHERE expires_at <= ?1",
    [SCOPES] = "SELECT sha256, text FROM scope",
    [SCOPE_PUT] = "INSERT OR IGNORE INTO scope (sha256, text) VALUES (?1, ?2)",
    [SECRET_GET] = "SELECT value FROM secret WHERE name = 'installation'",
    [SECRET_PUT] = "INSERT INTO secret (name, value) VALUES ('installation', ?1)",
};

struct sqlite {
    sqlite3 *handle;
    sqlite3_stmt *prepared[STATEMENTS]; /* on first use */
};

static int prepare(struct sqlite *db, enum statement which, sqlite3_stmt **out)
{
    int code = SQLITE_OK;

    if (!db->prepared[which])
        code = sqlite3_prepare_v3(db->handle, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &db->prepared[which], NULL);
    *out = db->prepared[which];
    return code == SQLITE_OK ? 0 : database_error(db->handle, code);
}

/* Runs a statement that gives no rows, and makes it ready for the next time. */
static int run(struct sqlite *db, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    int err = code == SQLITE_DONE || code == SQLITE_ROW ? 0 : database_error(db->handle, code);

    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return err;
}

static int run_simple(struct sqlite *db, enum statement which)
{
    sqlite3_stmt *statement;
    int err = prepare(db, which, &statement);

    return err < 0 ? err : run(db, statement);
}

int sqlite_begin(struct sqlite *db)
{
    return run_simple(db, BEGIN);
}

/* What goes into a file that was deleted or put elsewhere is kept nowhere. */
static bool has_moved(struct sqlite *db)
{
    int moved = 0;

    return sqlite3_file_control(db->handle, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved;
}

int sqlite_commit(struct sqlite *db)
{
    return has_moved(db) ? ERR_NOT_FOUND : run_simple(db, COMMIT);
}

void sqlite_rollback(struct sqlite *db)
{
    /* A full disk has rolled back already. */
    if (sqlite3_get_autocommit(db->handle) == 0 && run_simple(db, ROLLBACK) < 0)
        log_error("store: a transaction could not be rolled back");
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_uuid(sqlite3_stmt *statement, int at, const struct uuid *uuid)
{
    char text[UUID_TEXT_BYTES];

    uuid_format(uuid, text);
    bind_text(statement, at, text);
}

static void bind_bytes(sqlite3_stmt *statement, int at, struct slice bytes)
{
    sqlite3_bind_blob(statement, at, bytes.len ? bytes.data : (const void *)"", (int)bytes.len,
                      SQLITE_TRANSIENT);
}

int sqlite_consent_put(struct sqlite *db, const struct consent_record *record)
{
    sqlite3_stmt *put;
    int err = prepare(db, CONSENT_PUT, &put);

    if (err < 0)
        return err;
    bind_uuid(put, 1, &record->player);
    bind_text(put, 2, record->name);
    bind_text(put, 3, consent_decision_name(record->decision));
    bind_text(put, 4, record->policy_version);
    bind_text(put, 5, record->policy_sha256);
    bind_text(put, 6, record->language);
    bind_text(put, 7, consent_method_name(record->method));
    bind_text(put, 8, consent_identity_name(record->identity));
    bind_text(put, 9, record->purposes);
    bind_text(put, 10, record->server);
    sqlite3_bind_int(put, 11, record->protocol);
    sqlite3_bind_int64(put, 12, record->shown_at_ms);
    sqlite3_bind_int64(put, 13, record->decided_at_ms);
    bind_text(put, 14, record->nonce);
    bind_text(put, 15, record->action);
    bind_text(put, 16, record->scope_sha256);
    return run(db, put);
}

static int count(struct sqlite *db, const struct store_observation *observation)
{
    sqlite3_stmt *put;
    int err = prepare(db, COUNT, &put);

    if (err < 0)
        return err;
    bind_text(put, 1, observation->server);
    bind_text(put, 2, observation->field);
    bind_text(put, 3, observation->purpose);
    bind_bytes(put, 4, observation->value);
    sqlite3_bind_int64(put, 5, observation->observed_at_ms / DAY_MS);
    sqlite3_bind_int64(put, 6, observation->expires_at_ms);
    return run(db, put);
}

int sqlite_observe(struct sqlite *db, const struct store_observation *observation)
{
    sqlite3_stmt *put;
    int err;

    if (observation->counted)
        return count(db, observation);
    err = prepare(db, OBSERVE, &put);
    if (err < 0)
        return err;
    bind_uuid(put, 1, &observation->player);
    bind_text(put, 2, observation->server);
    bind_text(put, 3, observation->field);
    bind_text(put, 4, observation->purpose);
    bind_bytes(put, 5, observation->value);
    bind_text(put, 6, observation->policy_version);
    bind_text(put, 7, observation->rules_hash);
    sqlite3_bind_int64(put, 8, observation->observed_at_ms);
    sqlite3_bind_int64(put, 9, observation->expires_at_ms);
    return run(db, put);
}

int sqlite_sweep(struct sqlite *db, int64_t now_ms)
{
    static const enum statement sweeps[] = {SWEEP_OBSERVATIONS, SWEEP_TALLIES};

    for (size_t i = 0; i < sizeof sweeps / sizeof sweeps[0]; i++) {
        sqlite3_stmt *sweep;
        int err = prepare(db, sweeps[i], &sweep);

        if (err < 0)
            return err;
        sqlite3_bind_int64(sweep, 1, now_ms);
        err = run(db, sweep);
        if (err < 0)
            return err;
    }
    return 0;
}

static void column_text(sqlite3_stmt *row, int at, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(row, at);
    size_t len = text ? strlen((const char *)text) : 0;

    len = len < size ? len : size - 1;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

static void read_record(sqlite3_stmt *row, struct consent_record *out)
{
    char text[UUID_TEXT_BYTES];

    *out = (struct consent_record){0};
    column_text(row, 0, text, sizeof text);
    if (uuid_parse(text, &out->player) < 0)
        log_error("store: consent %lld has no valid player", sqlite3_column_int64(row, 16));
    column_text(row, 1, out->name, sizeof out->name);
    column_text(row, 2, text, sizeof text);
    out->decision = consent_decision_by_name(text);
    column_text(row, 3, out->policy_version, sizeof out->policy_version);
    column_text(row, 4, out->policy_sha256, sizeof out->policy_sha256);
    column_text(row, 5, out->language, sizeof out->language);
    column_text(row, 6, text, sizeof text);
    out->method = consent_method_by_name(text);
    column_text(row, 7, text, sizeof text);
    out->identity = consent_identity_by_name(text);
    column_text(row, 8, out->purposes, sizeof out->purposes);
    column_text(row, 9, out->server, sizeof out->server);
    out->protocol = sqlite3_column_int(row, 10);
    out->shown_at_ms = sqlite3_column_int64(row, 11);
    out->decided_at_ms = sqlite3_column_int64(row, 12);
    column_text(row, 13, out->nonce, sizeof out->nonce);
    column_text(row, 14, out->action, sizeof out->action);
    column_text(row, 15, out->scope_sha256, sizeof out->scope_sha256);
}

int sqlite_consent_find(struct sqlite *db, const struct uuid *player, struct consent_record *out)
{
    sqlite3_stmt *find;
    int err = prepare(db, CONSENT_FIND, &find);
    int code;

    if (err < 0)
        return err;
    bind_uuid(find, 1, player);
    code = sqlite3_step(find);
    if (code == SQLITE_ROW)
        read_record(find, out);
    else
        err = code == SQLITE_DONE ? ERR_NOT_FOUND : database_error(db->handle, code);
    sqlite3_reset(find);
    return err;
}

int sqlite_consent_page(struct sqlite *db, const char *player, int64_t *after,
                        struct consent_record *out, int max)
{
    sqlite3_stmt *page;
    struct uuid uuid;
    int err = prepare(db, player ? CONSENT_PAGE_PLAYER : CONSENT_PAGE, &page);
    int found = 0;
    int code;

    if (err < 0)
        return err;
    sqlite3_bind_int64(page, 1, *after);
    sqlite3_bind_int(page, 2, max);
    if (player) {
        if (uuid_parse(player, &uuid) == 0)
            bind_uuid(page, 3, &uuid);
        bind_text(page, 4, player);
    }
    while ((code = sqlite3_step(page)) == SQLITE_ROW) {
        read_record(page, &out[found++]);
        *after = sqlite3_column_int64(page, 16);
    }
    err = code == SQLITE_DONE ? found : database_error(db->handle, code);
    sqlite3_reset(page);
    sqlite3_clear_bindings(page);
    return err;
}

int sqlite_scope_put(struct sqlite *db, const char *sha256, const char *text)
{
    sqlite3_stmt *put;
    int err = prepare(db, SCOPE_PUT, &put);

    if (err < 0)
        return err;
    bind_text(put, 1, sha256);
    bind_text(put, 2, text);
    return run(db, put);
}

int sqlite_scopes(struct sqlite *db, struct store_scope **out)
{
    sqlite3_stmt *list;
    int err = prepare(db, SCOPES, &list);
    int code;

    if (err < 0)
        return err;
    while ((code = sqlite3_step(list)) == SQLITE_ROW) {
        struct store_scope *scope = mem_alloc(sizeof *scope);

        column_text(list, 0, scope->sha256, sizeof scope->sha256);
        scope->text = mem_strdup((const char *)sqlite3_column_text(list, 1));
        scope->kept = true;
        scope->next = *out;
        *out = scope;
    }
    sqlite3_reset(list);
    return code == SQLITE_DONE ? 0 : database_error(db->handle, code);
}

int sqlite_secret(struct sqlite *db, uint8_t out[static STORE_SECRET_BYTES])
{
    sqlite3_stmt *statement;
    int err = prepare(db, SECRET_GET, &statement);
    bool found;

    if (err < 0)
        return err;
    found = sqlite3_step(statement) == SQLITE_ROW &&
            sqlite3_column_bytes(statement, 0) == STORE_SECRET_BYTES;
    if (found)
        memcpy(out, sqlite3_column_blob(statement, 0), STORE_SECRET_BYTES);
    sqlite3_reset(statement);
    if (found)
        return 0;
    random_bytes(out, STORE_SECRET_BYTES);
    err = prepare(db, SECRET_PUT, &statement);
    if (err < 0)
        return err;
    bind_bytes(statement, 1, slice_of(out, STORE_SECRET_BYTES));
    return run(db, statement);
}

int sqlite_open(const char *path, enum store_mode mode, struct diag *diag, struct sqlite **out)
{
    sqlite3 *handle;
    int err = database_open(path, mode, diag, &handle);

    if (err < 0)
        return err;
    *out = mem_alloc(sizeof **out);
    (*out)->handle = handle;
    return 0;
}

void sqlite_close(struct sqlite *db)
{
    if (!db)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(db->prepared[i]);
    sqlite3_close(db->handle);
    free(db);
}
