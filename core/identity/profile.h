/*
 * Who a player is, as far as it was proven: UUID, name, and the properties that the account service
 * vouches for (the skin). The UUID is the person; a name may change, and its case with it.
 */
#ifndef SEKISHO_IDENTITY_PROFILE_H
#define SEKISHO_IDENTITY_PROFILE_H

#include "base/buf.h"
#include "base/uuid.h"
#include "consent/consent.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROFILE_NAME_CHARS_MAX = 16,
    PROFILE_PROPERTIES_MAX = 16,
    PROFILE_PROPERTY_CHARS_MAX = 32767, /* of a name, value or signature */
};

/* All three owned; no signature: NULL. */
struct profile_property {
    char *name;
    char *value;
    char *signature;
};

/* The public key of a player's chat, with which 1.19 to 1.19.2 log in: signed by the account
 * service. */
struct profile_key {
    int64_t expires_at_ms;
    struct buf der;
    struct buf signature;
    struct uuid holder; /* 760: whom the signature names */
    bool has_holder;
};

/* {0} is nobody. */
struct profile {
    enum consent_identity proof;
    struct uuid uuid;
    char name[PROFILE_NAME_CHARS_MAX + 1];
    struct profile_property *properties; /* owned */
    size_t property_count;
    struct profile_key *key; /* 759, 760: of the player's chat; owned, NULL: none */
};

/* Appends a property, copied. Borrows; `signature` may have NULL data. */
void profile_add_property(struct profile *profile, struct slice name, struct slice value,
                          struct slice signature);

/*
 * Appends the properties as login success (759+) and Velocity's forwarding have them: VarInt count,
 * then name, value, bool, signature for each.
 */
void profile_put_properties(const struct profile *profile, struct buf *out);

/* Frees what it owns, and makes it nobody. */
void profile_free(struct profile *profile);

#endif
