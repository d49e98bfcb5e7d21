/*
 * Of Lua's own libraries what neither reaches outside nor runs without a bound.
 */
#ifndef SEKISHO_PLUGIN_LIBRARIES_H
#define SEKISHO_PLUGIN_LIBRARIES_H

#include <lua.h>

void libraries_offer(lua_State *lua);

#endif
