#include "base/err.h"
#include "crypto/cipher.h"
#include "crypto/rsa.h"
#include "identity/server_hash.h"

#include "fixture.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* Made with openssl(1): a key, and `openssl dgst -sha256 -sign` over "01020304" and a salt of 42.
 */
static const char public_hex[] =
    "30819f300d06092a864886f70d010101050003818d0030818902818100c64aaba0df077d217fd256add1960883cc8c"
    "8e3ccb09160827cd9655ad095e8f94ed3cb69d8a48bf9e704d5368de49da7a0675d3ac8c06f5e7ac48bfc31e9e7726"
    "6450edf85b40b6f5df88ce76245f5a28c97efeaae1a6df4c13eb25967821ba1db51160cf4cc4bcb08b11d7caf607b8"
    "309ad8c07900157c40d16735770dceaf0203010001";
static const char signature_hex[] =
    "533b62ac6507e661f4a694a2f1874d78cb2170cf00e9cec67b80678efb26c75ec8b8d055515f556d4e6c0529f32362"
    "b010ad937fa1a1642398ae7cc17d86f1124c020438d886bd8024e2078678c15d3edb63cabc4a5cd660aa7de19d9f95"
    "30689c637f63dbf20ff65a4433cd05dd998324c1c4b36abc1fe5679668006bf8af80";
static const uint8_t signed_bytes[] = {1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 42};

static struct buf from_hex(const char *hex)
{
    struct buf out = {0};
    unsigned byte;

    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        buf_append_byte(&out, (uint8_t)byte);
    return out;
}

/* From minecraft.wiki, "Protocol encryption". */
static void hash_is_minecrafts(void **state)
{
    char text[SERVER_HASH_TEXT_BYTES];

    (void)state;
    server_hash(slice_str("Not"), slice_str("ch"), text);
    assert_string_equal(text, "4ed1f46bbe04bc756bcb17c0c7ce3e4632f06a48");
    server_hash(slice_str("jeb_"), slice_str(""), text);
    assert_string_equal(text, "-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1");
    server_hash(slice_str(""), slice_str("simon"), text);
    assert_string_equal(text, "88e16a1019277b15d58faf0541e11910eb756f6");
}

/* Cipher text by aes-js, in JavaScript, with the key as the vector. */
static void cipher_goes_both_ways_in_any_portions(void **state)
{
    static const char plain[] = "The quick brown fox jumps over the lazy dog";
    static const char sealed_hex[] = "5eb44639981b73c74762c48f7d973120307c8f1aa88b0e6db30e4abda493"
                                     "93d9828e35c494ff4a4bc6e4f1";
    struct buf sealed = from_hex(sealed_hex);
    uint8_t key[CIPHER_KEY_BYTES];
    uint8_t bytes[sizeof plain - 1];

    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t portion = 1; portion <= sizeof bytes; portion++) {
        struct cipher *encrypt = cipher_new(key, CIPHER_ENCRYPT);
        struct cipher *decrypt = cipher_new(key, CIPHER_DECRYPT);

        memcpy(bytes, plain, sizeof bytes);
        for (size_t at = 0; at < sizeof bytes; at += portion)
            cipher_run(encrypt, bytes + at,
                       at + portion < sizeof bytes ? portion : sizeof bytes - at);
        assert_memory_equal(bytes, sealed.data, sealed.len);
        cipher_run(decrypt, bytes, sizeof bytes);
        assert_memory_equal(bytes, plain, sizeof bytes);
        cipher_free(encrypt);
        cipher_free(decrypt);
    }
    cipher_free(NULL);
    buf_free(&sealed);
}

/* As a client does it. */
static struct buf seal(const struct rsa_key *key, const uint8_t *plain, size_t len)
{
    struct slice der = rsa_key_public(key);
    const uint8_t *at = der.data;
    EVP_PKEY *public = d2i_PUBKEY(NULL, &at, (long)der.len);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(public, NULL);
    struct buf out = {0};
    size_t sealed_len = RSA_KEY_BYTES;

    assert_true(EVP_PKEY_encrypt_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0);
    assert_true(
        EVP_PKEY_encrypt(context, buf_reserve(&out, RSA_KEY_BYTES), &sealed_len, plain, len) > 0);
    out.len = sealed_len;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(public);
    return out;
}

static void what_is_encrypted_to_the_key_opens_in_its_length_alone(void **state)
{
    static const uint8_t secret[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    struct rsa_key *key = rsa_key_new();
    struct rsa_key *other = rsa_key_new();
    struct buf sealed = seal(key, secret, sizeof secret);
    uint8_t out[17];

    (void)state;
    assert_int_equal(sealed.len, RSA_KEY_BYTES);
    assert_int_equal(rsa_key_decrypt(key, buf_slice(&sealed), out, 16), 0);
    assert_memory_equal(out, secret, sizeof secret);
    assert_int_equal(rsa_key_decrypt(key, buf_slice(&sealed), out, 15), ERR_MALFORMED);
    assert_int_equal(rsa_key_decrypt(key, buf_slice(&sealed), out, 17), ERR_MALFORMED);
    assert_int_equal(out[0], 0);
    assert_int_equal(rsa_key_decrypt(key, slice_of(sealed.data, 127), out, 16), ERR_MALFORMED);
    assert_int_equal(rsa_key_decrypt(other, buf_slice(&sealed), out, 16), ERR_MALFORMED);
    memset(sealed.data, 0xff, sealed.len);
    assert_int_equal(rsa_key_decrypt(key, buf_slice(&sealed), out, 16), ERR_MALFORMED);
    buf_free(&sealed);
    rsa_key_free(other);
    rsa_key_free(key);
    rsa_key_free(NULL);
}

static void signatures_are_by_this_key_over_these_bytes(void **state)
{
    struct buf public = from_hex(public_hex);
    struct buf signature = from_hex(signature_hex);
    struct slice data = slice_of(signed_bytes, sizeof signed_bytes);

    (void)state;
    assert_true(rsa_verify(buf_slice(&public), data, buf_slice(&signature)));
    assert_false(rsa_verify(buf_slice(&public), slice_of(signed_bytes, 11), buf_slice(&signature)));
    signature.data[5] ^= 1;
    assert_false(rsa_verify(buf_slice(&public), data, buf_slice(&signature)));
    signature.data[5] ^= 1;
    assert_false(rsa_verify(slice_of(public.data, public.len - 1), data, buf_slice(&signature)));
    buf_append_byte(&public, 0);
    assert_false(rsa_verify(buf_slice(&public), data, buf_slice(&signature)));
    assert_false(rsa_verify(slice_str("no key"), data, buf_slice(&signature)));
    buf_free(&public);
    buf_free(&signature);
}

/* A key whose public exponent is 2 to the 64th and 13, and its signature over `data`. */
static void sign_slowly(struct slice data, struct buf *public, struct buf *signature)
{
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    EVP_PKEY *pair = NULL;
    BIGNUM *exponent = NULL;
    uint8_t bytes[128];
    size_t len = sizeof bytes;
    uint8_t *der = NULL;
    int der_len;

    assert_true(BN_hex2bn(&exponent, "1000000000000000D") > 0);
    assert_true(EVP_PKEY_keygen_init(maker) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 1024) > 0);
    assert_true(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(maker, exponent) > 0);
    assert_true(EVP_PKEY_generate(maker, &pair) > 0);
    assert_true(EVP_DigestSignInit(signer, NULL, EVP_sha256(), NULL, pair) > 0);
    assert_true(EVP_DigestSign(signer, bytes, &len, data.data, data.len) > 0);
    buf_append(signature, bytes, len);
    der_len = i2d_PUBKEY(pair, &der);
    assert_true(der_len > 0);
    buf_append(public, der, (size_t)der_len);
    OPENSSL_free(der);
    BN_free(exponent);
    EVP_MD_CTX_free(signer);
    EVP_PKEY_CTX_free(maker);
    EVP_PKEY_free(pair);
}

static void a_key_that_is_slow_to_use_is_none(void **state)
{
    struct slice data = slice_of(signed_bytes, sizeof signed_bytes);
    struct buf public = {0};
    struct buf signature = {0};

    (void)state;
    sign_slowly(data, &public, &signature);
    assert_false(rsa_verify(buf_slice(&public), data, buf_slice(&signature)));
    buf_free(&public);
    buf_free(&signature);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_is_minecrafts),
        cmocka_unit_test(cipher_goes_both_ways_in_any_portions),
        cmocka_unit_test(what_is_encrypted_to_the_key_opens_in_its_length_alone),
        cmocka_unit_test(signatures_are_by_this_key_over_these_bytes),
        cmocka_unit_test(a_key_that_is_slow_to_use_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
