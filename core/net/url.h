/*
 * Web addresses in the one form that every client opens. From 1.21.5 (770) on the game parses an
 * address while it reads the packet and disconnects when that fails, so nothing else may be sent.
 * Grammar: RFC 3986; how strict the game is: java.net.URI.
 */
#ifndef SEKISHO_NET_URL_H
#define SEKISHO_NET_URL_H

#include "base/buf.h"

/*
 * An http or https address with whatever cannot stand behind its host percent-encoded; owned. NULL
 * when it is another scheme's, or has no host that can be used.
 */
char *url_normal(struct slice written) __attribute__((warn_unused_result));

/*
 * The host (in the form of host_normal, owned) and port of an http or https address as somebody
 * else wrote it; NULL for another scheme, and for an authority that two readers could understand in
 * two ways.
 */
char *url_host(struct slice url, int *port) __attribute__((warn_unused_result));

/* Appends `value` as it may stand in a query: all but unreserved characters is percent-encoded. */
void url_put_argument(struct buf *url, const char *value);

#endif
