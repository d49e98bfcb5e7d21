/*
 * Persons as the rooms of the store look for them.
 */
#ifndef SEKISHO_STORE_PERSONS_H
#define SEKISHO_STORE_PERSONS_H

#include "store/chain.h"

/*
 * Return 0, or ERR_NOT_FOUND; ERR_DAMAGED for one without a key. Wipe `row` when it is of no use
 * any more; `person` may be NULL.
 */
int person_of_player(struct sqlite *db, const struct uuid *player, struct person_row *row,
                     struct store_person *person) __attribute__((warn_unused_result));
int person_of_subject(struct sqlite *db, const char *subject, struct person_row *row,
                      struct store_person *person) __attribute__((warn_unused_result));

#endif
