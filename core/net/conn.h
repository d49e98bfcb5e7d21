/*
 * A TCP connection on the loop: bytes in, bytes out, with bounded memory.
 *
 * Reading goes into one buffer that all connections of a loop share; only bytes that their owner
 * does not consume at once are kept by the connection, so an idle one holds none. Writing tries the
 * socket first and queues the rest. What little is written while bytes are handed out goes together
 * once they are done with, so that a burst of small packets costs one call of the kernel.
 *
 * Life: conn_new -> conn_accept or dial -> conn_start -> events -> conn_close. After conn_close the
 * owner hears nothing more, and the memory goes when libuv is done with the handle.
 */
#ifndef SEKISHO_NET_CONN_H
#define SEKISHO_NET_CONN_H

#include "base/slice.h"
#include "crypto/cipher.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
    CONN_READ_BYTES = 64 * 1024,        /* at most this much a turn and socket */
    CONN_WRITE_BYTES = 32 * 1024,       /* encrypted and tried at once */
    CONN_GATHER_BYTES = 4 * 1024,       /* more is not copied to go together */
    CONN_HIGH_BYTES = 256 * 1024,       /* queued: the other side should stop reading */
    CONN_LOW_BYTES = 64 * 1024,         /* queued: the other side may go on */
    CONN_HARD_BYTES = 16 * 1024 * 1024, /* queued: the peer does not read; given up */
};

/* One a loop; borrowed by every connection on it. */
struct conn_hub {
    uv_loop_t *loop;
    struct conn *gathered; /* wrote while bytes are handed out */
    unsigned delivering;   /* calls of received() under way */
    size_t open; /* connections that were not closed yet: each has a descriptor, or is about to */
    uint8_t read_buffer[CONN_READ_BYTES];
    uint8_t write_buffer[CONN_WRITE_BYTES]; /* what is encrypted, on its way to the socket */
};

struct conn;

struct conn_events {
    /*
     * Bytes came. Returns how many from the front were consumed; the rest is kept and comes again
     * with what follows. `bytes` is borrowed for the call.
     */
    size_t (*received)(void *owner, struct slice bytes);

    /* The queue, once above the high mark, fell below the low one. */
    void (*drained)(void *owner);

    /* The peer ended the connection (err 0) or it failed. The owner still calls conn_close. */
    void (*ended)(void *owner, int err);
};

/* Returns owned by itself until conn_close; `hub`, `events` and `owner` are kept. */
struct conn *conn_new(struct conn_hub *hub, const struct conn_events *events, void *owner);

uv_tcp_t *conn_handle(struct conn *conn); /* borrowed; for accepting and connecting */

/* What every connection has, of a socket that there is; a listener's is inherited. */
void conn_set_options(uv_tcp_t *tcp);

/* Begins reading. Returns 0 or ERR_CLOSED. */
int conn_start(struct conn *conn) __attribute__((warn_unused_result));

/* Stops and continues reading; continuing first hands out again what was kept. */
void conn_pause(struct conn *conn);
void conn_resume(struct conn *conn);
bool conn_paused(const struct conn *conn);

/* Borrows the bytes. A write to a connection that failed is dropped: `ended` tells. */
void conn_write(struct conn *conn, struct slice bytes);

/*
 * From here on all bytes are encrypted, both ways (see crypto/cipher.h). Inside received() the rest
 * of `bytes` is cipher text still: it comes again in plain, once the owner has returned without
 * consuming it.
 */
void conn_encrypt(struct conn *conn, const uint8_t key[static CIPHER_KEY_BYTES]);

/* Bytes that came and were not consumed; borrowed until the loop goes on. */
struct slice conn_kept(const struct conn *conn);

/* As the kernel measured it, in milliseconds; negative when it did not. */
int conn_round_trip_ms(const struct conn *conn);

size_t conn_queued(const struct conn *conn); /* bytes that wait for the peer */

/*
 * Writes what is queued, says goodbye, and calls `ended` when the peer has read it and closed;
 * until then incoming bytes are dropped. The owner bounds the wait with its own deadline.
 */
void conn_finish(struct conn *conn);

/* Idempotent, accepts NULL. */
void conn_close(struct conn *conn);

#endif
