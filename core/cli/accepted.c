#include "cli/accepted.h"

#include "base/mem.h"
#include "base/table.h"
#include "cli/records.h"
#include "crypto/random.h"

#include <stdlib.h>
#include <string.h>

/* Players who accepted the same rules, for the same purposes. */
struct group {
    struct group *next;
    char scope_sha256[65];
    struct scope *scope;
    char *purposes; /* names, as records hold them */
    size_t players;
};

/* What counts of one player. The node comes first. */
struct player {
    struct table_node node;
    struct player *next;
    struct group *group; /* NULL: withdrawn */
};

struct accepted {
    const struct policy *policy;
    struct group *groups;
    size_t players;

    /* While the store is read. */
    struct table table; /* players by UUID */
    struct player *list;
};

static struct group *group_of(struct accepted *accepted, const struct store *store,
                              const struct consent_record *record)
{
    struct group *group = accepted->groups;

    while (group && (strcmp(group->purposes, record->purposes) != 0 ||
                     strcmp(group->scope_sha256, record->scope_sha256) != 0))
        group = group->next;
    if (group)
        return group;
    group = mem_alloc(sizeof *group);
    memcpy(group->scope_sha256, record->scope_sha256, sizeof group->scope_sha256);
    group->scope = scope_new(store_scope(store, record->scope_sha256));
    group->purposes = mem_strdup(record->purposes);
    group->next = accepted->groups;
    accepted->groups = group;
    return group;
}

static struct player *player_of(struct accepted *accepted, const struct uuid *uuid)
{
    struct table_node *node = table_find(&accepted->table, uuid->bytes, UUID_BYTES);
    struct player *player = (struct player *)node;

    if (player)
        return player;
    player = mem_alloc(sizeof *player);
    table_insert(&accepted->table, &player->node, uuid->bytes, UUID_BYTES);
    player->next = accepted->list;
    accepted->list = player;
    return player;
}

/* The records come oldest first, so the last one that counts stays. */
static void on_record(void *owner, const struct store *store, const struct consent_record *record)
{
    struct accepted *accepted = owner;

    if (record->policy[0] && strcmp(record->policy, accepted->policy->id) != 0)
        return; /* of one that a server adds */
    if (record->decision == CONSENT_ACCEPTED)
        player_of(accepted, &record->player)->group = group_of(accepted, store, record);
    else if (record->decision == CONSENT_WITHDRAWN)
        player_of(accepted, &record->player)->group = NULL;
}

static void count_players(struct accepted *accepted)
{
    while (accepted->list) {
        struct player *player = accepted->list;

        accepted->list = player->next;
        if (player->group) {
            player->group->players++;
            accepted->players++;
        }
        free(player);
    }
    table_free(&accepted->table);
}

int accepted_read(const char *store, const struct policy *policy, struct diag *diag,
                  struct accepted **out)
{
    struct accepted *accepted = mem_alloc(sizeof *accepted);
    uint64_t seed;
    int err;

    accepted->policy = policy;
    random_bytes((uint8_t *)&seed, sizeof seed);
    table_init(&accepted->table, seed);
    err = records_read(store, NULL, diag, on_record, accepted);
    count_players(accepted);
    if (err < 0)
        accepted_free(accepted);
    else
        *out = accepted;
    return err;
}

void accepted_free(struct accepted *accepted)
{
    if (!accepted)
        return;
    while (accepted->groups) {
        struct group *group = accepted->groups;

        accepted->groups = group->next;
        scope_free(group->scope);
        free(group->purposes);
        free(group);
    }
    free(accepted);
}

size_t accepted_count(const struct accepted *accepted)
{
    return accepted->players;
}

/* A purpose that was optional once, and that the player did not choose then. */
static bool lacks_purpose(const struct group *group, const struct rules *rules,
                          enum rules_word word, enum field field)
{
    const struct policy_purpose *purpose = scope_purpose(rules, word, field);

    return purpose && !purpose->optional && !scope_has_purpose(rules, purpose, group->purposes);
}

size_t accepted_untouched(const struct accepted *accepted, const struct rules *rules,
                          enum rules_word word, enum field field)
{
    size_t count = 0;

    for (const struct group *group = accepted->groups; group; group = group->next)
        if (scope_wider(group->scope, rules, word, field) ||
            lacks_purpose(group, rules, word, field))
            count += group->players;
    return count;
}

size_t accepted_untouched_act(const struct accepted *accepted, const struct rules *rules,
                              enum act act, const struct act_rule *rule)
{
    size_t count = 0;

    for (const struct group *group = accepted->groups; group; group = group->next) {
        struct acts *acts = scope_acts(group->scope, rules);

        if (!acts_cover(acts, act, rule))
            count += group->players;
        acts_free(acts);
    }
    return count;
}
