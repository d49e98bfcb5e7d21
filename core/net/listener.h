/*
 * A listening socket.
 */
#ifndef SEKISHO_NET_LISTENER_H
#define SEKISHO_NET_LISTENER_H

#include "net/address.h"

#include <stdint.h>
#include <uv.h>

struct listener;

/* A peer connected: the owner makes a connection and calls listener_accept with its handle. */
typedef void (*listener_cb)(void *owner, struct listener *listener);

/*
 * Binds and listens on an address literal ("0.0.0.0", "::1"). Returns 0 and an owned listener, or
 * a negative libuv error for the caller to explain.
 */
int listener_open(uv_loop_t *loop, const char *host, uint16_t port, listener_cb connected,
                  void *owner, struct listener **out) __attribute__((warn_unused_result));

int listener_accept(struct listener *listener, uv_tcp_t *client)
    __attribute__((warn_unused_result));

/* The bound address, with the real port where 0 was asked for. */
void listener_address(const struct listener *listener, char text[static ADDRESS_TEXT_BYTES]);

/* Stops accepting; frees when libuv is done. Accepts NULL. */
void listener_close(struct listener *listener);

#endif
