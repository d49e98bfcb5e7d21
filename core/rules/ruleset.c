#include "rules/ruleset.h"

#include "base/err.h"
#include "base/mem.h"
#include "rules/acts.h"

#include <stdio.h>
#include <stdlib.h>

struct grant {
    struct grant *next;
    char sha256[SHA256_TEXT_BYTES];
    struct scope *scope;
    struct rules_allowance *allowed; /* one a server */
    struct acts **acts;              /* as well */
    size_t servers;
};

struct grants {
    struct grant *first;
};

int ruleset_load(const struct conf *conf, const struct policies *policies,
                 const uint8_t key[static RULES_KEY_BYTES], struct diag *diag, struct ruleset **out)
{
    struct ruleset *set = mem_alloc(sizeof *set);
    int err = 0;

    set->count = conf->server_count;
    set->rules = mem_array(set->count, sizeof(struct rules *));
    for (size_t i = 0; i < set->count; i++)
        if (rules_load(&conf->servers[i], policies_of(policies, i), key, diag, &set->rules[i]) < 0)
            err = ERR_INVALID;
    if (err == 0) {
        size_t complaints = diag->count;

        rules_check_together(set->rules, set->count, diag);
        err = diag->count > complaints ? ERR_INVALID : 0;
    }
    if (err < 0) {
        ruleset_free(set);
        return err;
    }
    set->scope = scope_text(set->rules, set->count);
    sha256_hex(slice_str(set->scope), set->scope_sha256);
    *out = set;
    return 0;
}

void ruleset_free(struct ruleset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        rules_free(set->rules[i]);
    free(set->rules);
    free(set->scope);
    free(set);
}

/* On the day of one version, which has to be still to come. */
static void check_day(const struct conf *conf, const struct policies *policies,
                      const struct policy *coming, struct diag *diag)
{
    static const uint8_t no_key[RULES_KEY_BYTES];
    struct policies *then = policies_at(policies, coming->effective_ms);
    struct ruleset *set = NULL;
    struct diag own = {0};

    (void)!ruleset_load(conf, then, no_key, &own, &set);
    for (size_t i = 0; i < own.count && i < DIAG_ENTRIES_MAX; i++)
        diag_add(diag, own.entries[i].file, own.entries[i].line,
                 "from %s on, under version %s of the policy: %s", coming->effective,
                 coming->version, own.entries[i].message);
    ruleset_free(set);
    diag_free(&own);
    policies_free(then);
}

static void check_days(const struct conf *conf, const struct policies *policies,
                       const struct policy_set *set, struct diag *diag)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->versions[i]->effective_ms > set->current->effective_ms)
            check_day(conf, policies, set->versions[i], diag);
}

int ruleset_check_coming(const struct conf *conf, const struct policies *policies,
                         struct diag *diag)
{
    size_t complaints = diag->count;

    check_days(conf, policies, policies->own, diag);
    for (size_t i = 0; i < policies->added_count; i++)
        check_days(conf, policies, policies->added[i].set, diag);
    return diag->count > complaints ? ERR_INVALID : 0;
}

struct grants *grants_new(void)
{
    return mem_alloc(sizeof(struct grants));
}

void grants_free(struct grants *grants)
{
    if (!grants)
        return;
    while (grants->first) {
        struct grant *grant = grants->first;

        grants->first = grant->next;
        for (size_t i = 0; i < grant->servers; i++)
            acts_free(grant->acts[i]);
        free(grant->acts);
        scope_free(grant->scope);
        free(grant->allowed);
        free(grant);
    }
    free(grants);
}

const struct grant *grants_find(const struct grants *grants, const char *sha256)
{
    const struct grant *grant = grants->first;

    while (grant && strcmp(grant->sha256, sha256) != 0)
        grant = grant->next;
    return grant;
}

static void renew(struct grant *grant, const struct ruleset *set)
{
    for (size_t i = 0; i < set->count; i++) {
        grant->allowed[i] = scope_allowance(grant->scope, set->rules[i]);
        acts_free(grant->acts[i]);
        grant->acts[i] = scope_acts(grant->scope, set->rules[i]);
    }
}

const struct grant *grants_add(struct grants *grants, const struct ruleset *set, const char *sha256,
                               const char *text)
{
    struct grant *grant = mem_alloc(sizeof *grant);

    snprintf(grant->sha256, sizeof grant->sha256, "%s", sha256);
    grant->scope = scope_new(text);
    grant->allowed = mem_array(set->count, sizeof *grant->allowed);
    grant->acts = mem_array(set->count, sizeof(struct acts *));
    grant->servers = set->count;
    renew(grant, set);
    grant->next = grants->first;
    grants->first = grant;
    return grant;
}

void grants_renew(struct grants *grants, const struct ruleset *set)
{
    for (struct grant *grant = grants->first; grant; grant = grant->next)
        renew(grant, set);
}

struct rules_allowance grant_allows(const struct grant *grant, size_t server)
{
    return grant ? grant->allowed[server] : (struct rules_allowance){0};
}

const struct acts *grant_acts(const struct grant *grant, size_t server)
{
    return grant ? grant->acts[server] : NULL;
}
