/*
 * Erasing a person, as the rooms of the store begin it.
 */
#ifndef SEKISHO_STORE_ERASURE_H
#define SEKISHO_STORE_ERASURE_H

#include "store/persons.h"

/*
 * Within a transaction of writes: erases whom a running request is about. It is done at the next
 * sqlite_settle for which nothing is left to do. The reason goes with the person, and the tombstone
 * alone keeps it.
 */
int erasure_run(struct sqlite *db, const struct data_request *request,
                const struct store_request_step *step) __attribute__((warn_unused_result));

#endif
