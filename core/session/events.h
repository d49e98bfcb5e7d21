/*
 * What happens, for whoever wants to hear of it: events. A session tells of one and goes on, or
 * asks what is to become of it and waits for the answer; only this player waits.
 *
 * One listener a worker (the plugin host) takes events and gives them back. Where nobody listens to
 * a kind, an event of it is not even made: event_wanted is a test of one bit.
 */
#ifndef SEKISHO_SESSION_EVENTS_H
#define SEKISHO_SESSION_EVENTS_H

#include "base/buf.h"
#include "base/uuid.h"
#include "protocol/text.h"
#include "rules/field.h"

#include <stdbool.h>
#include <stdint.h>

enum event_kind {
    EVENT_NONE = 0,
#define EVENT(id, name, player, results, what) EVENT_##id,
#include "session/events.def"
#undef EVENT
    EVENTS,
};

enum event_result {
    EVENT_ALLOWED = 0,
    EVENT_DENIED = 1,
    EVENT_REDIRECTED = 2,
    EVENT_REPLACED = 4,
};

/* A row of events.def. */
struct event_info {
    const char *name;
    bool player;
    unsigned results; /* bits of enum event_result */
    const char *what;
};

struct consent_record;
struct document;
struct session;
struct status_answer;
struct worker;
struct event;

enum { EVENT_FACTS_MAX = 3, EVENT_PAGES_MAX = 8 };

/* Something about what happened that is nobody's secret, under the name that plugins read it by. */
struct event_fact {
    const char *name; /* static; NULL: none */
    char *value;      /* owned */
};

typedef void (*event_then)(struct session *session, struct event *event);

struct event {
    struct event *next; /* the listener's */
    enum event_kind kind;
    uint64_t session; /* 0: it is about nobody */
    struct uuid player;
    int server;     /* that it is about, an index into conf->servers; ROUTE_NONE */
    int other;      /* and the one before */
    unsigned visit; /* of the session, when it happened */
    struct event_fact facts[EVENT_FACTS_MAX];
    enum field field; /* what `text` is */
    char *text;       /* what the player wrote or answered; owned, NULL */
    bool fixed;       /* signed: it cannot be replaced, and not denied without harm */
    struct buf data;  /* for whoever asks: what to go on with */
    int number;
    enum event_result result;
    int target;         /* where to, of a redirection */
    char *replacement;  /* owned */
    struct text *words; /* for the player, of a denial or redirection; owned, NULL: none */
    struct status_answer *answer;            /* PING: what is answered; owned */
    struct document *pages[EVENT_PAGES_MAX]; /* GATE: that are shown as well; owned */
    size_t page_count;
    event_then then; /* NULL: nobody waits for an answer */
};

/* Who takes events. {0}: nobody. */
struct event_listener {
    uint64_t wanted;     /* bit by kind */
    bool stops;          /* somebody wants to stop what players say */
    struct buf channels; /* on which messages are wanted, each with a zero behind it; owned */
    void *owner;
    /* Takes the event; gives it back by event_answered, at once or later, exactly once. */
    void (*fire)(void *owner, struct event *event);
};

_Static_assert(EVENTS < 64, "a bit for each kind");

/* Returns borrowed static data. */
const struct event_info *event_info(enum event_kind kind);

/* EVENT_NONE when there is none of this name. */
enum event_kind event_by_name(const char *name);

/* The name nearest to one that is not there, or NULL. Returns borrowed static text. */
const char *event_nearest(const char *name);

bool event_wanted(const struct worker *worker, enum event_kind kind);

/* The same of messages on this channel. */
bool event_wanted_on(const struct worker *worker, enum event_kind kind, struct slice channel);

/* Returns owned. `session` NULL: about nobody. */
struct event *event_new(enum event_kind kind, const struct session *session);
void event_free(struct event *event);

/* The same about a person who may be connected or not. */
struct event *event_new_of(const struct worker *worker, enum event_kind kind,
                           const struct uuid *player);

/* Copies the value. The name is static. */
void event_add_fact(struct event *event, const char *name, const char *value);

/* Of consent.*: what it was given to. */
void event_add_consent(struct event *event, const struct consent_record *record);

/* Borrowed; NULL: it has none of this name. */
const char *event_fact(const struct event *event, const char *name);

/* Takes it. Nobody waits for it, but a client for whom many are not done with yet. */
void event_tell(struct worker *worker, struct event *event);

/* The same of what has nothing to say but that it happened. */
void event_tell_of(struct worker *worker, enum event_kind kind, const struct session *session);

/*
 * Takes the event and calls `then` with the answer, before it returns or later; not if the session
 * has gone by then. Until it does, nothing is read from the client.
 */
void event_ask(struct session *session, struct event *event, event_then then);

/* For the listener: it is done with the event. Takes it. */
void event_answered(struct worker *worker, struct event *event);

#endif
