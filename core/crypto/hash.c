#include "crypto/hash.h"

#include "base/err.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

void hex_encode(struct slice bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = '\0';
}

/* The value of a digit; 16 for what is none. */
static unsigned digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

int hex_decode(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return ERR_MALFORMED;
    for (size_t i = 0; i < len; i++) {
        unsigned high = digit(text[2 * i]);
        unsigned low = digit(text[2 * i + 1]);

        if (high > 15 || low > 15)
            return ERR_MALFORMED;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

void sha256(struct slice data, uint8_t out[static SHA256_BYTES])
{
    SHA256(data.data, data.len, out);
}

void sha256_two(struct slice first, struct slice second, uint8_t out[static SHA256_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1 ||
        EVP_DigestUpdate(context, first.data, first.len) != 1 ||
        EVP_DigestUpdate(context, second.data, second.len) != 1 ||
        EVP_DigestFinal_ex(context, out, NULL) != 1)
        abort();
    EVP_MD_CTX_free(context);
}

void sha256_hex(struct slice data, char out[static SHA256_TEXT_BYTES])
{
    uint8_t digest[SHA256_BYTES];

    sha256(data, digest);
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
