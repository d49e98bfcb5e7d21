/*
 * The ledger: an append-only chain of entries, each of which names the hash of the one before it,
 * and signed heads over all of them. An entry is one line of JSON, and its hash is a leaf of the
 * Merkle tree (merkle.h). What is personal in it is sealed under a key of the person's that is kept
 * elsewhere: without that key nobody can read it, and the chain still holds. The formats are
 * described in docs/ledger.md.
 */
#ifndef SEKISHO_CONSENT_LEDGER_H
#define SEKISHO_CONSENT_LEDGER_H

#include "base/buf.h"
#include "consent/merkle.h"
#include "crypto/sign.h"

#include <jansson.h>

enum {
    LEDGER_KIND_BYTES = 16,
    LEDGER_WRITER_BYTES = 17,  /* hex */
    LEDGER_SUBJECT_BYTES = 33, /* hex */
};

struct ledger_entry {
    int64_t seq; /* counts from 1 */
    int64_t at_ms;
    char kind[LEDGER_KIND_BYTES]; /* "consent", "erasure", ... */
    char writer[LEDGER_WRITER_BYTES];
    char subject[LEDGER_SUBJECT_BYTES]; /* a random name for whom it is about; "": nobody */
    struct merkle_hash previous;        /* all zero for the first */
    json_t *facts;                      /* an object; what anybody may read; owned */
    struct buf sealed;                  /* empty: nothing personal */
};

/* The line of an entry, without a line break. Returns owned. */
char *ledger_entry_write(const struct ledger_entry *entry);

/* Returns 0 and an entry to free, or ERR_MALFORMED and nothing. */
int ledger_entry_read(const char *line, struct ledger_entry *out)
    __attribute__((warn_unused_result));
void ledger_entry_free(struct ledger_entry *entry);

static inline struct merkle_hash ledger_hash(const char *line)
{
    return merkle_leaf(slice_str(line));
}

/* What stands for the first `size` entries, signed by the installation's key. */
struct ledger_head {
    int64_t size;
    int64_t at_ms;
    struct merkle_hash root;
    uint8_t public_key[SIGN_PUBLIC_BYTES];
    uint8_t signature[SIGN_SIGNATURE_BYTES];
};

/* The first half of the hash of a public key, in hex: whose chain it is. */
void ledger_writer(const uint8_t key[static SIGN_PUBLIC_BYTES],
                   char out[static LEDGER_WRITER_BYTES]);

/* Sets public key and signature. */
void ledger_head_sign(struct ledger_head *head, const struct sign_key *key);
bool ledger_head_holds(const struct ledger_head *head); /* by the key that it names */

/* A head as an object of JSON. Returns owned. */
json_t *ledger_head_json(const struct ledger_head *head);
int ledger_head_read(const json_t *json, struct ledger_head *out)
    __attribute__((warn_unused_result));

/* Texts of hashes in JSON. */
json_t *ledger_hash_json(const struct merkle_hash *hash);
int ledger_hash_read(const json_t *json, struct merkle_hash *out)
    __attribute__((warn_unused_result));

#endif
