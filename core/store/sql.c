#include "store/sql.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 1000 };

static const char *const sql[SQL_STATEMENTS] = {
#define STATEMENT(name, text) [SQL_##name] = text,
#include "store/statements.def"
#undef STATEMENT
};

int sql_prepare(struct sqlite *db, enum statement which, sqlite3_stmt **out)
{
    int code = SQLITE_OK;

    if (!db->prepared[which])
        code = sqlite3_prepare_v3(db->handle, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                  &db->prepared[which], NULL);
    *out = db->prepared[which];
    return code == SQLITE_OK ? 0 : database_error(db->handle, code);
}

void sql_reset(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

int sql_step(struct sqlite *db, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    int err;

    if (code == SQLITE_ROW)
        return 1;
    err = code == SQLITE_DONE ? 0 : database_error(db->handle, code);
    sql_reset(statement);
    return err;
}

int sql_find(struct sqlite *db, sqlite3_stmt *statement)
{
    int err = sql_step(db, statement);

    return err > 0 ? 0 : err < 0 ? err : ERR_NOT_FOUND;
}

int sql_run(struct sqlite *db, sqlite3_stmt *statement)
{
    int err = sql_step(db, statement);

    if (err > 0)
        sql_reset(statement);
    return err < 0 ? err : 0;
}

static int run_simple(struct sqlite *db, enum statement which)
{
    sqlite3_stmt *statement;
    int err = sql_prepare(db, which, &statement);

    return err < 0 ? err : sql_run(db, statement);
}

int sqlite_begin(struct sqlite *db)
{
    db->at_end = false;
    return run_simple(db, SQL_BEGIN);
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
    return has_moved(db) ? ERR_NOT_FOUND : run_simple(db, SQL_COMMIT);
}

void sqlite_rollback(struct sqlite *db)
{
    /* A full disk has rolled back already. */
    if (sqlite3_get_autocommit(db->handle) == 0 && run_simple(db, SQL_ROLLBACK) < 0)
        log_error("store: a transaction could not be rolled back");
}

void sql_text(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

void sql_uuid(sqlite3_stmt *statement, int at, const struct uuid *uuid)
{
    char text[UUID_TEXT_BYTES];

    uuid_format(uuid, text);
    sql_text(statement, at, text);
}

void sql_bytes(sqlite3_stmt *statement, int at, struct slice bytes)
{
    sqlite3_bind_blob(statement, at, bytes.len ? bytes.data : (const void *)"", (int)bytes.len,
                      SQLITE_TRANSIENT);
}

int sql_run_for(struct sqlite *db, enum statement which, const char *text)
{
    sqlite3_stmt *statement;
    int err = sql_prepare(db, which, &statement);

    if (err < 0)
        return err;
    sql_text(statement, 1, text);
    return sql_run(db, statement);
}

const char *sql_column_str(sqlite3_stmt *row, int at)
{
    const unsigned char *text = sqlite3_column_text(row, at);

    return text ? (const char *)text : "";
}

void sql_unsettle(struct sqlite *db)
{
    db->unsettled = db->unclean = true;
    db->patience_ms = PATIENCE_MS;
}

void sql_column_text(sqlite3_stmt *row, int at, char *out, size_t size)
{
    const char *text = sql_column_str(row, at);
    size_t len = strlen(text);

    len = len < size ? len : size - 1;
    memcpy(out, text, len);
    out[len] = '\0';
}

/* "sqlite:data/sekisho.db" has its key in "data/sekisho.key", and so on. Returns owned. */
static char *path_beside(const char *url, const char *kind)
{
    static const char scheme[] = "sqlite:";
    static const char end[] = ".db";
    const char *path = strncmp(url, scheme, sizeof scheme - 1) == 0 ? url + sizeof scheme - 1 : url;
    size_t len = strlen(path);

    if (len > sizeof end - 1 && strcmp(path + len - (sizeof end - 1), end) == 0)
        len -= sizeof end - 1;
    return mem_format("%.*s.%s", (int)len, path, kind);
}

char *store_key_path(const char *url)
{
    return path_beside(url, "key");
}

char *store_head_path(const char *url)
{
    return path_beside(url, "head");
}

/* One that cannot be made is no reason to turn players away; one that is no good is told. */
static int open_key(struct sqlite *db, const char *path, struct diag *diag)
{
    uint8_t public_key[SIGN_PUBLIC_BYTES] = {0};
    char *name = store_key_path(path);
    struct diag making = {0};
    int err = sign_key_open(name, diag, &db->key);

    if (err == ERR_NOT_FOUND) {
        (void)!sign_key_make(name, &making, &db->key);
        for (size_t i = 0; i < making.count; i++)
            log_error("store: %s: %s; until then the ledger is not signed", name,
                      making.entries[i].message);
        diag_free(&making);
        err = 0;
    }
    if (db->key)
        sign_key_public(db->key, public_key);
    ledger_writer(public_key, db->writer);
    free(name);
    return err;
}

int sqlite_open(const char *path, enum store_mode mode, struct diag *diag, struct sqlite **out)
{
    sqlite3 *handle;
    int err = database_open(path, mode, diag, &handle);

    if (err < 0)
        return err;
    *out = mem_alloc(sizeof **out);
    (*out)->handle = handle;
    (*out)->unclean = true;
    if (mode == STORE_SERVE) {
        (*out)->kept = store_head_path(path);
        (*out)->intents = path_beside(path, "erased");
        (*out)->unsettled = true; /* what the last run left to be done is not known */
        err = open_key(*out, path, diag);
    }
    if (err < 0)
        sqlite_close(*out);
    return err;
}

void sqlite_close(struct sqlite *db)
{
    if (!db)
        return;
    for (int i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(db->prepared[i]);
    sqlite3_close(db->handle);
    sign_key_free(db->key);
    free(db->kept);
    free(db->intents);
    free(db);
}
