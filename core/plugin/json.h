/*
 * JSON and Lua: what plugins keep, send and are answered with. A player's data is no part of either
 * unless whoever asks for the text takes it.
 */
#ifndef SEKISHO_PLUGIN_JSON_H
#define SEKISHO_PLUGIN_JSON_H

#include "base/slice.h"

#include <jansson.h>
#include <lua.h>

struct value;

/* What becomes of a player's value on its way into JSON; raises an error where it may not. */
typedef void (*json_value_cb)(lua_State *lua, void *owner, const struct value *value);

/*
 * Pushes the text of the value at `index`: nil, a boolean, a number, a text, or a table of such.
 * Tables with the keys 1, 2, ... become arrays, those with texts as keys objects. Raises an error
 * for anything else, and for a player's values where `take` is NULL.
 */
struct slice json_push_text(lua_State *lua, int index, json_value_cb take, void *owner);

/*
 * Pushes the value that a text stands for, and returns 1; or nil and what is wrong with it, 2.
 * Raises no error but for want of memory. null is nil.
 */
int json_push_value(lua_State *lua, struct slice text);

#endif
