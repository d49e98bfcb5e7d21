#include "cli/expect.h"

#include <lauxlib.h>
#include <stdbool.h>

enum { CAME = 1, SHOULD, WHAT, DEPTH_MAX = 20 };

static void check_comparable(lua_State *lua, int index)
{
    if ((lua_type(lua, index) > LUA_TSTRING && !lua_istable(lua, index)) ||
        lua_islightuserdata(lua, index))
        luaL_error(lua,
                   "expect compares texts, numbers, true, false, nil and tables of such, not a "
                   "%s",
                   luaL_typename(lua, index));
}

/* Pushes the table, or the one for which it stands: what is outside of tests is behind a proxy. */
static int push_table(lua_State *lua, int index)
{
    if (luaL_getmetafield(lua, index, "__index") == LUA_TNIL)
        lua_pushvalue(lua, index);
    luaL_checktype(lua, -1, LUA_TTABLE);
    return lua_gettop(lua);
}

static bool is_same(lua_State *lua, int came, int should, int depth);

/* What one table has, the other has as well. */
static bool has_all(lua_State *lua, int of, int in, int depth)
{
    for (lua_pushnil(lua); lua_next(lua, of); lua_pop(lua, 2)) {
        int value = lua_gettop(lua);

        lua_pushvalue(lua, -2);
        lua_rawget(lua, in);
        if (!is_same(lua, value, value + 1, depth))
            return false;
    }
    return true;
}

static bool is_same_table(lua_State *lua, int came, int should, int depth)
{
    int first;
    int second;

    luaL_checkstack(lua, LUA_MINSTACK, "tables that are nested too deep");
    if (depth == DEPTH_MAX)
        luaL_error(lua, "expect compares tables that are nested %d times at most", DEPTH_MAX);
    first = push_table(lua, came);
    second = push_table(lua, should);
    return has_all(lua, first, second, depth + 1) && has_all(lua, second, first, depth + 1);
}

/* What is recorded of a number is a text; both can be written. Leaves the stack as it was. */
static bool is_same(lua_State *lua, int came, int should, int depth)
{
    int top = lua_gettop(lua);
    bool same;

    check_comparable(lua, came);
    check_comparable(lua, should);
    if (lua_istable(lua, came) && lua_istable(lua, should)) {
        same = is_same_table(lua, came, should, depth);
    } else if (lua_type(lua, came) == LUA_TSTRING && lua_type(lua, should) == LUA_TNUMBER) {
        luaL_tolstring(lua, should, NULL);
        same = lua_rawequal(lua, came, -1);
    } else {
        same = lua_rawequal(lua, came, should);
    }
    lua_settop(lua, top);
    return same;
}

/* The text on the top, with another one behind it. */
static void add(lua_State *lua, const char *text)
{
    lua_pushstring(lua, text);
    lua_concat(lua, 2);
}

static void push_quoted(lua_State *lua, int index)
{
    static const char *const escapes[][2] = {
        {"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}, {"\r", "\\r"}};

    lua_pushvalue(lua, index);
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        luaL_gsub(lua, lua_tostring(lua, -1), escapes[i][0], escapes[i][1]);
        lua_replace(lua, -2);
    }
    lua_pushfstring(lua, "\"%s\"", lua_tostring(lua, -1));
    lua_replace(lua, -2);
}

static void push_written(lua_State *lua, int index, int depth);

/* The pair on the top; the text lies below it. One of a list is written without its number. */
static void add_pair(lua_State *lua, int depth)
{
    int key = lua_gettop(lua) - 1;
    bool named = lua_type(lua, key) == LUA_TSTRING;

    lua_pushvalue(lua, key - 1);
    add(lua, lua_rawlen(lua, -1) > 1 ? ", " : " ");
    if (named) {
        lua_pushfstring(lua, "%s = ", lua_tostring(lua, key));
        lua_concat(lua, 2);
    }
    push_written(lua, key + 1, depth);
    lua_concat(lua, 2);
    lua_replace(lua, key - 1);
}

/* Pushes a value as Lua writes it, on one line. */
static void push_written(lua_State *lua, int index, int depth)
{
    int table;

    luaL_checkstack(lua, LUA_MINSTACK, "tables that are nested too deep");
    if (lua_istable(lua, index) && depth < DEPTH_MAX) {
        table = push_table(lua, index);
        lua_pushliteral(lua, "{");
        for (lua_pushnil(lua); lua_next(lua, table); lua_pop(lua, 1))
            add_pair(lua, depth + 1);
        add(lua, lua_rawlen(lua, -1) > 1 ? " }" : "}");
        lua_replace(lua, table);
    } else if (lua_type(lua, index) == LUA_TSTRING) {
        push_quoted(lua, index);
    } else {
        luaL_tolstring(lua, index, NULL);
    }
}

int expect_word(lua_State *lua)
{
    const char *what;

    if (lua_gettop(lua) < SHOULD)
        return luaL_error(lua, "expect takes what came and what should, as expect(x, nil)");
    what = luaL_optstring(lua, WHAT, NULL);
    lua_settop(lua, WHAT);
    if (is_same(lua, CAME, SHOULD, 0))
        return 0;
    push_written(lua, SHOULD, 0);
    push_written(lua, CAME, 0);
    return luaL_error(lua, "%s%sexpected %s, got %s", what ? what : "", what ? ": " : "",
                      lua_tostring(lua, -2), lua_tostring(lua, -1));
}
