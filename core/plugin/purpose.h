/*
 * Purposes as plugins name them: of everybody's policy, or of one that a server adds.
 */
#ifndef SEKISHO_PLUGIN_PURPOSE_H
#define SEKISHO_PLUGIN_PURPOSE_H

#include "policy/policies.h"

struct worker;

/* The set whose current version has the purpose, everybody's first; NULL: none has. Borrowed. */
const struct policy_set *purpose_policies(const struct worker *worker, const char *purpose);

/* That version, or NULL. */
const struct policy *purpose_policy(const struct worker *worker, const char *purpose);

#endif
