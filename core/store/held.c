/*
 * What is held of one player.
 */
#include "base/err.h"
#include "base/mem.h"
#include "store/sql.h"

#include <stdlib.h>

static void read_held(sqlite3_stmt *row, struct store_held *out)
{
    *out = (struct store_held){
        .server = mem_strdup(sql_column_str(row, 1)),
        .field = mem_strdup(sql_column_str(row, 2)),
        .purpose = mem_strdup(sql_column_str(row, 3)),
        .policy_version = mem_strdup(sql_column_str(row, 5)),
        .can_be_corrected = true,
        .observed_at_ms = sqlite3_column_int64(row, 6),
        .expires_at_ms = sqlite3_column_int64(row, 7),
        .corrected_at_ms = sqlite3_column_int64(row, 8),
    };
    out->value.len = (size_t)sqlite3_column_bytes(row, 4);
    out->value.data = (const uint8_t *)mem_strndup(
        out->value.len ? sqlite3_column_blob(row, 4) : "", out->value.len);
}

void sqlite_held_free(struct store_held *held)
{
    free((void *)(uintptr_t)held->server);
    free((void *)(uintptr_t)held->field);
    free((void *)(uintptr_t)held->purpose);
    free((void *)(uintptr_t)held->policy_version);
    free((void *)(uintptr_t)held->value.data);
}

int sqlite_held_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                     struct store_held *out, int max)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_HELD_PAGE, &row);
    int found = 0;

    if (err < 0)
        return err;
    sql_uuid(row, 1, player);
    sqlite3_bind_int64(row, 2, *after);
    while (found < max && (err = sql_step(db, row)) > 0) {
        *after = sqlite3_column_int64(row, 0);
        read_held(row, &out[found++]);
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}

static int find_array(struct sqlite *db, enum statement which, const struct uuid *player,
                      char **out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, which, &row);

    if (err < 0)
        return err;
    sql_uuid(row, 1, player);
    err = sql_step(db, row);
    if (err <= 0)
        return err < 0 ? err : ERR_DAMAGED;
    *out = mem_strdup(sql_column_str(row, 0));
    sql_reset(row);
    return 0;
}

int sqlite_counted(struct sqlite *db, const struct uuid *player, char **out)
{
    return find_array(db, SQL_COUNTED_OF, player, out);
}

int sqlite_visited(struct sqlite *db, const struct uuid *player, char **out)
{
    return find_array(db, SQL_VISITED_BY, player, out);
}
