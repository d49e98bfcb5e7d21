#include "plugin/api.h"

#include "base/diag.h"
#include "script/pattern.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const struct api_group *const api_of_plugins[] = {
    &api_base,     &api_texts,   &api_log,    &api_player,     &api_event,  &api_timer, &api_value,
    &api_boss_bar, &api_mixed,   &api_styled, &api_translated, &api_person, &api_store, &api_http,
    &api_json,     &api_pattern, NULL,
};

bool api_is_function(const struct api_word *word)
{
    return word->shape[0] == '(';
}

/* A name that the object has not: upvalue 1 is its methods, 2 its properties, 3 its group. */
static int on_index(lua_State *lua)
{
    const struct api_group *class;
    const char *nearest;
    const char *name;

    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(2)) != LUA_TNIL) {
        lua_pushvalue(lua, 1);
        lua_call(lua, 1, 1);
        return 1;
    }
    class = lua_touserdata(lua, lua_upvalueindex(3));
    name = luaL_tolstring(lua, 2, NULL);
    nearest = diag_nearest_in(name, class->words, class->count, sizeof class->words[0]);
    if (nearest && nearest[0] != '_') /* which are not for plugins */
        return luaL_error(lua, "a %s has no \"%s\"; did you mean \"%s\"?", class->name, name,
                          nearest);
    return luaL_error(lua, "a %s has no \"%s\"", class->name, name);
}

static int on_set(lua_State *lua)
{
    return luaL_error(lua, "an object's fields cannot be set; its methods change it");
}

bool api_is_meta(const struct api_word *word)
{
    return strncmp(word->name, "__", 2) == 0;
}

/* Adds to the table on the top the words of one sort. */
static void put_words(lua_State *lua, const struct api_group *group, bool functions, bool meta)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct api_word *word = &group->words[i];

        if (api_is_function(word) != functions || api_is_meta(word) != meta)
            continue;
        lua_pushcfunction(lua, word->function);
        lua_setfield(lua, -2, word->name);
    }
}

/* The same of a table of functions, upvalue 1. */
static int on_table_index(lua_State *lua)
{
    const struct api_group *table = lua_touserdata(lua, lua_upvalueindex(1));
    const char *name = luaL_tolstring(lua, 2, NULL);
    const char *nearest = diag_nearest_in(name, table->words, table->count, sizeof table->words[0]);

    if (nearest)
        return luaL_error(lua, "%s has no \"%s\"; did you mean \"%s\"?", table->name, name,
                          nearest);
    return luaL_error(lua, "%s has no \"%s\"; docs/plugins-reference.md lists what it has",
                      table->name, name);
}

static void offer_table(lua_State *lua, const struct api_group *group)
{
    lua_newtable(lua);
    put_words(lua, group, true, false);
    lua_newtable(lua);
    lua_pushlightuserdata(lua, (void *)(uintptr_t)group);
    lua_pushcclosure(lua, on_table_index, 1);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
    lua_setglobal(lua, group->name);
}

static void offer_class(lua_State *lua, const struct api_group *class)
{
    lua_newtable(lua); /* the metatable */
    put_words(lua, class, true, true);
    lua_newtable(lua);
    put_words(lua, class, true, false);
    lua_newtable(lua);
    put_words(lua, class, false, false);
    lua_pushlightuserdata(lua, (void *)(uintptr_t) class);
    lua_pushcclosure(lua, on_index, 3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, on_set);
    lua_setfield(lua, -2, "__newindex");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pushstring(lua, class->name);
    lua_setfield(lua, -2, "__name");
    lua_rawsetp(lua, LUA_REGISTRYINDEX, class);
}

void api_offer(lua_State *lua, const struct api_group *const *groups)
{
    for (size_t i = 0; groups[i]; i++) {
        const struct api_group *group = groups[i];

        if (group == &api_pattern) {
            pattern_offer(lua);
        } else if (group->kind == API_CLASS) {
            offer_class(lua, group);
        } else if (group->kind == API_TABLE) {
            offer_table(lua, group);
        } else {
            lua_pushglobaltable(lua);
            put_words(lua, group, true, false);
            lua_pop(lua, 1);
        }
    }
}

void api_become(lua_State *lua, const struct api_group *class)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, class);
    lua_setmetatable(lua, -2);
}

void *api_test(lua_State *lua, int index, const struct api_group *class)
{
    void *object = lua_touserdata(lua, index);
    bool same;

    if (!object || lua_islightuserdata(lua, index) || !lua_getmetatable(lua, index))
        return NULL;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, class);
    same = lua_rawequal(lua, -1, -2);
    lua_pop(lua, 2);
    return same ? object : NULL;
}

void api_fail(lua_State *lua, const char *format, ...)
{
    va_list args;

    luaL_where(lua, 1);
    va_start(args, format);
    lua_pushvfstring(lua, format, args);
    va_end(args);
    lua_concat(lua, 2);
    lua_error(lua);
    abort(); /* not reached */
}

void *api_push_owner(lua_State *lua, const struct api_owner *kind)
{
    void *owner = lua_newuserdatauv(lua, kind->bytes, 0);

    memset(owner, 0, kind->bytes);
    api_push_table(lua, kind); /* the metatable */
    lua_pushcfunction(lua, kind->release);
    lua_setfield(lua, -2, "__gc");
    lua_setmetatable(lua, -2);
    return owner;
}

void api_push_table(lua_State *lua, const void *key)
{
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, key) == LUA_TTABLE)
        return;
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, key);
}

void api_check_plain(lua_State *lua, int index)
{
    luaL_checktype(lua, index, LUA_TTABLE);
    if (lua_getmetatable(lua, index))
        api_fail(lua, "a plain table is meant here, without a metatable");
}

void *api_check(lua_State *lua, int index, const struct api_group *class)
{
    void *object = api_test(lua, index, class);

    if (!object)
        luaL_typeerror(lua, index, class->name);
    return object;
}
