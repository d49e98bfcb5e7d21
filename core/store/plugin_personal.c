#include "store/plugin_personal.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "store/persons.h"

#include <stdlib.h>
#include <string.h>

/* columns of the statements that find rows */
enum { SEALED, FIELD, PURPOSE, WRITTEN_AT, EXPIRES_AT };

/* Where a row is. Wipe the person. */
struct slot {
    struct person_row person;
    uint8_t hash[SHA256_BYTES];
};

static int find_slot(struct sqlite *db, const struct store_plugin_row *row, struct slot *out)
{
    struct buf name = {0};
    int err = person_of_player(db, row->player, &out->person, NULL);

    if (err < 0)
        return err;
    buf_append(&name, row->plugin, strlen(row->plugin) + 1);
    buf_append_str(&name, row->key);
    hmac_sha256(slice_of(out->person.key, sizeof out->person.key), buf_slice(&name), out->hash);
    buf_free(&name);
    return 0;
}

static int bind_slot(struct sqlite *db, enum statement which, const char *plugin,
                     const struct slot *slot, sqlite3_stmt **out)
{
    int err = sql_prepare(db, which, out);

    if (err < 0)
        return err;
    sql_text(*out, 1, slot->person.subject);
    sql_text(*out, 2, plugin);
    sql_bytes(*out, 3, slice_of(slot->hash, sizeof slot->hash));
    return 0;
}

static void seal_row(const struct slot *slot, const struct store_plugin_row *row, struct buf *out)
{
    struct buf plain = {0};

    buf_reserve(&plain, strlen(row->key) + 1 + row->value.len);
    buf_append(&plain, row->key, strlen(row->key) + 1);
    buf_append_slice(&plain, row->value);
    seal(slot->person.key, buf_slice(&plain), out);
    buf_wipe(&plain);
}

/* Key, a zero and the value, to wipe. Returns 0 or ERR_DAMAGED. */
static int unseal_row(const uint8_t key[static SEAL_KEY_BYTES], sqlite3_stmt *row, int column,
                      struct buf *plain)
{
    struct slice sealed =
        slice_of(sqlite3_column_blob(row, column), (size_t)sqlite3_column_bytes(row, column));
    uint8_t piece_key[SEAL_KEY_BYTES];
    int err = seal_piece_key(key, sealed, piece_key);

    if (err == 0)
        err = unseal(piece_key, sealed, plain);
    mem_wipe(piece_key, sizeof piece_key);
    if (err == 0 && memchr(plain->data, 0, plain->len))
        return 0;
    log_error("store: a value that a plugin keeps of a player cannot be read");
    buf_wipe(plain);
    return ERR_DAMAGED;
}

static struct slice value_in(const struct buf *plain)
{
    size_t key_len = strlen((const char *)plain->data);

    return slice_of(plain->data + key_len + 1, plain->len - key_len - 1);
}

static struct slice copy_of(struct slice bytes)
{
    return slice_of(mem_strndup((const char *)bytes.data, bytes.len), bytes.len);
}

static void read_row(sqlite3_stmt *row, const struct buf *plain, struct store_plugin_row *out)
{
    *out = (struct store_plugin_row){
        .key = mem_strdup((const char *)plain->data),
        .value = copy_of(value_in(plain)),
        .field = mem_strdup(sql_column_str(row, FIELD)),
        .purpose = mem_strdup(sql_column_str(row, PURPOSE)),
        .written_at_ms = sqlite3_column_int64(row, WRITTEN_AT),
        .expires_at_ms = sqlite3_column_int64(row, EXPIRES_AT),
    };
}

int plugin_personal_get(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                        struct store_plugin_row *out)
{
    struct buf plain = {0};
    struct slot slot;
    sqlite3_stmt *find;
    int err = find_slot(db, row, &slot);

    if (err == 0)
        err = bind_slot(db, SQL_PLUGIN_PERSONAL_GET, row->plugin, &slot, &find);
    if (err == 0) {
        sqlite3_bind_int64(find, 4, now_ms);
        err = sql_find(db, find);
    }
    if (err == 0) {
        err = unseal_row(slot.person.key, find, SEALED, &plain);
        if (err == 0)
            read_row(find, &plain, out);
        sql_reset(find);
    }
    buf_wipe(&plain);
    mem_wipe(&slot, sizeof slot);
    return err;
}

/* In this very moment: a player may have withdrawn while this was under way. */
static int check_agreed(struct sqlite *db, const struct store_plugin_row *row)
{
    struct consent_record record;
    int err = sqlite_consent_find(db, row->player, row->policy, &record);

    if (err < 0)
        return err == ERR_NOT_FOUND ? ERR_REFUSED : err;
    return record.decision == CONSENT_ACCEPTED && consent_has_purpose(&record, row->purpose)
               ? 0
               : ERR_REFUSED;
}

/* As the schema counts it (database.c). */
static size_t size_of(const struct store_plugin_row *row, struct slice sealed)
{
    return row->field[0] == '\0' || sealed.len > 4096 ? sealed.len : 1024;
}

/* Bytes of the row that is there, 0 for none. ERR_TOO_LARGE: the player has no room for one more.
 */
static int size_before(struct sqlite *db, const char *plugin, const struct slot *slot, int64_t *out)
{
    sqlite3_stmt *find;
    int64_t rows;
    int err = bind_slot(db, SQL_PLUGIN_PERSONAL_SIZE, plugin, slot, &find);

    if (err == 0)
        err = sql_find(db, find);
    if (err < 0)
        return err;
    *out = sqlite3_column_int64(find, 0);
    rows = sqlite3_column_int64(find, 1);
    sql_reset(find);
    return *out == 0 && rows >= STORE_PLUGIN_PLAYER_ROWS_MAX ? ERR_TOO_LARGE : 0;
}

static int put_sealed(struct sqlite *db, const struct store_plugin_row *row,
                      const struct slot *slot, struct slice sealed)
{
    sqlite3_stmt *put = NULL;
    int64_t before;
    int err = size_before(db, row->plugin, slot, &before);

    if (err == 0)
        err = plugin_rows_make_room(db, row->plugin, before, size_of(row, sealed));
    if (err == 0)
        err = bind_slot(db, SQL_PLUGIN_PERSONAL_PUT, row->plugin, slot, &put);
    if (err < 0)
        return err;
    sql_bytes(put, 4, sealed);
    sql_text(put, 5, row->field);
    sql_text(put, 6, row->policy);
    sql_text(put, 7, row->purpose);
    sqlite3_bind_int64(put, 8, row->written_at_ms);
    sqlite3_bind_int64(put, 9, row->expires_at_ms);
    return sql_run(db, put);
}

int plugin_personal_put(struct sqlite *db, const struct store_plugin_row *row)
{
    struct buf sealed = {0};
    struct slot slot;
    int err = find_slot(db, row, &slot);

    if (err == 0)
        err = check_agreed(db, row);
    if (err == 0) {
        seal_row(&slot, row, &sealed);
        err = put_sealed(db, row, &slot, buf_slice(&sealed));
    }
    buf_free(&sealed);
    mem_wipe(&slot, sizeof slot);
    return err;
}

int plugin_personal_delete(struct sqlite *db, const struct store_plugin_row *row)
{
    struct slot slot;
    sqlite3_stmt *gone;
    int err = find_slot(db, row, &slot);

    if (err == 0)
        err = bind_slot(db, SQL_PLUGIN_PERSONAL_DELETE, row->plugin, &slot, &gone);
    mem_wipe(&slot, sizeof slot);
    db->unclean = true; /* the write-ahead log is emptied with the next chores */
    return err < 0 ? err : sql_run(db, gone);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct store_plugin_row *)a)->key,
                  ((const struct store_plugin_row *)b)->key);
}

/* Keys cannot be seen before they are opened: a player's rows are few enough for that. */
static int collect(struct sqlite *db, const struct person_row *person,
                   const struct store_plugin_row *row, const char *after, sqlite3_stmt *list,
                   struct plugin_rows *out)
{
    int err;

    while ((err = sql_step(db, list)) > 0) {
        struct buf plain = {0};
        const char *key;

        err = unseal_row(person->key, list, SEALED, &plain);
        if (err < 0) {
            sql_reset(list);
            return err;
        }
        key = (const char *)plain.data;
        if (strncmp(key, row->key, strlen(row->key)) == 0 && strcmp(key, after) > 0) {
            out->items = mem_resize(out->items, (out->count + 1) * sizeof *out->items);
            read_row(list, &plain, &out->items[out->count++]);
        }
        buf_wipe(&plain);
    }
    return err;
}

int plugin_personal_list(struct sqlite *db, const struct store_plugin_row *row, const char *after,
                         int64_t now_ms, struct plugin_rows *out)
{
    struct person_row person;
    sqlite3_stmt *list;
    int err = person_of_player(db, row->player, &person, NULL);

    *out = (struct plugin_rows){0};
    if (err == 0)
        err = sql_prepare(db, SQL_PLUGIN_PERSONALS, &list);
    if (err == 0) {
        sql_text(list, 1, person.subject);
        sql_text(list, 2, row->plugin);
        sqlite3_bind_int64(list, 3, now_ms);
        err = collect(db, &person, row, after, list, out);
    }
    mem_wipe(&person, sizeof person);
    if (out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, by_key);
    return err == ERR_NOT_FOUND ? 0 : err; /* of nobody there is nothing */
}

/* From a row of id, plugin, sealed, purpose, written_at, expires_at and the person's key. */
static int hold(sqlite3_stmt *row, struct store_held *out)
{
    const uint8_t *key = sqlite3_column_blob(row, 6);
    struct buf plain = {0};
    int err = sqlite3_column_bytes(row, 6) == SEAL_KEY_BYTES ? unseal_row(key, row, 2, &plain)
                                                             : ERR_DAMAGED;

    if (err < 0)
        return err;
    *out = (struct store_held){
        .server = mem_format("plugin %s", sql_column_str(row, 1)),
        .field = mem_strdup((const char *)plain.data),
        .purpose = mem_strdup(sql_column_str(row, 3)),
        .policy_version = mem_strdup(""),
        .value = copy_of(value_in(&plain)),
        .observed_at_ms = sqlite3_column_int64(row, 4),
        .expires_at_ms = sqlite3_column_int64(row, 5),
    };
    buf_wipe(&plain);
    return 0;
}

int sqlite_plugin_held_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                            struct store_held *out, int max)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_PLUGIN_PERSONAL_HELD, &row);
    int found = 0;

    if (err < 0)
        return err;
    sql_uuid(row, 1, player);
    sqlite3_bind_int64(row, 2, *after);
    while (found < max && (err = sql_step(db, row)) > 0) {
        *after = sqlite3_column_int64(row, 0);
        found += hold(row, &out[found]) == 0;
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}

int plugin_rows_narrow(struct sqlite *db, const char *subject, const char *policy,
                       const char *purposes)
{
    char *list = mem_format(",%s,", purposes);
    sqlite3_stmt *gone;
    int err = sql_prepare(db, SQL_PLUGIN_PERSONAL_NARROW, &gone);

    if (err == 0) {
        sql_text(gone, 1, subject);
        sql_text(gone, 2, policy);
        sql_text(gone, 3, list);
        err = sql_run(db, gone);
    }
    free(list);
    if (err == 0 && sqlite3_changes(db->handle) > 0)
        sql_unsettle(db);
    return err;
}
