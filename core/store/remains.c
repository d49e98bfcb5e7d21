#include "store/remains.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/*
 * All tables with the columns that can hold texts. The heads of the ledger are sums over it, of
 * which there are many.
 */
static const char tables[] =
    "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND m.name <> 'head'"
    " AND c.type IN ('TEXT', 'BLOB') AND c.hidden = 0 ORDER BY m.name, c.cid";

static const char has_subject[] = "SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = 'subject'";

static int prepare(struct sqlite *db, const char *sql, sqlite3_stmt **out)
{
    int code = sqlite3_prepare_v2(db->handle, sql, -1, out, NULL);

    return code == SQLITE_OK ? 0 : database_error(db->handle, code);
}

/* 1: yes; 0: no; or an error. Ends the statement. */
static int is_there(struct sqlite *db, sqlite3_stmt *row)
{
    int code = sqlite3_step(row);
    int answer = code == SQLITE_ROW    ? 1
                 : code == SQLITE_DONE ? 0
                                       : database_error(db->handle, code);

    sqlite3_finalize(row);
    return answer;
}

static int cites_subjects(struct sqlite *db, const char *table)
{
    sqlite3_stmt *row;
    int err = prepare(db, has_subject, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, table);
    return is_there(db, row);
}

static void bind_needles(sqlite3_stmt *question, const struct store_person *person,
                         const struct person_row *row)
{
    char text[UUID_TEXT_BYTES];

    sql_text(question, 1, person->subject);
    uuid_format(&person->player, text);
    sql_bytes(question, 2, slice_str(text));
    uuid_format_plain(&person->player, text);
    sql_bytes(question, 3, slice_str(text));
    sql_bytes(question, 4, slice_of(person->player.bytes, UUID_BYTES));
    sql_bytes(question, 5, slice_of(row->key, sizeof row->key));
    sql_text(question, 6, person->name);
}

/* Tables that go on citing a subject who is nobody any more. */
static bool may_cite(const char *table)
{
    return strcmp(table, "ledger") == 0 || strcmp(table, "request") == 0 ||
           strcmp(table, "task") == 0;
}

/*
 * 1: something is left; 0: nothing; or an error. Names are words that may stand anywhere (as a
 * brand in a tally): they are looked for as the whole of a value of somebody's alone.
 */
static int look_into(struct sqlite *db, const char *table, const char *column,
                     const struct store_person *person, const struct person_row *row)
{
    int cites = cites_subjects(db, table);
    bool may_be_name = cites > 0 && (strcmp(column, "value") == 0 || strcmp(column, "name") == 0);
    sqlite3_stmt *question;
    char *sql;
    int err;

    if (cites < 0)
        return cites;
    sql = sqlite3_mprintf("SELECT 1 FROM (SELECT \"%w\" AS word, CAST(\"%w\" AS BLOB) AS bytes"
                          " FROM \"%w\" %s) WHERE %d OR instr(bytes, ?2) OR instr(bytes, ?3)"
                          " OR instr(bytes, ?4) OR instr(bytes, ?5) OR (%d AND word = ?6) LIMIT 1",
                          column, column, table, cites > 0 ? "WHERE subject = ?1" : "",
                          cites > 0 && !may_cite(table), may_be_name);
    err = prepare(db, sql, &question);
    sqlite3_free(sql);
    if (err < 0)
        return err;
    bind_needles(question, person, row);
    return is_there(db, question);
}

/* Tables with words that somebody wrote, or that are made of such, and that are not changed. */
static bool holds_words(const char *table)
{
    static const char *const names[] = {"ledger", "review", "release", "document", "scope"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(table, names[i]) == 0)
            return true;
    return false;
}

/* Whoever wrote them must not be able to keep a person from being erased. */
static int complain(const char *table, const char *column)
{
    if (holds_words(table)) {
        log_error("store: words that somebody wrote into %s.%s name a person who is erased; they "
                  "stay",
                  table, column);
        return 0;
    }
    log_error("store: something of an erased person is left in %s.%s; nothing is changed, tell the "
              "makers of Sekisho",
              table, column);
    return ERR_DAMAGED;
}

int remains_look(struct sqlite *db, const struct store_person *person, const struct person_row *row)
{
    sqlite3_stmt *list;
    int err = prepare(db, tables, &list);

    if (err < 0)
        return err;
    while (err == 0 && sqlite3_step(list) == SQLITE_ROW) {
        const char *table = sql_column_str(list, 0);
        const char *column = sql_column_str(list, 1);

        err = look_into(db, table, column, person, row);
        if (err > 0)
            err = complain(table, column);
    }
    sqlite3_finalize(list);
    return err;
}

enum { BLOCK_BYTES = 1 << 20, NEEDLES = 4, WORDS = 2 };

/* What is searched for; WORDS of it can stand in what somebody wrote, and come first. */
struct needles {
    struct slice of[NEEDLES];
};

/* How often they begin in the first `len` bytes of a block. */
static uint64_t count_in(struct slice block, size_t len, const struct slice *needles, size_t count)
{
    uint64_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = block.data;
        const uint8_t *end = block.data + block.len;

        while (at && (at = memmem(at, (size_t)(end - at), needles[i].data, needles[i].len)))
            found += (size_t)(at++ - block.data) < len;
    }
    return found;
}

/* By the handle that SQLite has: closing another one of this process would drop its locks. */
static int count_in_file(sqlite3_file *file, const struct needles *needles, uint64_t *found)
{
    enum { STEP = BLOCK_BYTES - UUID_TEXT_BYTES }; /* what begins behind it may end in the next */
    uint8_t *block = mem_alloc(BLOCK_BYTES);
    sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);

    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += STEP) {
        int len = size - at < BLOCK_BYTES ? (int)(size - at) : BLOCK_BYTES;

        code = file->pMethods->xRead(file, block, len, at);
        if (code == SQLITE_OK)
            *found += count_in(slice_of(block, (size_t)len), STEP, needles->of, NEEDLES);
    }
    mem_wipe(block, BLOCK_BYTES);
    free(block);
    return code == SQLITE_OK ? 0 : ERR_IO;
}

static int count_in_column(struct sqlite *db, const char *table, const char *column,
                           const struct needles *needles, uint64_t *found)
{
    char *sql =
        sqlite3_mprintf("SELECT bytes FROM (SELECT CAST(\"%w\" AS BLOB) AS bytes FROM \"%w\")"
                        " WHERE instr(bytes, ?1) OR instr(bytes, ?2)",
                        column, table);
    sqlite3_stmt *row;
    int err = prepare(db, sql, &row);
    int code;

    sqlite3_free(sql);
    if (err < 0)
        return err;
    for (int i = 0; i < WORDS; i++)
        sql_bytes(row, i + 1, needles->of[i]);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct slice bytes =
            slice_of(sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0));

        *found += count_in(bytes, bytes.len, needles->of, WORDS);
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? 0 : database_error(db->handle, code);
}

/* What rows have, as they are read now. */
static int count_in_rows(struct sqlite *db, const struct needles *needles, uint64_t *found)
{
    sqlite3_stmt *list;
    int err = prepare(db, tables, &list);

    if (err < 0)
        return err;
    while (err == 0 && sqlite3_step(list) == SQLITE_ROW)
        err = count_in_column(db, sql_column_str(list, 0), sql_column_str(list, 1), needles, found);
    sqlite3_finalize(list);
    return err;
}

int remains_in_file(struct sqlite *db, const struct uuid *player,
                    const uint8_t key[static SEAL_KEY_BYTES])
{
    char text[UUID_TEXT_BYTES];
    char plain[UUID_PLAIN_BYTES];
    const struct needles needles = {
        {slice_of(text, sizeof text - 1), slice_of(plain, sizeof plain - 1),
         slice_of(player->bytes, UUID_BYTES), slice_of(key, SEAL_KEY_BYTES)}};
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(db->handle, NULL, SQLITE_FCNTL_FILE_POINTER, &file);
    uint64_t in_file = 0;
    uint64_t in_rows = 0;
    int err;

    uuid_format(player, text);
    uuid_format_plain(player, plain);
    if (code != SQLITE_OK || !file || !file->pMethods)
        return ERR_IO;
    err = count_in_file(file, &needles, &in_file);
    if (err == 0 && in_file > 0)
        err = count_in_rows(db, &needles, &in_rows);
    return err < 0 ? err : in_file > in_rows ? ERR_DAMAGED : 0;
}
