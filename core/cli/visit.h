/*
 * A store opened from the command line, beside a running Sekisho or alone, for a few questions.
 */
#ifndef SEKISHO_CLI_VISIT_H
#define SEKISHO_CLI_VISIT_H

#include "base/diag.h"
#include "store/store.h"

/*
 * Opens the store, lets `ask` ask, and waits until all is answered; `owner` is given to the
 * answers, too. Never makes a store, even when it is opened to serve. Returns 0; ERR_NOT_FOUND
 * without an entry when there is no store yet; or an error with an entry in `diag`.
 */
int visit_store(const char *url, enum store_mode mode, struct diag *diag,
                void (*ask)(struct store *store, void *owner), void *owner)
    __attribute__((warn_unused_result));

/* What went wrong with the answers, as an entry in `diag`. Returns `err`. */
int visit_failed(const char *url, int err, struct diag *diag);

/* Prints a text of somebody else's: what a terminal would take for a command becomes a '?'. */
void visit_print_text(const char *text, FILE *out);

#endif
