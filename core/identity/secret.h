/*
 * The secret that proxies share in order to believe each other: a line of text in a file that its
 * owner alone can read. It is never logged.
 */
#ifndef SEKISHO_IDENTITY_SECRET_H
#define SEKISHO_IDENTITY_SECRET_H

#include "base/diag.h"
#include "base/slice.h"

#include <stdbool.h>

enum { SECRET_BYTES_MAX = 4096 };

struct secret;

/*
 * Reads the file; white space at its end does not count. With `create`, one that is not there is
 * made first, with a random secret and mode 0600. Returns 0, or ERR_INVALID with an entry in
 * `diag`: also for a file that is empty, or that others than its owner may read or write.
 */
int secret_load(const char *path, bool create, struct diag *diag, struct secret **out)
    __attribute__((warn_unused_result));

/* Borrowed until secret_free. */
struct slice secret_bytes(const struct secret *secret);

/* Wipes it. Accepts NULL. */
void secret_free(struct secret *secret);

#endif
