#include "plugin/dispatch.h"

#include "base/log.h"
#include "base/mem.h"
#include "gate/messages.h"
#include "plugin/event.h"
#include "plugin/event_queue.h"
#include "plugin/folder.h"
#include "plugin/host.h"
#include "plugin/player.h"
#include "plugin/task.h"
#include "session/session.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOW_MS = 1000,
    EVENT_MS = 10 * 1000, /* all handlers together may wait so long */
    AT_LEAST_MS = 1000,   /* and one of each plugin, when others have waited before */
};

/* How long handlers of a plugin had an event wait, and whether one came when its time was over. */
struct share {
    const struct plugin *plugin;
    uint64_t waited_ms;
    bool late;
};

/* An event that is with its handlers. */
struct dispatch {
    struct dispatch *next, *previous; /* of those that wait */
    struct plugins *host;
    struct event *event;
    const struct plugin *only;    /* who alone hears of it; NULL: everybody */
    const struct handler *called; /* last; its place, since it may be gone */
    int priority;
    uint64_t serial;
    uint64_t newest;           /* handlers that come while it is told do not hear of it */
    uint64_t changes;          /* of the lists, when `called` stood in one */
    struct task *task;         /* of the handler that was called last; NULL: it is done */
    struct event_queue *queue; /* that it holds up, since it waits; NULL: none */
    bool stepping;
    bool waits;
    bool warned;
    bool unanswered; /* a plugin whose answer is required gave none */
    uint64_t begun_at_ms, called_at_ms, deadline_ms;
    struct share *shares;
    size_t share_count;
};

/* Plugin messages are for those who say in their manifest that they listen to the channel. */
static bool is_for(const struct handler *handler, const struct event *event)
{
    return (event->kind != EVENT_MESSAGE_CLIENT && event->kind != EVENT_MESSAGE_SERVER) ||
           plugin_has_channel(handler->registration.plugin, event_fact(event, "channel"));
}

static void add_channels(const struct plugin *plugin, struct buf *channels)
{
    for (size_t i = 0; i < plugin->channel_count; i++)
        buf_append(channels, plugin->channels[i], strlen(plugin->channels[i]) + 1);
}

/* What handlers want of the sessions beside the events themselves. */
static void tell_wishes(struct plugins *host)
{
    struct event_listener *listener = &host->worker->events;

    listener->stops = false;
    buf_clear(&listener->channels);
    for (int kind = 0; kind < EVENTS; kind++) {
        for (const struct handler *each = host->handlers[kind]; each; each = each->next) {
            listener->stops = listener->stops || each->stops;
            if (kind == EVENT_MESSAGE_CLIENT || kind == EVENT_MESSAGE_SERVER)
                add_channels(each->registration.plugin, &listener->channels);
        }
    }
}

/* Whether a handler of the kind asks for more than the event. */
static bool has_wishes(const struct handler *handler)
{
    return handler->stops || handler->kind == EVENT_MESSAGE_CLIENT ||
           handler->kind == EVENT_MESSAGE_SERVER;
}

void dispatch_add(struct registration *registration)
{
    struct handler *handler = (struct handler *)(void *)registration;
    struct plugins *host = registration->plugin->host;
    struct handler **place = &host->handlers[handler->kind];

    handler->serial = ++host->last_serial;
    host->handler_changes++;
    while (*place && (*place)->priority >= handler->priority)
        place = &(*place)->next;
    handler->next = *place;
    *place = handler;
    host->worker->events.wanted |= (uint64_t)1 << handler->kind;
    if (has_wishes(handler))
        tell_wishes(host);
}

static void want(struct plugins *host, enum event_kind kind)
{
    uint64_t bit = (uint64_t)1 << kind;

    if (host->handlers[kind] || HOST_EVENTS & bit)
        host->worker->events.wanted |= bit;
    else
        host->worker->events.wanted &= ~bit;
}

void dispatch_remove(struct registration *registration)
{
    struct handler *handler = (struct handler *)(void *)registration;
    struct plugins *host = registration->plugin->host;
    struct handler **place = &host->handlers[handler->kind];

    if (registration->begun) {
        while (*place != handler)
            place = &(*place)->next;
        *place = handler->next;
        host->handler_changes++;
        want(host, handler->kind);
        if (has_wishes(handler))
            tell_wishes(host);
    }
    registration->plugin->handler_count--;
    registration_unlink(registration);
    luaL_unref(script_lua(registration->plugin->script), LUA_REGISTRYINDEX, handler->function);
    free(handler);
}

/* Whether it was called already. */
static bool is_before(const struct handler *handler, const struct dispatch *dispatch)
{
    return dispatch->serial > 0 &&
           (handler->priority > dispatch->priority ||
            (handler->priority == dispatch->priority && handler->serial <= dispatch->serial));
}

/* Handlers may come and go meanwhile: then the next is the first behind the place of the last. */
static const struct handler *next_handler(const struct dispatch *dispatch)
{
    const struct plugins *host = dispatch->host;
    const struct handler *handler = host->handlers[dispatch->event->kind];

    if (dispatch->called && dispatch->changes == host->handler_changes)
        handler = dispatch->called->next;
    while (handler && (is_before(handler, dispatch) || handler->serial > dispatch->newest ||
                       (dispatch->only && handler->registration.plugin != dispatch->only) ||
                       !is_for(handler, dispatch->event)))
        handler = handler->next;
    return handler;
}

/* The event's place in its player's queue, when it has to wait. */
static void enlist(struct dispatch *dispatch)
{
    struct plugins *host = dispatch->host;
    const struct event *event = dispatch->event;

    if (dispatch->waits)
        return;
    dispatch->waits = true;
    dispatch->next = host->dispatches;
    if (host->dispatches)
        host->dispatches->previous = dispatch;
    host->dispatches = dispatch;
    if (!uv_is_active((uv_handle_t *)&host->look))
        uv_timer_again(&host->look);
    dispatch->queue = event_queue_hold(host, event);
}

static void unlist(struct dispatch *dispatch)
{
    struct plugins *host = dispatch->host;

    if (dispatch->previous)
        dispatch->previous->next = dispatch->next;
    else
        host->dispatches = dispatch->next;
    if (dispatch->next)
        dispatch->next->previous = dispatch->previous;
    if (!host->dispatches && !host->ended)
        uv_timer_stop(&host->look);
}

static void begin(struct plugins *host, struct event *event);

/* The player's next events, now that the one before is done; up to one that waits. */
static void go_on_with(struct plugins *host, struct event_queue *queue)
{
    queue->held = false;
    while (queue->events.first && !queue->held)
        begin(host, event_list_take(&queue->events));
    if (!queue->held)
        event_queue_free(host, queue);
}

/* Nobody comes in unasked, where a plugin says that it has to be asked. */
static void keep_door(const struct dispatch *dispatch)
{
    struct event *event = dispatch->event;
    const struct session *session = worker_session(dispatch->host->worker, event->session);
    const char *missing = folder_missing(dispatch->host);

    if (event->kind != EVENT_LOGIN || event->result == EVENT_DENIED ||
        (!missing && !dispatch->unanswered))
        return;
    if (missing)
        log_error("plugin=%s is required and does not run: a player was refused; `sekisho plugins` "
                  "says why",
                  missing);
    event->result = EVENT_DENIED;
    text_free(event->words);
    event->words = session ? session_words(session, MESSAGE_NOT_CHECKED) : NULL;
}

/* The handler failed, was left out, or went with its plugin. */
static void note_failure(struct dispatch *dispatch, const struct plugin *plugin)
{
    if (!plugin->required || dispatch->event->kind != EVENT_LOGIN)
        return;
    dispatch->unanswered = true;
    log_error(
        "plugin=%s is required, and its handler of \"player.login\" did not come to its end: a "
        "player is refused",
        plugin->name);
}

static void finish(struct dispatch *dispatch)
{
    struct plugins *host = dispatch->host;
    struct event *event = dispatch->event;
    struct event_queue *queue = dispatch->queue;

    if (dispatch->waits)
        unlist(dispatch);
    keep_door(dispatch);
    free(dispatch->shares);
    free(dispatch);
    if (event->kind == EVENT_DISCONNECT ||
        (event->kind == EVENT_LOGIN && event->result == EVENT_DENIED)) /* it has no other end */
        players_forget(host, event->session);
    event_answered(host->worker, event);
    if (queue)
        go_on_with(host, queue);
}

static void step(struct dispatch *dispatch);

static struct share *share_of(struct dispatch *dispatch, const struct plugin *plugin)
{
    size_t i = 0;

    while (i < dispatch->share_count && dispatch->shares[i].plugin != plugin)
        i++;
    if (i == dispatch->share_count) {
        dispatch->shares = mem_resize(dispatch->shares, (i + 1) * sizeof *dispatch->shares);
        dispatch->shares[i] = (struct share){.plugin = plugin};
        dispatch->share_count++;
    }
    return &dispatch->shares[i];
}

static uint64_t waited_ms(const struct dispatch *dispatch)
{
    return uv_now(dispatch->host->worker->loop) - dispatch->called_at_ms;
}

static void on_handled(struct task *task, bool ok)
{
    struct dispatch *dispatch = task->owner;

    if (!ok)
        note_failure(dispatch, task->plugin);
    if (dispatch->waits)
        share_of(dispatch, task->plugin)->waited_ms += waited_ms(dispatch);
    event_let_go(task->thread, dispatch->event);
    dispatch->task = NULL;
    if (!dispatch->stepping)
        step(dispatch);
}

/* Until when a handler of this plugin that is called now may wait. */
static uint64_t deadline_of(struct dispatch *dispatch, const struct plugin *plugin)
{
    uint64_t all = dispatch->begun_at_ms + EVENT_MS;
    uint64_t own = dispatch->called_at_ms + AT_LEAST_MS;
    struct share *share;

    if (own <= all)
        return all;
    /* A plugin with many handlers that each wait a little does not hold the player for ever. */
    share = share_of(dispatch, plugin);
    if (share->late)
        return dispatch->called_at_ms;
    share->late = true;
    return own;
}

static void call(struct dispatch *dispatch, const struct handler *handler)
{
    struct event *event = dispatch->event;
    struct task *task =
        task_new(handler->registration.plugin, handler->function, on_handled, dispatch);
    int arguments = 0;

    if (!task)
        return;
    dispatch->task = task;
    dispatch->called_at_ms = task->begun_at_ms;
    dispatch->deadline_ms = deadline_of(dispatch, task->plugin);
    dispatch->warned = false;
    task->session = event->session;
    if (event_info(event->kind)->player) {
        player_push_known(task->thread, event->session, &event->player);
        arguments++;
    }
    event_push(task->thread, event);
    task_start(task, arguments + 1);
}

bool dispatch_is_about(const struct task *task, const struct uuid *person)
{
    const struct dispatch *dispatch = task->owner;

    return task->done == on_handled && uuid_equal(&dispatch->event->player, person);
}

static void step(struct dispatch *dispatch)
{
    const struct handler *handler;

    dispatch->stepping = true;
    while (!dispatch->task && (handler = next_handler(dispatch))) {
        dispatch->called = handler;
        dispatch->changes = dispatch->host->handler_changes;
        dispatch->priority = handler->priority;
        dispatch->serial = handler->serial;
        call(dispatch, handler);
    }
    dispatch->stepping = false;
    if (dispatch->task)
        enlist(dispatch);
    else
        finish(dispatch);
}

static void begin_with(struct plugins *host, struct event *event, const struct plugin *only)
{
    struct dispatch *dispatch = mem_alloc(sizeof *dispatch);

    dispatch->host = host;
    dispatch->event = event;
    dispatch->only = only;
    dispatch->newest = host->last_serial;
    dispatch->begun_at_ms = uv_now(host->worker->loop);
    step(dispatch);
}

static void begin(struct plugins *host, struct event *event)
{
    begin_with(host, event, NULL);
}

void dispatch_tell(struct plugin *plugin, enum event_kind kind)
{
    begin_with(plugin->host, event_new(kind, NULL), plugin);
}

static void take(struct plugins *host, struct event *event)
{
    struct event_queue *queue = event_queue_of(host, event);

    if (queue)
        event_list_append(&queue->events, event);
    else
        begin(host, event);
}

void dispatch_fire(void *owner, struct event *event)
{
    struct plugins *host = owner;

    if (host->in_lua || host->fired.first)
        event_list_append(&host->fired, event);
    else
        take(host, event);
    tasks_settle(host);
}

bool dispatch_next(struct plugins *host)
{
    if (!host->fired.first)
        return false;
    take(host, event_list_take(&host->fired));
    return true;
}

/* Who came when others had used up the time is left out, but has not overrun. */
static void time_out(struct dispatch *dispatch)
{
    struct plugin *plugin = dispatch->task->plugin;
    uint64_t own_ms = waited_ms(dispatch);
    bool overran = share_of(dispatch, plugin)->waited_ms + own_ms >= EVENT_MS / 2;

    log_warn("plugin=%s its handler of \"%s\" waited for %d s, and is left out", plugin->name,
             event_info(dispatch->event->kind)->name, (int)(own_ms / 1000));
    task_drop(dispatch->task);
    if (overran)
        plugin_overrun(plugin);
}

void dispatch_look(struct plugins *host)
{
    uint64_t now = uv_now(host->worker->loop);
    struct dispatch *dispatch = host->dispatches;
    struct dispatch *late = NULL;

    for (; dispatch; dispatch = dispatch->next) {
        if (now >= dispatch->deadline_ms) {
            late = dispatch; /* others may come and go with it: the next look finds the next */
            break;
        }
        if (!dispatch->warned && now - dispatch->called_at_ms >= SLOW_MS) {
            dispatch->warned = true;
            log_warn("plugin=%s its handler of \"%s\" keeps a player waiting",
                     dispatch->task->plugin->name, event_info(dispatch->event->kind)->name);
        }
    }
    if (late)
        time_out(late);
    tasks_settle(host);
}

void dispatch_drain(struct plugins *host)
{
    while (host->dispatches)
        task_drop(host->dispatches->task);
    tasks_settle(host);
}

/* Every plugin has gone: nothing is waited for any more. */
void dispatch_close(struct plugins *host)
{
    struct dispatch *dispatch;

    while ((dispatch = host->dispatches)) {
        host->dispatches = dispatch->next;
        if (dispatch->next)
            dispatch->next->previous = NULL;
        dispatch->waits = false;
        finish(dispatch);
    }
    buf_free(&host->worker->events.channels);
    host->worker->events = (struct event_listener){0};
    table_free(&host->queues);
}
