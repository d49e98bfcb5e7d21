#include "cli/telling.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/visit.h"
#include "rules/known_as.h"

#include <stdlib.h>

struct telling {
    const struct conf *conf;
    int64_t request;
    struct uuid player;
    struct diag *diag;
    struct store *store;
    struct consent_record accepted; /* the latest; its decision is NONE where there is none */
    int err;
};

static void on_prepared(void *owner, uint64_t id, int err)
{
    struct telling *telling = owner;

    (void)id;
    /* Nobody knows the player any more: then nobody has to be told. */
    telling->err = err == ERR_NOT_FOUND ? 0 : err;
}

static void prepare(struct telling *telling, const struct policy *policy, const struct ruleset *set)
{
    const char *scope = store_scope(telling->store, telling->accepted.scope_sha256);
    struct store_telling out = {.request = telling->request, .player = telling->player};
    struct store_task *tasks;

    out.count = known_as(telling->conf, policy, set, &telling->accepted, scope, &tasks);
    out.tasks = tasks;
    store_tasks_prepare(telling->store, 0, &out, on_prepared);
    known_as_free(tasks, out.count);
}

static void load_and_prepare(struct telling *telling)
{
    struct policies *policies = NULL;
    struct ruleset *set = NULL;

    if (policies_load(telling->conf, clock_wall_ms(), telling->diag, &policies) == 0 &&
        ruleset_load(telling->conf, policies, store_secret(telling->store), telling->diag, &set) ==
            0)
        prepare(telling, policies->own->current, set);
    else
        telling->err = ERR_INVALID;
    ruleset_free(set);
    policies_free(policies);
}

static void on_record(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct telling *telling = owner;

    (void)id;
    if (record && record->decision == CONSENT_ACCEPTED)
        telling->accepted = *record;
    if (record)
        return;
    telling->err = err;
    if (err == 0 && telling->accepted.decision == CONSENT_ACCEPTED)
        load_and_prepare(telling);
}

static void ask(struct store *store, void *owner)
{
    struct telling *telling = owner;
    char uuid[UUID_TEXT_BYTES];

    telling->store = store;
    uuid_format(&telling->player, uuid);
    store_consent_list(store, 0, uuid, on_record);
}

static bool is_anybody_told(const struct conf *conf)
{
    for (size_t i = 0; i < conf->server_count; i++)
        if (conf_is_told_of_erasures(&conf->servers[i]))
            return true;
    return false;
}

int telling_prepare(const struct conf *conf, int64_t request, const struct uuid *player,
                    struct diag *diag)
{
    struct telling telling = {.conf = conf, .request = request, .player = *player, .diag = diag};
    int err;

    if (!is_anybody_told(conf))
        return 0;
    err = visit_store(conf->store, STORE_SERVE, diag, ask, &telling);
    if (err == ERR_NOT_FOUND)
        return 0;
    if (err == 0 && telling.err < 0 && telling.err != ERR_INVALID)
        (void)visit_failed(conf->store, telling.err, diag);
    mem_wipe(&telling.accepted, sizeof telling.accepted);
    return err < 0 ? err : telling.err;
}
