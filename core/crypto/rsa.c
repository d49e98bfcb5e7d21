#include "crypto/rsa.h"

#include "base/err.h"
#include "base/mem.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXPONENT_BITS_MAX = 64 };

struct rsa_key {
    EVP_PKEY *pair;
    EVP_PKEY_CTX *decrypter; /* made once: setting one up costs a tenth of its use */
    uint8_t *public_der;     /* in OpenSSL's memory */
    size_t public_len;
};

static _Noreturn void no_key(void)
{
    fprintf(stderr, "sekisho: OpenSSL makes no RSA key\n");
    abort();
}

struct rsa_key *rsa_key_new(void)
{
    struct rsa_key *key = mem_alloc(sizeof *key);
    int len;

    key->pair = EVP_RSA_gen((size_t)RSA_KEY_BYTES * 8);
    if (!key->pair)
        no_key();
    key->decrypter = EVP_PKEY_CTX_new(key->pair, NULL);
    len = i2d_PUBKEY(key->pair, &key->public_der);
    if (!key->decrypter || len <= 0 || EVP_PKEY_decrypt_init(key->decrypter) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(key->decrypter, RSA_PKCS1_PADDING) <= 0)
        no_key();
    key->public_len = (size_t)len;
    return key;
}

void rsa_key_free(struct rsa_key *key)
{
    if (!key)
        return;
    EVP_PKEY_CTX_free(key->decrypter);
    EVP_PKEY_free(key->pair); /* OpenSSL clears private numbers that it frees */
    OPENSSL_free(key->public_der);
    free(key);
}

struct slice rsa_key_public(const struct rsa_key *key)
{
    return slice_of(key->public_der, key->public_len);
}

int rsa_key_decrypt(struct rsa_key *key, struct slice sealed, uint8_t *out, size_t len)
{
    uint8_t plain[RSA_KEY_BYTES];
    size_t plain_len = sizeof plain;
    bool fits = sealed.len == RSA_KEY_BYTES &&
                EVP_PKEY_decrypt(key->decrypter, plain, &plain_len, sealed.data, sealed.len) > 0;

    fits = fits && plain_len == len;
    if (fits)
        memcpy(out, plain, len);
    else
        mem_wipe(out, len);
    mem_wipe(plain, sizeof plain);
    ERR_clear_error();
    return fits ? 0 : ERR_MALFORMED;
}

/* What keys are made with has 17 bits; a long one would make a look at a signature take ms. */
static bool has_short_exponent(const EVP_PKEY *public)
{
    BIGNUM *exponent = NULL;
    bool is_short = EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_E, &exponent) > 0 &&
                    BN_num_bits(exponent) <= EXPONENT_BITS_MAX;

    BN_free(exponent);
    return is_short;
}

static bool verify(EVP_PKEY *public, struct slice data, struct slice signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_PKEY_get_base_id(public) == EVP_PKEY_RSA &&
                has_short_exponent(public) &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, public) > 0 &&
                EVP_DigestVerify(context, signature.data, signature.len, data.data, data.len) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

bool rsa_verify(struct slice public_der, struct slice data, struct slice signature)
{
    const uint8_t *at = public_der.data;
    EVP_PKEY *public = d2i_PUBKEY(NULL, &at, (long)public_der.len);
    bool whole = public && at == public_der.data + public_der.len;
    bool good = whole && verify(public, data, signature);

    EVP_PKEY_free(public);
    ERR_clear_error();
    return good;
}
