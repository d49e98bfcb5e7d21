#include "plugin/command_words.h"

#include "base/log.h"
#include "identity/permissions.h"
#include "plugin/host.h"
#include "plugin/options.h"
#include "plugin/player.h"
#include "plugin/plugin_command.h"
#include "plugin/task.h"
#include "plugin/text.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    RUNS_MAX = 4, /* of one player, that wait at once */
    COMMANDS_MAX = 1000,
    CHOICES_MAX = 100, /* each is followed by each of the next argument in the client's tree */
};

/* Where word_command has its things on the stack. */
enum { NAME = 1, OPTIONS, HANDLER, ANCHORS, OWN };

static const char *const kinds[] = {
    [ARGUMENT_NONE] = "",         [ARGUMENT_WORD] = "word",     [ARGUMENT_INTEGER] = "integer",
    [ARGUMENT_PLAYER] = "player", [ARGUMENT_PERSON] = "person", [ARGUMENT_SERVER] = "server",
    [ARGUMENT_CHOICE] = "choice", [ARGUMENT_TEXT] = "greedy",
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Keeps what is on the top as long as the command, and takes it off the stack. */
static void anchor(lua_State *lua)
{
    lua_rawseti(lua, ANCHORS, (lua_Integer)lua_rawlen(lua, ANCHORS) + 1);
}

/* The same of a text, which it returns. */
static const char *anchor_text(lua_State *lua, const char *what)
{
    size_t len;
    const char *text;

    if (lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "command: %s has to be a text", what);
    text = lua_tolstring(lua, -1, &len);
    if (strlen(text) != len || !slice_is_utf8(slice_of(text, len)))
        luaL_error(lua, "command: %s is no UTF-8, or has a zero byte in it", what);
    anchor(lua);
    return text;
}

/* Of the table at `index`; NULL when it has none. */
static const char *text_of(lua_State *lua, int index, const char *key)
{
    if (lua_getfield(lua, index, key) != LUA_TNIL)
        return anchor_text(lua, key);
    lua_pop(lua, 1);
    return NULL;
}

/* A list of texts at a key of the table at `index`, put into `out`, which has room for `max`. */
static size_t texts_of(lua_State *lua, int index, const char *key, const char **out, size_t max)
{
    size_t count = 0;

    if (lua_getfield(lua, index, key) != LUA_TNIL) {
        luaL_argexpected(lua, lua_istable(lua, -1), OPTIONS, "list");
        count = (size_t)lua_rawlen(lua, -1);
        if (count > max)
            luaL_error(lua, "command: %s has more than %d texts; leave some out", key, (int)max);
        for (size_t i = 0; i < count; i++) {
            lua_rawgeti(lua, -1, (lua_Integer)i + 1);
            out[i] = anchor_text(lua, key);
        }
    }
    lua_pop(lua, 1);
    return count;
}

/* The table on the top has no other keys than these, besides `places` at its numbers. */
static void check_keys(lua_State *lua, const char *const *known, size_t count, lua_Integer places,
                       const char *otherwise)
{
    const struct options_keys keys = {.word = "command",
                                      .names = known,
                                      .count = count,
                                      .places = places,
                                      .otherwise = otherwise};

    options_check_keys(lua, lua_gettop(lua), &keys);
}

static enum argument_kind kind_of(lua_State *lua, const char *name)
{
    const char *nearest;

    for (int kind = ARGUMENT_NONE + 1; kind < KINDS; kind++)
        if (strcmp(kinds[kind], name) == 0)
            return (enum argument_kind)kind;
    nearest = diag_nearest(name, kinds + 1, KINDS - 1);
    if (nearest)
        luaL_error(lua, "command: an argument is no \"%s\"; did you mean \"%s\"?", name, nearest);
    luaL_error(lua,
               "command: an argument is no \"%s\"; word, integer, player, person, server, choice "
               "and greedy are known",
               name);
    return ARGUMENT_NONE;
}

/* A bound of the argument on the top. */
static int32_t bound_of(lua_State *lua, const struct argument *argument, const char *key,
                        int32_t otherwise)
{
    int type = lua_getfield(lua, -1, key);
    lua_Integer bound = type == LUA_TNIL ? otherwise : lua_tointeger(lua, -1);

    if (type != LUA_TNIL && (argument->kind != ARGUMENT_INTEGER || !lua_isinteger(lua, -1) ||
                             bound < INT32_MIN || bound > INT32_MAX))
        luaL_error(lua, "command: %s is a whole number of 32 bits, and only integers have it", key);
    lua_pop(lua, 1);
    return (int32_t)bound;
}

static void read_choices(lua_State *lua, struct argument *argument)
{
    const char **words;
    size_t count;

    lua_getfield(lua, -1, "choices");
    if (lua_istable(lua, -1) != (argument->kind == ARGUMENT_CHOICE))
        luaL_error(lua,
                   "command: the argument \"%s\": a choice, and only that, has choices = { "
                   "\"ONE\", \"TWO\" }",
                   argument->name);
    count = lua_istable(lua, -1) ? (size_t)lua_rawlen(lua, -1) : 0;
    lua_pop(lua, 1);
    if (count > CHOICES_MAX)
        luaL_error(lua,
                   "command: the argument \"%s\" has more than %d choices; make it a word, with "
                   "complete = function",
                   argument->name, CHOICES_MAX);
    if (argument->kind != ARGUMENT_CHOICE)
        return;
    words = lua_newuserdatauv(lua, (count + 1) * sizeof *words, 0);
    anchor(lua);
    argument->words = words;
    argument->word_count = texts_of(lua, lua_gettop(lua), "choices", words, count);
}

static void read_completes(lua_State *lua, struct argument *argument, int *function)
{
    int type = lua_getfield(lua, -1, "complete");

    if (type != LUA_TNIL && (type != LUA_TFUNCTION || argument->kind != ARGUMENT_WORD))
        luaL_error(lua, "command: the argument \"%s\": complete is a function, of a word",
                   argument->name);
    argument->completes = type == LUA_TFUNCTION;
    if (argument->completes)
        *function = luaL_ref(lua, LUA_REGISTRYINDEX);
    else
        lua_pop(lua, 1);
}

/* The one on the top. */
static void read_argument(lua_State *lua, struct argument *argument, int *completes)
{
    static const char *const known[] = {"optional", "min", "max", "choices", "complete"};
    const struct options options = {lua, lua_gettop(lua), "command"};

    if (!lua_istable(lua, -1))
        luaL_error(lua, "command: an argument is written as { \"NAME\", \"KIND\" }");
    check_keys(lua, known, sizeof known / sizeof known[0], 2,
               "; an argument has optional, min, max, choices and complete");
    lua_rawgeti(lua, -1, 1);
    argument->name = anchor_text(lua, "an argument's name");
    lua_rawgeti(lua, -1, 2);
    argument->kind = kind_of(lua, anchor_text(lua, "an argument's kind"));
    argument->optional = options_flag(&options, "optional", false);
    argument->min = bound_of(lua, argument, "min", INT32_MIN);
    argument->max = bound_of(lua, argument, "max", INT32_MAX);
    read_choices(lua, argument);
    read_completes(lua, argument, completes);
}

static void read_arguments(lua_State *lua, struct plugin_command *own)
{
    int type = lua_getfield(lua, OPTIONS, "arguments");
    size_t count = type == LUA_TTABLE ? (size_t)lua_rawlen(lua, -1) : 0;

    if (type != LUA_TTABLE && type != LUA_TNIL)
        luaL_error(lua, "command: arguments is a list of { \"NAME\", \"KIND\" }");
    if (count > COMMAND_ARGUMENTS_MAX)
        luaL_error(lua, "command: there are more than %d arguments; leave some out",
                   COMMAND_ARGUMENTS_MAX);
    if (type == LUA_TTABLE)
        check_keys(lua, NULL, 0, (lua_Integer)count,
                   "; arguments is a list of { \"NAME\", \"KIND\" }");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(lua, -1, (lua_Integer)i + 1);
        own->completes[i] = LUA_NOREF;
        read_argument(lua, &own->arguments[i], &own->completes[i]);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    own->command.argument_count = count;
}

static void remove_command(struct registration *registration)
{
    struct plugin_command *own = (struct plugin_command *)(void *)registration;
    struct plugin *plugin = registration->plugin;
    lua_State *lua = script_lua(plugin->script);

    commands_remove(plugin->host->worker->commands, &own->command);
    registration_unlink(registration);
    plugin->command_count--;
    for (size_t i = 0; i < own->command.argument_count; i++)
        luaL_unref(lua, LUA_REGISTRYINDEX, own->completes[i]);
    luaL_unref(lua, LUA_REGISTRYINDEX, own->handler);
    luaL_unref(lua, LUA_REGISTRYINDEX, own->anchors);
}

/* The handler has ended: what is wrong is told with the line on which it begins. */
static int fail_returned(lua_State *lua)
{
    lua_Debug handler;

    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_getinfo(lua, ">S", &handler);
    lua_pushfstring(lua, "%s:%d: /%s returned a %s; a command returns a text, or nothing",
                    handler.short_src, handler.linedefined, lua_tostring(lua, lua_upvalueindex(2)),
                    luaL_typename(lua, -1));
    return lua_error(lua);
}

/* What the handler returned is told to the player; a number as its digits. */
static int on_returned(lua_State *lua, int status, lua_KContext context)
{
    struct session *session = player_session(lua, player_check(lua, 1));

    (void)status, (void)context;
    if (lua_isnil(lua, -1) || !session)
        return 0;
    if (!lua_tostring(lua, -1) && lua_type(lua, -1) != LUA_TUSERDATA)
        return fail_returned(lua);
    command_say(session, text_check_read(lua, -1, session));
    return 0;
}

/* The handler, upvalue 1, of the command whose name is upvalue 2, with the player and the
 * arguments. */
static int call_handler(lua_State *lua)
{
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushvalue(lua, 1);
    lua_pushvalue(lua, 2);
    lua_callk(lua, 2, 1, 0, on_returned);
    return on_returned(lua, LUA_OK, 0);
}

static void say(struct session *session, enum message message)
{
    command_say(session, text_new(message_text(message, session_locale(session))));
}

/* Why it failed is for the log. */
static void on_done(struct task *task, bool ok)
{
    struct session *session = worker_session(task->plugin->host->worker, task->session);

    if (!ok && session)
        say(session, MESSAGE_COMMAND_FAILED);
}

/* A player who types on and on keeps no more than their part of the plugin's tasks. */
static bool is_busy(const struct plugin *plugin, const struct session *session)
{
    int runs = 0;

    for (const struct task *task = plugin->tasks; task; task = task->next)
        runs += task->done == on_done && task->session == session->id;
    return runs >= RUNS_MAX || plugin->task_count >= COMMAND_TASKS_MAX;
}

void command_push_typed(lua_State *lua, struct slice text)
{
    mask_learn(&plugin_of(lua)->learnt, field_name(FIELD_CHAT_COMMAND), text);
    lua_pushlstring(lua, (const char *)text.data, text.len);
}

static void push_value(lua_State *lua, const struct argument *argument,
                       const struct argument_value *value)
{
    if (argument->kind == ARGUMENT_INTEGER)
        lua_pushinteger(lua, value->number);
    else if (value->player)
        player_push(lua, value->player->id);
    else if (argument->kind == ARGUMENT_WORD || argument->kind == ARGUMENT_PERSON ||
             argument->kind == ARGUMENT_TEXT)
        command_push_typed(lua, value->text);
    else
        lua_pushlstring(lua, (const char *)value->text.data, value->text.len);
}

static void on_run(const struct command *command, struct session *session,
                   const struct argument_value *values)
{
    const struct plugin_command *own = command->context;
    struct plugin *plugin = own->registration.plugin;
    struct plugins *host = plugin->host;
    struct task *task;

    if (is_busy(plugin, session)) {
        say(session, MESSAGE_COMMAND_BUSY);
        return;
    }
    task = task_new(plugin, own->handler, on_done, NULL);
    if (!task)
        return;
    task->session = session->id;
    player_push(task->thread, session->id);
    lua_createtable(task->thread, 0, (int)command->argument_count);
    for (size_t i = 0; i < command->argument_count; i++) {
        if (!values[i].given)
            continue;
        push_value(task->thread, &own->arguments[i], &values[i]);
        lua_setfield(task->thread, -2, own->arguments[i].name);
    }
    task_start(task, 2);
    tasks_settle(host);
}

static void read_options(lua_State *lua, struct plugin_command *own)
{
    static const char *const known[] = {"description", "permission", "aliases", "arguments"};
    struct command *command = &own->command;

    lua_pushvalue(lua, OPTIONS);
    check_keys(lua, known, sizeof known / sizeof known[0], 0,
               "; description, permission, aliases and arguments are known");
    lua_pop(lua, 1);
    command->description = text_of(lua, OPTIONS, "description");
    command->permission = text_of(lua, OPTIONS, "permission");
    command->aliases = own->aliases;
    command->alias_count = texts_of(lua, OPTIONS, "aliases", own->aliases, COMMAND_ALIASES_MAX);
    command->arguments = own->arguments;
    read_arguments(lua, own);
    if (command->permission && !permission_is_name(command->permission))
        luaL_error(lua,
                   "command: \"%s\" is no permission; write words of a-z, 0-9, _ and - with dots "
                   "between them, as \"hub.use\"",
                   command->permission);
}

/* That it can be was seen when the plugin was read. */
static void begin_command(struct registration *registration)
{
    struct plugin_command *own = (struct plugin_command *)(void *)registration;
    char *why;

    if (commands_add(registration->plugin->host->worker->commands, &own->command, &why) == 0)
        return;
    log_error("plugin=%s %s", registration->plugin->name, why);
    free(why);
}

static bool has_name(const struct command *command, const char *name)
{
    bool has = strcasecmp(command->name, name) == 0;

    for (size_t i = 0; i < command->alias_count; i++)
        has = has || strcasecmp(command->aliases[i], name) == 0;
    return has;
}

/* Of those that the plugin declared before: one that has a name of this one's, or NULL. */
static const struct command *same_in(const struct plugin *plugin, const struct command *command)
{
    for (const struct registration *each = plugin->registrations; each; each = each->next) {
        const struct command *other = &((const struct plugin_command *)(const void *)each)->command;

        if (each->remove != remove_command)
            continue;
        if (has_name(other, command->name))
            return other;
        for (size_t i = 0; i < command->alias_count; i++)
            if (has_name(other, command->aliases[i]))
                return other;
    }
    return NULL;
}

/* What is typed behind it is a plugin's to read. */
static void check_private(lua_State *lua, const char *name)
{
    if (conf_is_private_command(plugin_worker(lua)->conf, slice_str(name)))
        luaL_error(lua,
                   "command: /%s is for private messages, which no plugin reads; choose another "
                   "name",
                   name);
}

/* While it is read, a version of it may be there whose commands it will have. */
static void add(lua_State *lua, struct plugin_command *own)
{
    struct plugin *plugin = plugin_of(lua);
    const struct command *same = same_in(plugin, &own->command);
    char *why;

    check_private(lua, own->command.name);
    for (size_t i = 0; i < own->command.alias_count; i++)
        check_private(lua, own->aliases[i]);
    if (plugin->command_count == COMMANDS_MAX)
        luaL_error(lua, "command: this plugin has %d commands already; is `command` in a loop?",
                   COMMANDS_MAX);
    if (same)
        luaL_error(lua, "command: this plugin has /%s already, with the same name; choose another",
                   same->name);
    if (commands_check(plugin->host->worker->commands, &own->command,
                       plugin->active ? NULL : own->command.owner, &why) < 0) {
        script_own(lua);
        lua_pushstring(lua, why);
        free(why);
        script_own_no_more(lua);
        luaL_error(lua, "command: %s", lua_tostring(lua, -1));
    }
    plugin->command_count++;
    plugin_register(plugin, &own->registration, begin_command, remove_command);
}

/* name, options, handler */
int word_command(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    struct plugin_command *own;

    if (!plugin->name)
        return luaL_error(lua, "command: say plugin { name = \"...\" } before it");
    if (lua_isfunction(lua, OPTIONS)) {
        lua_newtable(lua);
        lua_insert(lua, OPTIONS);
    }
    luaL_checktype(lua, OPTIONS, LUA_TTABLE);
    luaL_checktype(lua, HANDLER, LUA_TFUNCTION);
    lua_settop(lua, HANDLER);
    lua_newtable(lua);
    own = lua_newuserdatauv(lua, sizeof *own, 0);
    *own = (struct plugin_command){.command = {.context = own,
                                               .places = COMMAND_WAITING | COMMAND_IN_GAME,
                                               .run = on_run,
                                               .complete = plugin_command_complete}};
    lua_pushvalue(lua, OWN);
    anchor(lua);
    lua_pushvalue(lua, NAME);
    own->command.name = anchor_text(lua, "the name");
    lua_pushfstring(lua, "the plugin %s", plugin->name);
    own->command.owner = anchor_text(lua, "the owner");
    read_options(lua, own);
    lua_pushvalue(lua, HANDLER);
    lua_pushvalue(lua, NAME);
    lua_pushcclosure(lua, call_handler, 2);
    own->handler = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_pushvalue(lua, ANCHORS);
    own->anchors = luaL_ref(lua, LUA_REGISTRYINDEX);
    add(lua, own);
    return 0;
}
