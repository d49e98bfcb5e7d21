/*
 * RSA as the login uses it (OpenSSL): a 1024-bit pair of the server's own, made anew at each start,
 * to which clients encrypt; and signatures by a player's key. Minecraft fixes size and padding.
 */
#ifndef SEKISHO_CRYPTO_RSA_H
#define SEKISHO_CRYPTO_RSA_H

#include "base/slice.h"

enum { RSA_KEY_BYTES = 128 }; /* of the modulus, and so of everything that is encrypted to it */

struct rsa_key;

/* Returns owned. Without a key pair nothing here is safe: a failure ends the process. */
struct rsa_key *rsa_key_new(void);
void rsa_key_free(struct rsa_key *key); /* wipes it; accepts NULL */

/* The public half as SubjectPublicKeyInfo in DER; borrowed until rsa_key_free. */
struct slice rsa_key_public(const struct rsa_key *key);

/*
 * Decrypts PKCS #1 v1.5. The plain text has to be of exactly `len` bytes, at most RSA_KEY_BYTES.
 * Returns 0, or ERR_MALFORMED with `out` zeroed. Which of the two it was must not show to the peer:
 * who can tell them apart can decrypt what others sent.
 */
int rsa_key_decrypt(struct rsa_key *key, struct slice sealed, uint8_t *out, size_t len)
    __attribute__((warn_unused_result));

/*
 * Whether `signature` is SHA256withRSA over `data` by the key in `public_der`, a peer's bytes. A
 * key with an exponent of more than 64 bits is none.
 */
bool rsa_verify(struct slice public_der, struct slice data, struct slice signature);

#endif
