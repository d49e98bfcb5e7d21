/*
 * A 128-bit identifier in network order, and its two texts: with dashes, and without.
 */
#ifndef SEKISHO_BASE_UUID_H
#define SEKISHO_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { UUID_BYTES = 16, UUID_TEXT_BYTES = 37, UUID_PLAIN_BYTES = 33 };

struct uuid {
    uint8_t bytes[UUID_BYTES];
};

static inline bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, UUID_BYTES) == 0;
}

/* Lower case with dashes, and without; both zero-terminated. */
void uuid_format(const struct uuid *uuid, char text[static UUID_TEXT_BYTES]);
void uuid_format_plain(const struct uuid *uuid, char text[static UUID_PLAIN_BYTES]);

/* Accepts either text, in any case. Returns 0 or ERR_MALFORMED. */
int uuid_parse(const char *text, struct uuid *out) __attribute__((warn_unused_result));

#endif
