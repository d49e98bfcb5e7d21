/*
 * A command of a plugin, for the files that declare, run and complete it.
 */
#ifndef SEKISHO_PLUGIN_PLUGIN_COMMAND_H
#define SEKISHO_PLUGIN_PLUGIN_COMMAND_H

#include "plugin/plugin.h"
#include "plugin/task.h"
#include "session/commands.h"

/* Of the plugin's tasks: the rest is left to its events. */
enum { COMMAND_TASKS_MAX = TASKS_MAX / 2 };

/* What a plugin registered. It lies in Lua's memory, as all that it points to. */
struct plugin_command {
    struct registration registration;
    struct command command;
    const char *aliases[COMMAND_ALIASES_MAX];
    struct argument arguments[COMMAND_ARGUMENTS_MAX];
    int completes[COMMAND_ARGUMENTS_MAX]; /* the functions that know words; LUA_NOREF: none */
    int handler;
    int anchors; /* the table that keeps it all */
};

/* What a player typed is a text to the plugin, and no line of its log. */
void command_push_typed(lua_State *lua, struct slice text);

/* command_completion.c: as `complete` of struct command. */
bool plugin_command_complete(const struct command *command, struct session *session,
                             size_t argument, struct completion *into);

#endif
