/*
 * One player, as the records of the store tell: what they accepted, and which rules apply to them.
 */
#ifndef SEKISHO_CLI_PERSON_H
#define SEKISHO_CLI_PERSON_H

#include "base/diag.h"
#include "cli/deed.h"
#include "consent/consent.h"
#include "policy/policy_set.h"
#include "rules/scope.h"

#include <stdbool.h>
#include <stdio.h>

struct person {
    struct consent_record record; /* the one that counts now, or the latest where none does */
    struct scope *scope;          /* what was accepted; NULL: nothing */
};

/*
 * Looks for a player by UUID or name, and what they answered to this policy. Returns 0, person_free
 * it; or ERR_NOT_FOUND with an entry in `diag`, as when the name is that of several players; or
 * another error with one.
 */
int person_find(const char *store, const char *policy, const char *who, struct diag *diag,
                struct person *out) __attribute__((warn_unused_result));
void person_free(struct person *person);

/* Who it is and what they answered; true when it was yes, so that rules can apply to them. */
bool person_print(const struct person *person, const struct policy_set *policies, FILE *out);

/* The same of what a server adds; `person` is all zero where that was never answered. */
void person_print_added(const struct person *person, const struct policy_set *policies, FILE *out);

/* Whether a rule for a purpose of that policy applies to them, in words, and why not. */
void person_print_rule(const struct person *person, const struct rules *rules, enum rules_word word,
                       enum field field, FILE *out);

/* Whether the server may do this to them, as far as they are concerned. */
void person_print_deed(const struct person *person, const struct rules *rules,
                       const struct deed *deed, FILE *out);

#endif
