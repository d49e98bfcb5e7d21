/*
 * Host names as players type them and as clients send them, in the one form in which they are
 * compared; and the patterns that servers give in `hosts`.
 */
#ifndef SEKISHO_NET_HOST_H
#define SEKISHO_NET_HOST_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum { HOST_CHARS_MAX = 255 };

/*
 * The name itself, owned: lower case, without dots at its end, and without what stands behind it
 * for somebody else: behind a zero byte (a mod loader's marker, or forged forwarding data) or
 * behind
 * "///" (a protection service's).
 */
char *host_normal(struct slice sent) __attribute__((warn_unused_result));

/*
 * How well a pattern fits a normal host: 0 not at all, else more for the more exact one. "*.a.b"
 * fits every name below a.b, at any depth, but not a.b itself. "_minecraft._tcp." in front of the
 * host, as in the DNS, is passed over.
 */
size_t host_fit(const char *pattern, const char *host);

/*
 * Takes "host", "host:port", "[v6]:port" or a bare IPv6 address apart: `host` is borrowed, without
 * brackets; `port` is 0 where there is none. False for whatever two readers could understand in two
 * ways: only letters, digits, dots, "-" and "_" make a name.
 */
bool host_split(struct slice text, struct slice *host, int *port);

/* Whether a normal host is this machine, so that what is sent there leaves it not. */
bool host_is_here(const char *host);

#endif
