/*
 * What the rooms of the embedded store share: a handle, its prepared statements, and the state of
 * the chain while a transaction lasts.
 */
#ifndef SEKISHO_STORE_SQL_H
#define SEKISHO_STORE_SQL_H

#include "consent/ledger.h"
#include "store/database.h"
#include "store/sqlite.h"

enum statement {
#define STATEMENT(name, sql) SQL_##name,
#include "store/statements.def"
#undef STATEMENT
    SQL_STATEMENTS,
};

struct sqlite {
    sqlite3 *handle;
    sqlite3_stmt *prepared[SQL_STATEMENTS]; /* on first use */
    struct sign_key *key;                   /* NULL: only read, or there is none */
    char writer[LEDGER_WRITER_BYTES];
    char *kept;       /* the file of the newest head (kept.h); owned, NULL: only read */
    bool disowned;    /* the ledger is not the one that it stands for: nothing is signed, */
    int64_t accepted; /* until this entry says that it is all right; 0: none does */
    struct merkle_hash accepted_hash;
    char *intents;    /* the file of begun erasures (intents.h); owned, NULL: only read */
    bool looked_back; /* whoever stands in it is gone */
    bool unsettled;   /* sqlite_settle has something to do, */
    int patience_ms;  /* and so long the next try may take */
    bool worn;        /* unused parts of the file may hold what was erased */
    bool unclean;     /* what was erased may stand in the write-ahead log */
    bool at_end;      /* the two below are known, as long as the transaction lasts */
    int64_t last;
    struct merkle_hash last_hash;
};

/* Borrowed, ready for bindings. */
int sql_prepare(struct sqlite *db, enum statement which, sqlite3_stmt **out)
    __attribute__((warn_unused_result));

/* Runs a statement that gives no rows, and makes it ready for the next time. */
int sql_run(struct sqlite *db, sqlite3_stmt *statement) __attribute__((warn_unused_result));

/* 1: there is a row; 0: there is none (more), and the statement is reset; or an error, likewise. */
int sql_step(struct sqlite *db, sqlite3_stmt *statement) __attribute__((warn_unused_result));
void sql_reset(sqlite3_stmt *statement);

/* The same where one row is wanted: 0: it is there; ERR_NOT_FOUND: there is none; or an error. */
int sql_find(struct sqlite *db, sqlite3_stmt *statement) __attribute__((warn_unused_result));

/* Runs a statement without rows whose one binding is a text. */
int sql_run_for(struct sqlite *db, enum statement which, const char *text)
    __attribute__((warn_unused_result));

/* Copies of what they are given. */
void sql_text(sqlite3_stmt *statement, int at, const char *text);
void sql_uuid(sqlite3_stmt *statement, int at, const struct uuid *uuid);
void sql_bytes(sqlite3_stmt *statement, int at, struct slice bytes);

void sql_column_text(sqlite3_stmt *row, int at, char *out, size_t size);

/* "" where there is none; borrowed until the next step. */
const char *sql_column_str(sqlite3_stmt *row, int at);

/* Something was erased that is not to stay in the write-ahead log. */
void sql_unsettle(struct sqlite *db);

#endif
