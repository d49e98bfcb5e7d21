/*
 * command(): what players type, as plugins declare it. Each run of one is a task.
 */
#ifndef SEKISHO_PLUGIN_COMMAND_WORDS_H
#define SEKISHO_PLUGIN_COMMAND_WORDS_H

#include <lua.h>

int word_command(lua_State *lua);

#endif
