/*
 * What a player accepted: the rules of all servers as they were then. A rule that became wider
 * since (a new field, another purpose or recipient, more of a value, for longer) does not apply to
 * that player until they accept anew.
 */
#ifndef SEKISHO_RULES_SCOPE_H
#define SEKISHO_RULES_SCOPE_H

#include "rules/rules.h"

/* The rules of all servers as canonical JSON, to be kept with consents. Returns owned. */
char *scope_text(struct rules *const *rules, size_t count);

struct scope;

/* Reads such a text; NULL, or what is none, stands for having accepted no rule. Returns owned. */
struct scope *scope_new(const char *text);
void scope_free(struct scope *scope);

/* Which of a server's rules are within the scope. */
struct rules_allowance scope_allowance(const struct scope *scope, const struct rules *rules);

/* Why a rule is not within the scope, in words; NULL: it is, or there is no rule. Borrowed. */
const char *scope_wider(const struct scope *scope, const struct rules *rules, enum rules_word word,
                        enum field field);

/*
 * What the server may do to who accepted (acts.h): as the rules had it then, or nothing that needs
 * a rule where the server is new or became a third party. Returns owned.
 */
struct acts *scope_acts(const struct scope *scope, const struct rules *rules);

/* The purpose of a rule; NULL: there is no rule. Borrowed from the policy. */
const struct policy_purpose *scope_purpose(const struct rules *rules, enum rules_word word,
                                           enum field field);

/* Whether names as a record holds them (policy_purposes_write) have that purpose. */
bool scope_has_purpose(const struct rules *rules, const struct policy_purpose *purpose,
                       const char *names);

#endif
