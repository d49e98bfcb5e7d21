/*
 * What plugins keep: values under keys, of nobody, or of a player. Calls like those of store.h. No
 * plugin sees what another one keeps.
 *
 * A player's values are for a purpose that the player agreed to, and end with that, with their
 * time, with a request to stop, and with the player's erasure. Key and value are sealed under the
 * player's key, and both are told to the player as what is held of them.
 */
#ifndef SEKISHO_STORE_PLUGIN_DATA_H
#define SEKISHO_STORE_PLUGIN_DATA_H

#include "store/store.h"

enum {
    STORE_PLUGIN_KEY_BYTES_MAX = 1024,
    STORE_PLUGIN_VALUE_BYTES_MAX = 64 * 1024,
    STORE_PLUGIN_ROWS_MAX = 1000 * 1000, /* of one plugin */
    STORE_PLUGIN_BYTES_MAX = 64 * 1024 * 1024,
    STORE_PLUGIN_PLAYER_ROWS_MAX = 1000,   /* of one plugin, and one player in it */
    STORE_PLUGIN_PAGE_MAX = 1000,          /* that one list answers with, */
    STORE_PLUGIN_PAGE_BYTES = 1024 * 1024, /* but for the first no more of such values */
};

/* All borrowed: by a call until it returns, by a callback for the time of it. */
struct store_plugin_row {
    const char *plugin;
    const struct uuid *player; /* NULL: it is nobody's */
    const char *key;           /* UTF-8 */
    struct slice value;
    const char *field; /* the catalogue's, where it is a value of the player's; else "" */
    /* Of a player's: by which policy, and for which purpose of it. Else NULL. */
    const char *policy, *purpose;
    int64_t written_at_ms;
    int64_t expires_at_ms; /* 0: never, which a player's may not have */
};

/*
 * Keeps a value, in the place of one that had its key. err: ERR_NOT_FOUND: nobody knows the player;
 * ERR_REFUSED: the player does not agree to the purpose (any more); ERR_TOO_LARGE: a limit above is
 * reached; else as store_consent_put.
 */
void store_plugin_put(struct store *store, uint64_t id, const struct store_plugin_row *row,
                      store_done_cb done);

/* `number` is of no use on err. */
typedef void (*store_number_cb)(void *owner, uint64_t id, int err, int64_t number);

/*
 * Adds to a number, which is kept as its decimal digits and begins with 0; answers what it is then.
 * The row's value is not looked at. err: as store_plugin_put, and ERR_INVALID: what is there is no
 * whole number, or it would not fit into 64 bits.
 */
void store_plugin_add(struct store *store, uint64_t id, const struct store_plugin_row *row,
                      int64_t number, store_number_cb done);

/* Of the row, the next three look at the plugin, the player and the key. err ERR_NOT_FOUND. */
typedef void (*store_plugin_cb)(void *owner, uint64_t id, int err,
                                const struct store_plugin_row *row);
void store_plugin_get(struct store *store, uint64_t id, const struct store_plugin_row *row,
                      store_plugin_cb found);
void store_plugin_delete(struct store *store, uint64_t id, const struct store_plugin_row *row,
                         store_done_cb done);

/* How many keys begin as the row's. */
void store_plugin_count(struct store *store, uint64_t id, const struct store_plugin_row *row,
                        store_number_cb done);

/*
 * Those whose keys begin as the row's, sorted by key, behind the key `after` ("": from the first),
 * at most `max` (1 to STORE_PLUGIN_PAGE_MAX); fewer where values are large, but one at least.
 * Called once a row, then once with NULL.
 */
void store_plugin_list(struct store *store, uint64_t id, const struct store_plugin_row *row,
                       const char *after, int max, store_plugin_cb each);

/*
 * Erases some of all that a plugin keeps, of persons and of nobody, and answers how much: 0 when
 * nothing is left. The plugin must not run.
 */
void store_plugin_drop(struct store *store, uint64_t id, const char *plugin, store_number_cb done);

#endif
