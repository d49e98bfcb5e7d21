/*
 * What plugins keep, as the rooms of the store use it.
 */
#ifndef SEKISHO_STORE_PLUGIN_ROWS_H
#define SEKISHO_STORE_PLUGIN_ROWS_H

#include "store/plugin_data.h"
#include "store/sql.h"

/* Its texts and its value are owned; `player` is NULL. */
void plugin_row_free(struct store_plugin_row *row);

/* As their namesakes of store/plugin_data.h; within a transaction of writes. */
int sqlite_plugin_put(struct sqlite *db, const struct store_plugin_row *row)
    __attribute__((warn_unused_result));
int sqlite_plugin_add(struct sqlite *db, const struct store_plugin_row *row, int64_t number,
                      int64_t *sum) __attribute__((warn_unused_result));
int sqlite_plugin_delete(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms)
    __attribute__((warn_unused_result));

int sqlite_plugin_drop(struct sqlite *db, const char *plugin, int64_t *gone)
    __attribute__((warn_unused_result));

/* To free. */
int sqlite_plugin_get(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                      struct store_plugin_row *out) __attribute__((warn_unused_result));

/* Sorted by key; owned as a whole. */
struct plugin_rows {
    struct store_plugin_row *items;
    size_t count;
};

/*
 * Rows whose keys begin as the row's and come behind `after`, at most `max`. What was read is set
 * even on an error, to be freed.
 */
int sqlite_plugin_list(struct sqlite *db, const struct store_plugin_row *row, const char *after,
                       int max, int64_t now_ms, struct plugin_rows *out)
    __attribute__((warn_unused_result));
void plugin_rows_free(struct plugin_rows *rows);

int sqlite_plugin_count(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                        int64_t *out) __attribute__((warn_unused_result));

/*
 * A player answered a policy, or withdrew: what plugins keep for a purpose of it that is not among
 * these (names with commas between them) is erased.
 */
int plugin_rows_narrow(struct sqlite *db, const char *subject, const char *policy,
                       const char *purposes) __attribute__((warn_unused_result));

/* A person is erased: values of nobody's in which a plugin kept their UUID are erased, and told. */
int plugin_rows_forget(struct sqlite *db, const struct uuid *player)
    __attribute__((warn_unused_result));

#endif
