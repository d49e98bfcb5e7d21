#include "plugin/setting_checks.h"

#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/options.h"
#include "policy/policies.h"

#include <lauxlib.h>
#include <string.h>

static const char *server_flaw(lua_State *lua, const char *name)
{
    const struct conf *conf = plugin_worker(lua)->conf;
    char advice[DIAG_ADVICE_BYTES];

    if (conf_server_find(conf, name))
        return NULL;
    return lua_pushfstring(lua, "= \"%s\" is no server; %s", name,
                           diag_advice(advice, conf_server_nearest(conf, name),
                                       "write one of `servers` in the configuration"));
}

static const char *purpose_flaw(lua_State *lua, const char *name)
{
    if (policies_of_purpose(plugin_worker(lua)->policies, name))
        return NULL;
    return lua_pushfstring(
        lua, "= \"%s\" is no purpose of the policy; add it to policy.lua, or write another", name);
}

/* By their names. */
static const struct {
    const char *name;
    const char *(*flaw)(lua_State *lua, const char *name);
} kinds[] = {{"server", server_flaw}, {"purpose", purpose_flaw}};

static void check_range(lua_State *lua, int index)
{
    static const char *const known[] = {"min", "max"};
    const struct options options = {lua, index, "settings"};

    options_check(&options, known, API_COUNT(known));
    for (size_t i = 0; i < API_COUNT(known); i++) {
        int type = lua_getfield(lua, index, known[i]);

        if (type != LUA_TNUMBER && type != LUA_TNIL)
            luaL_error(lua, "settings: %s has to be a number", known[i]);
        lua_pop(lua, 1);
    }
}

static void check_kind(lua_State *lua, const char *name)
{
    for (size_t i = 0; i < API_COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return;
    luaL_error(lua,
               "settings: there is no check \"%s\"; \"server\", \"purpose\", { min = 1, max = 9 } "
               "and functions are known",
               name);
}

void setting_checks_read(lua_State *lua, int checks, int defaults)
{
    int key = lua_gettop(lua) + 1;

    luaL_checktype(lua, checks, LUA_TTABLE);
    for (lua_pushnil(lua); lua_next(lua, checks); lua_settop(lua, key)) {
        lua_pushvalue(lua, key);
        if (lua_type(lua, key) != LUA_TSTRING || lua_rawget(lua, defaults) == LUA_TNIL)
            luaL_error(lua, "settings: a check is of \"%s\", which has no default",
                       luaL_tolstring(lua, key, NULL));
        if (lua_isfunction(lua, key + 1))
            continue;
        if (lua_istable(lua, key + 1))
            check_range(lua, key + 1);
        else
            check_kind(lua, luaL_tolstring(lua, key + 1, NULL));
        if (lua_type(lua, key + 2) != (lua_istable(lua, key + 1) ? LUA_TNUMBER : LUA_TSTRING))
            luaL_error(lua, "settings: the check of \"%s\" is for %s",
                       luaL_tolstring(lua, key, NULL),
                       lua_istable(lua, key + 1) ? "numbers" : "texts");
    }
}

static const char *range_flaw(lua_State *lua, int range, lua_Number number)
{
    if (lua_getfield(lua, range, "min") != LUA_TNIL && number < lua_tonumber(lua, -1))
        return lua_pushfstring(lua, "has to be %s or more", luaL_tolstring(lua, -1, NULL));
    if (lua_getfield(lua, range, "max") != LUA_TNIL && number > lua_tonumber(lua, -1))
        return lua_pushfstring(lua, "has to be %s or less", luaL_tolstring(lua, -1, NULL));
    return NULL;
}

const char *setting_flaw(lua_State *lua)
{
    int value = lua_gettop(lua);
    int check = value - 1;

    if (lua_istable(lua, check))
        return range_flaw(lua, check, lua_tonumber(lua, value));
    if (lua_isfunction(lua, check)) {
        lua_pushvalue(lua, check);
        lua_pushvalue(lua, value);
        lua_call(lua, 1, 1);
        return lua_tostring(lua, -1);
    }
    for (size_t i = 0; i < API_COUNT(kinds); i++)
        if (strcmp(kinds[i].name, lua_tostring(lua, check)) == 0)
            return kinds[i].flaw(lua, lua_tostring(lua, value));
    return NULL;
}
