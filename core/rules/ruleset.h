/*
 * The rules of all servers, as they are at one time, and what players who accepted at other times
 * agreed to of them. Replaced as a whole.
 */
#ifndef SEKISHO_RULES_RULESET_H
#define SEKISHO_RULES_RULESET_H

#include "crypto/hash.h"
#include "policy/policies.h"
#include "rules/scope.h"

struct ruleset {
    struct rules **rules; /* one a server, in the order of the configuration */
    size_t count;
    char *scope; /* what who accepts now agrees to: scope_text */
    char scope_sha256[SHA256_TEXT_BYTES];
};

/*
 * Reads the rule files of all servers, so that all mistakes are told at once. Returns 0 and an
 * owned set, or ERR_INVALID with entries in `diag`. Keeps what rules_load keeps.
 */
int ruleset_load(const struct conf *conf, const struct policies *policies,
                 const uint8_t key[static RULES_KEY_BYTES], struct diag *diag, struct ruleset **out)
    __attribute__((warn_unused_result));
void ruleset_free(struct ruleset *set);

/*
 * Whether the rules fit the versions that come into effect later, too. Returns 0, or ERR_INVALID
 * with entries in `diag` that name the day.
 */
int ruleset_check_coming(const struct conf *conf, const struct policies *policies,
                         struct diag *diag) __attribute__((warn_unused_result));

/* The scopes that players accepted, each beside what today's rules leave of it. */
struct grants;

/* One of them; lives as long as all. */
struct grant;

struct grants *grants_new(void);
void grants_free(struct grants *grants);

/* The grant of this hash, or NULL when it was not met yet. */
const struct grant *grants_find(const struct grants *grants, const char *sha256);

/* Adds one. `text` NULL, or not a scope: nothing was agreed to. */
const struct grant *grants_add(struct grants *grants, const struct ruleset *set, const char *sha256,
                               const char *text);

/* The rules are others now. */
void grants_renew(struct grants *grants, const struct ruleset *set);

/* What is allowed of the rules of one server; `grant` NULL: nothing. */
struct rules_allowance grant_allows(const struct grant *grant, size_t server);

/* What of it that server may do to clients; borrowed until the rules are others. NULL: nothing. */
const struct acts *grant_acts(const struct grant *grant, size_t server);

#endif
