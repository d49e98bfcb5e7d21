/*
 * The gate for what leaves to somebody else: calls like those of store.h. What is given was on disk
 * as an entry of the ledger before it is answered.
 */
#ifndef SEKISHO_STORE_PROVISIONS_H
#define SEKISHO_STORE_PROVISIONS_H

#include "consent/provision.h"
#include "store/store.h"

/* Borrowed. */
struct store_wanted {
    struct uuid player;
    struct provision provision;
    const char *const *fields; /* their names */
    size_t field_count;
    /*
     * Or else values that the caller has in hand, and gives away itself once this is answered: a
     * list of objects with "field", "server" and "form". On the player's permission alone.
     */
    const json_t *in_hand;
    /* PROVISION_PERMISSION: which the player still has to have accepted, with the purpose. */
    const char *policy, *policy_version;
};

/* What came of it; borrowed for the call. */
struct store_provided {
    int64_t number;      /* by which it is known: of the entry with which it began */
    int approvals;       /* PROVISION_OTHER: that there are */
    json_t *given;       /* what leaves, with the facts; NULL: nothing */
    const char *refusal; /* why nothing does, for people; NULL: it may, or waits for approvals */
};

/* `provided` is NULL on err: as store_consent_put. */
typedef void (*store_provided_cb)(void *owner, uint64_t id, int err,
                                  const struct store_provided *provided);

/*
 * Asks for values that are held of a player. Each field has to be held for the provision's purpose;
 * one that is held for others alone is refused, and logged without its value. A special reason is
 * only noted, and waits for its approvals. What is in hand is not in the answer again.
 */
void store_provide(struct store *store, uint64_t id, const struct store_wanted *wanted,
                   store_provided_cb done);

/* That one more person approves; the last one's approval is answered with what leaves. */
void store_provision_approve(struct store *store, uint64_t id, int64_t number, const char *by,
                             store_provided_cb done);

/* One entry of the ledger about a provision; borrowed for the call. */
struct store_provision_step {
    int64_t seq;
    int64_t at_ms;
    const json_t *facts; /* consent/provision.h and docs/provisions.md have its members */
    const char *name;    /* of whom it is about, as the next; "": nobody who is known any more */
    const char *uuid;
};

/* Called once an entry, oldest first, then once with NULL. */
typedef void (*store_provision_cb)(void *owner, uint64_t id, int err,
                                   const struct store_provision_step *step);
void store_provision_list(struct store *store, uint64_t id, store_provision_cb each);

#endif
