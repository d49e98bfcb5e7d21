/*
 * What a session service says about an account: reading its answer, which is somebody else's bytes.
 * Source: minecraft.wiki, "Mojang API", hasJoined.
 */
#ifndef SEKISHO_IDENTITY_ACCOUNT_H
#define SEKISHO_IDENTITY_ACCOUNT_H

#include "identity/profile.h"

#include <stdbool.h>

/* 1 to 16 of A-Z, a-z, 0-9 and the underscore: what an account may be called. */
bool account_name_valid(struct slice name);

/*
 * Reads the answer about the player who claims to be `name`. Taken is only the profile of a player
 * of that name, in any case, with all in its bounds. Returns 0 and an owned, verified profile in
 * `*out`, or ERR_MALFORMED and nobody.
 */
int account_read(struct slice json, const char *name, struct profile *out)
    __attribute__((warn_unused_result));

#endif
