#include "crypto/cipher.h"

#include "base/mem.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct cipher {
    EVP_CIPHER_CTX *context;
};

struct cipher *cipher_new(const uint8_t key[static CIPHER_KEY_BYTES],
                          enum cipher_direction direction)
{
    struct cipher *cipher = mem_alloc(sizeof *cipher);

    cipher->context = EVP_CIPHER_CTX_new();
    if (!cipher->context ||
        !EVP_CipherInit_ex(cipher->context, EVP_aes_128_cfb8(), NULL, key, key, (int)direction))
        abort();
    return cipher;
}

void cipher_run(struct cipher *cipher, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        int part = len < INT_MAX ? (int)len : INT_MAX;
        int done = 0;

        if (!EVP_CipherUpdate(cipher->context, bytes, &done, bytes, part) || done != part)
            abort();
        bytes += part;
        len -= (size_t)part;
    }
}

void cipher_free(struct cipher *cipher)
{
    if (!cipher)
        return;
    EVP_CIPHER_CTX_free(cipher->context); /* cleanses the key schedule */
    free(cipher);
}
