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

/* What other hosts of plugins call what has another name here. */
static const struct {
    const char *elsewhere;
    const char *here;
} names[] = {
    {"fetch", "get"},
    {"set", "put"},
    {"sendMessage", "send"},
    {"hasPermission", "may"},
    {"kick", "disconnect"},
    {"getName", "name"},
    {"getUniqueId", "uuid"},
    {"getServer", "server"},
    {"getLocale", "player:field(\"client.locale\")"},
    {"locale", "player:field(\"client.locale\")"},
    {"address", "player:field(\"connection.ip\")"},
    {"showTitle", "title"},
    {"sendTitle", "title"},
    {"playSound", "sound"},
    {"showBossBar", "boss_bar"},
    {"sendActionBar", "action_bar"},
    {"cancel", "deny"},
    {"cancelled", "deny"},
    {"setCancelled", "deny"},
    {"setResult", "deny"},
    {"message", "text"},
};

/* What was meant by a word that the group does not have; NULL when that is not known. */
static const char *nearest_word(const struct api_group *group, const char *name)
{
    const char *nearest = diag_nearest_in(name, group->words, group->count, sizeof group->words[0]);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].elsewhere, name) == 0)
            return names[i].here;
    return nearest && nearest[0] != '_' ? nearest : NULL; /* which are not for plugins */
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
        lua_CFunction property = lua_tocfunction(lua, -1);

        lua_settop(lua, 1);
        return property(lua); /* called by no one in between, so that an error knows its line */
    }
    class = lua_touserdata(lua, lua_upvalueindex(3));
    name = luaL_tolstring(lua, 2, NULL);
    nearest = nearest_word(class, name);
    return luaL_error(lua, "%s %s has no \"%s\"%s%s%s",
                      strchr("aeiou", class->name[0]) ? "an" : "a", class->name, name,
                      nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                      nearest               ? "\"?"
                      : class == &api_value ? "; it is shown, and read by value:read() alone"
                                            : "");
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
    const char *nearest = nearest_word(table, name);

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

static void fail_type(lua_State *lua, int index, const struct api_group *class)
{
    lua_Debug call;

    if (index == 1 && lua_getstack(lua, 0, &call) && lua_getinfo(lua, "n", &call) &&
        strcmp(call.namewhat, "field") == 0)
        api_fail(lua, "%s is called with a colon: %s:%s(...)", call.name, class->name, call.name);
    luaL_typeerror(lua, index, class->name);
}

void *api_check(lua_State *lua, int index, const struct api_group *class)
{
    void *object = api_test(lua, index, class);

    if (!object)
        fail_type(lua, index, class);
    return object;
}
