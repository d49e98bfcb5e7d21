#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

void hex_encode(struct slice bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = '\0';
}

void sha256_hex(struct slice data, char out[static SHA256_TEXT_BYTES])
{
    uint8_t digest[SHA256_BYTES];

    SHA256(data.data, data.len, digest);
    hex_encode(slice_of(digest, sizeof digest), out);
}

void hmac_sha256(struct slice key, struct slice data, uint8_t out[static SHA256_BYTES])
{
    if (!HMAC(EVP_sha256(), key.data, (int)key.len, data.data, data.len, out, NULL))
        abort();
}

bool secret_equal(struct slice a, struct slice b)
{
    return a.len == b.len && CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}
