/*
 * As whom a server knows a player: by name and UUID, or by the pseudonyms that its rules put in
 * their place; and whom servers that are told of erasures have to forget.
 */
#ifndef SEKISHO_RULES_KNOWN_AS_H
#define SEKISHO_RULES_KNOWN_AS_H

#include "consent/consent.h"
#include "rules/ruleset.h"
#include "store/tasks.h"

/*
 * A task for each server with an `on_erasure`, by what the player agreed to in `record`, their
 * latest acceptance; `scope` is the text of the rules that they accepted, or NULL. The tasks are
 * owned, and go to known_as_free. Pseudonyms that last for a time are those of today.
 */
size_t known_as(const struct conf *conf, const struct policy *policy, const struct ruleset *set,
                const struct consent_record *record, const char *scope, struct store_task **out);
void known_as_free(struct store_task *tasks, size_t count);

#endif
