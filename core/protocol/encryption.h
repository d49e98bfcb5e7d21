/*
 * The two packets that turn encryption on. Source: minecraft.wiki, "Java Edition
 * protocol/Encryption" and the packets by version. Lengths are 16 bits in 4 and 5, VarInts later;
 * 759 and 760 can sign the token instead of encrypting it; 766 and later say whether the client has
 * to tell its session service.
 */
#ifndef SEKISHO_PROTOCOL_ENCRYPTION_H
#define SEKISHO_PROTOCOL_ENCRYPTION_H

#include "protocol/wire.h"

enum {
    ENCRYPTION_SEALED_BYTES_MAX = 512, /* of secret and token: 128 with a key of 1024 bits */
    ENCRYPTION_SIGNATURE_BYTES_MAX = 1024,
};

/* The body of the request to a client that has to prove itself. */
void encryption_request_write(int protocol, struct slice public_der, struct slice token,
                              struct buf *out);

/* All borrowed from the packet. */
struct encryption_response {
    struct slice secret; /* encrypted */
    bool is_signed;
    struct slice token; /* encrypted; where it is signed: */
    int64_t salt;
    struct slice signature;
};

/* Returns 0 or ERR_MALFORMED. */
int encryption_response_read(int protocol, struct slice body, struct encryption_response *out)
    __attribute__((warn_unused_result));

/* Appends what a signed token's signature is over: the token, then the salt in network order. */
void encryption_signed_write(struct slice token, int64_t salt, struct buf *out);

#endif
