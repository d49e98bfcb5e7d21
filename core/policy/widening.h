/*
 * What one version of a policy allows that another does not: a purpose more, or one that nobody can
 * leave out any longer, a longer keep, a third party more. Words alone allow nothing.
 */
#ifndef SEKISHO_POLICY_WIDENING_H
#define SEKISHO_POLICY_WIDENING_H

#include "policy/policy.h"

/* A difference, as a line for people. Borrowed for the call. */
typedef void (*widening_cb)(void *owner, const char *line);

/*
 * Calls `wider` for each thing that `after` allows and `before` did not, and `narrower` for each
 * the other way round; both may be NULL. Returns how many are wider.
 */
size_t widening_read(const struct policy *before, const struct policy *after, widening_cb wider,
                     widening_cb narrower, void *owner);

#endif
