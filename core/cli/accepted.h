/*
 * What the players who accepted agreed to, as the store has it: how many there are of each kind,
 * and nobody by name.
 */
#ifndef SEKISHO_CLI_ACCEPTED_H
#define SEKISHO_CLI_ACCEPTED_H

#include "base/diag.h"
#include "policy/policy.h"
#include "rules/scope.h"

#include <stddef.h>

struct accepted;

/*
 * Reads the store, also beside a running Sekisho. Returns 0 and owned; ERR_NOT_FOUND without an
 * entry when there is no store yet; or an error with an entry in `diag`.
 */
int accepted_read(const char *store, const struct policy *policy, struct diag *diag,
                  struct accepted **out) __attribute__((warn_unused_result));
void accepted_free(struct accepted *accepted);

/* All of them. */
size_t accepted_count(const struct accepted *accepted);

/* Those to whom the server may not do yet what this rule (acts.h) allows. */
size_t accepted_untouched_act(const struct accepted *accepted, const struct rules *rules,
                              enum act act, const struct act_rule *rule);

/* Those to whom this rule does not apply, being wider than what they accepted. */
size_t accepted_untouched(const struct accepted *accepted, const struct rules *rules,
                          enum rules_word word, enum field field);

#endif
