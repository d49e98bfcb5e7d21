/*
 * Entries of the ledger as the rooms of the store append and read them.
 */
#ifndef SEKISHO_STORE_CHAIN_H
#define SEKISHO_STORE_CHAIN_H

#include "crypto/seal.h"
#include "store/sql.h"

/* A person as the database knows one: the only place where a name stands beside a subject. */
struct person_row {
    char subject[LEDGER_SUBJECT_BYTES];
    uint8_t key[SEAL_KEY_BYTES];
};

struct chain_entry {
    const char *kind;
    const struct person_row *person; /* whom it is about; NULL: nobody */
    json_t *facts;                   /* borrowed, as the next */
    json_t *personal;                /* sealed under the person's key; NULL: nothing */
    int64_t at_ms;
};

/* Within a transaction of writes. */
int chain_append(struct sqlite *db, const struct chain_entry *entry)
    __attribute__((warn_unused_result));

/*
 * Rows of place, line and key (if the person has one) behind a place, oldest first; of one player
 * (UUID text or name), or of all (NULL).
 */
int chain_page(struct sqlite *db, const char *player, int64_t after, sqlite3_stmt **out)
    __attribute__((warn_unused_result));

/* What is sealed in an entry; NULL: no key, or not the right one. Returns owned. */
json_t *chain_open_sealed(const uint8_t *key, struct slice sealed);

/* Whether the line of an entry is of this kind, and says that this text was recorded by it. */
bool chain_cites(const char *line, const char *kind, const char *text);

/* Appends an entry of nobody's with `facts`, which it takes, and the hash of a text. */
int chain_cite(struct sqlite *db, const char *kind, json_t *facts, const char *text)
    __attribute__((warn_unused_result));

#endif
