/*
 * The PROXY protocol: a header in front of everything else that says where a connection came from,
 * as load balancers send it here and as game servers take it.
 * Source: haproxy.org, "The PROXY protocol", versions 1 and 2.
 */
#ifndef SEKISHO_NET_PROXY_HEADER_H
#define SEKISHO_NET_PROXY_HEADER_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum proxy_header_version {
    PROXY_HEADER_NONE = 0,
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

enum {
    PROXY_HEADER_V1_BYTES_MAX = 107,      /* the whole line, CR LF among it */
    PROXY_HEADER_V2_BYTES_MAX = 16 + 536, /* what passes every network in one piece */
};

struct proxy_header {
    size_t len;      /* bytes of the header */
    bool has_source; /* false: the connection is the balancer's own, or of a kind without address */
    struct sockaddr_storage source;
};

/*
 * Reads a header from the front of `bytes`. Returns 0, ERR_AGAIN while it may become one, or
 * ERR_MALFORMED: no header, or a longer one than the limits. Of version 2 the address is taken and
 * all that follows it (TLVs) is skipped; LOCAL, UNSPEC and AF_UNIX have no source, nor has UNKNOWN
 * of version 1.
 */
int proxy_header_read(struct slice bytes, struct proxy_header *out)
    __attribute__((warn_unused_result));

#endif
