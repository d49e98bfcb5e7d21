#include "store/plugin_rows.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/plugin_personal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DROPPED_AT_ONCE = 10 * 1000 };

/* What may be a player's is wiped before its memory goes. */
static void free_text(const char *text)
{
    if (text)
        mem_wipe((void *)(uintptr_t)text, strlen(text));
    free((void *)(uintptr_t)text);
}

void plugin_row_free(struct store_plugin_row *row)
{
    if (row->value.data)
        mem_wipe((void *)(uintptr_t)row->value.data, row->value.len);
    free((void *)(uintptr_t)row->value.data);
    free_text(row->plugin);
    free_text(row->key);
    free_text(row->field);
    free_text(row->policy);
    free_text(row->purpose);
    *row = (struct store_plugin_row){0};
}

void plugin_rows_free(struct plugin_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        plugin_row_free(&rows->items[i]);
    free(rows->items);
    *rows = (struct plugin_rows){0};
}

/* Leaves as many as a list may answer with; whether that took any away. */
static bool trim(struct plugin_rows *rows, int max)
{
    size_t keep = 0;
    size_t bytes = 0;
    bool full = false;

    while (keep < rows->count && !full) {
        bytes += rows->items[keep].value.len;
        full = keep == (size_t)max || (keep > 0 && bytes > STORE_PLUGIN_PAGE_BYTES);
        keep += !full;
    }
    while (rows->count > keep)
        plugin_row_free(&rows->items[--rows->count]);
    return full;
}

static struct store_plugin_row *next_row(struct plugin_rows *rows)
{
    rows->items = mem_resize(rows->items, (rows->count + 1) * sizeof *rows->items);
    return &rows->items[rows->count++];
}

/* From a row of key, value, written_at, expires_at. */
static void read_value(sqlite3_stmt *row, struct store_plugin_row *out)
{
    size_t len = (size_t)sqlite3_column_bytes(row, 1);

    *out = (struct store_plugin_row){
        .key = mem_strdup(sql_column_str(row, 0)),
        .value = slice_of(mem_strndup(len ? sqlite3_column_blob(row, 1) : "", len), len),
        .field = mem_strdup(""),
        .written_at_ms = sqlite3_column_int64(row, 2),
        .expires_at_ms = sqlite3_column_int64(row, 3), /* NULL is 0 */
    };
}

static int find_value(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                      struct store_plugin_row *out)
{
    sqlite3_stmt *find;
    int err = sql_prepare(db, SQL_PLUGIN_VALUE_GET, &find);

    if (err < 0)
        return err;
    sql_text(find, 1, row->plugin);
    sql_text(find, 2, row->key);
    sqlite3_bind_int64(find, 3, now_ms);
    err = sql_find(db, find);
    if (err < 0)
        return err;
    read_value(find, out);
    sql_reset(find);
    return 0;
}

/* How many bytes the row takes that has this key; 0: there is none. */
static int size_of_value(struct sqlite *db, const struct store_plugin_row *row, int64_t *out)
{
    sqlite3_stmt *find;
    int err = sql_prepare(db, SQL_PLUGIN_VALUE_SIZE, &find);

    *out = 0;
    if (err < 0)
        return err;
    sql_text(find, 1, row->plugin);
    sql_text(find, 2, row->key);
    err = sql_step(db, find);
    if (err <= 0)
        return err;
    *out = sqlite3_column_int64(find, 0);
    sql_reset(find);
    return 0;
}

int plugin_rows_make_room(struct sqlite *db, const char *plugin, int64_t before, size_t after)
{
    int64_t held = 0;
    int64_t bytes = 0;
    sqlite3_stmt *find;
    int err = sql_prepare(db, SQL_PLUGIN_USE, &find);

    if (err < 0)
        return err;
    sql_text(find, 1, plugin);
    err = sql_step(db, find);
    if (err < 0)
        return err;
    if (err > 0) {
        held = sqlite3_column_int64(find, 0);
        bytes = sqlite3_column_int64(find, 1);
        sql_reset(find);
    }
    return (before == 0 && held >= STORE_PLUGIN_ROWS_MAX) ||
                   bytes - before + (int64_t)after > STORE_PLUGIN_BYTES_MAX
               ? ERR_TOO_LARGE
               : 0;
}

static int put_value(struct sqlite *db, const struct store_plugin_row *row)
{
    sqlite3_stmt *put;
    int64_t before;
    int err = size_of_value(db, row, &before);

    if (err == 0)
        err = plugin_rows_make_room(db, row->plugin, before, strlen(row->key) + row->value.len);
    if (err == 0)
        err = sql_prepare(db, SQL_PLUGIN_VALUE_PUT, &put);
    if (err < 0)
        return err;
    sql_text(put, 1, row->plugin);
    sql_text(put, 2, row->key);
    sql_bytes(put, 3, row->value);
    sqlite3_bind_int64(put, 4, row->written_at_ms);
    if (row->expires_at_ms)
        sqlite3_bind_int64(put, 5, row->expires_at_ms);
    return sql_run(db, put);
}

int sqlite_plugin_put(struct sqlite *db, const struct store_plugin_row *row)
{
    if (strlen(row->key) > STORE_PLUGIN_KEY_BYTES_MAX ||
        row->value.len > STORE_PLUGIN_VALUE_BYTES_MAX)
        return ERR_TOO_LARGE;
    return row->player ? plugin_personal_put(db, row) : put_value(db, row);
}

int sqlite_plugin_get(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                      struct store_plugin_row *out)
{
    return row->player ? plugin_personal_get(db, row, now_ms, out)
                       : find_value(db, row, now_ms, out);
}

/* Whole numbers alone, as they are written here. */
static bool read_number(struct slice text, int64_t *out)
{
    char digits[24] = {0};
    char again[24];

    if (text.len >= sizeof digits)
        return false;
    memcpy(digits, text.data, text.len);
    *out = strtoll(digits, NULL, 10);
    snprintf(again, sizeof again, "%" PRId64, *out);
    return strcmp(digits, again) == 0;
}

/* The number that a row holds; 0 where there is none. */
static int find_number(struct sqlite *db, const struct store_plugin_row *row, int64_t *out)
{
    struct store_plugin_row old = {0};
    int err = sqlite_plugin_get(db, row, row->written_at_ms, &old);

    *out = 0;
    if (err == 0 && (old.field[0] || !read_number(old.value, out)))
        err = ERR_INVALID;
    plugin_row_free(&old);
    return err == ERR_NOT_FOUND ? 0 : err;
}

int sqlite_plugin_add(struct sqlite *db, const struct store_plugin_row *row, int64_t number,
                      int64_t *sum)
{
    struct store_plugin_row after = *row;
    char digits[24];
    int err = find_number(db, row, sum);

    if (err < 0)
        return err;
    if (__builtin_add_overflow(*sum, number, sum))
        return ERR_INVALID;
    snprintf(digits, sizeof digits, "%" PRId64, *sum);
    after.value = slice_str(digits);
    return sqlite_plugin_put(db, &after);
}

static int delete_value(struct sqlite *db, const struct store_plugin_row *row)
{
    sqlite3_stmt *gone;
    int err = sql_prepare(db, SQL_PLUGIN_VALUE_DELETE, &gone);

    if (err < 0)
        return err;
    sql_text(gone, 1, row->plugin);
    sql_text(gone, 2, row->key);
    return sql_run(db, gone);
}

/* One that has expired is as good as gone. */
int sqlite_plugin_delete(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms)
{
    struct store_plugin_row old = {0};
    int err = sqlite_plugin_get(db, row, now_ms, &old);

    plugin_row_free(&old);
    if (err < 0)
        return err;
    return row->player ? plugin_personal_delete(db, row) : delete_value(db, row);
}

static int drop(struct sqlite *db, enum statement which, const char *plugin, int64_t *gone)
{
    sqlite3_stmt *some;
    int err = sql_prepare(db, which, &some);

    if (err < 0)
        return err;
    sql_text(some, 1, plugin);
    sqlite3_bind_int(some, 2, DROPPED_AT_ONCE);
    err = sql_run(db, some);
    if (err == 0)
        *gone += sqlite3_changes(db->handle);
    return err;
}

int sqlite_plugin_drop(struct sqlite *db, const char *plugin, int64_t *gone)
{
    int err;

    *gone = 0;
    err = drop(db, SQL_PLUGIN_VALUES_DROP, plugin, gone);
    if (err == 0)
        err = drop(db, SQL_PLUGIN_PERSONALS_DROP, plugin, gone);
    if (*gone > 0)
        sql_unsettle(db);
    return err;
}

/* No byte of UTF-8 is 0xFF: all keys with the prefix come before it. */
static char *behind_prefix(const char *prefix)
{
    return mem_format("%s\xFF", prefix);
}

static int bind_prefix(struct sqlite *db, enum statement which, const struct store_plugin_row *row,
                       int64_t now_ms, sqlite3_stmt **out)
{
    char *end = behind_prefix(row->key);
    int err = sql_prepare(db, which, out);

    if (err == 0) {
        sql_text(*out, 1, row->plugin);
        sql_text(*out, 2, row->key);
        sql_text(*out, 3, end);
        sqlite3_bind_int64(*out, 4, now_ms);
    }
    free(end);
    return err;
}

int sqlite_plugin_list(struct sqlite *db, const struct store_plugin_row *row, const char *after,
                       int max, int64_t now_ms, struct plugin_rows *out)
{
    sqlite3_stmt *list;
    int err;

    *out = (struct plugin_rows){0};
    if (row->player) {
        err = plugin_personal_list(db, row, after, now_ms, out);
        (void)trim(out, max);
        return err;
    }
    err = bind_prefix(db, SQL_PLUGIN_VALUES, row, now_ms, &list);
    if (err < 0)
        return err;
    sql_text(list, 5, after);
    sqlite3_bind_int(list, 6, max);
    while ((err = sql_step(db, list)) > 0) {
        read_value(list, next_row(out));
        if (trim(out, max))
            break;
    }
    if (err > 0)
        sql_reset(list);
    return err < 0 ? err : 0;
}

int sqlite_plugin_count(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                        int64_t *out)
{
    struct plugin_rows rows;
    sqlite3_stmt *find;
    int err;

    if (row->player) {
        err = plugin_personal_list(db, row, "", now_ms, &rows);
        *out = (int64_t)rows.count;
        plugin_rows_free(&rows);
        return err;
    }
    err = bind_prefix(db, SQL_PLUGIN_VALUES_COUNT, row, now_ms, &find);
    if (err == 0)
        err = sql_find(db, find);
    if (err < 0)
        return err;
    *out = sqlite3_column_int64(find, 0);
    sql_reset(find);
    return 0;
}

int plugin_rows_forget(struct sqlite *db, const struct uuid *player)
{
    char text[UUID_TEXT_BYTES];
    sqlite3_stmt *gone;
    int err = sql_prepare(db, SQL_PLUGIN_VALUES_FORGET, &gone);

    if (err < 0)
        return err;
    uuid_format(player, text);
    sql_bytes(gone, 1, slice_str(text));
    uuid_format_plain(player, text);
    sql_bytes(gone, 2, slice_str(text));
    sql_bytes(gone, 3, slice_of(player->bytes, UUID_BYTES));
    while ((err = sql_step(db, gone)) > 0)
        log_warn("store: plugin %s had kept the UUID of a person who is erased in a value of "
                 "nobody's; the value is erased, too; the plugin should keep it by player:put",
                 sql_column_str(gone, 0));
    return err;
}
