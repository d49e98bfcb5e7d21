/*
 * Every call into a plugin is a task: a coroutine that runs to its end, or waits for something and
 * goes on later. Waiting never blocks the loop. Only one task of all plugins stands in Lua at a
 * time: what would begin another one meanwhile comes after it.
 */
#ifndef SEKISHO_PLUGIN_TASK_H
#define SEKISHO_PLUGIN_TASK_H

#include "base/table.h"
#include "plugin/plugin.h"

enum { TASKS_MAX = 1024 /* of one plugin */ };

/* `ok`: it came to its end, and its results lie on `task->thread`, `results` of them. */
typedef void (*task_done)(struct task *task, bool ok);

struct task {
    struct task *next, *previous; /* of the plugin */
    struct table_node node;       /* of the host, by id */
    struct task *next_ready;
    bool is_ready;
    int arguments; /* with which it begins, or goes on */
    struct plugin *plugin;
    uint64_t id;
    lua_State *thread;
    int reference; /* of the thread */
    int results;
    uint64_t begun_at_ms;
    bool waits;
    uint64_t session; /* whose it is about; 0: nobody's */
    task_done done;   /* NULL: nobody waits */
    void *owner;
    /* What it waits for; called when the task ends without it. NULL: nothing to be told. */
    void (*cancel)(void *waited);
    void *waited;
};

/*
 * A task that will call the function with this reference (luaL_ref). Push its arguments to
 * `task->thread`, then task_start. Returns NULL when the plugin is off or has too many.
 */
struct task *task_new(struct plugin *plugin, int function, task_done done, void *owner);

/* Begins, now or after what runs now. The task may be gone when this returns. */
void task_start(struct task *task, int arguments);

/*
 * For a word that waits: the running task, after which the word returns lua_yield(lua, 0). Raises
 * an error where nothing can wait: while the plugin is read, or in a comparison of table.sort.
 */
struct task *task_waits(lua_State *lua);

/* The task with this id, if it has not ended meanwhile. */
struct task *task_find(struct plugins *host, uint64_t id);

/* It goes on: `results` values on its thread are what the waiting word returns. */
void task_resume(struct task *task, int results);

/* The same with nil and a text: what was asked for did not come, and why. */
void task_resume_without(struct task *task, const char *why);

/* Ends a task that waits. Its `done` is called, with false. */
void task_drop(struct task *task);

/* Runs what is ready, unless something stands in Lua. */
void tasks_settle(struct plugins *host);

#endif
