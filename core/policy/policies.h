/*
 * The policy of all players, and those that single servers add to it: who goes to such a server has
 * accepted both, and its rules may cite the purposes of both. Immutable once loaded.
 */
#ifndef SEKISHO_POLICY_POLICIES_H
#define SEKISHO_POLICY_POLICIES_H

#include "conf/conf.h"
#include "policy/policy_set.h"

/* One that servers add; several may add the same. */
struct policy_added {
    const char *folder; /* borrowed from the configuration, for the time of loading */
    struct policy_set *set;
    struct policy
        *joint; /* purposes of everybody's policy, then its own: for rules, and only that */
};

struct policies {
    struct policy_set *own; /* everybody's */
    struct policy_added *added;
    size_t added_count;
    int *of_server; /* by the index of a server in the configuration, into `added`; -1: none */
    size_t server_count;
    bool is_view;
};

/* Loads all of them, as policy_set_load does. */
int policies_load(const struct conf *conf, int64_t now_ms, struct diag *diag, struct policies **out)
    __attribute__((warn_unused_result));
void policies_free(struct policies *policies);

/* The same as they will be at a later time. Owned, and borrows from `policies`. */
struct policies *policies_at(const struct policies *policies, int64_t now_ms);

/* Whether both say the same, of the same servers, and the same versions are in effect. */
bool policies_same(const struct policies *a, const struct policies *b);

/* When (wall time) another version of any of them comes into effect; INT64_MAX: none is known. */
int64_t policies_next_ms(const struct policies *policies);

/* What the rules of a server may cite: purposes, and nothing else of it is of use. Borrowed. */
const struct policy *policies_of(const struct policies *policies, size_t server);

/* What a server adds, or NULL; and the one with this id, or NULL. Borrowed. */
const struct policy_added *policies_added_to(const struct policies *policies, size_t server);
const struct policy_added *policies_find(const struct policies *policies, const char *id);

/* The one whose current version has this purpose, or NULL: no two have the same. Borrowed. */
const struct policy_set *policies_of_purpose(const struct policies *policies, const char *purpose);

#endif
