#include "script/script.h"

#include "base/err.h"
#include "base/mem.h"
#include "script/locate.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    HOOK_EVERY = 1000,
    BYTES_AN_INSTRUCTION = 64, /* that are copied in about its time */
};

/* A chunk name of our own: Lua would cut a long path short in its messages. */
static const char chunk_name[] = "=script";
static const char chunk_prefix[] = "script:";

struct script {
    char *path;
    char *source;
    size_t source_len;
    lua_State *lua;
    size_t memory;
    bool lifted; /* the script has run: what follows is our own reading */
    int64_t instructions_left;
    uint64_t deadline_ns; /* monotonic */
};

/*
 * Lua's allocator, with the caps. What is allocated is also filled, so it costs of the budget: a
 * single instruction can make a text of any length.
 */
static void *allocate(void *owner, void *old, size_t old_size, size_t size)
{
    struct script *script = owner;
    void *block;

    if (!old)
        old_size = 0; /* a type tag, not a size */
    if (size == 0) {
        script->memory -= old_size;
        free(old);
        return NULL;
    }
    if (!script->lifted && size > old_size) {
        if (size > SCRIPT_BLOCK_BYTES_MAX ||
            script->memory + (size - old_size) > SCRIPT_MEMORY_BYTES_MAX)
            return NULL;
        script->instructions_left -= (int64_t)(size / BYTES_AN_INSTRUCTION);
    }
    block = realloc(old, size);
    if (block)
        script->memory += size - old_size;
    return block;
}

static struct script *script_of(lua_State *lua)
{
    void *owner;

    lua_getallocf(lua, &owner);
    return owner;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Once due it fires at every instruction, so that catching the error buys nothing. */
static void on_instructions(lua_State *lua, lua_Debug *debug)
{
    struct script *script = script_of(lua);

    script->instructions_left -= HOOK_EVERY;
    if (script->instructions_left > 0 && monotonic_ns() < script->deadline_ns)
        return;
    lua_sethook(lua, on_instructions, LUA_MASKCOUNT, 1);
    lua_getinfo(lua, "l", debug);
    lua_pushfstring(lua, "%s%d: this ran for too long and was stopped; is there an endless loop?",
                    chunk_prefix, debug->currentline);
    lua_error(lua);
}

enum { WORDS_MAX = 128 }; /* that are looked through for the one that was meant */

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

static int on_missing_name(lua_State *lua)
{
    const char *name = luaL_tolstring(lua, 2, NULL);
    const char *nearest = nearest_word(lua, name);

    if (nearest)
        return luaL_error(lua, "there is no \"%s\" here; did you mean \"%s\"?", name, nearest);
    return luaL_error(lua, "there is no \"%s\" here", name);
}

/* The few of Lua's own functions that are of use without strings, files and time. */
static void open_words(lua_State *lua)
{
    static const char *const kept[] = {"ipairs",   "next",     "pairs", "select",
                                       "tonumber", "tostring", "type"};

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

static int read_file(struct script *script, struct diag *diag)
{
    FILE *file = fopen(script->path, "rb");
    size_t len;

    if (!file) {
        diag_add(diag, script->path, 0, "cannot be read: %s%s", strerror(errno),
                 errno == ENOENT && script->path[0] != '/'
                     ? "; paths are relative to the folder that the program was started in"
                     : "");
        return ERR_INVALID;
    }
    script->source = mem_alloc(SCRIPT_FILE_BYTES_MAX + 1);
    len = fread(script->source, 1, SCRIPT_FILE_BYTES_MAX + 1, file);
    if (ferror(file)) {
        diag_add(diag, script->path, 0, "cannot be read: %s", strerror(errno));
        fclose(file);
        return ERR_INVALID;
    }
    fclose(file);
    if (len > SCRIPT_FILE_BYTES_MAX) {
        diag_add(diag, script->path, 0, "is larger than %d KiB, the most that is read",
                 SCRIPT_FILE_BYTES_MAX / 1024);
        return ERR_INVALID;
    }
    if (len >= 2 && (memcmp(script->source, "\xFF\xFE", 2) == 0 ||
                     memcmp(script->source, "\xFE\xFF", 2) == 0)) {
        diag_add(diag, script->path, 0, "is saved as UTF-16; save it as UTF-8");
        return ERR_INVALID;
    }
    if (len >= 3 && memcmp(script->source, "\xEF\xBB\xBF", 3) == 0) {
        len -= 3; /* the mark that some editors put in front */
        memmove(script->source, script->source + 3, len);
    }
    script->source = mem_resize(script->source, len + 1);
    script->source[len] = 0;
    script->source_len = len;
    return 0;
}

int script_open(const char *path, struct diag *diag, struct script **out)
{
    struct script *script = mem_alloc(sizeof *script);
    int err;

    script->path = mem_strdup(path);
    script->instructions_left = SCRIPT_INSTRUCTIONS_MAX;
    err = read_file(script, diag);
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
    free(script->source);
    free(script->path);
    free(script);
}

lua_State *script_lua(struct script *script)
{
    return script->lua;
}

struct slice script_source(const struct script *script)
{
    return slice_of(script->source, script->source_len);
}

/* Takes the error off the stack. "script:LINE: message" becomes an entry of its own. */
static void add_error(struct script *script, int status, struct diag *diag)
{
    const char *message = lua_tostring(script->lua, -1);
    char *end;
    long line;

    if (status == LUA_ERRMEM)
        diag_add(diag, script->path, 0,
                 "needs more than %d MiB of memory, or %d MiB for one text or table, and was "
                 "stopped",
                 SCRIPT_MEMORY_BYTES_MAX / 1024 / 1024, SCRIPT_BLOCK_BYTES_MAX / 1024 / 1024);
    else if (!message)
        diag_add(diag, script->path, 0, "ended with an error that is no text");
    else if (strncmp(message, chunk_prefix, sizeof chunk_prefix - 1) != 0)
        diag_add(diag, script->path, 0, "%s", message);
    else {
        line = strtol(message + sizeof chunk_prefix - 1, &end, 10);
        diag_add(diag, script->path, (int)line, "%s", *end == ':' ? end + 2 : end);
    }
    lua_pop(script->lua, 1);
}

int script_run(struct script *script, int results, struct diag *diag)
{
    lua_State *lua = script->lua;
    int status = luaL_loadbufferx(lua, script->source, script->source_len, chunk_name, "t");

    script->deadline_ns = monotonic_ns() + (uint64_t)SCRIPT_RUN_MS_MAX * 1000000;
    lua_sethook(lua, on_instructions, LUA_MASKCOUNT, HOOK_EVERY);
    if (status == LUA_OK)
        status = lua_pcall(lua, 0, results, 0);
    lua_sethook(lua, NULL, 0, 0);
    script->lifted = true;
    if (status == LUA_OK)
        return 0;
    add_error(script, status, diag);
    return ERR_INVALID;
}

int script_line(lua_State *lua)
{
    lua_Debug debug;

    if (!lua_getstack(lua, 1, &debug) || !lua_getinfo(lua, "l", &debug))
        return 0;
    return debug.currentline > 0 ? debug.currentline : 0;
}

int script_locate(const struct script *script, const char *path)
{
    return locate_key(script_source(script), path);
}
