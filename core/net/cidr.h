/*
 * Networks as "10.0.0.0/8" or "2001:db8::/32". An IPv4 network also holds the IPv4-mapped form of
 * its addresses.
 */
#ifndef SEKISHO_NET_CIDR_H
#define SEKISHO_NET_CIDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct cidr {
    uint8_t bytes[16]; /* IPv4 as mapped into IPv6 */
    unsigned bits;     /* 0 to 128 */
};

/* An address without a slash is a network of one. Returns 0 or ERR_INVALID. */
int cidr_parse(const char *text, struct cidr *out) __attribute__((warn_unused_result));

bool cidr_has(const struct cidr *network, const struct sockaddr *address);

/*
 * Whether an address belongs to the Internet at large: to no machine, link or network of one's own,
 * to no group, and to no old way of wrapping an IPv4 address into IPv6. After the
 * special-purpose registries of IANA (RFC 6890).
 */
bool cidr_is_public(const struct sockaddr *address);

#endif
