/*
 * Opening a connection to a host by name or address: resolve, try each address in turn, with one
 * deadline over all.
 */
#ifndef SEKISHO_NET_DIAL_H
#define SEKISHO_NET_DIAL_H

#include "net/conn.h"

#include <stdint.h>

struct dial;

/* err 0: `conn` is open, not yet started. Otherwise it is NULL. Called once, unless cancelled. */
typedef void (*dial_cb)(void *owner, int err, struct conn *conn);

struct dial_target {
    const char *host; /* borrowed until dial_start returns */
    uint16_t port;
    uint64_t timeout_ms;
};

/*
 * Begins; never calls `done` before it returns. `events` and `owner` are those of the connection to
 * be. Returns owned by itself: it goes after `done` or dial_cancel.
 */
struct dial *dial_start(struct conn_hub *hub, const struct dial_target *target,
                        const struct conn_events *events, void *owner, dial_cb done);

/* `done` will not be called. Accepts NULL. */
void dial_cancel(struct dial *dial);

#endif
