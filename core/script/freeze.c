/*
 * Everything reachable from the globals and from the functions to be called is walked once. A
 * table is replaced by a proxy that reads through and takes no writing; what it holds is replaced
 * likewise. An outer variable of a function cannot be kept from being set, so its value is noted
 * and put back.
 */
#include "script/freeze.h"

#include "base/mem.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>

/* Stack slots of the walk. */
enum { GLOBALS = 1, SEEN, QUEUE, LIST, SLOTS };

struct walk {
    lua_State *lua;
    int base; /* of the slots */
    lua_Integer queued, done;
    struct frozen *out;
};

static int slot(const struct walk *walk, int which)
{
    return walk->base + which;
}

static int on_write(lua_State *lua)
{
    return luaL_error(lua, "what stands outside of a function cannot be changed by it");
}

/* The step of `pairs`, over the table that the proxy stands for: upvalue 1. */
static int on_next(lua_State *lua)
{
    lua_settop(lua, 2);
    return lua_next(lua, lua_upvalueindex(1)) ? 2 : 0;
}

static int on_pairs(lua_State *lua)
{
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushcclosure(lua, on_next, 1);
    return 1;
}

static int on_len(lua_State *lua)
{
    lua_pushinteger(lua, (lua_Integer)lua_rawlen(lua, lua_upvalueindex(1)));
    return 1;
}

/* The table on the top becomes its proxy. */
static void make_proxy(lua_State *lua)
{
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, on_write);
    lua_setfield(lua, -2, "__newindex");
    lua_pushvalue(lua, -3);
    lua_pushcclosure(lua, on_pairs, 1);
    lua_setfield(lua, -2, "__pairs");
    lua_pushvalue(lua, -3);
    lua_pushcclosure(lua, on_len, 1);
    lua_setfield(lua, -2, "__len");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
    lua_replace(lua, -2);
}

/*
 * The value on the top becomes what may stand in its place, and is walked later if it was not met
 * before. Later, and not at once: scripts nest as deep as they like.
 */
static void replace(struct walk *walk)
{
    lua_State *lua = walk->lua;
    bool is_table = lua_istable(lua, -1);

    if (!is_table && (!lua_isfunction(lua, -1) || lua_iscfunction(lua, -1)))
        return;
    lua_pushvalue(lua, -1);
    if (lua_rawget(lua, slot(walk, SEEN)) != LUA_TNIL) {
        lua_replace(lua, -2);
        return;
    }
    lua_pop(lua, 1);
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, slot(walk, QUEUE), ++walk->queued);
    lua_pushvalue(lua, -1);
    if (is_table)
        make_proxy(lua);
    lua_pushvalue(lua, -1); /* a proxy stands for itself */
    lua_pushvalue(lua, -1);
    lua_rawset(lua, slot(walk, SEEN));
    lua_pushvalue(lua, -1);
    lua_insert(lua, -3);
    lua_rawset(lua, slot(walk, SEEN));
}

/* The table on the top. A key that could be changed itself would be a way around: it goes. */
static void walk_table(struct walk *walk)
{
    lua_State *lua = walk->lua;

    for (lua_pushnil(lua); lua_next(lua, -2);) {
        if (lua_istable(lua, -2) || lua_isfunction(lua, -2)) {
            lua_pop(lua, 1);
            lua_pushnil(lua);
        } else {
            replace(walk);
        }
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, -4);
    }
}

/* Stack: the function, and the value of its outer variable `index`. */
static void note_cell(struct walk *walk, int index)
{
    lua_State *lua = walk->lua;
    struct frozen *out = walk->out;
    lua_Integer at = (lua_Integer)out->count * 2;

    lua_pushvalue(lua, -2);
    lua_rawseti(lua, slot(walk, LIST), at + 1);
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, slot(walk, LIST), at + 2);
    out->cells = mem_resize(out->cells, (out->count + 1) * sizeof *out->cells);
    out->cells[out->count++] = index;
}

/* The function on the top. One variable can belong to many functions: it is noted once. */
static void walk_function(struct walk *walk)
{
    lua_State *lua = walk->lua;

    for (int i = 1; lua_getupvalue(lua, -1, i); i++) {
        void *cell = lua_upvalueid(lua, -2, i);
        bool met = lua_rawgetp(lua, slot(walk, SEEN), cell) != LUA_TNIL;

        lua_pop(lua, 1);
        if (!met) {
            lua_pushboolean(lua, true);
            lua_rawsetp(lua, slot(walk, SEEN), cell);
            replace(walk);
            note_cell(walk, i);
        }
        lua_pop(lua, 1);
    }
}

void freeze(lua_State *lua, int functions, struct frozen *out)
{
    struct walk walk = {.lua = lua, .base = lua_gettop(lua), .out = out};

    functions = lua_absindex(lua, functions);
    luaL_checkstack(lua, 20, NULL);
    lua_pushglobaltable(lua);
    for (int i = SEEN; i < SLOTS; i++)
        lua_newtable(lua);
    lua_pushvalue(lua, functions);
    replace(&walk);
    lua_settop(lua, slot(&walk, LIST));
    lua_pushvalue(lua, slot(&walk, GLOBALS));
    replace(&walk);
    lua_settop(lua, slot(&walk, LIST));
    while (walk.done < walk.queued) {
        lua_rawgeti(lua, slot(&walk, QUEUE), ++walk.done);
        if (lua_istable(lua, -1))
            walk_table(&walk);
        else
            walk_function(&walk);
        lua_settop(lua, slot(&walk, LIST));
    }
    lua_pushvalue(lua, slot(&walk, LIST));
    out->list = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_settop(lua, walk.base);
}

void frozen_restore(lua_State *lua, const struct frozen *frozen)
{
    if (frozen->count == 0)
        return;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, frozen->list);
    for (size_t i = 0; i < frozen->count; i++) {
        lua_rawgeti(lua, 1, (lua_Integer)i * 2 + 1);
        lua_rawgeti(lua, 1, (lua_Integer)i * 2 + 2);
        lua_setupvalue(lua, 2, frozen->cells[i]);
        lua_settop(lua, 1);
    }
    lua_settop(lua, 0);
}

void frozen_free(struct frozen *frozen)
{
    free(frozen->cells);
    *frozen = (struct frozen){0};
}
