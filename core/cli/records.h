/*
 * The consent records of a store, read from the command line: beside a running Sekisho, or alone.
 */
#ifndef SEKISHO_CLI_RECORDS_H
#define SEKISHO_CLI_RECORDS_H

#include "base/diag.h"
#include "store/store.h"

/* One record, oldest first; `store` for what it refers to. Both are borrowed for the call. */
typedef void (*records_cb)(void *owner, const struct store *store,
                           const struct consent_record *record);

/*
 * Reads the records of one player (UUID or name) or of all (NULL). Returns 0; ERR_NOT_FOUND without
 * an entry when there is no store yet; or an error with an entry in `diag`.
 */
int records_read(const char *url, const char *player, struct diag *diag, records_cb each,
                 void *owner) __attribute__((warn_unused_result));

#endif
