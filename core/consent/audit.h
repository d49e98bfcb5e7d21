/*
 * Does a ledger hold? The heads are given first, then every entry in its order; in the end there is
 * a list of what was changed, removed, moved or put in, or none.
 */
#ifndef SEKISHO_CONSENT_AUDIT_H
#define SEKISHO_CONSENT_AUDIT_H

#include "consent/ledger.h"
#include "crypto/seal.h"

enum { AUDIT_KEYS_MAX = 16 };

struct audit;

/* What is wrong at the places from `first` to `last`. */
enum audit_kind {
    AUDIT_NONE = 0,
    AUDIT_MISSING, /* no entries there */
    AUDIT_UNREADABLE,
    AUDIT_MOVED,     /* written as other entries: `offset` is what their numbers are more */
    AUDIT_CHANGED,   /* the next entry knows another one */
    AUDIT_ONE_OF,    /* one of them was changed */
    AUDIT_CUT_OFF,   /* a head stands for them, and they are gone */
    AUDIT_REWRITTEN, /* the chain holds, and the signed head over them does not */
    AUDIT_SEALED,    /* the personal part does not open by the person's key */
    AUDIT_KEYLESS,   /* the first of a person whose key is gone, without an erasure */
    AUDIT_SIGNATURE, /* a head over as many as `last` is not signed by any of the keys */
    AUDIT_HEAD,      /* a head cannot be read */
    AUDIT_OTHER,     /* the head kept elsewhere, over as many as `last`, is of another ledger */
};

struct audit_finding {
    enum audit_kind kind;
    int64_t first, last;
    int64_t offset;
};

struct audit_summary {
    int64_t entries;
    int64_t signed_entries;               /* that the newest head which holds stands for */
    int64_t signed_at_ms;                 /* when it was signed */
    size_t heads;                         /* that hold */
    int64_t restored;                     /* backups that were put back, and accepted */
    int64_t erased;                       /* entries whose personal part nobody can read any more */
    const struct audit_finding *findings; /* borrowed until audit_free */
    size_t finding_count;
};

/* Whose signatures count; with none of them that of the first head does, which proves less. */
struct audit_keys {
    size_t count;
    uint8_t keys[AUDIT_KEYS_MAX][SIGN_PUBLIC_BYTES];
};

bool audit_counts(const struct audit_keys *keys, const uint8_t key[static SIGN_PUBLIC_BYTES]);

struct audit *audit_new(const struct audit_keys *keys); /* NULL: none; returns owned */
void audit_free(struct audit *audit);

/* A signed head, a line of JSON; in any order, before the first entry. */
void audit_head(struct audit *audit, const char *line);

/* The newest head as it was kept where who writes the database does not reach, before the first
 * entry: the ledger has to begin with what it stands for. */
void audit_kept(struct audit *audit, const struct ledger_head *head);

/* The entry that stands at a place; `key` is its person's, NULL: there is none (any more). */
void audit_entry(struct audit *audit, int64_t place, const char *line, const uint8_t *key);

/* There are no more. */
struct audit_summary audit_end(struct audit *audit);

#endif
