/*
 * The store as commands use it that serve a player's rights: one question at a time, each answered
 * before the call returns.
 */
#ifndef SEKISHO_CLI_DESK_H
#define SEKISHO_CLI_DESK_H

#include "base/diag.h"
#include "store/store.h"

#include <jansson.h>

struct desk {
    uv_loop_t loop;
    struct store *store; /* NULL: there is none yet, or it could not be opened */
    const char *url;
    struct diag *diag;
    /* Of the question under way. */
    bool answered;
    int err;
    json_t *list;
    struct data_request request;
    struct store_person person;
    uint8_t key[SEAL_KEY_BYTES];
};

/*
 * Opens the store. Returns 0; ERR_NOT_FOUND without an entry where nothing was ever recorded; or
 * another error with an entry in `diag`. desk_close it either way. Keeps what it is given.
 */
int desk_open(struct desk *desk, const char *url, enum store_mode mode, struct diag *diag)
    __attribute__((warn_unused_result));
void desk_close(struct desk *desk);

/* For who cannot do without a store: an entry that says so. */
void desk_nothing_yet(struct desk *desk);

/* By UUID or name. Returns 0, or an error with an entry in `diag` that says what to do. */
int desk_find_person(struct desk *desk, const char *who, struct store_person *out)
    __attribute__((warn_unused_result));

/* Lists of objects, of one player or (requests) of all. Return owned; NULL with an entry in `diag`.
 */
json_t *desk_consents(struct desk *desk, const struct uuid *player);
json_t *desk_held(struct desk *desk, const struct uuid *player);
json_t *desk_counted(struct desk *desk, const struct uuid *player);
json_t *desk_visited(struct desk *desk, const struct uuid *player);
json_t *desk_requests(struct desk *desk, const struct uuid *player);
json_t *desk_ledger(struct desk *desk, const struct uuid *player);

/* The text of this hash as an object; NULL without an entry: it is not kept. Returns owned. */
json_t *desk_document(struct desk *desk, const char *sha256);

/* As the calls of store.h; the result is in `desk->request`. The entry says what to do. */
int desk_request_put(struct desk *desk, const struct data_request *request)
    __attribute__((warn_unused_result));
int desk_request_find(struct desk *desk, int64_t number) __attribute__((warn_unused_result));
int desk_request_move(struct desk *desk, const struct store_request_step *step)
    __attribute__((warn_unused_result));
int desk_request_run(struct desk *desk, const struct store_request_step *step)
    __attribute__((warn_unused_result));

/* The key of the person, secret; ERR_NOT_FOUND without an entry: they never answered. */
int desk_key(struct desk *desk, const struct uuid *player, uint8_t out[static SEAL_KEY_BYTES])
    __attribute__((warn_unused_result));

/* Whether the database's file is free of a person who was erased; makes it anew when it is not. */
int desk_scour(struct desk *desk, const struct uuid *player,
               const uint8_t key[static SEAL_KEY_BYTES]) __attribute__((warn_unused_result));

#endif
