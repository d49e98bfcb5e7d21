/*
 * Left out are those that search with Lua's patterns, whose time nothing bounds (PCRE2 is there as
 * `pattern`), those that load code, and coroutines: waiting words make them of themselves.
 */
#include "plugin/libraries.h"

#include "plugin/api.h"
#include "script/script.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum {
    COST_MAX = 1000 * 1000 * 1000,
    SORTED_MAX = 100 * 1000,
    SORT_STEPS = 4, /* for each value, in instructions */
    BYTES_AN_INSTRUCTION = 16,
    PCALL_DEPTH_MAX = 200,
};

static const char *const base[] = {"assert", "error",  "next",  "rawequal",
                                   "rawget", "rawlen", "rawset"};
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

/* Each error that a pcall catches is looked for through all calls around it. */
static int word_pcall(lua_State *lua)
{
    lua_Debug call;

    if (lua_getstack(lua, PCALL_DEPTH_MAX, &call))
        return luaL_error(lua,
                          "pcall: more than %d calls within each other; is that an endless "
                          "recursion?",
                          PCALL_DEPTH_MAX);
    return lua_tocfunction(lua, lua_upvalueindex(1))(lua); /* Lua's own */
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

/* Of the library whose name is upvalue 1. */
static int on_missing(lua_State *lua)
{
    const char *library = lua_tostring(lua, lua_upvalueindex(1));
    const char *name = luaL_tolstring(lua, 2, NULL);
    const char *here = api_name_of(name);

    return luaL_error(lua, "there is no %s.%s%s%s", library, name,
                      here ? "; what does it here is " : "", here ? here : "");
}

/* What is left of the library on the top is all there is. */
static void refuse_unknown(lua_State *lua, const char *library)
{
    lua_newtable(lua);
    lua_pushstring(lua, library);
    lua_pushcclosure(lua, on_missing, 1);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
}

/* A name that stands nowhere: what Lua elsewhere has, or what every script is told (upvalue 1). */
static int on_missing_name(lua_State *lua)
{
    const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "";
    const char *here = api_name_of(name);

    if (here)
        return luaL_error(lua, "there is no \"%s\" here; did you mean \"%s\"?", name, here);
    return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

static void offer_names(lua_State *lua)
{
    lua_pushglobaltable(lua);
    lua_getmetatable(lua, -1);
    lua_getfield(lua, -1, "__index");
    lua_pushcclosure(lua, on_missing_name, 1);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 2);
}

/* For ("text"):upper(). */
static void offer_string(lua_State *lua)
{
    luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 0);
    keep(lua, strings, sizeof strings / sizeof strings[0]);
    refuse_unknown(lua, LUA_STRLIBNAME);
    lua_pushliteral(lua, "");
    lua_getmetatable(lua, -1);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 2);
    lua_setglobal(lua, LUA_STRLIBNAME);
}

/* From one place to another, with both; nothing where there is none. */
static lua_Integer span(lua_Integer from, lua_Integer to)
{
    lua_Unsigned places = from > to ? 0 : (lua_Unsigned)to - (lua_Unsigned)from;

    return places > COST_MAX ? COST_MAX : (lua_Integer)places;
}

static lua_Integer cost_of_insert(lua_State *lua)
{
    return lua_gettop(lua) < 3 ? 0 : span(luaL_checkinteger(lua, 2), luaL_len(lua, 1));
}

static lua_Integer cost_of_remove(lua_State *lua)
{
    return lua_isnoneornil(lua, 2) ? 0 : span(luaL_checkinteger(lua, 2), luaL_len(lua, 1));
}

static lua_Integer cost_of_move(lua_State *lua)
{
    return span(luaL_checkinteger(lua, 2), luaL_checkinteger(lua, 3));
}

/* From and to may be left out. */
static lua_Integer span_at(lua_State *lua, int index)
{
    lua_Integer to =
        lua_isnoneornil(lua, index + 1) ? luaL_len(lua, 1) : luaL_checkinteger(lua, index + 1);

    return span(luaL_optinteger(lua, index, 1), to);
}

static lua_Integer cost_of_concat(lua_State *lua)
{
    return span_at(lua, 3);
}

static lua_Integer cost_of_unpack(lua_State *lua)
{
    return span_at(lua, 2);
}

/* A comparison that Lua does not count is no instruction; long texts are compared byte by byte. */
static lua_Integer cost_of_sort(lua_State *lua)
{
    lua_Integer count = luaL_len(lua, 1);
    lua_Integer cost = count;

    if (lua_iscfunction(lua, 2))
        luaL_argerror(lua, 2, "a function of the plugin's is meant");
    if (count > SORTED_MAX || !lua_istable(lua, 1))
        luaL_argerror(lua, 1, "a list of 100,000 values at most can be sorted");
    for (lua_Integer i = 1; i <= count && lua_isnoneornil(lua, 2); i++) {
        if (lua_rawgeti(lua, 1, i) == LUA_TSTRING)
            cost += (lua_Integer)lua_rawlen(lua, -1) / BYTES_AN_INSTRUCTION;
        lua_pop(lua, 1);
    }
    return cost * SORT_STEPS;
}

static const struct {
    const char *name;
    lua_Integer (*cost)(lua_State *lua);
} counted[] = {
    {"insert", cost_of_insert}, {"remove", cost_of_remove}, {"move", cost_of_move},
    {"concat", cost_of_concat}, {"unpack", cost_of_unpack}, {"sort", cost_of_sort},
};

/* One of Lua's, upvalue 1, that goes on within C for as long as a number says: it pays before. */
static int call_counted(lua_State *lua)
{
    lua_Integer cost;

    if (luaL_getmetafield(lua, 1, "__len") != LUA_TNIL)
        return luaL_error(lua, "a table whose metatable has __len is not taken here: it may be "
                               "another length each time");
    cost = counted[lua_tointeger(lua, lua_upvalueindex(2))].cost(lua);
    script_spend(lua, cost > COST_MAX ? COST_MAX : (int)cost);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
    return lua_gettop(lua);
}

static void offer_table(lua_State *lua)
{
    luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 0);
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        lua_getfield(lua, -1, counted[i].name);
        lua_pushinteger(lua, (lua_Integer)i);
        lua_pushcclosure(lua, call_counted, 2);
        lua_setfield(lua, -2, counted[i].name);
    }
    lua_setglobal(lua, LUA_TABLIBNAME);
}

void libraries_offer(lua_State *lua)
{
    luaL_requiref(lua, LUA_GNAME, luaopen_base, 0);
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++) {
        lua_getfield(lua, -1, base[i]);
        lua_setglobal(lua, base[i]);
    }
    lua_getfield(lua, -1, "pcall");
    lua_pushcclosure(lua, word_pcall, 1);
    lua_setglobal(lua, "pcall");
    lua_pop(lua, 1);
    lua_pushcfunction(lua, word_setmetatable);
    lua_setglobal(lua, "setmetatable");
    offer_names(lua);
    offer_string(lua);
    offer_table(lua);
    luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 0);
    lua_setglobal(lua, LUA_MATHLIBNAME);
    luaL_requiref(lua, LUA_UTF8LIBNAME, luaopen_utf8, 0);
    lua_setglobal(lua, LUA_UTF8LIBNAME);
    /* What requiref remembers would give the whole libraries back. */
    lua_pushnil(lua);
    lua_setfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}
