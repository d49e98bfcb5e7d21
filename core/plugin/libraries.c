/*
 * Left out are those that search with Lua's patterns, whose time nothing bounds (PCRE2 is there as
 * `pattern`), those that load code, and coroutines: waiting words make them of themselves.
 */
#include "plugin/libraries.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

static const char *const base[] = {"assert",   "error",  "next",   "pcall",
                                   "rawequal", "rawget", "rawlen", "rawset"};
static const char *const strings[] = {"byte", "char", "format", "len",    "lower",
                                      "rep",  "sub",  "upper",  "reverse"};

/* A finalizer runs where nothing bounds it. */
static int word_setmetatable(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_argexpected(lua, lua_isnil(lua, 2) || lua_istable(lua, 2), 2, "nil or table");
    if (lua_istable(lua, 2)) {
        lua_pushliteral(lua, "__gc");
        if (lua_rawget(lua, 2) != LUA_TNIL)
            return luaL_error(lua, "a metatable with __gc cannot be set: nothing bounds what it "
                                   "does; undo things in on(\"proxy.stop\", ...)");
        lua_pop(lua, 1);
    }
    if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL)
        return luaL_error(lua, "this metatable is sealed");
    lua_settop(lua, 2);
    lua_setmetatable(lua, 1);
    return 1;
}

/* Leaves in the table on the top only these. */
static void keep(lua_State *lua, const char *const *names, size_t count)
{
    lua_newtable(lua);
    for (size_t i = 0; i < count; i++) {
        lua_getfield(lua, -2, names[i]);
        lua_setfield(lua, -2, names[i]);
    }
    lua_remove(lua, -2);
}

/* For ("text"):upper(). */
static void offer_string(lua_State *lua)
{
    luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 0);
    keep(lua, strings, sizeof strings / sizeof strings[0]);
    lua_pushliteral(lua, "");
    lua_getmetatable(lua, -1);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 2);
    lua_setglobal(lua, LUA_STRLIBNAME);
}

void libraries_offer(lua_State *lua)
{
    luaL_requiref(lua, LUA_GNAME, luaopen_base, 0);
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++) {
        lua_getfield(lua, -1, base[i]);
        lua_setglobal(lua, base[i]);
    }
    lua_pop(lua, 1);
    lua_pushcfunction(lua, word_setmetatable);
    lua_setglobal(lua, "setmetatable");
    offer_string(lua);
    luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 0);
    lua_setglobal(lua, LUA_TABLIBNAME);
    luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 0);
    lua_setglobal(lua, LUA_MATHLIBNAME);
    luaL_requiref(lua, LUA_UTF8LIBNAME, luaopen_utf8, 0);
    lua_setglobal(lua, LUA_UTF8LIBNAME);
    /* What requiref remembers would give the whole libraries back. */
    lua_pushnil(lua);
    lua_setfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}
