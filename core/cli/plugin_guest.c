/*
 * Who comes into the world of a test: with a policy accepted before, a group of permissions of
 * their own, and the name of the server that they want.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/plugin_world.h"
#include "identity/offline.h"
#include "identity/permissions.h"
#include "plugin/host.h"
#include "session/phases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_put(void *owner, uint64_t id, int err)
{
    (void)owner;
    (void)err;
    *(bool *)(uintptr_t)id = true;
}

static bool is_true(void *owner)
{
    return *(const bool *)owner;
}

static void accept_policy(struct plugin_world *world, const struct policy *policy,
                          const struct plugin_guest *guest)
{
    const struct policy_text *text = policy_text_for(policy, guest->locale);
    bool done = false; /* lives until the store has answered, which is before this returns */
    struct consent_record record = {.decision = CONSENT_ACCEPTED,
                                    .method = CONSENT_METHOD_BOOK,
                                    .identity = CONSENT_IDENTITY_OFFLINE,
                                    .protocol = PRETEND_PROTOCOL,
                                    .shown_at_ms = clock_wall_ms(),
                                    .decided_at_ms = clock_wall_ms()};

    identity_offline_uuid(slice_str(guest->name), &record.player);
    snprintf(record.name, sizeof record.name, "%s", guest->name);
    snprintf(record.policy, sizeof record.policy, "%s", policy->id);
    snprintf(record.policy_version, sizeof record.policy_version, "%s", policy->version);
    snprintf(record.policy_sha256, sizeof record.policy_sha256, "%s", text->sha256);
    snprintf(record.language, sizeof record.language, "%s", text->language);
    snprintf(record.nonce, sizeof record.nonce, "%032d", 0);
    snprintf(record.action, sizeof record.action, "click");
    policy_purposes_write(policy, policy_required(policy) | guest->purposes, record.purposes,
                          sizeof record.purposes);
    memcpy(record.scope_sha256, world->worker->ruleset->scope_sha256, sizeof record.scope_sha256);
    store_consent_put(world->worker->store, (uint64_t)(uintptr_t)&done, &record, on_put);
    while (!plugin_world_wait(world, is_true, &done))
        ;
}

/* The file anew, with a group of this player's own. */
static void permit(struct plugin_world *world, const struct plugin_guest *guest)
{
    char *path = mem_format("%s/permissions.lua", world->folder);
    struct permissions *permissions;
    struct diag diag = {0};
    char uuid[UUID_TEXT_BYTES];
    struct uuid player;
    FILE *file = fopen(path, "w");

    identity_offline_uuid(slice_str(guest->name), &player);
    uuid_format(&player, uuid);
    buf_append_format(&world->permissions,
                      "[\"%s\"] = { permissions = { %s }, members = { \"%s\" } },\n", guest->name,
                      guest->permissions, uuid);
    if (file) {
        fprintf(file, "return { groups = {\n%.*s} }\n", (int)world->permissions.len,
                (const char *)world->permissions.data);
        fclose(file);
    }
    world->conf.permissions = path;
    if (permissions_load(&world->conf, &diag, &permissions) == 0) {
        permissions_free(world->worker->permissions);
        world->worker->permissions = permissions;
    }
    world->conf.permissions = NULL;
    diag_free(&diag);
    free(path);
}

static const char *host_of(const struct plugin_world *world, const struct plugin_guest *guest)
{
    const struct conf_server *server =
        guest->server ? conf_server_find(&world->conf, guest->server) : NULL;

    if (guest->host)
        return guest->host;
    return server ? world->hosts[server - world->servers] : "play.test";
}

static void accept_all(struct plugin_world *world, const struct plugin_guest *guest)
{
    const struct policies *policies = world->worker->policies;
    struct plugin_guest added = *guest;

    accept_policy(world, world->worker->policy, guest);
    added.purposes = 0;
    for (size_t i = 0; i < policies->added_count; i++)
        accept_policy(world, policies->added[i].set->current, &added);
}

static bool is_in_or_out(void *owner)
{
    const struct pretend_client *client = owner;

    return client->joined || client->gone;
}

struct pretend_client *plugin_world_join(struct plugin_world *world,
                                         const struct plugin_guest *guest)
{
    struct pretend_client *client = pretend_new(&world->pretend, guest->name);

    client->locale = mem_strdup(guest->locale);
    client->host = mem_strdup(host_of(world, guest));
    client->address = mem_strdup(guest->address);
    if (!guest->newcomer)
        accept_all(world, guest);
    permit(world, guest);
    pretend_connect(client, world->port);
    plugin_world_settle(world);
    /* Unless a handler has them wait, which time alone ends. */
    if (!plugin_world_is_busy(world) && !world->worker->plugins->dispatches)
        (void)plugin_world_wait(world, is_in_or_out, client);
    plugin_world_settle(world);
    return client;
}

static bool is_answered(void *owner)
{
    const struct pretend_client *client = owner;

    return client->answer || client->gone;
}

struct pretend_client *plugin_world_ping(struct plugin_world *world, const char *host,
                                         const char *address)
{
    struct pretend_client *client = pretend_new(&world->pretend, "");

    client->asks = true;
    client->locale = mem_strdup("");
    client->host = mem_strdup(host);
    client->address = mem_strdup(address);
    pretend_connect(client, world->port);
    (void)plugin_world_wait(world, is_answered, client);
    return client;
}
