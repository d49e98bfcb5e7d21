#include "store/database.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SCHEMA_VERSION = 5, BUSY_MS = 2000 };

/*
 * Persons alone have names; all else cites their subject. Append-only evidence and the heads over
 * it; values with their purpose and end; counts without persons; what many records cite.
 */
#define TABLES_OF_3                                                                                \
    "CREATE TABLE person ("                                                                        \
    " player TEXT PRIMARY KEY, subject TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"                  \
    " key BLOB NOT NULL) WITHOUT ROWID;"                                                           \
    "CREATE INDEX person_name ON person (name COLLATE NOCASE);"                                    \
    "CREATE TABLE ledger (id INTEGER PRIMARY KEY, entry TEXT NOT NULL,"                            \
    " kind TEXT AS (entry ->> '$.kind'), subject TEXT AS (entry ->> '$.subject'));"                \
    "CREATE INDEX ledger_subject ON ledger (subject);"                                             \
    "CREATE INDEX ledger_provision ON ledger (id) WHERE kind = 'provision';"                       \
    "CREATE TABLE head (size INTEGER PRIMARY KEY, head TEXT NOT NULL, nodes BLOB NOT NULL);"       \
    "CREATE TABLE observation ("                                                                   \
    " id INTEGER PRIMARY KEY, subject TEXT NOT NULL, server TEXT NOT NULL, field TEXT NOT NULL,"   \
    " purpose TEXT NOT NULL, value BLOB NOT NULL, policy_version TEXT NOT NULL,"                   \
    " rules_hash TEXT NOT NULL, observed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"        \
    " corrected_at INTEGER NOT NULL DEFAULT 0, form TEXT NOT NULL DEFAULT '');"                    \
    "CREATE INDEX observation_subject ON observation (subject);"                                   \
    "CREATE INDEX observation_end ON observation (expires_at);"                                    \
    "CREATE TABLE request ("                                                                       \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, kind TEXT NOT NULL,"            \
    " state TEXT NOT NULL, proof TEXT NOT NULL, server TEXT NOT NULL, field TEXT NOT NULL,"        \
    " value TEXT NOT NULL, reason TEXT NOT NULL, received_at INTEGER NOT NULL,"                    \
    " due_at INTEGER NOT NULL, changed_at INTEGER NOT NULL);"                                      \
    "CREATE INDEX request_subject ON request (subject);"                                           \
    "CREATE INDEX request_running ON request (state) WHERE state = 'running';"                     \
    "CREATE TABLE task ("                                                                          \
    " id INTEGER PRIMARY KEY, request INTEGER NOT NULL, subject TEXT NOT NULL,"                    \
    " server TEXT NOT NULL, pseudonym INTEGER NOT NULL, state TEXT NOT NULL,"                      \
    " attempts INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,"                           \
    " next_at INTEGER NOT NULL, ended_at INTEGER NOT NULL DEFAULT 0,"                              \
    " problem TEXT NOT NULL DEFAULT '');"                                                          \
    "CREATE TABLE task_person (task INTEGER PRIMARY KEY, masked BLOB NOT NULL);"                   \
    "CREATE INDEX task_subject ON task (subject);"                                                 \
    "CREATE INDEX task_due ON task (next_at) WHERE state = 'open';"                                \
    "CREATE TABLE document ("                                                                      \
    " sha256 TEXT PRIMARY KEY, policy TEXT NOT NULL, version TEXT NOT NULL,"                       \
    " language TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;"             \
    "CREATE TABLE inquiry ("                                                                       \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, sealed BLOB NOT NULL,"          \
    " asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, answered_at INTEGER NOT NULL);"      \
    "CREATE INDEX inquiry_subject ON inquiry (subject);"                                           \
    "CREATE TABLE counted ("                                                                       \
    " subject TEXT NOT NULL, server TEXT NOT NULL, field TEXT NOT NULL, purpose TEXT NOT NULL,"    \
    " month INTEGER NOT NULL,"                                                                     \
    " PRIMARY KEY (subject, server, field, purpose, month)) WITHOUT ROWID;"                        \
    "CREATE TABLE rule_use (rule TEXT PRIMARY KEY, since INTEGER NOT NULL, used INTEGER NOT NULL," \
    " loaded INTEGER NOT NULL) WITHOUT ROWID;"                                                     \
    "CREATE TABLE review (id INTEGER PRIMARY KEY, text TEXT NOT NULL, entry INTEGER NOT NULL);"    \
    "CREATE TABLE release (period TEXT PRIMARY KEY, text TEXT NOT NULL, entry INTEGER NOT NULL)"   \
    " WITHOUT ROWID;"

/* Who acted on a request, and which servers a player was sent to: those can know them. */
#define FROM_3_TO_4                                                                                \
    "ALTER TABLE request ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';"                          \
    "CREATE TABLE visit (subject TEXT NOT NULL, server TEXT NOT NULL,"                             \
    " PRIMARY KEY (subject, server)) WITHOUT ROWID;"                                               \
    "INSERT INTO visit (subject, server) SELECT subject, '' FROM person;" /* nobody knows which */ \
    "PRAGMA user_version = 4;"

/* What a plugin holds is counted where it changes. */
#define COUNT_USE(table, new_size, old_size)                                                       \
    "CREATE TRIGGER " table "_in AFTER INSERT ON " table " BEGIN"                                  \
    " INSERT INTO plugin_use (plugin, held, bytes) VALUES (new.plugin, 1, " new_size ")"           \
    " ON CONFLICT DO UPDATE SET held = held + 1, bytes = bytes + excluded.bytes; END;"             \
    "CREATE TRIGGER " table "_change AFTER UPDATE ON " table " BEGIN"                              \
    " UPDATE plugin_use SET bytes = bytes + " new_size " - " old_size                              \
    " WHERE plugin = new.plugin; END;"                                                             \
    "CREATE TRIGGER " table "_out AFTER DELETE ON " table " BEGIN"                                 \
    " UPDATE plugin_use SET held = held - 1, bytes = bytes - " old_size                            \
    " WHERE plugin = old.plugin; END;"

/*
 * What a row takes of its plugin's room. One with a player's own value takes the same whatever that
 * is, so that no plugin finds out how long it is; but for large ones, which would not be bounded.
 */
#define PERSONAL_SIZE(row)                                                                         \
    "iif(" row ".field = '' OR length(" row ".sealed) > 4096, length(" row ".sealed), 1024)"

/*
 * What plugins hold of nobody, and of persons: there key and value are sealed, and a row is found
 * by a keyed hash.
 */
#define TABLES_OF_5                                                                                \
    "CREATE TABLE plugin_value ("                                                                  \
    " plugin TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, written_at INTEGER NOT NULL,"  \
    " expires_at INTEGER, UNIQUE (plugin, key));"                                                  \
    "CREATE INDEX plugin_value_end ON plugin_value (expires_at) WHERE expires_at IS NOT NULL;"     \
    "CREATE TABLE plugin_personal ("                                                               \
    " id INTEGER PRIMARY KEY, subject TEXT NOT NULL, plugin TEXT NOT NULL, slot BLOB NOT NULL,"    \
    " sealed BLOB NOT NULL, field TEXT NOT NULL, policy TEXT NOT NULL, purpose TEXT NOT NULL,"     \
    " written_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"                                   \
    " UNIQUE (subject, plugin, slot));"                                                            \
    "CREATE INDEX plugin_personal_end ON plugin_personal (expires_at);"                            \
    "CREATE TABLE plugin_use (plugin TEXT PRIMARY KEY, held INTEGER NOT NULL,"                     \
    " bytes INTEGER NOT NULL) WITHOUT ROWID;" COUNT_USE(                                           \
        "plugin_value", "length(CAST(new.key AS BLOB)) + length(new.value)",                       \
        "(length(CAST(old.key AS BLOB)) + length(old.value))")                                     \
        COUNT_USE("plugin_personal", PERSONAL_SIZE("new"), PERSONAL_SIZE("old"))

static const char schema[] = TABLES_OF_3
    "CREATE TABLE tally ("
    " server TEXT NOT NULL, field TEXT NOT NULL, purpose TEXT NOT NULL, value BLOB NOT NULL,"
    " day INTEGER NOT NULL, count INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
    " players INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (server, field, purpose, value, day)) WITHOUT ROWID;"
    "CREATE INDEX tally_end ON tally (expires_at);"
    "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE scope (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;" FROM_3_TO_4;

/* From the version of the place in the list, counted from 1, to the next one. */
static const char *const upgrades[] = {
    "ALTER TABLE consent ADD COLUMN scope TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE scope (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version = 2;",
    /* upgrade.c carries over what is put aside here. */
    "ALTER TABLE consent RENAME TO consent_2;"
    "ALTER TABLE observation RENAME TO observation_2;"
    "DROP INDEX observation_end; DROP INDEX observation_player;"
    "ALTER TABLE tally ADD COLUMN players INTEGER NOT NULL DEFAULT 0;" TABLES_OF_3
    "PRAGMA user_version = 3;",
    FROM_3_TO_4,
    TABLES_OF_5 "PRAGMA user_version = 5;",
};

struct opening {
    const char *path;
    struct diag *diag;
    sqlite3 *handle;
    int system_error; /* of the last call that failed; 0: there was none, or none is known */
};

/* What is in the file. */
struct contents {
    int version;  /* of the schema; 0: nobody wrote one */
    int objects;  /* tables and indices */
    bool is_ours; /* has our table of consents, or of the ledger */
};

bool database_empty_log(sqlite3 *handle, int wait_ms)
{
    int code;

    sqlite3_busy_timeout(handle, wait_ms);
    code = sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(handle, BUSY_MS);
    return code == SQLITE_OK;
}

int database_error(sqlite3 *handle, int code)
{
    switch (code & 0xFF) {
    case SQLITE_FULL: return ERR_FULL;
    case SQLITE_READONLY: return ERR_READ_ONLY;
    case SQLITE_BUSY: return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ERR_DAMAGED;
    case SQLITE_IOERR: return sqlite3_system_errno(handle) == ENOSPC ? ERR_FULL : ERR_IO;
    default: return ERR_IO;
    }
}

/* Makes the folder of the file and those above it. Returns false after a complaint. */
static bool make_folders(struct opening *opening)
{
    char *folder = mem_strdup(opening->path);
    bool made = true;

    for (char *at = strchr(folder + 1, '/'); at && made; at = strchr(at + 1, '/')) {
        *at = '\0';
        made = mkdir(folder, 0700) == 0 || errno == EEXIST;
        if (!made)
            diag_add(opening->diag, opening->path, 0,
                     "the folder %s of the database cannot be made: %s; make it, and let this user "
                     "write there, or name another file as \"store\"",
                     folder, strerror(errno));
        *at = '/';
    }
    free(folder);
    return made;
}

static int note(struct opening *opening, int code)
{
    if (code != SQLITE_OK)
        opening->system_error = sqlite3_system_errno(opening->handle);
    return code;
}

static int open_handle(struct opening *opening, const char *name, int flags)
{
    mode_t mask = umask(0077);
    int code;

    sqlite3_close(opening->handle);
    opening->handle = NULL;
    code =
        note(opening, sqlite3_open_v2(name, &opening->handle, flags | SQLITE_OPEN_NOMUTEX, NULL));
    if (code == SQLITE_OK)
        sqlite3_busy_timeout(opening->handle, BUSY_MS);
    umask(mask);
    return code;
}

static int execute(struct opening *opening, const char *statements)
{
    mode_t mask = umask(0077); /* the write-ahead log is a file of its own */
    int code = note(opening, sqlite3_exec(opening->handle, statements, NULL, NULL, NULL));

    umask(mask);
    return code;
}

static int look_into(struct opening *opening, struct contents *out)
{
    static const char question[] =
        "SELECT user_version, (SELECT count(*) FROM sqlite_master),"
        " EXISTS (SELECT 1 FROM sqlite_master WHERE name IN ('consent', 'ledger'))"
        " FROM pragma_user_version";
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(opening->handle, question, -1, &row, NULL);

    *out = (struct contents){0};
    if (code == SQLITE_OK)
        code = sqlite3_step(row) == SQLITE_ROW ? SQLITE_OK : sqlite3_errcode(opening->handle);
    if (code == SQLITE_OK)
        *out = (struct contents){.version = sqlite3_column_int(row, 0),
                                 .objects = sqlite3_column_int(row, 1),
                                 .is_ours = sqlite3_column_int(row, 2) != 0};
    note(opening, code);
    sqlite3_finalize(row);
    return code;
}

/* Returns 0 for a database that is ours or empty, or an error after a complaint. */
static int check_contents(struct opening *opening, const struct contents *contents)
{
    if (contents->version > SCHEMA_VERSION && contents->is_ours) {
        diag_add(opening->diag, opening->path, 0,
                 "the database has schema version %d, this Sekisho knows %d; use the Sekisho that "
                 "wrote it, or a newer one",
                 contents->version, SCHEMA_VERSION);
        return ERR_UNSUPPORTED;
    }
    if (contents->version == 0 ? contents->objects == 0 : contents->is_ours)
        return 0;
    diag_add(opening->diag, opening->path, 0,
             "this is the database of another program; name another file as \"store\"");
    return ERR_UNSUPPORTED;
}

/* One step from a version of the schema towards today's; a new file begins with the third. */
static const char *step_from(int version)
{
    return version == 0 ? schema : upgrades[version - 1];
}

/* Two that start on a database at once: the second finds the work of the first. */
static int bring_up_to_date(struct opening *opening)
{
    struct contents contents;
    int code = execute(opening, "BEGIN IMMEDIATE");

    if (code != SQLITE_OK)
        return code;
    code = look_into(opening, &contents);
    while (code == SQLITE_OK && contents.version < SCHEMA_VERSION) {
        code = execute(opening, step_from(contents.version));
        if (code == SQLITE_OK)
            code = look_into(opening, &contents);
    }
    if (code == SQLITE_OK)
        return execute(opening, "COMMIT");
    sqlite3_exec(opening->handle, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/*
 * The write-ahead log and its index got the mode that the database had when they were made. Where
 * that was mended since, theirs follows; who may not do that sees it in what comes next.
 */
static void mend_modes(const char *path)
{
    static const char *const ends[] = {"-wal", "-shm"};
    struct stat database, beside;

    if (stat(path, &database) < 0 || !S_ISREG(database.st_mode))
        return;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char *name = mem_format("%s%s", path, ends[i]);

        if (lstat(name, &beside) == 0 && S_ISREG(beside.st_mode) &&
            (beside.st_mode & 07777) != (database.st_mode & 07777))
            (void)!chmod(name, database.st_mode & 07777);
        free(name);
    }
}

/* `err` is negative after a complaint. */
static int open_to_write(struct opening *opening, struct contents *contents, int *err)
{
    int code;

    mend_modes(opening->path);
    code = open_handle(opening, opening->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (code == SQLITE_OK)
        code = look_into(opening, contents);
    if (code != SQLITE_OK)
        return code;
    *err = check_contents(opening, contents);
    if (*err < 0)
        return SQLITE_OK;
    code = execute(opening, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                            "PRAGMA journal_mode = WAL;");
    if (code == SQLITE_OK && contents->version < SCHEMA_VERSION)
        code = bring_up_to_date(opening);
    /* Whether it really can be written shows only when something is. */
    if (code == SQLITE_OK)
        code = execute(opening, "BEGIN IMMEDIATE; DELETE FROM tally WHERE expires_at < 0; COMMIT");
    if (code != SQLITE_OK && sqlite3_get_autocommit(opening->handle) == 0)
        sqlite3_exec(opening->handle, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/*
 * A write-ahead log needs a shared file beside the database even to read. Where that cannot be
 * made, what stands in the database itself is read.
 */
static int open_to_read(struct opening *opening, struct contents *contents)
{
    char *immutable = sqlite3_mprintf("file:%s?immutable=1", opening->path);
    int code = open_handle(opening, opening->path, SQLITE_OPEN_READONLY);

    if (code == SQLITE_OK)
        code = look_into(opening, contents);
    if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_IOERR) {
        code = open_handle(opening, immutable, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
        if (code == SQLITE_OK)
            code = look_into(opening, contents);
    }
    sqlite3_free(immutable);
    return code;
}

/* What is the matter, and what to do about it. */
static const char *explain(const struct opening *opening, int code)
{
    struct stat stat_of;

    if (stat(opening->path, &stat_of) == 0 && !S_ISREG(stat_of.st_mode))
        return S_ISDIR(stat_of.st_mode) ? "this is a folder; name a file in it as \"store\""
                                        : "this is no regular file; name one as \"store\"";
    if (code == SQLITE_FULL || opening->system_error == ENOSPC || opening->system_error == EDQUOT)
        return "there is no room left on the disk of the database; make some";
    switch (code) {
    case SQLITE_NOTADB:
        return "this is no database; name another file as \"store\", or move this one away";
    case SQLITE_CORRUPT:
        return "the database is damaged; put a backup in its place, or save what can be read by "
               "sqlite3's .recover";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program holds the database; end that one (fuser shows which it is)";
    case SQLITE_READONLY:
        return "this user may not write the file, those beside it (-wal, -shm) or its folder; let "
               "it, on a disk that is not read-only";
    default: return NULL;
    }
}

static void complain(struct opening *opening, int code)
{
    const char *known = explain(opening, code);

    if (known)
        diag_add(opening->diag, opening->path, 0, "%s", known);
    else
        diag_add(opening->diag, opening->path, 0,
                 "the database cannot be opened (%s); let this user read and write it and its "
                 "folder, or name another file as \"store\"",
                 opening->system_error ? strerror(opening->system_error) : sqlite3_errstr(code));
}

/*
 * One that cannot be written still tells who accepted before. What passes by itself (no room,
 * somebody else writes) is tried again at each write; for the rest it is opened to be read.
 */
static bool open_half(struct opening *opening, int write_code, struct contents *contents)
{
    struct diag untold = {0};
    struct opening half = {.path = opening->path, .diag = &untold};
    bool passes = write_code == SQLITE_FULL || write_code == SQLITE_BUSY;
    /* What can be read, but not opened to be written, lies where this user may not write. */
    const char *why =
        explain(opening, write_code == SQLITE_CANTOPEN ? SQLITE_READONLY : write_code);
    bool ours;

    if (passes && look_into(opening, contents) == SQLITE_OK &&
        contents->version == SCHEMA_VERSION) {
        log_error("store: %s cannot be written at present: %s. Players who accepted before may "
                  "play, nobody new can be let in until then",
                  opening->path, why);
        return true;
    }
    ours = open_to_read(&half, contents) == SQLITE_OK && contents->version == SCHEMA_VERSION &&
           check_contents(&half, contents) == 0;
    diag_free(&untold);
    if (!ours) {
        sqlite3_close(half.handle);
        return false;
    }
    sqlite3_close(opening->handle);
    opening->handle = half.handle;
    log_error(
        "store: %s cannot be written: %s. Start again when that is mended; until then players "
        "who accepted before may play, nobody new can be let in",
        opening->path, why ? why : sqlite3_errstr(write_code));
    return true;
}

static int open_serving(struct opening *opening)
{
    struct contents contents = {0};
    int err = 0;
    int code;

    if (!make_folders(opening))
        return ERR_IO;
    code = open_to_write(opening, &contents, &err);
    if (err < 0 || code == SQLITE_OK || open_half(opening, code, &contents))
        return err;
    complain(opening, code);
    return database_error(opening->handle, code);
}

static int open_reading(struct opening *opening)
{
    struct contents contents = {0};
    struct stat stat_of;
    int code;

    if (stat(opening->path, &stat_of) < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    code = open_to_read(opening, &contents);
    if (code != SQLITE_OK) {
        complain(opening, code);
        return database_error(opening->handle, code);
    }
    if (contents.version == 0 && contents.objects == 0)
        return ERR_NOT_FOUND;
    code = check_contents(opening, &contents);
    if (code < 0 || contents.version == SCHEMA_VERSION)
        return code;
    diag_add(opening->diag, opening->path, 0,
             "the database is of an earlier Sekisho; start sekisho run once, which carries its "
             "records over");
    return ERR_UNSUPPORTED;
}

int database_open(const char *path, enum store_mode mode, struct diag *diag, sqlite3 **out)
{
    struct opening opening = {.path = path, .diag = diag};
    int err = mode == STORE_SERVE ? open_serving(&opening) : open_reading(&opening);

    if (err < 0)
        sqlite3_close(opening.handle);
    else
        *out = opening.handle;
    return err;
}
