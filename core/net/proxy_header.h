/*
 * The PROXY protocol: a header in front of everything else that says where a connection came from.
 * Source: haproxy.org, "The PROXY protocol", versions 1 and 2.
 */
#ifndef SEKISHO_NET_PROXY_HEADER_H
#define SEKISHO_NET_PROXY_HEADER_H

#include "base/buf.h"

#include <stdint.h>
#include <sys/socket.h>

enum proxy_header_version {
    PROXY_HEADER_V1 = 1, /* a line of text */
    PROXY_HEADER_V2,     /* binary */
};

/*
 * Appends a header for a connection from `source`, an address as text without port, to
 * `destination`, an IPv4 or IPv6 socket address. Where the two are of different families, the
 * IPv4 one is written mapped into IPv6. The source's port says something about the player's
 * network, so it is the same for everybody. A source that is no address gives "unknown".
 */
void proxy_header_write(enum proxy_header_version version, struct slice source,
                        const struct sockaddr *destination, struct buf *out);

#endif
