/*
 * Which rules are of use: when each of them made something of a value last, to the day, in the
 * store. Nothing of the value, nor of whose it was.
 */
#ifndef SEKISHO_SESSION_USAGE_H
#define SEKISHO_SESSION_USAGE_H

#include "rules/ruleset.h"
#include "store/store.h"

#include <stddef.h>

struct usage;

struct usage *usage_new(size_t server_count);
void usage_free(struct usage *usage); /* accepts NULL */

/* From here on these rules hold. Keeps the store. */
void usage_begin(struct usage *usage, const struct ruleset *set, struct store *store);

/* A value of the field was kept or told, on the server of this index; by a rule or by default. */
void usage_note(struct usage *usage, const struct rules *rules, size_t server, enum rules_word word,
                enum field field);

#endif
