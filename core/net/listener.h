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
 * Reads an address literal ("0.0.0.0", "::1", "fe80::1%eth0"): one listens on numbers, since a name
 * may stand for several. Returns 0 or a negative libuv error.
 */
int listener_parse(const char *host, uint16_t port, struct sockaddr_storage *out)
    __attribute__((warn_unused_result));

/*
 * Binds and listens. `flags` are of uv_tcp_bind. Returns 0 and an owned listener, or a negative
 * libuv error.
 */
int listener_open(uv_loop_t *loop, const struct sockaddr_storage *address, unsigned flags,
                  listener_cb connected, void *owner, struct listener **out)
    __attribute__((warn_unused_result));

/* What is the matter when nobody can listen there, and what to do. Borrowed. */
const char *listener_trouble(int err);

int listener_accept(struct listener *listener, uv_tcp_t *client)
    __attribute__((warn_unused_result));

/* The bound address, with the real port where 0 was asked for. */
void listener_address(const struct listener *listener, char text[static ADDRESS_TEXT_BYTES]);

/* Stops accepting; frees when libuv is done. Accepts NULL. */
void listener_close(struct listener *listener);

#endif
