#include "plugin/store_answers.h"

#include "base/err.h"
#include "base/mem.h"
#include "plugin/host.h"
#include "plugin/json.h"
#include "plugin/task.h"
#include "plugin/value.h"

#include <stdlib.h>
#include <string.h>

struct task *store_answer_task(void *owner, uint64_t id)
{
    const struct worker *worker = owner;

    return worker->plugins ? task_find(worker->plugins, id) : NULL;
}

const char *store_answer_why(int err)
{
    switch (err) {
    case ERR_NOT_FOUND: return "this player is not known: they accepted nothing, or were erased";
    case ERR_REFUSED: return "the player does not agree to this purpose";
    case ERR_TOO_LARGE:
        return "there is no room: a plugin keeps 1,000,000 values and 64 MiB at most, and 1,000 "
               "values of one player; delete some, or let them expire";
    case ERR_INVALID:
        return "what is kept there is no whole number, or would not be one that fits in 64 bits";
    case ERR_IO: return "the store cannot be read or written at the moment; the log says more";
    default: return err_text(err);
    }
}

/* The same task; NULL also when it failed, and was told so. */
static struct task *answered(void *owner, uint64_t id, int err)
{
    struct task *task = store_answer_task(owner, id);

    if (!task || err == 0)
        return task;
    task_resume_without(task, store_answer_why(err));
    return NULL;
}

void store_answer_done(void *owner, uint64_t id, int err)
{
    struct task *task = answered(owner, id, err);

    if (!task)
        return;
    lua_pushboolean(task->thread, true);
    task_resume(task, 1);
}

void store_answer_deleted(void *owner, uint64_t id, int err)
{
    struct task *task = answered(owner, id, err == ERR_NOT_FOUND ? 0 : err);

    if (!task)
        return;
    lua_pushboolean(task->thread, err == 0);
    task_resume(task, 1);
}

void store_answer_number(void *owner, uint64_t id, int err, int64_t number)
{
    struct task *task = answered(owner, id, err);

    if (!task)
        return;
    lua_pushinteger(task->thread, number);
    task_resume(task, 1);
}

/* "connection.ip truncate" is a value of the player's; nil where it is read for that no more. */
static void push_kept_value(lua_State *lua, const struct store_plugin_row *row)
{
    const char *space = strchr(row->field, ' ');
    char *name = mem_strndup(row->field, space ? (size_t)(space - row->field) : 0);
    enum field field = field_by_name(name);
    const char *purpose = field ? plugin_purpose(plugin_of(lua), field) : NULL;

    free(name);
    if (purpose && strcmp(purpose, row->purpose) == 0)
        value_push_kept(lua, row->player, field, field_form_by_name(space + 1), row->value);
    else
        lua_pushnil(lua);
}

static void push_row(lua_State *lua, const struct store_plugin_row *row)
{
    int top = lua_gettop(lua);

    if (row->field[0]) {
        push_kept_value(lua, row);
        return;
    }
    (void)json_push_value(lua, row->value);
    lua_copy(lua, top + 2, top + 1); /* over what it was read from */
    lua_settop(lua, top + 1);
}

void store_answer_found(void *owner, uint64_t id, int err, const struct store_plugin_row *row)
{
    struct task *task = answered(owner, id, err == ERR_NOT_FOUND ? 0 : err);

    if (!task)
        return;
    if (row)
        push_row(task->thread, row);
    else
        lua_pushnil(task->thread);
    task_resume(task, 1);
}

void store_answer_forget_list(void *waited)
{
    struct plugin *plugin = waited;

    plugin->list_count--;
}

/* The list lies on the thread since it was asked for; nil, when it does not fit. */
void store_answer_listed(void *owner, uint64_t id, int err, const struct store_plugin_row *row)
{
    struct task *task = store_answer_task(owner, id);
    lua_State *lua = task ? task->thread : NULL;

    if (!task)
        return;
    if (row && script_memory(task->plugin->script) > PLUGIN_MEMORY_BYTES) {
        lua_pushnil(lua);
        lua_replace(lua, -2);
    }
    if (row && lua_isnil(lua, -1))
        return;
    if (row) {
        lua_checkstack(lua, 8);
        lua_newtable(lua);
        lua_pushstring(lua, row->key);
        lua_setfield(lua, -2, "key");
        push_row(lua, row);
        lua_setfield(lua, -2, "value");
        lua_rawseti(lua, -2, (lua_Integer)lua_rawlen(lua, -2) + 1);
        return;
    }
    store_answer_forget_list(task->plugin);
    if (err < 0)
        task_resume_without(task, store_answer_why(err));
    else if (lua_isnil(lua, -1))
        task_resume_without(task, "the plugin has no memory left for so much");
    else
        task_resume(task, 1);
}
