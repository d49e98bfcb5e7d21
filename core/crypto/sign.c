#include "crypto/sign.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWNER_ONLY = 0600, OTHERS = 077 };

struct sign_key {
    EVP_PKEY *pair;
};

static int refuse(struct diag *diag, const char *path, const char *what)
{
    diag_add(diag, path, 0, "the ledger's key %s", what);
    return ERR_INVALID;
}

/* Reads from a file that is open; the key is of the kind that we use, and private. */
static int read_pair(FILE *file, const char *path, struct diag *diag, EVP_PKEY **out)
{
    struct stat stat;

    if (fstat(fileno(file), &stat) < 0 || !S_ISREG(stat.st_mode))
        return refuse(diag, path, "has to be a regular file; remove what is there");
    if (stat.st_mode & OTHERS) {
        diag_add(diag, path, 0, "the ledger's key is open to others (mode %04o); run: chmod 600 %s",
                 (unsigned)(stat.st_mode & 07777), path);
        return ERR_INVALID;
    }
    *out = PEM_read_PrivateKey(file, NULL, NULL, (void *)(uintptr_t) "");
    if (*out && EVP_PKEY_get_id(*out) == EVP_PKEY_ED25519)
        return 0;
    EVP_PKEY_free(*out);
    return refuse(diag, path,
                  "is no private key of Ed25519; put the one of a backup there, or move this file "
                  "away: a new key is made, and what the old one signed is checked with the old "
                  "public key");
}

int sign_key_open(const char *path, struct diag *diag, struct sign_key **out)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    EVP_PKEY *pair;
    FILE *file;
    int err;

    if (descriptor < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (descriptor < 0) {
        diag_add(diag, path, 0, "the ledger's key cannot be opened: %s; let its owner read it",
                 strerror(errno));
        return ERR_INVALID;
    }
    file = fdopen(descriptor, "r");
    if (!file)
        abort();
    err = read_pair(file, path, diag, &pair);
    fclose(file);
    if (err < 0)
        return err;
    *out = mem_alloc(sizeof **out);
    (*out)->pair = pair;
    return 0;
}

static bool write_new(int descriptor)
{
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *file = fdopen(descriptor, "w");
    bool written;

    if (!pair || !file)
        abort();
    /* A umask can only have taken bits away; its owner has to be able to read it. */
    written = fchmod(descriptor, OWNER_ONLY) == 0 &&
              PEM_write_PKCS8PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL) == 1 &&
              fflush(file) == 0 && fsync(descriptor) == 0;
    EVP_PKEY_free(pair);
    return fclose(file) == 0 && written;
}

int sign_key_make(const char *path, struct diag *diag, struct sign_key **out)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);

    if (descriptor < 0 && errno != EEXIST) {
        diag_add(diag, path, 0, "the ledger's key cannot be made: %s; make its folder writable",
                 strerror(errno));
        return ERR_INVALID;
    }
    if (descriptor >= 0 && !write_new(descriptor)) {
        unlink(path);
        return refuse(diag, path, "cannot be written; is the disk full?");
    }
    return sign_key_open(path, diag, out);
}

void sign_key_free(struct sign_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pair);
    free(key);
}

void sign_key_public(const struct sign_key *key, uint8_t out[static SIGN_PUBLIC_BYTES])
{
    size_t len = SIGN_PUBLIC_BYTES;

    if (EVP_PKEY_get_raw_public_key(key->pair, out, &len) != 1)
        abort();
}

void sign(const struct sign_key *key, struct slice data, uint8_t out[static SIGN_SIGNATURE_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = SIGN_SIGNATURE_BYTES;

    if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) != 1 ||
        EVP_DigestSign(context, out, &len, data.data, data.len) != 1)
        abort();
    EVP_MD_CTX_free(context);
}

static EVP_PKEY *public_of(const uint8_t *key)
{
    EVP_PKEY *half = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGN_PUBLIC_BYTES);

    if (!half)
        abort();
    return half;
}

bool sign_verify(const uint8_t key[static SIGN_PUBLIC_BYTES], struct slice data,
                 const uint8_t signature[static SIGN_SIGNATURE_BYTES])
{
    EVP_PKEY *half = public_of(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds;

    if (!context || EVP_DigestVerifyInit(context, NULL, NULL, NULL, half) != 1)
        abort();
    holds = EVP_DigestVerify(context, signature, SIGN_SIGNATURE_BYTES, data.data, data.len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(half);
    return holds;
}

char *sign_public_pem(const uint8_t key[static SIGN_PUBLIC_BYTES])
{
    EVP_PKEY *half = public_of(key);
    BIO *out = BIO_new(BIO_s_mem());
    char *text;
    char *copy;
    long len;

    if (!out || PEM_write_bio_PUBKEY(out, half) != 1)
        abort();
    len = BIO_get_mem_data(out, &text);
    copy = mem_strndup(text, (size_t)len);
    BIO_free(out);
    EVP_PKEY_free(half);
    return copy;
}

int sign_public_read(const char *pem, uint8_t out[static SIGN_PUBLIC_BYTES])
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *half = in ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;
    size_t len = SIGN_PUBLIC_BYTES;
    int err = half && EVP_PKEY_get_id(half) == EVP_PKEY_ED25519 &&
                      EVP_PKEY_get_raw_public_key(half, out, &len) == 1
                  ? 0
                  : ERR_MALFORMED;

    EVP_PKEY_free(half);
    BIO_free(in);
    return err;
}
