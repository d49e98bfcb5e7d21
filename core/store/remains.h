/*
 * Looking for what is left of a person who was erased.
 */
#ifndef SEKISHO_STORE_REMAINS_H
#define SEKISHO_STORE_REMAINS_H

#include "store/persons.h"

/*
 * Looks through every table that the database has, whoever made it: all that cites the subject,
 * where only the ledger and requests may, and all of those that cite none. Returns 0, or
 * ERR_DAMAGED after logging which table still has something of the person: a row of theirs, UUID,
 * key, or the name as a value.
 */
int remains_look(struct sqlite *db, const struct store_person *person, const struct person_row *row)
    __attribute__((warn_unused_result));

/*
 * Looks through the database's file as it lies on the disk, its unused parts too, where a row that
 * was moved before it was deleted may have left a copy. Returns 0, ERR_DAMAGED when something of
 * the person is there more often than in rows, or an error.
 */
int remains_in_file(struct sqlite *db, const struct uuid *player,
                    const uint8_t key[static SEAL_KEY_BYTES]) __attribute__((warn_unused_result));

#endif
