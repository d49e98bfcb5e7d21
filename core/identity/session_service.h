/*
 * The session service: who vouches that a player is who they say. It is asked by HTTP, and much
 * can be wrong with it, so what it may cost is bounded: requests at once, others that wait in
 * their order, time for all attempts together. A request that found no service is tried again
 * after a short random rest; once many in a row failed, nothing is asked for a while, and then one
 * player's question finds out whether it is back.
 */
#ifndef SEKISHO_IDENTITY_SESSION_SERVICE_H
#define SEKISHO_IDENTITY_SESSION_SERVICE_H

#include "identity/profile.h"

#include <uv.h>

enum session_service_answer {
    SESSION_SERVICE_NONE = 0,
    SESSION_SERVICE_YES,
    SESSION_SERVICE_NO,   /* it knows nothing of this login */
    SESSION_SERVICE_DOWN, /* not there, too slow, or what it says makes no sense */
};

struct session_service;

/* `profile` is taken: owned by the callee on YES, NULL otherwise. */
typedef void (*session_service_cb)(void *owner, uint64_t id, enum session_service_answer answer,
                                   struct profile *profile);

struct session_question {
    uint64_t id;
    const char *name;    /* as the player claims it; valid (account.h) */
    const char *hash;    /* server_hash.h */
    const char *address; /* the player's, for the service to compare; NULL: it is not told */
};

/* `url` has no slash at its end and is kept, as `owner`. Returns owned. */
struct session_service *session_service_new(uv_loop_t *loop, const char *url,
                                            session_service_cb answered, void *owner);

/*
 * Borrows the question. Returns 0, and `answered` is called once; or without a call ERR_BUSY when
 * too many wait already, ERR_CLOSED when it is down and not asked at the moment.
 */
int session_service_ask(struct session_service *service, const struct session_question *question)
    __attribute__((warn_unused_result));

/* The player has gone: what waits for its turn is dropped, and what is asked is not answered. */
void session_service_forget(struct session_service *service, uint64_t id);

/* Nothing is answered any more; the memory goes with the last handle. Accepts NULL. */
void session_service_close(struct session_service *service);

#endif
