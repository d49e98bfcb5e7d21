#include "rules/form_word.h"

#include "base/clock.h"

#include <lauxlib.h>

static const char type_name[] = "form";

static void push(lua_State *lua, struct form form)
{
    struct form *word = lua_newuserdatauv(lua, sizeof *word, 0);

    *word = form;
    luaL_setmetatable(lua, type_name);
}

const struct form *form_word_read(lua_State *lua, int index)
{
    return luaL_testudata(lua, index, type_name);
}

static int word_truncate(lua_State *lua)
{
    lua_Integer v4 = luaL_checkinteger(lua, 1);
    lua_Integer v6 = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, v4 >= 0 && v4 <= 32, 1, "bits of an IPv4 address are 0 to 32");
    luaL_argcheck(lua, v6 >= 0 && v6 <= 128, 2, "bits of an IPv6 address are 0 to 128");
    push(lua, (struct form){
                  .kind = FIELD_FORM_TRUNCATE, .v4_bits = (uint8_t)v4, .v6_bits = (uint8_t)v6});
    return 1;
}

static int word_bucket(lua_State *lua)
{
    lua_Integer width = luaL_checkinteger(lua, 1);

    luaL_argcheck(lua, width >= 2 && width <= INT32_MAX, 1, "a bucket is 2 or more wide");
    push(lua, (struct form){.kind = FIELD_FORM_BUCKET, .width = width});
    return 1;
}

/* count(category): the inner form is what is tallied. */
static int call_count(lua_State *lua)
{
    const struct form *inner = form_word_read(lua, 2);
    struct form counted;

    if (!inner || inner->counted || inner->kind == FIELD_FORM_DROP)
        return luaL_error(lua, "count takes a form, as count(category) or count(bucket(10))");
    counted = *inner;
    counted.counted = true;
    push(lua, counted);
    return 1;
}

/* pseudonym("30d"): another one after that time. */
static int call_pseudonym(lua_State *lua)
{
    struct form form = {.kind = FIELD_FORM_PSEUDONYM};
    const char *text = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "";

    if (clock_parse_duration(text, &form.epoch_ms) < 0 || form.epoch_ms < 60 * 60 * 1000)
        return luaL_error(lua, "pseudonym takes a time of an hour or more, as pseudonym(\"30d\")");
    push(lua, form);
    return 1;
}

static int on_call(lua_State *lua)
{
    const struct form *form = form_word_read(lua, 1);

    if (form->counted && form->kind == FIELD_FORM_FULL)
        return call_count(lua);
    if (form->kind == FIELD_FORM_PSEUDONYM)
        return call_pseudonym(lua);
    return luaL_error(lua, "%s takes nothing; write it without brackets",
                      field_form_name(form->kind));
}

void form_words_offer(lua_State *lua)
{
    static const enum field_form plain[] = {FIELD_FORM_FULL, FIELD_FORM_DROP, FIELD_FORM_FLAG,
                                            FIELD_FORM_PSEUDONYM, FIELD_FORM_CATEGORY};

    luaL_newmetatable(lua, type_name);
    lua_pushcfunction(lua, on_call);
    lua_setfield(lua, -2, "__call");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 1);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        push(lua, (struct form){.kind = plain[i]});
        lua_setglobal(lua, field_form_name(plain[i]));
    }
    push(lua, (struct form){.kind = FIELD_FORM_FULL, .counted = true});
    lua_setglobal(lua, "count");
    lua_pushcfunction(lua, word_truncate);
    lua_setglobal(lua, "truncate");
    lua_pushcfunction(lua, word_bucket);
    lua_setglobal(lua, "bucket");
}
