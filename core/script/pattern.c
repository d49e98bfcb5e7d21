#define PCRE2_CODE_UNIT_WIDTH 8

#include "script/pattern.h"

#include "base/slice.h"
#include "script/script.h"

#include <lauxlib.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

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
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &count_key);
    lua_pushinteger(lua, lua_tointeger(lua, -1) - 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &count_key);
    return 0;
}

/* While a text is looked through, from match to match. */
struct look {
    struct script *script;
    const struct pattern *pattern;
    struct slice text;
    size_t at;         /* of the last step: what lies between two is paid for */
    size_t from;       /* where the next match may begin */
    uint32_t options;  /* for the next match */
    size_t begin, end; /* of the last match */
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

static struct look look_at(lua_State *lua)
{
    struct look look = {.script = script_of(lua), .pattern = luaL_checkudata(lua, 1, type_name)};

    look.text.data = (const uint8_t *)luaL_checklstring(lua, 2, &look.text.len);
    luaL_argcheck(lua, look.text.len <= TEXT_BYTES_MAX, 2, "the text is too long for a pattern");
    script_spend(lua, (int)(look.text.len / BYTES_AN_INSTRUCTION));
    return look;
}

/*
 * Whether there is a match from here on. A text that is no UTF-8 has none. What was found lies in
 * the pattern until it is called again: also by a function that is called in between.
 */
static bool look_on(lua_State *lua, struct look *look)
{
    const struct pattern *pattern = look->pattern;
    const size_t *found = pcre2_get_ovector_pointer(pattern->match);
    int result;

    script_spend(lua, INSTRUCTIONS_A_MATCH);
    pcre2_set_callout(pattern->context, on_step, look);
    look->at = look->from;
    result = pcre2_match(pattern->code, look->text.data, look->text.len, look->from, look->options,
                         pattern->match, pattern->context);
    if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
        result == PCRE2_ERROR_HEAPLIMIT || result == PCRE2_ERROR_CALLOUT)
        luaL_error(lua, "this pattern takes too long on this text; make it simpler");
    if (result < 0)
        return false;
    look->begin = found[0];
    look->end = found[1];
    if (look->begin < look->from || look->end < look->begin)
        luaL_error(lua, "this pattern says with \\K that a match begins where it does not");
    look->from = look->end;
    look->options = PCRE2_NO_UTF_CHECK; /* it was looked at */
    if (look->begin == look->end)
        look->options |= PCRE2_NOTEMPTY_ATSTART;
    return true;
}

static int on_call(lua_State *lua)
{
    struct look look = look_at(lua);

    lua_pushboolean(lua, look_on(lua, &look));
    return 1;
}

/* Where the text is begun: an optional argument at 3. False: behind its end. */
static bool begin_at(lua_State *lua, struct look *look)
{
    lua_Integer from = luaL_optinteger(lua, 3, 1);

    luaL_argcheck(lua, from >= 1, 3, "a text begins at 1");
    if ((lua_Unsigned)from - 1 > look->text.len)
        return false;
    look->from = (size_t)from - 1;
    return true;
}

/* nil for a group that took no part. */
static void push_group(lua_State *lua, const struct look *look, uint32_t group)
{
    const size_t *found = pcre2_get_ovector_pointer(look->pattern->match);

    if (found[2 * group] == PCRE2_UNSET)
        lua_pushnil(lua);
    else
        lua_pushlstring(lua, (const char *)look->text.data + found[2 * group],
                        found[2 * group + 1] - found[2 * group]);
}

static uint32_t groups_of(const struct look *look)
{
    return pcre2_get_ovector_count(look->pattern->match) - 1;
}

/* What the groups took; the whole match where there are none. Returns how many. */
static int push_groups(lua_State *lua, const struct look *look)
{
    uint32_t groups = groups_of(look);

    luaL_checkstack(lua, (int)groups + 1, "too many groups");
    for (uint32_t group = groups ? 1 : 0; group <= groups; group++)
        push_group(lua, look, group);
    return groups ? (int)groups : 1;
}

static int pattern_match(lua_State *lua)
{
    struct look look = look_at(lua);

    return begin_at(lua, &look) && look_on(lua, &look) ? push_groups(lua, &look) : 0;
}

static int pattern_find(lua_State *lua)
{
    struct look look = look_at(lua);

    if (!begin_at(lua, &look) || !look_on(lua, &look))
        return 0;
    lua_pushinteger(lua, (lua_Integer)look.begin + 1);
    lua_pushinteger(lua, (lua_Integer)look.end);
    return 2 + (groups_of(&look) ? push_groups(lua, &look) : 0);
}

/* A list and no iterator: a rule's function remembers nothing, and that would be how far it is. */
static int pattern_all(lua_State *lua)
{
    struct look look = look_at(lua);

    lua_newtable(lua);
    for (lua_Integer count = 1; look_on(lua, &look); count++) {
        lua_newtable(lua);
        for (int i = push_groups(lua, &look); i > 0; i--)
            lua_rawseti(lua, -1 - i, i);
        lua_rawseti(lua, -2, count);
    }
    return 1;
}

/* "$1 and $2": the groups, $0 all of it, $$ a dollar. */
static void add_template(lua_State *lua, const struct look *look, luaL_Buffer *out)
{
    size_t len;
    const char *with = lua_tolstring(lua, 3, &len);

    script_spend(lua, (int)(len / BYTES_AN_INSTRUCTION));
    for (const char *at = with; at < with + len; at++) {
        uint32_t group = (uint32_t)(at[0] == '$' ? at[1] - '0' : 0);

        if (at[0] != '$' || at[1] == '$') {
            at += at[0] == '$';
            luaL_addchar(out, *at);
            continue;
        }
        if (at[1] < '0' || at[1] > '9' || group > groups_of(look))
            luaL_error(lua, "a dollar is followed by the number of one of the pattern's groups, by "
                            "0, or by another dollar");
        push_group(lua, look, group);
        if (lua_isnil(lua, -1))
            lua_pop(lua, 1);
        else
            luaL_addvalue(out);
        at++;
    }
}

/* What the function at 3 makes of it; nothing: it stays. */
static void add_result(lua_State *lua, const struct look *look, luaL_Buffer *out)
{
    lua_pushvalue(lua, 3);
    lua_call(lua, push_groups(lua, look), 1);
    if (lua_toboolean(lua, -1) && !lua_isstring(lua, -1))
        luaL_error(lua, "a text or nothing takes the place of a match, and no %s",
                   luaL_typename(lua, -1));
    if (!lua_toboolean(lua, -1)) {
        lua_pop(lua, 1);
        lua_pushlstring(lua, (const char *)look->text.data + look->begin, look->end - look->begin);
    }
    luaL_addvalue(out);
}

static int pattern_replace(lua_State *lua)
{
    struct look look = look_at(lua);
    lua_Integer most = luaL_optinteger(lua, 4, (lua_Integer)look.text.len + 1);
    lua_Integer count = 0;
    bool by_function = lua_isfunction(lua, 3);
    size_t done = 0;
    luaL_Buffer out;

    luaL_argexpected(lua, by_function || lua_type(lua, 3) == LUA_TSTRING, 3, "text or function");
    luaL_buffinit(lua, &out);
    for (; count < most && look_on(lua, &look); count++) {
        luaL_addlstring(&out, (const char *)look.text.data + done, look.begin - done);
        if (by_function)
            add_result(lua, &look, &out);
        else
            add_template(lua, &look, &out);
        done = look.end;
    }
    luaL_addlstring(&out, (const char *)look.text.data + done, look.text.len - done);
    luaL_pushresult(&out);
    lua_pushinteger(lua, count);
    return 2;
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
    pattern->match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (!pattern->match || !pattern->context)
        abort();
    pcre2_set_match_limit(pattern->context, MATCH_STEPS);
    pcre2_set_depth_limit(pattern->context, MATCH_STEPS);
    pcre2_set_heap_limit(pattern->context, MATCH_KIB);
}

int pattern_word(lua_State *lua)
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
        return luaL_error(lua, "more than %d patterns; write them outside of functions",
                          PATTERNS_MAX);
    if (len > PATTERN_BYTES_MAX)
        return luaL_error(lua, "a pattern has at most %d bytes", PATTERN_BYTES_MAX);
    script_spend(lua, INSTRUCTIONS_A_MATCH * (int)(len + 1));
    pattern = lua_newuserdatauv(lua, sizeof *pattern, 0);
    *pattern = (struct pattern){0};
    luaL_setmetatable(lua, type_name);
    lua_pushinteger(lua, count);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &count_key);
    compile(lua, pattern, text, len);
    return 1;
}

const struct api_word pattern_words[PATTERN_WORDS] = {
    {"__call", "(text: string): boolean", "Whether there is a match.", on_call},
    {"__gc", "()", "Its memory goes.", on_collected},
    {"match", "(text: string, from?: integer): string|nil, ...",
     "What its groups took of the first match, nil for one that took no part; the whole match "
     "where "
     "it has no groups; nil where there is none. From the byte `from` on.",
     pattern_match},
    {"find", "(text: string, from?: integer): integer|nil, integer|nil, ...",
     "The first and the last byte of the first match, and what its groups took; nil where there is "
     "none.",
     pattern_find},
    {"all", "(text: string): string[][]",
     "All matches, each with what `match` gives: `for _, found in ipairs(p:all(text)) do`.",
     pattern_all},
    {"replace", "(text: string, with: string|function, most?: integer): string, integer",
     "The text with another one in place of each match, and how many there were: `$1` is what a "
     "group took, `$0` the match, `$$` a dollar. A function is given what `match` gives, and "
     "returns the text, or nothing: then the match stays.",
     pattern_replace},
};

void pattern_offer(lua_State *lua)
{
    luaL_newmetatable(lua, type_name);
    lua_newtable(lua);
    for (size_t i = 0; i < PATTERN_WORDS; i++) {
        const struct api_word *word = &pattern_words[i];

        lua_pushcfunction(lua, word->function);
        lua_setfield(lua, word->name[0] == '_' ? -3 : -2, word->name);
    }
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 1);
}
