/*
 * HTTP(S) requests on the loop (libcurl's multi interface): connections are kept and used again, no
 * redirect is followed, and an answer is bounded in time and size. Nothing here logs: an address
 * may hold personal data.
 *
 * Life: fetcher_new -> fetcher_get or fetcher_post, its answer, ... -> fetcher_close.
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
     * off), ERR_TOO_LARGE, or ERR_INVALID (what came is no answer).
     */
    int err;
    int status;
    struct slice body;  /* borrowed for the call */
    const char *reason; /* of an err: a phrase of libcurl's, with nothing of the request in it */
};

/* `request` is what fetcher_get or fetcher_post was given. May begin requests, but not close the
 * fetcher. */
typedef void (*fetch_cb)(void *owner, void *request, const struct fetch_result *result);

/* Returns owned; `owner` is kept. */
struct fetcher *fetcher_new(uv_loop_t *loop, fetch_cb done, void *owner);

/*
 * Begins a GET of `url` (http or https; borrowed). `done` is called once, later, unless the
 * fetcher is closed before. Returns 0, or ERR_INVALID and there will be no call.
 */
int fetcher_get(struct fetcher *fetcher, const char *url, uint64_t timeout_ms, void *request)
    __attribute__((warn_unused_result));

/* What goes along with a POST. Borrowed, and copied. */
struct fetch_post {
    struct slice body;
    const char *const *headers; /* "Name: value", and NULL behind the last */
};

/* The same by POST. */
int fetcher_post(struct fetcher *fetcher, const char *url, const struct fetch_post *post,
                 uint64_t timeout_ms, void *request) __attribute__((warn_unused_result));

/* Forgets what is under way without a call; the memory goes with the last handle. NULL is fine. */
void fetcher_close(struct fetcher *fetcher);

#endif
