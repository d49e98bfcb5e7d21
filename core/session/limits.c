#include "session/limits.h"

#include "base/mem.h"
#include "base/table.h"

#include <assert.h>
#include <stdlib.h>

/* Logins are a bucket that refills evenly over the window, so there is no burst at its edges. */
struct peer {
    struct table_node node;       /* first: a node is its peer */
    struct peer *previous, *next; /* among those without connections, longest waiting first */
    int open;
    double logins_left;
    uint64_t refilled_at_ms;
};

struct limits {
    const struct conf *conf;
    struct table peers;
    struct peer *idle_first, *idle_last;
};

struct limits *limits_new(const struct conf *conf, uint64_t seed)
{
    struct limits *limits = mem_alloc(sizeof *limits);

    limits->conf = conf;
    table_init(&limits->peers, seed);
    return limits;
}

static struct peer *peer_of(struct table_node *node)
{
    void *any = node;

    return any;
}

static void idle_unlink(struct limits *limits, struct peer *peer)
{
    if (peer->previous)
        peer->previous->next = peer->next;
    else
        limits->idle_first = peer->next;
    if (peer->next)
        peer->next->previous = peer->previous;
    else
        limits->idle_last = peer->previous;
    peer->previous = peer->next = NULL;
}

static void idle_append(struct limits *limits, struct peer *peer)
{
    peer->previous = limits->idle_last;
    if (limits->idle_last)
        limits->idle_last->next = peer;
    else
        limits->idle_first = peer;
    limits->idle_last = peer;
}

static void forget(struct limits *limits, struct peer *peer)
{
    idle_unlink(limits, peer);
    table_remove(&limits->peers, &peer->node);
    free(peer);
}

void limits_free(struct limits *limits)
{
    if (!limits)
        return;
    while (limits->idle_first)
        forget(limits, limits->idle_first);
    table_free(&limits->peers);
    free(limits);
}

static void refill(const struct limits *limits, struct peer *peer, uint64_t now_ms)
{
    double most = limits->conf->logins_per_ip;
    double passed = (double)(now_ms - peer->refilled_at_ms);

    peer->logins_left += passed * most / (double)limits->conf->logins_window_ms;
    if (peer->logins_left > most)
        peer->logins_left = most;
    peer->refilled_at_ms = now_ms;
}

/* A peer whose bucket is full again is like one never seen. */
static void forget_old(struct limits *limits, uint64_t now_ms)
{
    uint64_t window_ms = (uint64_t)limits->conf->logins_window_ms;

    while (limits->idle_first && now_ms - limits->idle_first->refilled_at_ms > window_ms)
        forget(limits, limits->idle_first);
}

enum limits_verdict limits_open(struct limits *limits, const uint8_t key[static ADDRESS_KEY_BYTES],
                                uint64_t now_ms)
{
    struct table_node *node = table_find(&limits->peers, key, ADDRESS_KEY_BYTES);
    struct peer *peer = node ? peer_of(node) : NULL;

    if (!peer) {
        peer = mem_alloc(sizeof *peer);
        peer->logins_left = limits->conf->logins_per_ip;
        peer->refilled_at_ms = now_ms;
        table_insert(&limits->peers, &peer->node, key, ADDRESS_KEY_BYTES);
    } else if (peer->open == 0) {
        idle_unlink(limits, peer);
    }
    peer->open++;
    if (peer->open > 2 * limits->conf->connections_per_ip)
        return LIMITS_FLOODING;
    return peer->open > limits->conf->connections_per_ip ? LIMITS_OVER : LIMITS_OK;
}

void limits_close(struct limits *limits, const uint8_t key[static ADDRESS_KEY_BYTES],
                  uint64_t now_ms)
{
    struct table_node *node = table_find(&limits->peers, key, ADDRESS_KEY_BYTES);
    struct peer *peer;

    assert(node);
    peer = peer_of(node);
    refill(limits, peer, now_ms);
    if (--peer->open == 0)
        idle_append(limits, peer);
    forget_old(limits, now_ms);
}

bool limits_login(struct limits *limits, const uint8_t key[static ADDRESS_KEY_BYTES],
                  uint64_t now_ms)
{
    struct table_node *node = table_find(&limits->peers, key, ADDRESS_KEY_BYTES);
    struct peer *peer;

    assert(node);
    peer = peer_of(node);
    refill(limits, peer, now_ms);
    if (peer->logins_left < 1)
        return false;
    peer->logins_left -= 1;
    return true;
}
