/*
 * Ed25519 (RFC 8032): an installation's own key, in a file that only its owner may read, and
 * signatures that anybody can check with the public half.
 */
#ifndef SEKISHO_CRYPTO_SIGN_H
#define SEKISHO_CRYPTO_SIGN_H

#include "base/diag.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { SIGN_SIGNATURE_BYTES = 64, SIGN_PUBLIC_BYTES = 32 };

struct sign_key;

/*
 * Reads the private key (PKCS #8, PEM) at `path`. Returns 0 and an owned key; ERR_NOT_FOUND without
 * an entry when there is no such file; or ERR_INVALID with an entry in `diag`: open to others, no
 * such key, not to be read.
 */
int sign_key_open(const char *path, struct diag *diag, struct sign_key **out)
    __attribute__((warn_unused_result));

/* The same; where there is no file, one is made with a new key, mode 0600. */
int sign_key_make(const char *path, struct diag *diag, struct sign_key **out)
    __attribute__((warn_unused_result));

void sign_key_free(struct sign_key *key); /* accepts NULL */

/* The public half. */
void sign_key_public(const struct sign_key *key, uint8_t out[static SIGN_PUBLIC_BYTES]);

void sign(const struct sign_key *key, struct slice data, uint8_t out[static SIGN_SIGNATURE_BYTES]);

bool sign_verify(const uint8_t key[static SIGN_PUBLIC_BYTES], struct slice data,
                 const uint8_t signature[static SIGN_SIGNATURE_BYTES]);

/* As SubjectPublicKeyInfo in PEM, which openssl and every library read. Returns owned. */
char *sign_public_pem(const uint8_t key[static SIGN_PUBLIC_BYTES]);

/* Reads such a text. Returns 0, or ERR_MALFORMED: no public key of Ed25519. */
int sign_public_read(const char *pem, uint8_t out[static SIGN_PUBLIC_BYTES])
    __attribute__((warn_unused_result));

#endif
