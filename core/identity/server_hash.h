/*
 * What client and server both tell the session service to find each other by: Minecraft's SHA-1 of
 * the server's id (always empty since 1.7), the shared secret and the public key. Source:
 * minecraft.wiki, "Protocol encryption".
 */
#ifndef SEKISHO_IDENTITY_SERVER_HASH_H
#define SEKISHO_IDENTITY_SERVER_HASH_H

#include "base/slice.h"

enum { SERVER_HASH_TEXT_BYTES = 42 }; /* a sign, 40 digits, a zero */

/* As a signed number in hex without leading zeros, which is how Java prints it. */
void server_hash(struct slice secret, struct slice public_der,
                 char out[static SERVER_HASH_TEXT_BYTES]);

#endif
