#include "session/events.h"

#include "base/diag.h"
#include "base/mem.h"
#include "session/screen.h"

#include <stdlib.h>
#include <string.h>

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
    return diag_nearest_in(name, infos + 1, EVENTS - 1, sizeof infos[0]);
}

bool event_wanted(const struct worker *worker, enum event_kind kind)
{
    return worker->events.wanted >> kind & 1;
}

struct event *event_new(enum event_kind kind, const struct session *session)
{
    struct event *event = mem_alloc(sizeof *event);

    *event = (struct event){.kind = kind,
                            .session = session ? session->id : 0,
                            .server = ROUTE_NONE,
                            .other = ROUTE_NONE,
                            .target = ROUTE_NONE};
    return event;
}

void event_free(struct event *event)
{
    if (!event)
        return;
    free(event->text);
    free(event->replacement);
    buf_free(&event->data);
    text_free(event->words);
    free(event);
}

void event_tell(struct worker *worker, struct event *event)
{
    if (event_wanted(worker, event->kind))
        worker->events.fire(worker->events.owner, event);
    else
        event_free(event);
}

void event_tell_of(struct worker *worker, enum event_kind kind, const struct session *session)
{
    if (event_wanted(worker, kind))
        event_tell(worker, event_new(kind, session));
}

void event_ask(struct session *session, struct event *event, event_then then)
{
    event->then = then;
    session->asking++;
    screen_lose_cookies(session); /* nothing is read from the client until there is an answer */
    if (event_wanted(session->worker, event->kind))
        session->worker->events.fire(session->worker->events.owner, event);
    else
        event_answered(session->worker, event);
}

void event_answered(struct worker *worker, struct event *event)
{
    struct session *session = event->then ? worker_session(worker, event->session) : NULL;

    if (session) {
        session->asking--;
        if (!session->closing && session->state != SESSION_FINISH)
            event->then(session, event);
        if (!session->closing)
            session_go_on(session);
    }
    event_free(event);
}
