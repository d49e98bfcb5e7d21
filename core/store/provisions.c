/*
 * The gate for what leaves: the entry in the ledger comes first.
 */
#include "store/provisions.h"

int provision_append(struct sqlite *db, const struct person_row *person,
                     const struct provision *provision, json_t *fields, int64_t now_ms)
{
    struct chain_entry entry = {.kind = "provision",
                                .person = person,
                                .facts = provision_facts(provision),
                                .at_ms = now_ms};
    int err;

    json_object_set(entry.facts, "fields", fields);
    err = chain_append(db, &entry);
    json_decref(entry.facts);
    return err;
}
