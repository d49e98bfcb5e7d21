/*
 * The gate for what leaves, as the rooms of the store use it.
 */
#ifndef SEKISHO_STORE_PROVISIONS_H
#define SEKISHO_STORE_PROVISIONS_H

#include "consent/provision.h"
#include "store/chain.h"

/*
 * Writes that `fields` (a list of objects with at least "field" and "form"; borrowed) leave. Within
 * the transaction that must be on disk before they do.
 */
int provision_append(struct sqlite *db, const struct person_row *person,
                     const struct provision *provision, json_t *fields, int64_t now_ms)
    __attribute__((warn_unused_result));

#endif
