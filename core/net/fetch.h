/*
 * HTTP(S) requests on the loop (libcurl's multi interface): connections are kept and used again, no
 * redirect is followed, and an answer is bounded in time and size. Nothing here logs: an address
 * may hold personal data.
 *
 * Life: fetcher_new -> fetcher_ask, its answer, ... -> fetcher_close.
 */
#ifndef SEKISHO_NET_FETCH_H
#define SEKISHO_NET_FETCH_H

#include "base/slice.h"

#include <uv.h>

enum { FETCH_BODY_BYTES_MAX = 64 * 1024 };

struct fetcher;

struct fetch_result {
    /*
     * 0: an answer came, whatever its status. ERR_TIMEOUT, ERR_CLOSED (no connection, or it broke
     * off), ERR_TOO_LARGE, ERR_REFUSED (the name stands for no address that is asked), or
     * ERR_INVALID (what came is no answer).
     */
    int err;
    int status;
    struct slice body;  /* borrowed for the call */
    const char *reason; /* of an err: a phrase of libcurl's, with nothing of the request in it */
};

/* `request` is what fetcher_ask was given. May begin requests, but not close the fetcher. */
typedef void (*fetch_cb)(void *owner, void *request, const struct fetch_result *result);

/* Returns owned; `owner` is kept. */
struct fetcher *fetcher_new(uv_loop_t *loop, fetch_cb done, void *owner);

/* Borrowed, and copied. */
struct fetch_ask {
    const char *url;            /* http or https */
    const char *method;         /* NULL: GET, or POST with a body */
    const char *const *headers; /* "Name: value", and NULL behind the last; NULL: none */
    struct slice body;          /* without data: none */
    uint64_t timeout_ms;
    size_t body_bytes_max; /* of the answer; 0: FETCH_BODY_BYTES_MAX */
    bool only_public;      /* nobody in a network of one's own, whatever the name stands for */
};

/*
 * Begins a request. `done` is called once, later, unless the fetcher is closed before. Returns 0,
 * or ERR_INVALID and there will be no call.
 */
int fetcher_ask(struct fetcher *fetcher, const struct fetch_ask *ask, void *request)
    __attribute__((warn_unused_result));

/* Forgets what is under way without a call; the memory goes with the last handle. NULL is fine. */
void fetcher_close(struct fetcher *fetcher);

#endif
