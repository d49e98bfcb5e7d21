#include "crypto/seal.h"

#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { SALT_BYTES = 16, TAG_BYTES = 16, AROUND_BYTES = SALT_BYTES + TAG_BYTES };

_Static_assert((int)SEAL_KEY_BYTES == (int)SHA256_BYTES, "a piece's key is an HMAC");

/* A key is used once, so its vector need not be another each time. */
static const uint8_t vector[12];

static void piece_key(const uint8_t *key, const uint8_t *salt, uint8_t *out)
{
    hmac_sha256(slice_of(key, SEAL_KEY_BYTES), slice_of(salt, SALT_BYTES), out);
}

void seal(const uint8_t key[static SEAL_KEY_BYTES], struct slice plain, struct buf *sealed)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t *out = buf_reserve(sealed, plain.len + AROUND_BYTES);
    uint8_t own_key[SEAL_KEY_BYTES];
    int len = 0;

    random_bytes(out, SALT_BYTES);
    piece_key(key, out, own_key);
    if (!context || EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, own_key, vector) != 1 ||
        EVP_EncryptUpdate(context, out + SALT_BYTES, &len, plain.data, (int)plain.len) != 1 ||
        EVP_EncryptFinal_ex(context, out + SALT_BYTES + len, &len) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                            out + SALT_BYTES + plain.len) != 1)
        abort();
    EVP_CIPHER_CTX_free(context);
    mem_wipe(own_key, sizeof own_key);
    sealed->len += plain.len + AROUND_BYTES;
}

int seal_piece_key(const uint8_t key[static SEAL_KEY_BYTES], struct slice sealed,
                   uint8_t out[static SEAL_KEY_BYTES])
{
    if (sealed.len < AROUND_BYTES)
        return ERR_MALFORMED;
    piece_key(key, sealed.data, out);
    return 0;
}

int unseal(const uint8_t key[static SEAL_KEY_BYTES], struct slice sealed, struct buf *plain)
{
    EVP_CIPHER_CTX *context;
    uint8_t tag[TAG_BYTES];
    size_t inner;
    uint8_t *out;
    int len = 0;
    bool whole;

    if (sealed.len < AROUND_BYTES)
        return ERR_MALFORMED;
    inner = sealed.len - AROUND_BYTES;
    for (size_t i = 0; i < TAG_BYTES; i++)
        tag[i] = sealed.data[SALT_BYTES + inner + i];
    out = buf_reserve(plain, inner + 1);
    context = EVP_CIPHER_CTX_new();
    if (!context || EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, vector) != 1 ||
        EVP_DecryptUpdate(context, out, &len, sealed.data + SALT_BYTES, (int)inner) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) != 1)
        abort();
    whole = EVP_DecryptFinal_ex(context, out + len, &len) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!whole) {
        mem_wipe(out, inner);
        return ERR_MALFORMED;
    }
    plain->len += inner;
    return 0;
}
