#include "plugin/task.h"

#include "base/mem.h"
#include "plugin/dispatch.h"
#include "plugin/host.h"

#include <lauxlib.h>
#include <stddef.h>
#include <stdlib.h>

static void enlist(struct task *task)
{
    struct plugin *plugin = task->plugin;

    task->next = plugin->tasks;
    if (plugin->tasks)
        plugin->tasks->previous = task;
    plugin->tasks = task;
    plugin->task_count++;
    table_insert(&plugin->host->tasks, &task->node, &task->id, sizeof task->id);
}

static void unlist(struct task *task)
{
    struct plugin *plugin = task->plugin;

    if (task->previous)
        task->previous->next = task->next;
    else
        plugin->tasks = task->next;
    if (task->next)
        task->next->previous = task->previous;
    plugin->task_count--;
    table_remove(&plugin->host->tasks, &task->node);
}

/* A coroutine that came to its end can be used again. */
static void take_thread(struct task *task)
{
    struct plugin *plugin = task->plugin;
    lua_State *lua = script_lua(plugin->script);

    task->thread = plugin->spare;
    task->reference = plugin->spare_reference;
    plugin->spare = NULL;
    if (task->thread)
        return;
    task->thread = lua_newthread(lua);
    task->reference = luaL_ref(lua, LUA_REGISTRYINDEX);
}

static void give_thread(struct task *task, bool ok)
{
    struct plugin *plugin = task->plugin;

    if (ok && !plugin->spare) {
        lua_settop(task->thread, 0);
        plugin->spare = task->thread;
        plugin->spare_reference = task->reference;
    } else {
        luaL_unref(script_lua(plugin->script), LUA_REGISTRYINDEX, task->reference);
    }
}

struct task *task_new(struct plugin *plugin, int function, task_done done, void *owner)
{
    struct task *task;

    if (plugin->off || plugin->leaving)
        return NULL;
    if (plugin->task_count == TASKS_MAX) {
        plugin_switch_off(plugin, "more than 1024 of its calls wait at once");
        return NULL;
    }
    task = mem_alloc(sizeof *task);
    task->plugin = plugin;
    task->id = ++plugin->host->last_task;
    task->done = done;
    task->owner = owner;
    plugin->figures.calls++;
    task->begun_at_ms = uv_now(plugin->host->worker->loop);
    take_thread(task);
    enlist(task);
    lua_rawgeti(task->thread, LUA_REGISTRYINDEX, function);
    return task;
}

/* `done` may go on with whatever comes next, and that with the end of the plugin. */
static void end(struct task *task, bool ok)
{
    struct plugins *host = task->plugin->host;

    host->ending++;
    unlist(task);
    if (task->done)
        task->done(task, ok);
    give_thread(task, ok);
    host->ending--;
    free(task);
}

/* A call is begun or goes on. */
static void run(struct task *task)
{
    struct plugin *plugin = task->plugin;
    struct plugins *host = plugin->host;
    struct script_fault fault;
    uint64_t begun = uv_hrtime();
    int status;

    host->in_lua = plugin;
    plugin->running = task;
    task->waits = false;
    status = script_resume(plugin->script, task->thread, task->arguments, &task->results, &fault);
    host->in_lua = NULL;
    /* Both may end all tasks but the one that runs. */
    plugin_charge(plugin, uv_hrtime() - begun);
    if (status < 0)
        plugin_fault(plugin, &fault, lua_tostring(task->thread, -1));
    plugin->running = NULL;
    if (status == 1) {
        task->waits = true;
        lua_pop(task->thread, task->results);
        if (plugin->off)
            task_drop(task);
        return;
    }
    end(task, status == 0);
}

static void make_ready(struct task *task, int arguments)
{
    struct plugins *host = task->plugin->host;

    task->arguments = arguments;
    task->is_ready = true;
    task->next_ready = NULL;
    if (host->last_ready)
        host->last_ready->next_ready = task;
    else
        host->ready = task;
    host->last_ready = task;
}

void task_start(struct task *task, int arguments)
{
    if (task->plugin->host->in_lua) {
        make_ready(task, arguments);
        return;
    }
    task->arguments = arguments;
    run(task);
}

struct task *task_waits(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    struct task *task = plugin->running;

    if (!task || task->thread != lua) {
        luaL_error(lua, "nothing can wait while the plugin is read; wait in on(\"proxy.start\", "
                        "...)");
        return NULL;
    }
    if (!lua_isyieldable(lua)) /* before anything is asked whose answer would come later */
        luaL_error(lua, "nothing can wait in a function that Lua's own words or operators call: a "
                        "comparison of table.sort, an __index, an __close");
    task->cancel = NULL;
    return task;
}

struct task *task_find(struct plugins *host, uint64_t id)
{
    void *node = table_find(&host->tasks, &id, sizeof id);

    return node ? (struct task *)(void *)((char *)node - offsetof(struct task, node)) : NULL;
}

void task_resume(struct task *task, int results)
{
    struct plugins *host = task->plugin->host;

    task->cancel = NULL;
    task_start(task, results);
    tasks_settle(host);
}

void task_resume_without(struct task *task, const char *why)
{
    lua_pushnil(task->thread);
    lua_pushstring(task->thread, why);
    task_resume(task, 2);
}

static void forget_ready(struct task *task)
{
    struct plugins *host = task->plugin->host;
    struct task *before = NULL;

    if (!task->is_ready)
        return;
    for (struct task *each = host->ready; each != task; each = each->next_ready)
        before = each;
    if (before)
        before->next_ready = task->next_ready;
    else
        host->ready = task->next_ready;
    if (host->last_ready == task)
        host->last_ready = before;
}

void task_drop(struct task *task)
{
    forget_ready(task);
    if (task->cancel)
        task->cancel(task->waited);
    end(task, false);
}

void tasks_settle(struct plugins *host)
{
    if (host->in_lua || host->settling)
        return;
    host->settling = true;
    for (;;) {
        struct task *task = host->ready;

        if (task) {
            host->ready = task->next_ready;
            if (!host->ready)
                host->last_ready = NULL;
            task->is_ready = false;
            run(task);
        } else if (!dispatch_next(host)) {
            break;
        }
    }
    host->settling = false;
    plugins_bury(host);
}
