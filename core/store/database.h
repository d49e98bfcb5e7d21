/*
 * The file that the embedded store lives in: found or made, checked to be ours, and opened. A file
 * of somebody else is never changed.
 */
#ifndef SEKISHO_STORE_DATABASE_H
#define SEKISHO_STORE_DATABASE_H

#include "store/store.h"

#include <sqlite3.h>

/*
 * Opens the database at `path`. To serve, its folders and the database are made where they are
 * missing; one that cannot be written at present is opened all the same, and logged. Returns 0 and
 * an owned handle; ERR_NOT_FOUND without an entry when STORE_READ finds that nothing was ever
 * recorded there; or an error with an entry in `diag` that names the file and the remedy.
 */
int database_open(const char *path, enum store_mode mode, struct diag *diag, sqlite3 **out)
    __attribute__((warn_unused_result));

/*
 * Folds the write-ahead log into the database and empties it, if nobody reads at this moment, or
 * all have ended within this time; returns whether that was done. Until then the log holds what was
 * erased.
 */
bool database_empty_log(sqlite3 *handle, int wait_ms);

/* The library's own texts may hold values, so only its codes leave this room, as ERR_*. */
int database_error(sqlite3 *handle, int code);

#endif
