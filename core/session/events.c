#include "session/events.h"

#include "base/diag.h"
#include "base/mem.h"
#include "session/phases.h"
#include "session/status.h"

#include <stdlib.h>
#include <string.h>

enum { PENDING_MAX = 32 /* of one player, as told */ };

static const struct event_info infos[EVENTS] = {
#define DENY EVENT_DENIED
#define REDIRECT EVENT_REDIRECTED
#define REPLACE EVENT_REPLACED
#define EVENT(id, name, player, results, what) [EVENT_##id] = {name, player, results, what},
#include "session/events.def"
#undef EVENT
#undef DENY
#undef REDIRECT
#undef REPLACE
};

const struct event_info *event_info(enum event_kind kind)
{
    return &infos[kind];
}

enum event_kind event_by_name(const char *name)
{
    for (int kind = 1; kind < EVENTS; kind++)
        if (strcmp(infos[kind].name, name) == 0)
            return (enum event_kind)kind;
    return EVENT_NONE;
}

const char *event_nearest(const char *name)
{
    for (size_t i = 1; i < EVENTS; i++) { /* "join" */
        const char *dot = strrchr(infos[i].name, '.');

        if (dot && strcmp(dot + 1, name) == 0)
            return infos[i].name;
    }
    return diag_nearest_in(name, infos + 1, EVENTS - 1, sizeof infos[0]);
}

bool event_wanted(const struct worker *worker, enum event_kind kind)
{
    return worker->events.wanted >> kind & 1;
}

bool event_wanted_on(const struct worker *worker, enum event_kind kind, struct slice channel)
{
    struct slice names = buf_slice(&worker->events.channels);

    if (!event_wanted(worker, kind))
        return false;
    while (names.len > 0) {
        struct slice name = slice_str((const char *)names.data);

        if (slice_equal(name, channel))
            return true;
        names = slice_of(names.data + name.len + 1, names.len - name.len - 1);
    }
    return false;
}

struct event *event_new(enum event_kind kind, const struct session *session)
{
    struct event *event = mem_alloc(sizeof *event);

    *event = (struct event){.kind = kind,
                            .session = session ? session->id : 0,
                            .server = ROUTE_NONE,
                            .other = ROUTE_NONE,
                            .target = ROUTE_NONE};
    if (session) {
        event->player = session->profile.uuid;
        event->visit = session->visit;
    }
    return event;
}

struct event *event_new_of(const struct worker *worker, enum event_kind kind,
                           const struct uuid *player)
{
    struct event *event = event_new(kind, worker_seated(worker, player));

    event->player = *player;
    return event;
}

void event_free(struct event *event)
{
    if (!event)
        return;
    for (size_t i = 0; i < EVENT_FACTS_MAX; i++)
        free(event->facts[i].value);
    status_answer_free(event->answer);
    for (size_t i = 0; i < event->page_count; i++)
        document_free(event->pages[i]);
    free(event->text);
    free(event->replacement);
    buf_free(&event->data);
    text_free(event->words);
    free(event);
}

void event_add_fact(struct event *event, const char *name, const char *value)
{
    size_t i = 0;

    while (event->facts[i].name)
        i++;
    event->facts[i] = (struct event_fact){.name = name, .value = mem_strdup(value)};
}

void event_add_consent(struct event *event, const struct consent_record *record)
{
    event_add_fact(event, "policy", record->policy);
    event_add_fact(event, "version", record->policy_version);
    event_add_fact(event, "language", record->language);
}

const char *event_fact(const struct event *event, const char *name)
{
    for (size_t i = 0; i < EVENT_FACTS_MAX && event->facts[i].name; i++)
        if (strcmp(event->facts[i].name, name) == 0)
            return event->facts[i].value;
    return NULL;
}

static void fire(struct worker *worker, struct session *session, struct event *event)
{
    if (session)
        session->pending++;
    if (session && event->then)
        session->asking++;
    if (event_wanted(worker, event->kind))
        worker->events.fire(worker->events.owner, event);
    else
        event_answered(worker, event);
}

static void on_told(struct session *session, struct event *event)
{
    (void)session;
    (void)event;
}

/* A client that causes more than is done with has to wait after all. */
void event_tell(struct worker *worker, struct event *event)
{
    struct session *session = worker_session(worker, event->session);

    if (session && session->pending >= PENDING_MAX)
        event->then = on_told;
    fire(worker, session, event);
}

void event_tell_of(struct worker *worker, enum event_kind kind, const struct session *session)
{
    if (event_wanted(worker, kind))
        event_tell(worker, event_new(kind, session));
}

void event_ask(struct session *session, struct event *event, event_then then)
{
    event->then = then;
    fire(session->worker, session, event);
}

/* Whoever was told of a login that was not refused is told of its end. */
static void tell_of_the_end(struct worker *worker, const struct event *login)
{
    struct event *event;

    if (login->kind != EVENT_LOGIN || login->result == EVENT_DENIED)
        return;
    event = event_new(EVENT_DISCONNECT, NULL);
    event->session = login->session;
    event->player = login->player;
    event_tell(worker, event);
}

void event_answered(struct worker *worker, struct event *event)
{
    struct session *session = worker_session(worker, event->session);
    bool there = session && !session->closing && session->state != SESSION_FINISH;

    if (session)
        session->pending--;
    if (session && event->then)
        session->asking--;
    if (there && event->then)
        event->then(session, event);
    else
        tell_of_the_end(worker, event);
    if (there && event->then)
        session_go_on(session);
    event_free(event);
}
