#include "policy/policies.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { NOTHING_ADDED = -1 };

/* Everybody's purposes come first, so their bits are the same. */
static struct policy *join(const struct policy *own, const struct policy *added)
{
    struct policy *joint = mem_alloc(sizeof *joint);
    size_t count = own->purpose_count + added->purpose_count;

    joint->purposes = mem_array(count, sizeof *joint->purposes);
    joint->purpose_count = count;
    memcpy(joint->purposes, own->purposes, own->purpose_count * sizeof *own->purposes);
    if (added->purpose_count > 0)
        memcpy(joint->purposes + own->purpose_count, added->purposes,
               added->purpose_count * sizeof *added->purposes);
    return joint;
}

static void unjoin(struct policy *joint)
{
    if (joint)
        free(joint->purposes);
    free(joint);
}

static int find_folder(const struct policies *policies, const char *folder)
{
    for (size_t i = 0; i < policies->added_count; i++)
        if (strcmp(policies->added[i].folder, folder) == 0)
            return (int)i;
    return NOTHING_ADDED;
}

static void load_added(struct policies *policies, const struct conf *conf, int64_t now_ms,
                       struct diag *diag)
{
    policies->server_count = conf->server_count;
    policies->of_server = mem_array(conf->server_count, sizeof *policies->of_server);
    policies->added = mem_array(conf->server_count, sizeof *policies->added);
    for (size_t i = 0; i < conf->server_count; i++) {
        const char *folder = conf->servers[i].policy;
        struct policy_added *added = &policies->added[policies->added_count];

        policies->of_server[i] = folder ? find_folder(policies, folder) : NOTHING_ADDED;
        if (!folder || policies->of_server[i] != NOTHING_ADDED)
            continue;
        added->folder = folder;
        (void)!policy_set_load(folder, now_ms, diag, &added->set);
        policies->of_server[i] = (int)policies->added_count++;
    }
}

static void check_id(const struct policy *added, const struct policy *other, struct diag *diag)
{
    if (added->id && other->id && strcmp(added->id, other->id) == 0)
        diag_add(diag, added->file, added->id_line,
                 "id: \"%s\" is the id of the policy of %s; give this one another", added->id,
                 other->file);
}

/* What may be typed behind `/privacy choose`: an id of one, or a purpose of the other. */
static void check_id_is_no_purpose(const struct policy *added, const struct policy_set *own,
                                   struct diag *diag)
{
    for (size_t i = 0; i < own->count; i++)
        if (added->id && policy_purpose_find(own->versions[i], added->id))
            diag_add(diag, added->file, added->id_line,
                     "id: \"%s\" is a purpose of the policy of %s; give this policy another id",
                     added->id, own->versions[i]->file);
}

/*
 * Every version meets every version of the others, sooner or later; and what is kept for a purpose
 * is known by its name alone.
 */
static void check_purposes(const struct policy *added, const struct policy_set *set,
                           struct diag *diag)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct policy *other = set->versions[i];

        for (size_t at = 0; at < added->purpose_count; at++)
            if (policy_purpose_find(other, added->purposes[at].name))
                diag_add(diag, added->file, added->purposes[at].line,
                         "purposes.%s: %s has a purpose of this name, too; give this one another",
                         added->purposes[at].name, other->file);
    }
}

static void check_purpose_count(const struct policy *added, const struct policy_set *own,
                                struct diag *diag)
{
    for (size_t i = 0; i < own->count; i++)
        if (added->purpose_count + own->versions[i]->purpose_count > POLICY_PURPOSES_MAX)
            diag_add(diag, added->file, 0,
                     "together with %s there are more than %d purposes; join some",
                     own->versions[i]->file, POLICY_PURPOSES_MAX);
}

static void check_versions(const struct policy_set *added, const struct policy_set *other,
                           void (*check)(const struct policy *, const struct policy_set *,
                                         struct diag *),
                           struct diag *diag)
{
    for (size_t i = 0; i < added->count; i++)
        check(added->versions[i], other, diag);
}

static void check_added(const struct policies *policies, struct diag *diag)
{
    for (size_t i = 0; i < policies->added_count; i++) {
        const struct policy_set *set = policies->added[i].set;

        check_id(set->current, policies->own->current, diag);
        check_id_is_no_purpose(set->current, policies->own, diag);
        check_versions(set, policies->own, check_purpose_count, diag);
        check_versions(set, policies->own, check_purposes, diag);
        for (size_t earlier = 0; earlier < i; earlier++) {
            check_id(set->current, policies->added[earlier].set->current, diag);
            check_versions(set, policies->added[earlier].set, check_purposes, diag);
        }
    }
}

static void join_all(struct policies *policies)
{
    for (size_t i = 0; i < policies->added_count; i++)
        if (policies->added[i].set)
            policies->added[i].joint =
                join(policies->own->current, policies->added[i].set->current);
}

int policies_load(const struct conf *conf, int64_t now_ms, struct diag *diag, struct policies **out)
{
    struct policies *policies = mem_alloc(sizeof *policies);
    size_t complaints = diag->count;

    *out = policies;
    (void)!policy_set_load(conf->policy, now_ms, diag, &policies->own);
    load_added(policies, conf, now_ms, diag);
    if (diag->count == complaints)
        check_added(policies, diag);
    if (!policies->own) {
        policies_free(policies);
        *out = NULL;
        return ERR_INVALID;
    }
    join_all(policies);
    return diag->count > complaints ? ERR_INVALID : 0;
}

void policies_free(struct policies *policies)
{
    if (!policies)
        return;
    for (size_t i = 0; i < policies->added_count; i++) {
        unjoin(policies->added[i].joint);
        if (policies->is_view)
            free(policies->added[i].set);
        else
            policy_set_free(policies->added[i].set);
    }
    if (policies->is_view)
        free(policies->own);
    else
        policy_set_free(policies->own);
    free(policies->added);
    free(policies->of_server);
    free(policies);
}

static struct policy_set *set_at(const struct policy_set *set, int64_t now_ms)
{
    struct policy_set *view = mem_alloc(sizeof *view);

    *view = *set;
    for (size_t i = 0; i < set->count && set->versions[i]->effective_ms <= now_ms; i++)
        view->current = set->versions[i];
    return view;
}

struct policies *policies_at(const struct policies *policies, int64_t now_ms)
{
    struct policies *view = mem_alloc(sizeof *view);

    *view = *policies;
    view->is_view = true;
    view->own = set_at(policies->own, now_ms);
    view->of_server = mem_array(policies->server_count, sizeof *view->of_server);
    if (policies->server_count > 0)
        memcpy(view->of_server, policies->of_server,
               policies->server_count * sizeof *view->of_server);
    view->added = mem_array(policies->added_count, sizeof *view->added);
    for (size_t i = 0; i < policies->added_count; i++)
        view->added[i].set = set_at(policies->added[i].set, now_ms);
    join_all(view);
    return view;
}

bool policies_same(const struct policies *a, const struct policies *b)
{
    bool same = a->added_count == b->added_count && a->server_count == b->server_count &&
                policy_set_same(a->own, b->own);

    for (size_t i = 0; same && i < a->server_count; i++)
        same = a->of_server[i] == b->of_server[i];
    for (size_t i = 0; same && i < a->added_count; i++)
        same = policy_set_same(a->added[i].set, b->added[i].set);
    return same;
}

static int64_t next_ms(const struct policy_set *set)
{
    const struct policy *next = policy_set_next(set);

    return next ? next->effective_ms : INT64_MAX;
}

int64_t policies_next_ms(const struct policies *policies)
{
    int64_t first_ms = next_ms(policies->own);

    for (size_t i = 0; i < policies->added_count; i++) {
        int64_t day_ms = next_ms(policies->added[i].set);

        first_ms = day_ms < first_ms ? day_ms : first_ms;
    }
    return first_ms;
}

const struct policy_added *policies_added_to(const struct policies *policies, size_t server)
{
    int added = server < policies->server_count ? policies->of_server[server] : NOTHING_ADDED;

    return added == NOTHING_ADDED ? NULL : &policies->added[added];
}

const struct policy *policies_of(const struct policies *policies, size_t server)
{
    const struct policy_added *added = policies_added_to(policies, server);

    return added && added->joint ? added->joint : policies->own->current;
}

const struct policy_added *policies_find(const struct policies *policies, const char *id)
{
    for (size_t i = 0; i < policies->added_count; i++)
        if (strcmp(policies->added[i].set->current->id, id) == 0)
            return &policies->added[i];
    return NULL;
}

const struct policy_set *policies_of_purpose(const struct policies *policies, const char *purpose)
{
    if (policy_purpose_find(policies->own->current, purpose))
        return policies->own;
    for (size_t i = 0; i < policies->added_count; i++)
        if (policy_purpose_find(policies->added[i].set->current, purpose))
            return policies->added[i].set;
    return NULL;
}
