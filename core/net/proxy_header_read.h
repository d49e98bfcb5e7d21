/*
 * The PROXY header, with which a load balancer says where a connection came from before anything
 * else. Source: "The PROXY protocol", versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt).
 */
#ifndef SEKISHO_NET_PROXY_HEADER_READ_H
#define SEKISHO_NET_PROXY_HEADER_READ_H

#include "base/slice.h"

#include <stdbool.h>
#include <sys/socket.h>

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
