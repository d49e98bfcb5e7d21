/*
 * Who a player is, as far as it was proven: UUID, name, and the properties that the account service
 * vouches for (the skin). The UUID is the person; a name may change, and its case with it.
 */
#ifndef SEKISHO_IDENTITY_PROFILE_H
#define SEKISHO_IDENTITY_PROFILE_H

#include "base/buf.h"
#include "base/uuid.h"
#include "consent/consent.h"
#include "protocol/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROFILE_NAME_CHARS_MAX = 16,
    PROFILE_PROPERTIES_MAX = 16,
    PROFILE_PROPERTY_CHARS_MAX = 32767, /* of a name, value or signature */
    PROFILE_KEY_BYTES_MAX = 512,
    PROFILE_KEY_SIGNATURE_BYTES_MAX = 4096,
};

/*
 * The chat key that a client of 759 or 760 brings to the login, as it came. Whether the account
 * service signed it is for the game server to judge.
 */
struct profile_key {
    int64_t expires_at_ms; /* wall time */
    struct buf der;        /* SubjectPublicKeyInfo */
    struct buf signature;  /* the account service's, over the key */
    bool has_holder;       /* 760: the client says whose key it is */
    struct uuid holder;
};

/* All three owned; no signature: NULL. */
struct profile_property {
    char *name;
    char *value;
    char *signature;
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

/*
 * Reads what follows the name in login start of 759 and 760: whether there is a key, and in 760
 * whose it is. Without one `key` stays NULL. Returns 0 or ERR_MALFORMED.
 */
int profile_read_key(struct profile *profile, int protocol, struct reader *reader)
    __attribute__((warn_unused_result));

/* Frees what it owns, and makes it nobody. */
void profile_free(struct profile *profile);

#endif
