/*
 * SHA-256 and what is built on it (OpenSSL).
 */
#ifndef SEKISHO_CRYPTO_HASH_H
#define SEKISHO_CRYPTO_HASH_H

#include "base/slice.h"

#include <stdbool.h>

enum { SHA256_BYTES = 32, SHA256_TEXT_BYTES = 65 };

void sha256(struct slice data, uint8_t out[static SHA256_BYTES]);

/* The same of two runs of bytes, one behind the other. */
void sha256_two(struct slice first, struct slice second, uint8_t out[static SHA256_BYTES]);

/* As lower-case hex with a zero behind it. */
void sha256_hex(struct slice data, char out[static SHA256_TEXT_BYTES]);

void hmac_sha256(struct slice key, struct slice data, uint8_t out[static SHA256_BYTES]);

/* Equal in length and bytes; takes the same time wherever they differ. */
bool secret_equal(struct slice a, struct slice b);

/* `bytes` as lower-case hex; `out` takes two characters for each, and a zero. */
void hex_encode(struct slice bytes, char *out);

/* Hex in lower case, of exactly `len` bytes. Returns 0 or ERR_MALFORMED. */
int hex_decode(const char *text, uint8_t *out, size_t len) __attribute__((warn_unused_result));

#endif
