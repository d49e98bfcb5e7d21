#include "plugin/purpose.h"

#include "session/worker.h"

const struct policy_set *purpose_policies(const struct worker *worker, const char *purpose)
{
    const struct policies *policies = worker->policies;

    if (policy_purpose_find(policies->own->current, purpose))
        return policies->own;
    for (size_t i = 0; i < policies->added_count; i++)
        if (policy_purpose_find(policies->added[i].set->current, purpose))
            return policies->added[i].set;
    return NULL;
}

const struct policy *purpose_policy(const struct worker *worker, const char *purpose)
{
    const struct policy_set *set = purpose_policies(worker, purpose);

    return set ? set->current : NULL;
}
