/*
 * The plugin host: all plugins of a worker, the events that they hear, and what bounds them. It is
 * the worker's one listener (session/events.h).
 */
#ifndef SEKISHO_PLUGIN_HOST_H
#define SEKISHO_PLUGIN_HOST_H

#include "base/table.h"
#include "plugin/event_queue.h"
#include "plugin/plugin.h"
#include "session/worker.h"

#include <uv.h>

struct alarm;
struct dispatch;
struct handler;
struct http;
struct listener;
struct publication;

/*
 * What is heard always: that a player logs in, whom a plugin that is required and does not run
 * keeps out; and that one has left, with whom goes what plugins remember of them.
 */
#define HOST_EVENTS ((uint64_t)1 << EVENT_LOGIN | (uint64_t)1 << EVENT_DISCONNECT)

struct plugins {
    struct worker *worker;
    char *folder;
    char *settings;            /* the folder of theirs */
    struct plugin_file *files; /* folder.h; sorted by path */
    struct plugin *first;      /* in the order in which they were loaded */
    struct handler *handlers[EVENTS];
    uint64_t last_serial;
    uint64_t handler_changes; /* how often handlers came or went */
    uint64_t last_task;
    struct plugin *in_lua; /* whose task stands in Lua */
    struct table tasks;    /* by id */
    struct task *ready, *last_ready;
    struct event_list fired;     /* while something stood in Lua */
    bool settling;               /* what is ready is being run: the loop there sees to all */
    bool burying;                /* plugins that leave are being freed, or have to wait */
    int ending;                  /* tasks that are being ended: their plugins are still needed */
    bool serving;                /* plugins that are loaded now begin at once */
    struct dispatch *dispatches; /* events that wait for a handler */
    struct table queues;         /* of events, by session */
    uv_timer_t look;             /* at handlers that wait for long */
    struct http *http;           /* NULL: nobody asked for anything yet */
    bool http_stays;             /* a test: nothing leaves; http.h */
    bool only_looks;             /* nothing will run, so that there is nothing to log */
    struct listener *listeners;  /* messages.c */
    struct publication *handed;  /* to them, now */
    struct alarm *alarms;        /* alarm.h */
    uint64_t ahead_ms;           /* by so much they were put forward */
    void (*ended)(void *owner);  /* is told when nothing waits any more; NULL: nobody asked */
    void *owner;
    uint64_t end_by_ms;
    bool closing;
};

/* Without any plugin yet. Returns owned. */
struct plugins *plugins_new(struct worker *worker, const char *folder);

/*
 * Loads one more, whatever it depends on, which the folder knows nothing of. ERR_INVALID: why not,
 * is told in `diag`.
 */
int plugins_add(struct plugins *host, const char *path, struct diag *diag)
    __attribute__((warn_unused_result));

/*
 * Loads the plugins of a folder. Returns owned; what does not load is told in
 * `diag`, and all else works without it.
 */
struct plugins *plugins_open(struct worker *worker, const char *folder, struct diag *diag);

/* "proxy.start": from here on one that is loaded is told so itself. Accepts NULL. */
void plugins_serve(struct plugins *host);

/*
 * Everybody has left: lets handlers end that still wait, as for what they store at proxy.stop, but
 * not for long, and calls `ended`, at once or later. Accepts NULL.
 */
void plugins_end(struct plugins *host, void (*ended)(void *owner), void *owner);

/* Before the worker's store is closed. Accepts NULL. */
void plugins_close(struct plugins *host);

/* Frees the plugins that are leaving, unless a task is being ended; nothing stands in Lua. */
void plugins_bury(struct plugins *host);

/* Into the list of those that run, and out of it. */
void plugins_append(struct plugins *host, struct plugin *plugin);
void plugins_take_out(struct plugins *host, struct plugin *plugin);

#endif
