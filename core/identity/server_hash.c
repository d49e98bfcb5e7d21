#include "identity/server_hash.h"

#include "base/mem.h"
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { SHA1_BYTES = 20 };

static void sha1(struct slice first, struct slice second, uint8_t digest[static SHA1_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!context || !EVP_DigestInit_ex(context, EVP_sha1(), NULL) ||
        !EVP_DigestUpdate(context, first.data, first.len) ||
        !EVP_DigestUpdate(context, second.data, second.len) ||
        !EVP_DigestFinal_ex(context, digest, NULL))
        abort();
    EVP_MD_CTX_free(context);
}

/* Two's complement. */
static void negate(uint8_t digest[static SHA1_BYTES])
{
    unsigned carry = 1;

    for (size_t i = SHA1_BYTES; i-- > 0;) {
        carry += (uint8_t)~digest[i];
        digest[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

void server_hash(struct slice secret, struct slice public_der,
                 char out[static SERVER_HASH_TEXT_BYTES])
{
    uint8_t digest[SHA1_BYTES];
    char digits[2 * SHA1_BYTES + 1];
    const char *first = digits;
    bool negative;

    sha1(secret, public_der, digest);
    negative = digest[0] & 0x80;
    if (negative)
        negate(digest);
    hex_encode(slice_of(digest, sizeof digest), digits);
    while (*first == '0' && first[1])
        first++;
    if (negative)
        *out++ = '-';
    memcpy(out, first, strlen(first) + 1);
    mem_wipe(digest, sizeof digest);
}
