#include "store/persons.h"

#include "base/err.h"
#include "base/mem.h"

#include <string.h>

/* From a row of player, subject, name, key. */
static int read_person(sqlite3_stmt *row, struct person_row *out, struct store_person *person)
{
    struct store_person found = {0};

    if (sqlite3_column_bytes(row, 3) != SEAL_KEY_BYTES ||
        uuid_parse(sql_column_str(row, 0), &found.player) < 0)
        return ERR_DAMAGED;
    sql_column_text(row, 1, found.subject, sizeof found.subject);
    sql_column_text(row, 2, found.name, sizeof found.name);
    sql_column_text(row, 1, out->subject, sizeof out->subject);
    memcpy(out->key, sqlite3_column_blob(row, 3), SEAL_KEY_BYTES);
    if (person)
        *person = found;
    return 0;
}

/* Of a statement with its bindings; ERR_REFUSED when there are several. */
static int read_one(struct sqlite *db, sqlite3_stmt *row, struct person_row *out,
                    struct store_person *person)
{
    int err = sql_find(db, row);

    if (err < 0)
        return err;
    err = read_person(row, out, person);
    if (err < 0) {
        sql_reset(row);
        return err;
    }
    err = sql_step(db, row);
    if (err > 0)
        sql_reset(row);
    return err > 0 ? ERR_REFUSED : err;
}

int person_of_player(struct sqlite *db, const struct uuid *player, struct person_row *row,
                     struct store_person *person)
{
    sqlite3_stmt *find;
    int err = sql_prepare(db, SQL_PERSON_OF_PLAYER, &find);

    if (err < 0)
        return err;
    sql_uuid(find, 1, player);
    return read_one(db, find, row, person);
}

static int find_by_text(struct sqlite *db, enum statement which, const char *text,
                        struct person_row *row, struct store_person *person)
{
    sqlite3_stmt *find;
    int err = sql_prepare(db, which, &find);

    if (err < 0)
        return err;
    sql_text(find, 1, text);
    return read_one(db, find, row, person);
}

int person_of_subject(struct sqlite *db, const char *subject, struct person_row *row,
                      struct store_person *person)
{
    return find_by_text(db, SQL_PERSON_OF_SUBJECT, subject, row, person);
}

int sqlite_person_find(struct sqlite *db, const char *player, struct store_person *out)
{
    struct person_row row = {{0}, {0}};
    struct uuid uuid;
    int err = uuid_parse(player, &uuid) == 0
                  ? person_of_player(db, &uuid, &row, out)
                  : find_by_text(db, SQL_PERSONS_OF_NAME, player, &row, out);

    mem_wipe(&row, sizeof row);
    return err;
}
