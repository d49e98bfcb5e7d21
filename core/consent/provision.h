/*
 * A provision: something personal that leaves to somebody else. The ledger says of each, before it
 * leaves: when, to whom, which fields in which form, on what ground, and why.
 */
#ifndef SEKISHO_CONSENT_PROVISION_H
#define SEKISHO_CONSENT_PROVISION_H

#include "policy/policy.h"

#include <jansson.h>

enum provision_ground {
    PROVISION_NONE = 0,
    PROVISION_PERMISSION, /* the player's */
    PROVISION_LAW,
    PROVISION_ABUSE,
    PROVISION_OTHER, /* a special reason, which two people have to approve */
};

enum { PROVISION_TEXT_BYTES_MAX = 500, PROVISION_APPROVERS = 2 };

struct provision {
    const char *to;
    enum provision_ground ground;
    const char *reason;
    const char *purpose; /* for which the values were collected */
};

/* "permission". Returns borrowed static text. */
const char *provision_ground_name(enum provision_ground ground);
enum provision_ground provision_ground_by_name(const char *name); /* PROVISION_NONE: no such one */

/*
 * What is wrong with a text that will stand in the ledger for everybody to read and for good; NULL:
 * nothing. `name` and `uuid` are the player's, or NULL. Borrowed static text, which goes behind
 * what the text is: "is empty".
 */
const char *provision_text_flaw(const char *text, const char *name, const char *uuid);

/*
 * Whether who accepted this version, with the purpose, permits it to be given to `to`: they chose
 * the purpose although they need not have, or the text that they accepted names the recipient.
 */
bool provision_is_permitted(const struct policy *policy, const char *purpose, const char *to);

/* The public facts, without the fields. Returns owned. */
json_t *provision_facts(const struct provision *provision);

#endif
