/*
 * Identity that a proxy in front vouches for: Velocity's modern forwarding, seen from the server's
 * side. After login start the server asks in a login plugin request on FORWARDING_CHANNEL, whose
 * body is the newest version that it understands; the answer is signed with a secret that both
 * have. Clients have login plugin messages from 393 (1.13) on. Source: Velocity,
 * "player information forwarding", versions 1 to 4.
 */
#ifndef SEKISHO_IDENTITY_FORWARDED_H
#define SEKISHO_IDENTITY_FORWARDED_H

#include "identity/profile.h"

#include <sys/socket.h>

struct forwarded {
    struct profile profile; /* its proof is CONSENT_IDENTITY_FORWARDED */
    struct sockaddr_storage address;
};

/*
 * Reads an answer: HMAC-SHA256 of all that follows it, then version, address, UUID, name,
 * properties, and in versions 2 and 3 the chat key, which is bound to the proxy's own connection
 * and left out. Returns 0 and what the caller frees with profile_free; ERR_REFUSED when the
 * signature is not of this secret; ERR_UNSUPPORTED for another version; ERR_MALFORMED.
 */
int forwarded_read(struct slice secret, struct slice answer, struct forwarded *out)
    __attribute__((warn_unused_result));

#endif
