/*
 * The newest signed head, in a file beside the key: who can write the database and nothing else can
 * neither take it away nor have other records signed in place of those that it stands for. It is
 * replaced whole, after the head is in the database: after a crash the file may be one head behind,
 * and is never ahead.
 */
#ifndef SEKISHO_STORE_KEPT_H
#define SEKISHO_STORE_KEPT_H

#include "consent/ledger.h"

struct kept {
    struct ledger_head head; /* its size 0: nothing was signed yet */
    struct merkle_hash last; /* of the last entry under it, which stands for all before, too */
};

/* ERR_NOT_FOUND: there is no such file; ERR_IO: it cannot be opened; ERR_MALFORMED: there is no
 * good head in it. */
int kept_read(const char *path, struct kept *out) __attribute__((warn_unused_result));

/* Durable when it returns 0. On an error the file is as it was. */
int kept_write(const char *path, const struct kept *kept) __attribute__((warn_unused_result));

#endif
