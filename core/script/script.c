#include "script/script.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "script/freeze.h"
#include "script/locate.h"
#include "script/source.h"

#include <ctype.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOOK_EVERY = 100,
    BYTES_AN_INSTRUCTION = 64, /* that are copied in about its time */
};

const struct script_limits script_limits_usual = {
    .memory_bytes = 4 * 1024 * 1024,
    .text_bytes = 32 * 1024,
    .run = {.instructions = 10 * 1000 * 1000,
            .block_bytes = 1024 * 1024,
            .ms = 2000}, /* where single instructions are slow: long texts compared */
    .call = {.instructions = 100 * 1000, .block_bytes = 64 * 1024, .ms = 3},
};

struct script {
    struct source sources[SCRIPT_FILES_MAX];
    size_t source_count;
    const struct script_limits *limits;
    lua_State *lua;
    lua_State *running; /* this state or a coroutine of it */
    size_t memory;
    bool patient; /* calls may take what a run may */
    bool lifted;  /* the script does not run: what happens is our own doing */
    int owns;     /* C owns what an error would lose: no error for want of memory */
    bool expired; /* what runs now was stopped for its time */
    bool is_frozen;
    size_t block_bytes;
    int64_t instructions_left;
    int64_t looked_at; /* what was left when the clock was looked at: that costs a system call */
    int64_t run_ns;
    int64_t deadline_ns; /* of this thread's time; 0: the clock was not looked at yet */
    struct frozen frozen;
};

static bool is_free(const struct script *script)
{
    return script->lifted || script->owns > 0;
}

static void on_instructions(lua_State *lua, lua_Debug *debug);

/*
 * Lua collects all garbage before it takes no for an answer, at a cost that grows with what the
 * state holds. So that costs, and the clock is looked at before the next instruction.
 */
static void *refuse(struct script *script)
{
    script->instructions_left -= (int64_t)(script->memory / BYTES_AN_INSTRUCTION);
    lua_sethook(script->running, on_instructions, LUA_MASKCOUNT, 1);
    return NULL;
}

/*
 * Lua's allocator, with the caps. What is allocated is also filled, so it costs of the budget: a
 * single instruction can make a text of any length.
 */
static void *allocate(void *owner, void *old, size_t old_size, size_t size)
{
    struct script *script = owner;
    void *block;

    if (!old) {
        if (!is_free(script) && old_size == LUA_TSTRING && size > script->limits->text_bytes)
            return refuse(script);
        old_size = 0; /* was the kind of object */
    }
    if (size == 0) {
        script->memory -= old_size;
        free(old);
        return NULL;
    }
    if (!is_free(script) && size > old_size) {
        if (size > script->block_bytes ||
            script->memory + (size - old_size) > script->limits->memory_bytes)
            return refuse(script);
        script->instructions_left -= (int64_t)(size / BYTES_AN_INSTRUCTION);
    }
    block = realloc(old, size);
    if (block)
        script->memory += size - old_size;
    return block;
}

struct script *script_of(lua_State *lua)
{
    void *owner;

    lua_getallocf(lua, &owner);
    return owner;
}

static bool is_over(struct script *script)
{
    int64_t now;

    if (script->instructions_left <= 0)
        return true;
    script->looked_at = script->instructions_left;
    now = clock_thread_ns();
    if (script->deadline_ns == 0)
        script->deadline_ns = now + script->run_ns;
    return now >= script->deadline_ns;
}

/* From here on the hook comes at every instruction, so that catching the error buys nothing. */
static void expire(lua_State *lua, int level)
{
    script_of(lua)->expired = true;
    lua_sethook(lua, on_instructions, LUA_MASKCOUNT, 1);
    luaL_where(lua, level);
    lua_pushliteral(lua, "this ran for too long and was stopped; is there an endless loop?");
    lua_concat(lua, 2);
    lua_error(lua);
}

static void on_instructions(lua_State *lua, lua_Debug *debug)
{
    struct script *script = script_of(lua);

    (void)debug;
    script->instructions_left -= HOOK_EVERY;
    if (is_over(script))
        expire(lua, 0);
    if (lua_gethookcount(lua) != HOOK_EVERY) /* there was no memory just now */
        lua_sethook(lua, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
}

bool script_may_spend(struct script *script, int instructions)
{
    script->instructions_left -= instructions;
    return script->lifted ||
           (script->instructions_left > 0 &&
            script->looked_at - script->instructions_left < HOOK_EVERY) ||
           !is_over(script);
}

void script_spend(lua_State *lua, int instructions)
{
    if (!script_may_spend(script_of(lua), instructions))
        expire(lua, 1);
}

void script_own(lua_State *lua)
{
    script_of(lua)->owns++;
}

void script_own_no_more(lua_State *lua)
{
    script_of(lua)->owns--;
}

bool script_is_frozen(lua_State *lua)
{
    return script_of(lua)->is_frozen;
}

enum { WORDS_MAX = 128, WORD_BYTES_MAX = 40 }; /* looked through for the one that was meant */

/* The word of the environment, which is the first argument, that was meant by the second. */
static const char *nearest_word(lua_State *lua, const char *name)
{
    const char *words[WORDS_MAX];
    size_t count = 0;

    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
        if (lua_type(lua, -2) == LUA_TSTRING && count < WORDS_MAX)
            words[count++] = lua_tostring(lua, -2);
    return diag_nearest(name, words, count);
}

void script_lend(lua_State *lua, const void *key, void *thing)
{
    if (thing)
        lua_pushlightuserdata(lua, thing);
    else
        lua_pushnil(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, key);
}

void *script_lent(lua_State *lua, const void *key, const char *message)
{
    void *thing;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, key);
    thing = lua_touserdata(lua, -1);
    lua_pop(lua, 1);
    if (!thing)
        luaL_error(lua, "%s", message);
    return thing;
}

static int on_missing_name(lua_State *lua)
{
    const char *name = luaL_tolstring(lua, 2, NULL);
    const char *nearest = strlen(name) <= WORD_BYTES_MAX ? nearest_word(lua, name) : NULL;

    if (nearest)
        return luaL_error(lua, "there is no \"%s\" here; did you mean \"%s\"?", name, nearest);
    return luaL_error(lua, "there is no \"%s\" here", name);
}

/* The few of Lua's own functions that are of use without files and time. */
static void open_words(lua_State *lua)
{
    static const char *const kept[] = {"ipairs", "pairs", "select", "tonumber", "tostring", "type"};

    luaL_requiref(lua, LUA_GNAME, luaopen_base, 0);
    lua_newtable(lua);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        lua_getfield(lua, -2, kept[i]);
        lua_setfield(lua, -2, kept[i]);
    }
    lua_newtable(lua);
    lua_pushcfunction(lua, on_missing_name);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_settop(lua, 0);
}

int script_open(const char *path, const struct script_limits *limits, struct diag *diag,
                struct script **out)
{
    struct script *script = mem_alloc(sizeof *script);
    int err = source_read(path, diag, &script->sources[0]);

    script->source_count = 1;
    script->limits = limits;
    script->lifted = true;
    if (err < 0) {
        script_free(script);
        return err;
    }
    script->lua = lua_newstate(allocate, script);
    if (!script->lua)
        abort();
    open_words(script->lua);
    *out = script;
    return 0;
}

void script_free(struct script *script)
{
    if (!script)
        return;
    if (script->lua)
        lua_close(script->lua);
    for (size_t i = 0; i < script->source_count; i++)
        source_free(&script->sources[i]);
    frozen_free(&script->frozen);
    free(script);
}

lua_State *script_lua(struct script *script)
{
    return script->lua;
}

struct slice script_source(const struct script *script, size_t index)
{
    return source_slice(&script->sources[index]);
}

const char *script_path(const struct script *script, size_t index)
{
    return script->sources[index].path;
}

size_t script_source_count(const struct script *script)
{
    return script->source_count;
}

/*
 * What Lua calls a file in its messages: its path; but it would cut a long one short, so that gets
 * a number: a message that begins "file2:7:" is about line 7 of the third file.
 */
static void name_chunk(const struct script *script, size_t index, char out[static LUA_IDSIZE + 1])
{
    const char *path = script->sources[index].path;

    if (strlen(path) < LUA_IDSIZE && !strpbrk(path, ":\n"))
        snprintf(out, LUA_IDSIZE + 1, "=%s", path);
    else
        snprintf(out, LUA_IDSIZE + 1, "=file%zu", index);
}

/* Reads the place off the front of a message; returns what is behind it. */
static const char *read_place(const struct script *script, const char *message,
                              struct script_place *out)
{
    *out = (struct script_place){.file = script->sources[0].path};
    for (size_t i = 0; i < script->source_count; i++) {
        char name[LUA_IDSIZE + 1];
        size_t len;
        char *end;

        name_chunk(script, i, name);
        len = strlen(name + 1);
        if (strncmp(message, name + 1, len) != 0 || message[len] != ':' ||
            !isdigit((unsigned char)message[len + 1]))
            continue;
        out->file = script->sources[i].path;
        out->line = (int)strtol(message + len + 1, &end, 10);
        return *end == ':' ? end + 2 : end;
    }
    return message;
}

struct script_place script_place(lua_State *lua)
{
    struct script_place place;

    luaL_where(lua, 1);
    read_place(script_of(lua), lua_tostring(lua, -1), &place);
    lua_pop(lua, 1);
    return place;
}

static int load(struct script *script, lua_State *lua, size_t index)
{
    const struct source *source = &script->sources[index];
    char name[LUA_IDSIZE + 1];

    name_chunk(script, index, name);
    return luaL_loadbufferx(lua, source->text, source->len, name, "t");
}

bool script_include(lua_State *lua, const char *path, int results)
{
    struct script *script = script_of(lua);
    size_t index = script->source_count;
    struct diag diag = {0};

    for (size_t i = 0; i < index; i++)
        if (strcmp(script->sources[i].path, path) == 0)
            return false;
    if (index == SCRIPT_FILES_MAX)
        luaL_error(lua, "more than %d files are included; is that meant?", SCRIPT_FILES_MAX);
    script->source_count++;
    if (source_read(path, &diag, &script->sources[index]) < 0) {
        lua_pushfstring(lua, "%s %s", diag.entries[0].file, diag.entries[0].message);
        diag_free(&diag);
        luaL_error(lua, "%s", lua_tostring(lua, -1));
    }
    if (load(script, lua, index) != LUA_OK)
        lua_error(lua);
    lua_call(lua, 0, results);
    return true;
}

/* The error lies on the top of `lua`. */
static void fault_of(struct script *script, lua_State *lua, int status, struct script_fault *out)
{
    const char *message = lua_tostring(lua, -1);

    *out =
        (struct script_fault){.kind = SCRIPT_FAULT_ERROR,
                              .place = {.file = script->sources[0].path},
                              .message = "ended with an error that is no text; give `error` one"};
    if (script->expired)
        out->kind = SCRIPT_FAULT_TIME;
    if (status == LUA_ERRMEM) {
        out->kind = SCRIPT_FAULT_MEMORY;
        out->message = "needs too much memory and was stopped";
    } else if (message) {
        out->message = read_place(script, message, &out->place);
    }
}

/* What the script may use up from here on. */
static void allow(struct script *script, lua_State *lua, const struct script_budget *budget)
{
    script->running = lua;
    script->instructions_left = budget->instructions;
    script->looked_at = budget->instructions;
    script->block_bytes = budget->block_bytes;
    script->run_ns = (int64_t)budget->ms * 1000000;
    script->deadline_ns = 0;
    script->expired = false;
    script->owns = 0;
    script->lifted = false;
}

/* What ended the reading of a file; the error lies on the top of `lua`. */
static int complain(struct script *script, lua_State *lua, int status, struct diag *diag)
{
    struct script_fault fault;

    fault_of(script, lua, status, &fault);
    if (fault.kind == SCRIPT_FAULT_MEMORY)
        diag_add(
            diag, fault.place.file, 0,
            "needs more than %d MiB of memory, %d KiB for one table or %d KiB for one text, and "
            "was stopped",
            (int)(script->limits->memory_bytes / 1024 / 1024),
            (int)(script->limits->run.block_bytes / 1024),
            (int)(script->limits->text_bytes / 1024));
    else
        diag_add(diag, fault.place.file, fault.place.line, "%s", fault.message);
    lua_settop(script->lua, 0);
    return ERR_INVALID;
}

int script_run(struct script *script, int results, struct diag *diag)
{
    lua_State *lua = script->lua;
    int status;

    allow(script, lua, &script->limits->run);
    lua_sethook(lua, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
    status = load(script, lua, 0);
    if (status == LUA_OK)
        status = lua_pcall(lua, 0, results, 0);
    lua_sethook(lua, NULL, 0, 0);
    script->lifted = true;
    return status == LUA_OK ? 0 : complain(script, lua, status, diag);
}

int script_step(struct script *script, struct diag *diag)
{
    lua_State *lua = script->lua;
    bool begins = lua_gettop(lua) == 0;
    lua_State *thread = begins ? lua_newthread(lua) : lua_tothread(lua, 1);
    int status = LUA_OK;
    int results = 0;

    allow(script, thread, &script->limits->run);
    if (begins) {
        lua_sethook(thread, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
        status = load(script, thread, 0);
    }
    if (status == LUA_OK)
        status = lua_resume(thread, NULL, 0, &results);
    script->lifted = true;
    if (status == LUA_YIELD) {
        lua_pop(thread, results);
        return 1;
    }
    if (status != LUA_OK)
        return complain(script, thread, status, diag);
    lua_settop(lua, 0);
    return 0;
}

int script_locate(const struct script *script, const char *path)
{
    return locate_key(script_source(script, 0), path);
}

void script_freeze(struct script *script, int functions)
{
    freeze(script->lua, functions, &script->frozen);
    script->is_frozen = true;
    lua_sethook(script->lua, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
}

void script_be_patient(struct script *script)
{
    script->patient = true;
}

static void allow_call(struct script *script, lua_State *lua)
{
    allow(script, lua, script->patient ? &script->limits->run : &script->limits->call);
}

int script_call(struct script *script, lua_CFunction body, void *argument,
                struct script_fault *fault)
{
    lua_State *lua = script->lua;
    int status;

    lua_settop(lua, 0); /* a message that was borrowed until now */
    frozen_restore(lua, &script->frozen);
    allow_call(script, lua);
    lua_pushcfunction(lua, body); /* neither allocates */
    lua_pushlightuserdata(lua, argument);
    status = lua_pcall(lua, 1, 0, 0);
    script->lifted = true;
    if (status == LUA_OK)
        return 0;
    fault_of(script, lua, status, fault);
    if (script->expired)
        lua_sethook(lua, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
    return ERR_INVALID;
}

/* Of a coroutine that ended with an error: its stack is as it was then. */
static int innermost_line(lua_State *thread)
{
    lua_Debug call = {.currentline = -1};

    for (int level = 0; call.currentline < 0 && lua_getstack(thread, level, &call); level++)
        lua_getinfo(thread, "l", &call);
    return call.currentline > 0 ? call.currentline : 0;
}

int script_resume(struct script *script, lua_State *thread, int arguments, int *results,
                  struct script_fault *fault)
{
    int status;

    allow_call(script, thread);
    lua_sethook(thread, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
    status = lua_resume(thread, NULL, arguments, results);
    script->lifted = true;
    if (status == LUA_OK || status == LUA_YIELD)
        return status == LUA_YIELD;
    fault_of(script, thread, status, fault);
    if (fault->place.line == 0)
        fault->place.line = innermost_line(thread);
    luaL_traceback(thread, thread, NULL, 0);
    return ERR_INVALID;
}

size_t script_memory(const struct script *script)
{
    return script->memory;
}
