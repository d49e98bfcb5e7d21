/*
 * AES-128 in CFB8, which Minecraft's connections are encrypted with: the key is the first vector,
 * too, and every byte depends on the one before it. A connection has one object for each direction.
 */
#ifndef SEKISHO_CRYPTO_CIPHER_H
#define SEKISHO_CRYPTO_CIPHER_H

#include <stddef.h>
#include <stdint.h>

enum { CIPHER_KEY_BYTES = 16 };

enum cipher_direction { CIPHER_DECRYPT = 0, CIPHER_ENCRYPT = 1 };

struct cipher;

/* Returns owned; the key is copied. */
struct cipher *cipher_new(const uint8_t key[static CIPHER_KEY_BYTES],
                          enum cipher_direction direction);

/* The next `len` bytes of this direction, in place. */
void cipher_run(struct cipher *cipher, uint8_t *bytes, size_t len);

/* Wipes and frees; accepts NULL. */
void cipher_free(struct cipher *cipher);

#endif
