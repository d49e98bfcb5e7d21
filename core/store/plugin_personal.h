/*
 * What plugins keep of players. A row is found by a hash of its plugin and key under the player's
 * key; the key itself stands with the value in what is sealed.
 */
#ifndef SEKISHO_STORE_PLUGIN_PERSONAL_H
#define SEKISHO_STORE_PLUGIN_PERSONAL_H

#include "store/plugin_rows.h"

/* As their namesakes of plugin_rows.h, of rows with a player. */
int plugin_personal_put(struct sqlite *db, const struct store_plugin_row *row)
    __attribute__((warn_unused_result));
int plugin_personal_get(struct sqlite *db, const struct store_plugin_row *row, int64_t now_ms,
                        struct store_plugin_row *out) __attribute__((warn_unused_result));
int plugin_personal_delete(struct sqlite *db, const struct store_plugin_row *row)
    __attribute__((warn_unused_result));
/* All that come behind `after`, sorted by key. */
int plugin_personal_list(struct sqlite *db, const struct store_plugin_row *row, const char *after,
                         int64_t now_ms, struct plugin_rows *out)
    __attribute__((warn_unused_result));

/*
 * Whether a plugin may hold so many bytes more: `before` is what the row has now (0: it is new),
 * `after` what it will have. Returns 0, ERR_TOO_LARGE, or an error.
 */
int plugin_rows_make_room(struct sqlite *db, const char *plugin, int64_t before, size_t after)
    __attribute__((warn_unused_result));

#endif
