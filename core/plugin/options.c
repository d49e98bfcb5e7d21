#include "plugin/options.h"

#include "base/diag.h"
#include "plugin/api.h"
#include "plugin/text.h"

#include <lauxlib.h>
#include <string.h>

void options_check(const struct options *options, const char *const *keys, size_t count)
{
    lua_State *lua = options->lua;

    api_check_plain(lua, options->index);
    for (lua_pushnil(lua); lua_next(lua, options->index); lua_pop(lua, 1)) {
        const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
        const char *nearest = key ? diag_nearest(key, keys, count) : NULL;
        bool found = !key;

        for (size_t i = 0; i < count && !found; i++)
            found = strcmp(keys[i], key) == 0;
        if (!found && nearest)
            luaL_error(lua, "%s: there is no \"%s\"; did you mean \"%s\"?", options->word, key,
                       nearest);
        if (!found)
            luaL_error(lua, "%s: there is no \"%s\"", options->word, key);
    }
}

double options_number(const struct options *options, const char *key, double otherwise, double min,
                      double max)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);
    double number = type == LUA_TNIL ? otherwise : lua_tonumber(lua, -1);

    /* Written so that what is no number at all fails, too. */
    if ((type != LUA_TNIL && type != LUA_TNUMBER) || !(number >= min && number <= max))
        luaL_error(lua, "%s: %s has to be a number from %f to %f", options->word, key, min, max);
    lua_pop(lua, 1);
    return number;
}

bool options_flag(const struct options *options, const char *key, bool otherwise)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);
    bool flag = type == LUA_TNIL ? otherwise : lua_toboolean(lua, -1);

    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        luaL_error(lua, "%s: %s has to be true or false", options->word, key);
    lua_pop(lua, 1);
    return flag;
}

int options_choice(const struct options *options, const char *key, const char *const *names,
                   size_t count, int otherwise)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);
    const char *name = type == LUA_TNIL ? NULL : lua_tostring(lua, -1);
    int chosen = type == LUA_TNIL ? otherwise : -1;
    luaL_Buffer known;

    for (size_t i = 0; name && i < count && chosen < 0; i++)
        if (strcmp(names[i], name) == 0)
            chosen = (int)i;
    lua_pop(lua, 1);
    if (type == LUA_TNIL || chosen >= 0)
        return chosen;
    luaL_buffinit(lua, &known);
    for (size_t i = 0; i < count; i++) {
        luaL_addstring(&known, i == 0 ? "" : ", ");
        luaL_addstring(&known, names[i]);
    }
    luaL_pushresult(&known);
    luaL_error(lua, "%s: %s has to be one of %s", options->word, key, lua_tostring(lua, -1));
    return otherwise;
}

size_t options_text(const struct options *options, const char *key)
{
    lua_State *lua = options->lua;

    if (lua_getfield(lua, options->index, key) == LUA_TNIL)
        return 0;
    return text_check(lua, lua_gettop(lua));
}
