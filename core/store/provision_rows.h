/*
 * The gate for what leaves, as the rooms of the store use it.
 */
#ifndef SEKISHO_STORE_PROVISION_ROWS_H
#define SEKISHO_STORE_PROVISION_ROWS_H

#include "store/chain.h"
#include "store/provisions.h"

/*
 * Writes that `fields` (a list of objects with at least "field" and "form"; borrowed) leave. Within
 * the transaction that must be on disk before they do.
 */
int provision_append(struct sqlite *db, const struct person_row *person,
                     const struct provision *provision, json_t *fields, int64_t now_ms)
    __attribute__((warn_unused_result));

/* As their namesakes of store/provisions.h. `given` and `refusal` of `out` are owned. */
int sqlite_provide(struct sqlite *db, const struct store_wanted *wanted, int64_t now_ms,
                   struct store_provided *out) __attribute__((warn_unused_result));
int sqlite_provision_approve(struct sqlite *db, int64_t number, const char *by, int64_t now_ms,
                             struct store_provided *out) __attribute__((warn_unused_result));
void sqlite_provided_free(struct store_provided *provided);

/* Owns its members. */
struct provision_row {
    struct ledger_entry entry;
    char *name, *uuid;
};

/* Entries behind `after`, at most `max`, to free. Returns how many there are, or an error. */
int sqlite_provision_page(struct sqlite *db, int64_t after, struct provision_row *out, int max)
    __attribute__((warn_unused_result));
void sqlite_provision_row_free(struct provision_row *row);

#endif
