/*
 * Everything that one loop thread owns. There are no globals: a second worker would be a second
 * thread with a second one of these.
 */
#ifndef SEKISHO_SESSION_WORKER_H
#define SEKISHO_SESSION_WORKER_H

#include "base/table.h"
#include "base/tally.h"
#include "conf/conf.h"
#include "gate/limbo.h"
#include "identity/secrets.h"
#include "net/conn.h"
#include "net/listener.h"
#include "policy/policies.h"
#include "protocol/frame.h"
#include "rules/acts.h"
#include "rules/ruleset.h"
#include "session/events.h"
#include "session/limits.h"
#include "session/status.h"
#include "store/store.h"

struct codes;
struct commands;
struct errands;
struct permissions;
struct plugins;
struct rsa_key;
struct session;
struct session_service;
struct usage;
struct web;

struct worker {
    uv_loop_t *loop;
    struct conn_hub hub;
    const struct conf *conf;
    struct policies *policies;   /* owned */
    const struct policy *policy; /* of all players, the current version */
    struct policies **retired;   /* earlier ones, from which a session may still borrow; owned */
    size_t retired_count;
    struct ruleset *ruleset; /* owned */
    struct grants *grants;   /* what players accepted of it; owned */
    struct store *store;
    struct secrets *secrets; /* of forwarding; owned */
    struct codec *codec;
    struct limbo_cache *limbo;
    struct limits *limits;
    struct status *status;
    struct commands *commands;       /* that are answered here; owned */
    struct permissions *permissions; /* who may do what; owned, NULL: nobody has any */
    struct codes *codes;             /* NULL: there is no page to answer on */
    struct codes *proofs; /* shown to proven sessions: who brings one from outside is that player */
    struct web *web;      /* that page; for its own answers from the store */
    struct rsa_key *key;  /* online mode: what clients encrypt to; NULL otherwise, as the next */
    struct session_service *service;
    struct listener **listeners;
    struct table sessions; /* by id */
    struct table seats;    /* the sessions whose player is known, by UUID: one for each */
    struct session *first; /* all sessions, newest first */
    struct session *last;
    uint64_t last_session_id;
    struct tally untrusted;        /* connections to a listener with PROXY headers from elsewhere */
    struct tally unproven;         /* logins for which no proxy in front vouched */
    struct tally (*refused)[ACTS]; /* acts of servers, in the order of conf->servers */
    struct usage *usage;           /* which rules were of use; owned */
    struct tally headless;         /* and those from a trusted network that sent none */
    struct tally crowded;          /* connections that gave way, or found no place */
    struct errands *errands;       /* NULL: no server is told of anything (any more) */
    struct plugins *plugins;       /* the plugin host; NULL before and after it */
    struct event_listener events;  /* who is told of what happens */
    int players;                   /* sessions past the login */
    bool draining;
    void (*drained)(void *owner); /* the last session has gone */
    void *owner;
};

/*
 * Returns owned; keeps `conf` and takes `policies`. Before it listens, the caller opens the store
 * with the worker as its owner, sets `store` and `secrets`, and calls worker_rule.
 */
struct worker *worker_new(uv_loop_t *loop, const struct conf *conf, struct policies *policies);

/* Opens every listener. Returns 0, or ERR_IO with an entry for each that could not be opened. */
int worker_listen(struct worker *worker, struct diag *diag) __attribute__((warn_unused_result));

/* Prints the ready lines. */
void worker_announce(const struct worker *worker);

/* From here on these rules hold, for players who are there as well. Takes the set. */
void worker_rule(struct worker *worker, struct ruleset *set);

/*
 * The same with the policy that the rules were checked against: what players accepted is judged
 * anew. Takes both; `policies` may be those of the worker. What was borrowed from earlier ones
 * lasts as long as the session that borrowed.
 */
void worker_renew(struct worker *worker, struct policies *policies, struct ruleset *set);

/* Time has gone by: a time of grace may have ended. */
void worker_check_standing(struct worker *worker);

/* What who accepted the rules of this hash (rules/scope.h) agreed to; borrowed from the worker. */
const struct grant *worker_grant(struct worker *worker, const char *scope_sha256);

/* The rules of a server, by its index. */
static inline const struct rules *worker_rules(const struct worker *worker, size_t server)
{
    return worker->ruleset->rules[server];
}

/* Stops listening, says goodbye to everyone, and calls `drained` once the last one has gone. */
void worker_drain(struct worker *worker, void (*drained)(void *owner), void *owner);

void worker_free(struct worker *worker);

/* For store answers: the session of this id, or NULL when it has gone. */
struct session *worker_session(const struct worker *worker, uint64_t id);

/*
 * The session's player is known from now on: another session of the same one is told so, and ends.
 * Ending it calls worker_unseat, which accepts a session that is not seated.
 */
void worker_seat(struct worker *worker, struct session *session);
void worker_unseat(struct worker *worker, struct session *session);

/*
 * The store has changed what holds for this player, who may be here: their consent was withdrawn,
 * so that they are back at the gate; or they were erased, and leave without a trace.
 */
void worker_withdrawn(struct worker *worker, const struct uuid *player);
void worker_erased(struct worker *worker, const struct uuid *player);

/* The session of this player from when it is known who it is, or NULL. */
struct session *worker_seated(const struct worker *worker, const struct uuid *player);

/* A request for this player's data was recorded, by whomever. */
void worker_requested(struct worker *worker, const struct uuid *player, const char *kind);

/* For sessions, when they begin and end. */
void worker_add(struct worker *worker, struct session *session);
void worker_remove(struct worker *worker, struct session *session);

#endif
