#include "plugin/state.h"

#include "base/log.h"
#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/dispatch.h"
#include "plugin/host.h"
#include "plugin/json.h"
#include "plugin/task.h"

#include <stdlib.h>

enum { STATE_BYTES_MAX = 1024 * 1024 };

/* What one handler does; the plugin may be switched off by it. */
struct saving {
    char *state;
};

/* The task's first result becomes a text. */
static int take_state(lua_State *lua)
{
    struct task *task = lua_touserdata(lua, 1);
    struct saving *saving = task->owner;
    struct slice text;

    lua_pushvalue(task->thread, -task->results);
    lua_xmove(task->thread, lua, 1);
    text = json_push_text(lua, 2, NULL, NULL);
    if (text.len > STATE_BYTES_MAX)
        api_fail(lua, "it has more than 1 MiB");
    saving->state = mem_strndup((const char *)text.data, text.len);
    return 0;
}

/* On a budget of its own: a small table that holds others many times is a long text. */
static void on_saved(struct task *task, bool ok)
{
    struct script_fault fault;
    char *line;

    if (!task->owner || !ok || task->results < 1 || lua_isnil(task->thread, -task->results) ||
        script_call(task->plugin->script, take_state, task, &fault) == 0)
        return;
    line = mem_format("what plugin.save returns cannot be kept: %s", fault.message);
    plugin_log(task->plugin, LOG_ERROR, line);
    free(line);
}

/* Runs it to its end, at once; it cannot wait. */
static void call(const struct handler *handler, struct saving *saving, const char *state)
{
    struct plugin *plugin = handler->registration.plugin;
    struct plugins *host = plugin->host;
    struct task *task = task_new(plugin, handler->function, saving ? on_saved : NULL, saving);
    uint64_t id;

    if (!task)
        return;
    id = task->id;
    if (state) {
        json_push_value(task->thread, slice_str(state));
        lua_replace(task->thread, 2); /* what made it lies between it and the function */
        lua_settop(task->thread, 2);
    }
    task_start(task, state ? 1 : 0);
    task = task_find(host, id);
    if (!task)
        return;
    log_error("plugin=%s its handler of \"%s\" waits, which it cannot; it is left out",
              plugin->name, saving ? "plugin.save" : "plugin.restore");
    task->owner = NULL;
    task_drop(task);
}

static const struct handler *next_of(const struct plugin *plugin, const struct handler *handler)
{
    while (handler && handler->registration.plugin != plugin)
        handler = handler->next;
    return handler;
}

char *state_save(struct plugin *plugin)
{
    struct saving saving = {0};
    const struct handler *handler = plugin->host->handlers[EVENT_PLUGIN_SAVE];

    while (!saving.state && !plugin->off && (handler = next_of(plugin, handler))) {
        const struct handler *next = handler->next;

        call(handler, &saving, NULL);
        handler = next;
    }
    return saving.state;
}

void state_restore(struct plugin *plugin, const char *state)
{
    const struct handler *handler = plugin->host->handlers[EVENT_PLUGIN_RESTORE];

    while (!plugin->off && (handler = next_of(plugin, handler))) {
        const struct handler *next = handler->next;

        call(handler, NULL, state);
        handler = next;
    }
}
