/*
 * What a player may go on to type, as a plugin's function knows it: complete(player, beginning,
 * before).
 */
#include "plugin/host.h"
#include "plugin/player.h"
#include "plugin/plugin_command.h"
#include "plugin/task.h"
#include "session/phases.h"

enum { WORDS_MAX = 1000 };

/* The words lie in a list. */
static void add_words(const struct task *task)
{
    lua_State *lua = task->thread;
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);

    for (lua_Integer i = 1; i <= count && i <= WORDS_MAX; i++) {
        if (lua_rawgeti(lua, -1, i) == LUA_TSTRING) {
            size_t len;
            const char *word = lua_tolstring(lua, -1, &len);

            completion_add(task->owner, slice_of(word, len));
        }
        lua_pop(lua, 1);
    }
}

static void on_words(struct task *task, bool ok)
{
    lua_State *lua = task->thread;

    if (ok && task->results > 0 && lua_istable(lua, -task->results)) {
        lua_settop(lua, lua_absindex(lua, -task->results));
        add_words(task);
    }
    completion_end(task->owner);
}

/* A player waits for one completion only. */
static void drop_completion(const struct plugin *plugin, const struct session *session)
{
    struct task *task = plugin->tasks;

    while (task && (task->done != on_words || task->session != session->id || !task->waits))
        task = task->next;
    if (task)
        task_drop(task);
}

bool plugin_command_complete(const struct command *command, struct session *session,
                             size_t argument, struct completion *into)
{
    const struct plugin_command *own = command->context;
    struct plugin *plugin = own->registration.plugin;
    struct task *task = NULL;

    drop_completion(plugin, session);
    if (plugin->task_count < COMMAND_TASKS_MAX)
        task = task_new(plugin, own->completes[argument], on_words, into);
    if (!task)
        return false;
    task->session = session->id;
    player_push(task->thread, session->id);
    command_push_typed(task->thread, completion_word(into, argument));
    lua_createtable(task->thread, 0, (int)argument);
    for (size_t i = 0; i < argument; i++) {
        command_push_typed(task->thread, completion_word(into, i));
        lua_setfield(task->thread, -2, own->arguments[i].name);
    }
    task_start(task, 3);
    tasks_settle(plugin->host);
    return true;
}
