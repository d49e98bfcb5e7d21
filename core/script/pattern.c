#define PCRE2_CODE_UNIT_WIDTH 8

#include "script/pattern.h"

#include "script/script.h"

#include <lauxlib.h>
#include <pcre2.h>
#include <stdlib.h>

enum {
    PATTERN_BYTES_MAX = 1000,
    PATTERNS_MAX = 100, /* in one script: their memory is not Lua's */
    NESTED_MAX = 50,
    TEXT_BYTES_MAX = 64 * 1024,
    MATCH_STEPS = 10 * 1000, /* from each place where a match can begin */
    MATCH_KIB = 256,
    INSTRUCTIONS_A_MATCH = 50,
    INSTRUCTIONS_A_STEP = 2,
    BYTES_AN_INSTRUCTION = 32,
};

static const char type_name[] = "pattern";
static const char count_key;

struct pattern {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
};

static int on_collected(lua_State *lua)
{
    struct pattern *pattern = luaL_checkudata(lua, 1, type_name);

    pcre2_code_free(pattern->code);
    pcre2_match_data_free(pattern->match);
    pcre2_match_context_free(pattern->context);
    *pattern = (struct pattern){0};
    return 0;
}

/* While a text is looked through. */
struct look {
    struct script *script;
    size_t at;
};

/*
 * PCRE2's own limits begin anew at each place where a match can begin, so a long text could take
 * the square of its length: each item of the pattern that is tried is paid for, and the way to it.
 */
static int on_step(pcre2_callout_block *step, void *owner)
{
    struct look *look = owner;
    size_t at = step->current_position;
    size_t way = at > look->at ? at - look->at : look->at - at;

    look->at = at;
    return script_may_spend(look->script, INSTRUCTIONS_A_STEP + (int)(way / BYTES_AN_INSTRUCTION))
               ? 0
               : PCRE2_ERROR_CALLOUT;
}

/* A text that is no UTF-8 matches nothing. */
static int on_call(lua_State *lua)
{
    const struct pattern *pattern = luaL_checkudata(lua, 1, type_name);
    struct look look = {.script = script_of(lua)};
    size_t len;
    const char *text = luaL_checklstring(lua, 2, &len);
    int result;

    luaL_argcheck(lua, len <= TEXT_BYTES_MAX, 2, "the text is too long for a pattern");
    script_spend(lua, INSTRUCTIONS_A_MATCH + (int)(len / BYTES_AN_INSTRUCTION));
    pcre2_set_callout(pattern->context, on_step, &look);
    result =
        pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, pattern->match, pattern->context);
    if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
        result == PCRE2_ERROR_HEAPLIMIT || result == PCRE2_ERROR_CALLOUT)
        return luaL_error(lua, "this pattern takes too long on this text; make it simpler");
    lua_pushboolean(lua, result >= 0);
    return 1;
}

static void compile(lua_State *lua, struct pattern *pattern, const char *text, size_t len)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    PCRE2_UCHAR message[128];
    PCRE2_SIZE offset;
    int error;

    if (!context)
        abort();
    pcre2_set_parens_nest_limit(context, NESTED_MAX);
    pattern->code = pcre2_compile((PCRE2_SPTR)text, len,
                                  PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT, &error,
                                  &offset, context);
    pcre2_compile_context_free(context);
    if (!pattern->code) {
        pcre2_get_error_message(error, message, sizeof message);
        luaL_error(lua, "this is no pattern: %s, at character %d", (const char *)message,
                   (int)offset);
    }
    pattern->match = pcre2_match_data_create(1, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (!pattern->match || !pattern->context)
        abort();
    pcre2_set_match_limit(pattern->context, MATCH_STEPS);
    pcre2_set_depth_limit(pattern->context, MATCH_STEPS);
    pcre2_set_heap_limit(pattern->context, MATCH_KIB);
}

static int word_pattern(lua_State *lua)
{
    size_t len;
    const char *text = luaL_checklstring(lua, 1, &len);
    struct pattern *pattern;
    lua_Integer count;

    if (script_is_frozen(lua))
        return luaL_error(lua, "pattern has its place outside of functions");
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &count_key);
    count = lua_tointeger(lua, -1) + 1;
    if (count > PATTERNS_MAX)
        return luaL_error(lua, "more than %d patterns; is that meant?", PATTERNS_MAX);
    if (len > PATTERN_BYTES_MAX)
        return luaL_error(lua, "a pattern has at most %d bytes", PATTERN_BYTES_MAX);
    lua_pushinteger(lua, count);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &count_key);
    script_spend(lua, INSTRUCTIONS_A_MATCH * (int)(len + 1));
    pattern = lua_newuserdatauv(lua, sizeof *pattern, 0);
    *pattern = (struct pattern){0};
    luaL_setmetatable(lua, type_name);
    compile(lua, pattern, text, len);
    return 1;
}

void pattern_offer(lua_State *lua)
{
    luaL_newmetatable(lua, type_name);
    lua_pushcfunction(lua, on_call);
    lua_setfield(lua, -2, "__call");
    lua_pushcfunction(lua, on_collected);
    lua_setfield(lua, -2, "__gc");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 1);
    lua_register(lua, "pattern", word_pattern);
}
