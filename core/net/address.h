/*
 * Socket addresses as text and as keys for counting. An address of a player is personal data: its
 * text goes only into a field value, never into a log line.
 */
#ifndef SEKISHO_NET_ADDRESS_H
#define SEKISHO_NET_ADDRESS_H

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
    ADDRESS_TEXT_BYTES = 64, /* "[2001:db8::1]:25565" and a zero */
    ADDRESS_KEY_BYTES = 8,
};

/*
 * Reads an address literal, IPv4 or IPv6 without brackets or zone. Returns 0 or ERR_MALFORMED.
 */
int address_parse(struct slice host, uint16_t port, struct sockaddr_storage *out)
    __attribute__((warn_unused_result));

/* The host part without port or brackets; IPv4 mapped into IPv6 is written as IPv4. */
void address_host(const struct sockaddr *address, char text[static ADDRESS_TEXT_BYTES]);

/* "host:port", IPv6 in brackets. */
void address_text(const struct sockaddr *address, char text[static ADDRESS_TEXT_BYTES]);

/* What counts as one peer: an IPv4 address, or the /64 network of an IPv6 address. */
void address_key(const struct sockaddr *address, uint8_t key[static ADDRESS_KEY_BYTES]);

#endif
