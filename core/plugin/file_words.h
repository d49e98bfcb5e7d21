/*
 * Words that read files of a plugin's while it is loaded: its parts, and its settings.
 */
#ifndef SEKISHO_PLUGIN_FILE_WORDS_H
#define SEKISHO_PLUGIN_FILE_WORDS_H

#include <lua.h>

int word_include(lua_State *lua);
int word_settings(lua_State *lua); /* settings.c */

#endif
