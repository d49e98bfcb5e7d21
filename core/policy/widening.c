#include "policy/widening.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Takes the line. */
static void tell(widening_cb each, void *owner, char *line)
{
    if (each)
        each(owner, line);
    free(line);
}

static size_t compare_keep(const struct policy_purpose *old, const struct policy_purpose *purpose,
                           widening_cb wider, widening_cb narrower, void *owner)
{
    bool longer = purpose->keep_ms > old->keep_ms;
    char before[CLOCK_TEXT_BYTES];
    char after[CLOCK_TEXT_BYTES];

    if (purpose->keep_ms == old->keep_ms)
        return 0;
    clock_format_duration(old->keep_ms, before);
    clock_format_duration(purpose->keep_ms, after);
    tell(longer ? wider : narrower, owner,
         mem_format("purpose %s: kept for at most %s, not %s", purpose->name, after, before));
    return longer ? 1 : 0;
}

static size_t compare_choice(const struct policy_purpose *old, const struct policy_purpose *purpose,
                             widening_cb wider, widening_cb narrower, void *owner)
{
    if (purpose->optional == old->optional)
        return 0;
    if (purpose->optional)
        tell(narrower, owner, mem_format("purpose %s is optional now", purpose->name));
    else
        tell(wider, owner, mem_format("purpose %s is no longer optional", purpose->name));
    return purpose->optional ? 0 : 1;
}

static bool names(const struct policy *policy, const char *third_party)
{
    for (size_t i = 0; i < policy->third_party_count; i++)
        if (strcmp(policy->third_parties[i], third_party) == 0)
            return true;
    return false;
}

/* What `one` has and `other` has not. */
static size_t read_added(const struct policy *one, const struct policy *other, const char *state,
                         widening_cb each, void *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < one->purpose_count; i++) {
        if (policy_purpose_find(other, one->purposes[i].name))
            continue;
        tell(each, owner, mem_format("purpose %s is %s", one->purposes[i].name, state));
        count++;
    }
    for (size_t i = 0; i < one->third_party_count; i++) {
        if (names(other, one->third_parties[i]))
            continue;
        tell(each, owner, mem_format("third party %s is %s", one->third_parties[i], state));
        count++;
    }
    return count;
}

size_t widening_read(const struct policy *before, const struct policy *after, widening_cb wider,
                     widening_cb narrower, void *owner)
{
    size_t count = read_added(after, before, "new", wider, owner);

    for (size_t i = 0; i < after->purpose_count; i++) {
        const struct policy_purpose *purpose = &after->purposes[i];
        const struct policy_purpose *old = policy_purpose_find(before, purpose->name);

        if (!old)
            continue;
        count += compare_choice(old, purpose, wider, narrower, owner);
        count += compare_keep(old, purpose, wider, narrower, owner);
    }
    (void)read_added(before, after, "gone", narrower, owner);
    return count;
}
