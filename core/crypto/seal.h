/*
 * Authenticated encryption of small pieces at rest: AES-256-GCM, where each piece has a key of its
 * own, made from a long-lived key and a random salt. Giving one piece's key away opens that piece
 * and no other.
 */
#ifndef SEKISHO_CRYPTO_SEAL_H
#define SEKISHO_CRYPTO_SEAL_H

#include "base/buf.h"

enum { SEAL_KEY_BYTES = 32 };

/* Appends salt, cipher text and tag. */
void seal(const uint8_t key[static SEAL_KEY_BYTES], struct slice plain, struct buf *sealed);

/* The key of this piece alone. Returns 0, or ERR_MALFORMED for what is no sealed piece. */
int seal_piece_key(const uint8_t key[static SEAL_KEY_BYTES], struct slice sealed,
                   uint8_t out[static SEAL_KEY_BYTES]) __attribute__((warn_unused_result));

/*
 * Appends the plain text. Returns 0, or ERR_MALFORMED, and then appends nothing: another key, or
 * bytes that were changed.
 */
int unseal(const uint8_t piece_key[static SEAL_KEY_BYTES], struct slice sealed, struct buf *plain)
    __attribute__((warn_unused_result));

#endif
