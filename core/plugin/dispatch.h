/*
 * Events to the handlers that plugins registered, and the answer back to the session: by priority,
 * one handler after the other. Events of one player come one after the other, too. A handler may
 * wait; only its player waits with it.
 */
#ifndef SEKISHO_PLUGIN_DISPATCH_H
#define SEKISHO_PLUGIN_DISPATCH_H

#include "base/uuid.h"
#include "plugin/plugin.h"
#include "session/events.h"

struct plugins;
struct task;

/* A function that hears of events of a kind. */
struct handler {
    struct registration registration;
    struct handler *next; /* in the order in which they are called */
    enum event_kind kind;
    int priority; /* higher ones first */
    uint64_t serial;
    bool stops; /* wants to stop what players say */
    int function;
};

/* As plugin_register wants them, of a handler whose fields are set. */
void dispatch_add(struct registration *registration);
void dispatch_remove(struct registration *registration);

/* The worker's listener; `owner` is the host. Takes the event, and gives it back when it is done.
 */
void dispatch_fire(void *owner, struct event *event);

/* Tells this plugin alone, of nobody. */
void dispatch_tell(struct plugin *plugin, enum event_kind kind);

/* Whether the task handles an event of this person's, behind which their next one waits. */
bool dispatch_is_about(const struct task *task, const struct uuid *person);

/* Begins with one that was fired while something stood in Lua. False: there is none. */
bool dispatch_next(struct plugins *host);

/* Warns of handlers that are slow, and leaves out what took too long. */
void dispatch_look(struct plugins *host);

/* Nobody waits any longer, and nothing is asked any more; what comes next is heard. */
void dispatch_drain(struct plugins *host);

/* Every plugin has gone. */
void dispatch_close(struct plugins *host);

#endif
