#include "plugin/options.h"

#include "base/diag.h"
#include "plugin/api.h"
#include "plugin/text.h"

#include <lauxlib.h>
#include <string.h>

/* "; a, b and c are known". Leaves it on the stack. */
static const char *push_known(lua_State *lua, const struct options_keys *keys)
{
    luaL_Buffer list;

    luaL_buffinit(lua, &list);
    for (size_t i = 0; i < keys->count; i++) {
        luaL_addstring(&list, i == 0 ? "; " : i + 1 < keys->count ? ", " : " and ");
        luaL_addstring(&list, keys->names[i]);
    }
    luaL_addstring(&list, " are known");
    luaL_pushresult(&list);
    return lua_tostring(lua, -1);
}

void options_check_keys(lua_State *lua, int index, const struct options_keys *keys)
{
    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        bool is_text = lua_type(lua, -2) == LUA_TSTRING;
        const char *key = is_text ? lua_tostring(lua, -2) : "?";
        const char *nearest = diag_nearest(key, keys->names, keys->count);
        bool found = keys->places == OPTIONS_LIST
                         ? !is_text
                         : lua_isinteger(lua, -2) && lua_tointeger(lua, -2) <= keys->places;

        for (size_t i = 0; i < keys->count && !found; i++)
            found = strcmp(keys->names[i], key) == 0;
        if (!found && nearest)
            luaL_error(lua, "%s: there is no \"%s\"; did you mean \"%s\"?", keys->word, key,
                       nearest);
        if (!found)
            luaL_error(lua, "%s: there is no \"%s\"%s", keys->word, key,
                       keys->otherwise ? keys->otherwise : push_known(lua, keys));
    }
}

void options_check(const struct options *options, const char *const *keys, size_t count)
{
    const struct options_keys known = {.word = options->word,
                                       .names = keys,
                                       .count = count,
                                       .places = OPTIONS_LIST,
                                       .otherwise = ""};

    api_check_plain(options->lua, options->index);
    options_check_keys(options->lua, options->index, &known);
}

/* A whole number without a point. Leaves it on the stack. */
static const char *push_number(lua_State *lua, double number)
{
    lua_Integer whole;

    if (lua_numbertointeger(number, &whole) && (double)whole == number)
        lua_pushinteger(lua, whole);
    else
        lua_pushnumber(lua, number);
    return lua_tostring(lua, -1);
}

double options_number(const struct options *options, const char *key, double otherwise, double min,
                      double max)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);
    double number = type == LUA_TNIL ? otherwise : lua_tonumber(lua, -1);

    /* Written so that what is no number at all fails, too. */
    if ((type != LUA_TNIL && type != LUA_TNUMBER) || !(number >= min && number <= max))
        luaL_error(lua, "%s: %s has to be a number from %s to %s", options->word, key,
                   push_number(lua, min), push_number(lua, max));
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

void options_check_last(const struct options *options, const char *const *keys, size_t count)
{
    lua_settop(options->lua, options->index);
    if (lua_isnil(options->lua, options->index)) {
        lua_newtable(options->lua);
        lua_replace(options->lua, options->index);
    }
    options_check(options, keys, count);
}
