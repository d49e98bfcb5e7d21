#include "rules/function.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OVERRUNS_MAX = 3,
    ANSWER_BYTES_MAX = 4096,
    VALUE_BYTES_MAX = 16 * 1024, /* what honest clients send is far below */
};

static const char list_key;

void functions_begin(struct script *script)
{
    lua_State *lua = script_lua(script);

    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &list_key);
}

void functions_end(struct script *script)
{
    lua_State *lua = script_lua(script);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &list_key);
    script_freeze(script, -1);
    lua_settop(lua, 0);
}

struct function *function_new(struct script *script, const char *server, struct script_place place)
{
    struct function *function = mem_alloc(sizeof *function);
    lua_State *lua = script_lua(script);

    function->script = script;
    function->server = server;
    function->place = place;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &list_key);
    function->index = (int)lua_rawlen(lua, -1) + 1;
    lua_pushvalue(lua, -2);
    lua_rawseti(lua, -2, function->index);
    lua_pop(lua, 1);
    return function;
}

/* One question to a function, and its answer outside of Lua. */
struct question {
    const struct function *function;
    const struct field_value *value;
    struct buf *answer; /* NULL: only whether it is true */
    bool told;
    bool is_true;
    bool fits; /* the answer has a type and a range that the field takes */
};

static void push_value(lua_State *lua, const struct field_value *value)
{
    lua_pushlstring(lua, (const char *)value->bytes.data, value->bytes.len);
    if (field_info(value->field)->kind != FIELD_NUMBER)
        return;
    lua_stringtonumber(lua, lua_tostring(lua, -1));
    lua_replace(lua, -2);
}

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < ' ' || text.data[i] == 0x7F)
            return false;
    return slice_is_utf8(text);
}

static bool fits(const struct question *question, struct slice text)
{
    return text.len <= ANSWER_BYTES_MAX && is_plain(text) &&
           (!question->told || field_takes(question->value->field, (const char *)text.data));
}

static void read_answer(lua_State *lua, struct question *question)
{
    size_t len;
    const char *text;

    question->is_true = lua_toboolean(lua, -1);
    question->fits = true;
    if (!question->answer || !question->is_true)
        return;
    if (lua_isboolean(lua, -1))
        lua_pushliteral(lua, "yes");
    question->fits = lua_type(lua, -1) == LUA_TSTRING || lua_isinteger(lua, -1);
    if (!question->fits)
        return;
    text = lua_tolstring(lua, -1, &len);
    question->fits = fits(question, slice_of(text, len));
    if (question->fits)
        buf_append(question->answer, text, len);
}

/* Runs in Lua, protected: it may allocate there. */
static int ask(lua_State *lua)
{
    struct question *question = lua_touserdata(lua, 1);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &list_key);
    lua_rawgeti(lua, -1, question->function->index);
    lua_createtable(lua, 0, 3);
    push_value(lua, question->value);
    lua_setfield(lua, -2, "value");
    lua_pushstring(lua, field_name(question->value->field));
    lua_setfield(lua, -2, "field");
    lua_pushstring(lua, question->function->server);
    lua_setfield(lua, -2, "server");
    lua_call(lua, 1, 1);
    read_answer(lua, question);
    return 0;
}

/*
 * Once, for who runs Sekisho: `what` went wrong, and where. The message of an error can hold the
 * value, so it is for a listener alone.
 */
static void report(struct function *function, struct script_place place, const char *what,
                   const char *message)
{
    if (function->listener) {
        function->listener->heard(function->listener->owner, place, message);
        return;
    }
    if (!function->reported)
        log_error("%s:%d: the function of a rule of server %s %s; this counts as a no, and is not "
                  "said again; try the rule with sekisho test",
                  place.file, place.line, function->server, what);
    function->reported = true;
}

static void on_fault(struct function *function, const struct script_fault *fault)
{
    static const char *const what[] = {
        [SCRIPT_FAULT_ERROR] = "ended with an error",
        [SCRIPT_FAULT_TIME] = "ran for too long and was stopped",
        [SCRIPT_FAULT_MEMORY] = "needed too much memory and was stopped",
    };

    report(function, fault->place.line > 0 ? fault->place : function->place, what[fault->kind],
           fault->message);
    if (function->listener || fault->kind == SCRIPT_FAULT_ERROR ||
        ++function->overruns < OVERRUNS_MAX)
        return;
    function->off = true;
    log_error("%s:%d: the function of this rule overran %d times and is switched off until the "
              "rules are loaded anew",
              function->place.file, function->place.line, OVERRUNS_MAX);
}

/* A value that is too long is a no, and not the function's fault: nobody can get it switched off.
 */
static bool put_question(struct function *function, struct question *question)
{
    struct script_fault fault;

    question->function = function;
    if (function->off || question->value->bytes.len > VALUE_BYTES_MAX)
        return false;
    if (script_call(function->script, ask, question, &fault) < 0) {
        on_fault(function, &fault);
        return false;
    }
    return question->is_true;
}

bool function_test(struct function *function, const struct field_value *value)
{
    struct question question = {.value = value};

    return put_question(function, &question);
}

bool function_make(struct function *function, const struct field_value *value, bool told,
                   struct buf *out)
{
    struct buf answer = {0};
    struct question question = {.value = value, .answer = &answer, .told = told};
    bool made = put_question(function, &question);

    if (made && !question.fits)
        report(function, function->place, "answered with something that does not fit the field",
               "the function answered with what does not fit the field");
    made = made && question.fits;
    if (made)
        buf_append_slice(out, buf_slice(&answer));
    buf_free(&answer);
    return made;
}
