/*
 * What one address may do: connections open at once, and logins within a window. Addresses are
 * counted by key (net/address.h) and forgotten when nothing of them is left to count.
 */
#ifndef SEKISHO_SESSION_LIMITS_H
#define SEKISHO_SESSION_LIMITS_H

#include "conf/conf.h"
#include "net/address.h"

#include <stdbool.h>
#include <stdint.h>

struct limits;

/* Keeps `conf`. Returns owned. */
struct limits *limits_new(const struct conf *conf, uint64_t seed);
void limits_free(struct limits *limits);

enum limits_verdict {
    LIMITS_OK,
    LIMITS_OVER,     /* one too many: may be told so, and must leave */
    LIMITS_FLOODING, /* twice too many: not worth an answer */
};

/* A connection opened; each call is paired with limits_close, whatever the verdict. */
enum limits_verdict limits_open(struct limits *limits, const uint8_t key[static ADDRESS_KEY_BYTES],
                                uint64_t now_ms);
void limits_close(struct limits *limits, const uint8_t key[static ADDRESS_KEY_BYTES],
                  uint64_t now_ms);

/* A login begins on an open connection; false when it is one too many. */
bool limits_login(struct limits *limits, const uint8_t key[static ADDRESS_KEY_BYTES],
                  uint64_t now_ms);

#endif
