/*
 * The store, read by a command from beginning to end, beside a running server or alone.
 */
#ifndef SEKISHO_CLI_READING_H
#define SEKISHO_CLI_READING_H

#include "store/store.h"

/*
 * Opens the store to look, with `owner` as its owner, lets `ask` ask of it, and returns once all
 * was answered: 0; ERR_NOT_FOUND without an entry when there is no store yet; or an error with an
 * entry in `diag`.
 */
int reading(const char *url, void *owner, void (*ask)(struct store *store, void *owner),
            struct diag *diag) __attribute__((warn_unused_result));

/* For what could not be read to the end. Adds an entry to `diag`. */
void reading_failed(const char *url, int err, struct diag *diag);

#endif
