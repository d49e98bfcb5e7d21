#include "session/worker.h"

#include "base/err.h"
#include "base/mem.h"
#include "consent/code.h"
#include "crypto/random.h"
#include "crypto/rsa.h"
#include "identity/permissions.h"
#include "identity/session_service.h"
#include "session/phases.h"
#include "session/usage.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void describe(struct worker *worker)
{
    const struct policy *policy = worker->policy;
    const char *description = worker->conf->status_description;

    status_describe(worker->status,
                    description ? description : policy->texts[policy->default_text].title);
}

struct worker *worker_new(uv_loop_t *loop, const struct conf *conf, struct policies *policies)
{
    struct worker *worker = mem_alloc(sizeof *worker);
    uint64_t seed;

    random_bytes((uint8_t *)&seed, sizeof seed);
    worker->loop = loop;
    worker->hub.loop = loop;
    worker->conf = conf;
    worker->policies = policies;
    worker->policy = policies->own->current;
    worker->codec = codec_new();
    worker->refused = mem_array(conf->server_count, sizeof *worker->refused);
    worker->usage = usage_new(conf->server_count);
    worker->limbo = limbo_cache_new();
    worker->limits = limits_new(conf, seed);
    worker->status = status_new(conf);
    worker->commands = commands_new();
    describe(worker);
    if (conf->web.host)
        worker->codes = codes_new();
    worker->proofs = codes_new();
    if (conf->auth == CONF_AUTH_ONLINE)
        worker->key = rsa_key_new();
    worker->grants = grants_new();
    table_init(&worker->sessions, seed);
    table_init(&worker->seats, seed);
    return worker;
}

/* Every text that players are shown from now on. */
static void archive(struct worker *worker, const struct policy *policy)
{
    for (size_t i = 0; i < policy->text_count; i++) {
        const struct policy_text *text = &policy->texts[i];
        struct store_document document = {.sha256 = (char *)(uintptr_t)text->sha256,
                                          .policy = policy->id,
                                          .version = policy->version,
                                          .language = text->language,
                                          .title = text->title,
                                          .text = text->markdown};

        store_document_put(worker->store, &document);
    }
}

void worker_rule(struct worker *worker, struct ruleset *set)
{
    ruleset_free(worker->ruleset);
    worker->ruleset = set;
    grants_renew(worker->grants, set);
    store_scope_put(worker->store, set->scope_sha256, set->scope);
    usage_begin(worker->usage, set, worker->store);
    archive(worker, worker->policy);
    for (size_t i = 0; i < worker->policies->added_count; i++)
        archive(worker, worker->policies->added[i].set->current);
}

static void retire(struct worker *worker)
{
    worker->retired =
        mem_resize(worker->retired, (worker->retired_count + 1) * sizeof(struct policies *));
    worker->retired[worker->retired_count++] = worker->policies;
}

static void free_retired(struct worker *worker)
{
    for (size_t i = 0; i < worker->retired_count; i++)
        policies_free(worker->retired[i]);
    free(worker->retired);
    worker->retired = NULL;
    worker->retired_count = 0;
}

void worker_renew(struct worker *worker, struct policies *policies, struct ruleset *set)
{
    const struct policies *before = worker->policies;
    struct session *session = worker->first;

    if (policies == before) {
        worker_rule(worker, set);
        return;
    }
    retire(worker);
    worker->policies = policies;
    worker->policy = policies->own->current;
    worker_rule(worker, set);
    describe(worker);
    while (session) {
        struct session *next = session->next;

        standing_renew(session, before);
        session = next;
    }
    if (!worker->first)
        free_retired(worker);
}

void worker_check_standing(struct worker *worker)
{
    struct session *session = worker->first;

    while (session) {
        struct session *next = session->next;

        standing_check(session);
        session = next;
    }
}

const struct grant *worker_grant(struct worker *worker, const char *scope_sha256)
{
    const struct grant *grant = grants_find(worker->grants, scope_sha256);

    if (grant)
        return grant;
    return grants_add(worker->grants, worker->ruleset, scope_sha256,
                      store_scope(worker->store, scope_sha256));
}

static void on_connected(void *owner, struct listener *listener)
{
    struct worker *worker = owner;
    size_t i = 0;

    while (worker->listeners[i] != listener)
        i++;
    session_new(worker, listener, &worker->conf->listeners[i]);
}

/* [::] takes IPv4 along, unless another listener has that port there. */
static unsigned bind_flags(const struct conf *conf, const struct conf_address *address)
{
    bool is_v6 = strchr(address->host, ':');

    for (size_t i = 0; i < conf->listener_count && is_v6; i++) {
        const struct conf_address *other = &conf->listeners[i].address;

        if (other->port == address->port && other->port != 0 && !strchr(other->host, ':'))
            return UV_TCP_IPV6ONLY;
    }
    return 0;
}

int worker_listen(struct worker *worker, struct diag *diag)
{
    const struct conf *conf = worker->conf;
    size_t complaints = diag->count;

    if (conf->auth == CONF_AUTH_ONLINE)
        worker->service =
            session_service_new(worker->loop, conf->session_server, encrypt_answered, worker);
    worker->listeners = mem_array(conf->listener_count, sizeof(struct listener *));
    for (size_t i = 0; i < conf->listener_count; i++) {
        const struct conf_address *address = &conf->listeners[i].address;
        char text[CONF_ADDRESS_BYTES];
        struct sockaddr_storage number;
        int err = listener_parse(address->host, address->port, &number);

        if (err == 0)
            err = listener_open(worker->loop, &number, bind_flags(conf, address), on_connected,
                                worker, &worker->listeners[i]);
        if (err < 0)
            diag_add(diag, conf->path, conf->listeners[i].line, "cannot listen on %s: %s",
                     conf_address_text(address, text), listener_trouble(err));
    }
    return diag->count > complaints ? ERR_IO : 0;
}

void worker_announce(const struct worker *worker)
{
    for (size_t i = 0; i < worker->conf->listener_count; i++) {
        char text[ADDRESS_TEXT_BYTES];

        listener_address(worker->listeners[i], text);
        printf("ready: listening on %s\n", text);
    }
    fflush(stdout);
}

static void stop_listening(struct worker *worker)
{
    if (!worker->listeners)
        return;
    for (size_t i = 0; i < worker->conf->listener_count; i++)
        listener_close(worker->listeners[i]);
    free(worker->listeners);
    worker->listeners = NULL;
}

static void tell_drained(struct worker *worker)
{
    void (*drained)(void *owner) = worker->drained;

    if (worker->first || !drained)
        return;
    worker->drained = NULL;
    drained(worker->owner);
}

void worker_drain(struct worker *worker, void (*drained)(void *owner), void *owner)
{
    struct session *session = worker->first;

    worker->draining = true;
    worker->drained = drained;
    worker->owner = owner;
    stop_listening(worker);
    session_service_close(worker->service);
    worker->service = NULL;
    while (session) {
        struct session *next = session->next;

        if (session->state != SESSION_FINISH)
            session_say_goodbye(session, MESSAGE_SHUTTING_DOWN, "Sekisho is shutting down");
        session = next;
    }
    tell_drained(worker);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    stop_listening(worker);
    grants_free(worker->grants);
    ruleset_free(worker->ruleset);
    free_retired(worker);
    policies_free(worker->policies);
    secrets_free(worker->secrets);
    codes_free(worker->codes);
    codes_free(worker->proofs);
    codec_free(worker->codec);
    free(worker->refused);
    usage_free(worker->usage);
    limbo_cache_free(worker->limbo);
    limits_free(worker->limits);
    status_free(worker->status);
    commands_free(worker->commands);
    permissions_free(worker->permissions);
    rsa_key_free(worker->key);
    table_free(&worker->sessions);
    table_free(&worker->seats);
    free(worker);
}

struct session *worker_session(const struct worker *worker, uint64_t id)
{
    void *node = table_find(&worker->sessions, &id, sizeof id);

    return node;
}

struct session *worker_seated(const struct worker *worker, const struct uuid *player)
{
    struct table_node *node = table_find(&worker->seats, player->bytes, UUID_BYTES);

    return node ? (struct session *)(void *)((char *)node - offsetof(struct session, seat)) : NULL;
}

void worker_seat(struct worker *worker, struct session *session)
{
    struct session *earlier = worker_seated(worker, &session->profile.uuid);

    if (earlier) {
        earlier->cause = "replaced";
        session_say_goodbye(earlier, MESSAGE_LOGGED_IN_ANEW, "the player logged in anew");
    }
    table_insert(&worker->seats, &session->seat, session->profile.uuid.bytes, UUID_BYTES);
    session->seated = true;
}

void worker_withdrawn(struct worker *worker, const struct uuid *player)
{
    struct session *session = worker_seated(worker, player);

    if (!session)
        return;
    if (session->accepted)
        gate_withdrawn(session);
    session_to_gate(session);
}

void worker_erased(struct worker *worker, const struct uuid *player)
{
    struct session *session = worker_seated(worker, player);

    if (!session)
        return;
    session->gate.showing = false; /* a record of its end would make them known again */
    session_say_goodbye(session, MESSAGE_ERASED, "the player was erased");
}

void worker_requested(struct worker *worker, const struct uuid *player, const char *kind)
{
    struct event *event;

    if (!event_wanted(worker, EVENT_REQUEST))
        return;
    event = event_new_of(worker, EVENT_REQUEST, player);
    event_add_fact(event, "request", kind);
    event_tell(worker, event);
}

void worker_unseat(struct worker *worker, struct session *session)
{
    if (session->seated)
        table_remove(&worker->seats, &session->seat);
    session->seated = false;
}

void worker_add(struct worker *worker, struct session *session)
{
    session->id = ++worker->last_session_id;
    table_insert(&worker->sessions, &session->node, &session->id, sizeof session->id);
    session->next = worker->first;
    if (worker->first)
        worker->first->previous = session;
    else
        worker->last = session;
    worker->first = session;
}

void worker_remove(struct worker *worker, struct session *session)
{
    table_remove(&worker->sessions, &session->node);
    if (session->previous)
        session->previous->next = session->next;
    else
        worker->first = session->next;
    if (session->next)
        session->next->previous = session->previous;
    else
        worker->last = session->previous;
    if (!worker->first)
        free_retired(worker);
    if (worker->draining)
        tell_drained(worker);
}
