/*
 * settings { ... }: what an admin changes of a plugin without touching it. The defaults say which
 * keys there are and which types they have.
 */
#include "base/mem.h"
#include "crypto/hash.h"
#include "plugin/api.h"
#include "plugin/file_words.h"
#include "plugin/host.h"
#include "plugin/setting_checks.h"
#include "script/source.h"
#include "script/table_reader.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, PATH_BYTES = 256, DEFAULTS = 1, CHECKS = 2 };

/* What is read of the file; Lua frees it where an error comes in between. */
struct reading {
    lua_State *to;
    lua_State *from;
    struct script *script;
    struct diag *diag;
    char path[PATH_BYTES]; /* of the value: "limits.max" */
    int depth;
};

static int free_reading(lua_State *lua)
{
    struct reading *reading = lua_touserdata(lua, 1);

    script_free(reading->script);
    reading->script = NULL;
    return 0;
}

static struct reading *push_reading(lua_State *lua, struct diag *diag)
{
    static const struct api_owner kind = {sizeof(struct reading), free_reading};
    struct reading *reading = api_push_owner(lua, &kind);

    reading->to = lua;
    reading->diag = diag;
    return reading;
}

static void complain(struct reading *reading, const char *flaw)
{
    diag_add(reading->diag, script_path(reading->script, 0),
             script_locate(reading->script, reading->path), "%s%s%s", reading->path,
             reading->path[0] ? " " : "", flaw);
}

/* The kinds of tables that defaults have. */
enum shape {
    SHAPE_ANY = 1, /* empty: any keys */
    SHAPE_LIST,    /* replaced whole, by values as the first */
    SHAPE_TEXTS,   /* names and texts: replaced whole, by any names */
    SHAPE_RECORD,  /* merged key by key */
};

static enum shape shape_of(lua_State *lua, int index)
{
    bool texts = true;
    bool empty = true;

    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        empty = false;
        texts = texts && lua_type(lua, -1) == LUA_TSTRING;
    }
    if (empty)
        return SHAPE_ANY;
    if (lua_rawlen(lua, index) > 0)
        return SHAPE_LIST;
    return texts ? SHAPE_TEXTS : SHAPE_RECORD;
}

static const char *wanted(lua_State *lua, int index)
{
    if (lua_isinteger(lua, index))
        return "has to be a whole number";
    switch (lua_type(lua, index)) {
    case LUA_TSTRING: return "has to be a text";
    case LUA_TNUMBER: return "has to be a number";
    case LUA_TBOOLEAN: return "has to be true or false";
    default: return "has to be a table";
    }
}

static void push_value(struct reading *reading, int usual);

/* Goes down into a key, for the path. Returns what to go back to. */
static size_t enter(struct reading *reading, const char *key, lua_Integer index)
{
    size_t len = strlen(reading->path);

    if (key)
        snprintf(reading->path + len, sizeof reading->path - len, "%s%s", len > 0 ? "." : "", key);
    else
        snprintf(reading->path + len, sizeof reading->path - len, "[%d]", (int)index);
    return len;
}

static bool is_number_key(const struct reading *reading)
{
    return lua_isinteger(reading->from, -2);
}

/*
 * The value on the top of `from` goes into the table on the top of `to`; `usual` is the index of
 * what it has to be like, 0: anything plain.
 */
static void put(struct reading *reading, int usual)
{
    const char *key = is_number_key(reading) ? NULL : lua_tostring(reading->from, -2);
    lua_Integer number = key ? 0 : lua_tointeger(reading->from, -2);
    size_t len = enter(reading, key, number);

    push_value(reading, usual);
    if (key)
        lua_setfield(reading->to, -2, key);
    else
        lua_rawseti(reading->to, -2, number);
    reading->path[len] = '\0';
}

/* One of 1, 2, 3, without gaps. */
static bool is_list_key(const struct reading *reading)
{
    lua_Integer key = lua_tointeger(reading->from, -2);

    return is_number_key(reading) && key >= 1 && key <= (lua_Integer)lua_rawlen(reading->from, -3);
}

/* A key that is neither a text nor a number of a list. */
static bool has_odd_key(struct reading *reading, enum shape shape)
{
    int type = lua_type(reading->from, -2);
    bool odd = type != LUA_TSTRING && !is_list_key(reading);

    if (shape == SHAPE_LIST)
        odd = !is_list_key(reading);
    else if (shape != SHAPE_ANY)
        odd = type != LUA_TSTRING;
    if (odd && shape == SHAPE_ANY)
        complain(reading, "has keys that are neither names nor 1, 2, 3");
    else if (odd)
        complain(reading, shape == SHAPE_LIST ? "has to be a list: { \"...\", \"...\" }"
                                              : "has to have names: { NAME = ... }");
    return odd;
}

static void complain_of_key(struct reading *reading, int usual, const char *key)
{
    lua_State *lua = reading->to;
    const char *meant = NULL;
    char flaw[DIAG_ADVICE_BYTES + PATH_BYTES];
    size_t len = enter(reading, key, 0);

    for (lua_pushnil(lua); !meant && lua_next(lua, usual); lua_pop(lua, 1))
        if (lua_type(lua, -2) == LUA_TSTRING) {
            const char *known = lua_tostring(lua, -2);

            meant = diag_nearest(key, &known, 1);
        }
    if (meant) {
        lua_pop(lua, 1); /* the loop left its key */
        snprintf(flaw, sizeof flaw, "is no setting of this plugin; did you mean \"%s\"?", meant);
    } else {
        snprintf(flaw, sizeof flaw, "is no setting of this plugin; leave it out");
    }
    complain(reading, flaw);
    reading->path[len] = '\0';
}

/* Pushes what a table on the top of `from` makes of the one at `usual`, on `to`. */
static void push_table(struct reading *reading, int usual)
{
    lua_State *lua = reading->to;
    enum shape shape = usual ? shape_of(lua, usual) : SHAPE_ANY;

    if (reading->depth == 0)
        shape = SHAPE_RECORD; /* also where all settings are texts */
    lua_newtable(lua);
    if (shape == SHAPE_RECORD)
        for (lua_pushnil(lua); lua_next(lua, usual);) {
            lua_pushvalue(lua, -2);
            lua_insert(lua, -2);
            lua_rawset(lua, -4);
        }
    for (lua_pushnil(reading->from); lua_next(reading->from, -2); lua_pop(reading->from, 1)) {
        int like = 0;

        if (has_odd_key(reading, shape))
            continue;
        if (shape == SHAPE_LIST)
            lua_rawgeti(lua, usual, 1);
        else if (shape == SHAPE_TEXTS)
            lua_pushliteral(lua, "");
        else if (shape == SHAPE_RECORD)
            lua_getfield(lua, usual, lua_tostring(reading->from, -2));
        else
            lua_pushnil(lua);
        like = lua_gettop(lua);
        if (shape == SHAPE_RECORD && lua_isnil(lua, like)) {
            complain_of_key(reading, usual, lua_tostring(reading->from, -2));
            lua_settop(lua, like - 1);
            continue;
        }
        lua_pushvalue(lua, like - 1); /* the new table */
        put(reading, lua_isnil(lua, like) ? 0 : like);
        lua_settop(lua, like - 1);
    }
}

static bool is_alike(struct reading *reading, int usual)
{
    int type = lua_type(reading->from, -1);

    if (!usual)
        return type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN ||
               type == LUA_TTABLE;
    return type == lua_type(reading->to, usual) &&
           (!lua_isinteger(reading->to, usual) || lua_isinteger(reading->from, -1));
}

/* Pushes what is on the top of `from`, which has to be like what is at `usual`. */
static void push_value(struct reading *reading, int usual)
{
    lua_State *lua = reading->to;
    lua_State *from = reading->from;
    const char *flaw = NULL;
    size_t len;
    const char *text;

    luaL_checkstack(lua, 8, "settings are nested too deeply");
    if (!is_alike(reading, usual))
        flaw = usual ? wanted(lua, usual) : "has to be a text, a number, true, false, or a table";
    else if (reading->depth == DEPTH_MAX || !lua_checkstack(from, 8))
        flaw = "is nested too deeply";
    if (flaw) {
        complain(reading, flaw);
        lua_pushnil(lua);
        return;
    }
    switch (lua_type(from, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(from, -1, &len);
        lua_pushlstring(lua, text, len);
        return;
    case LUA_TBOOLEAN: lua_pushboolean(lua, lua_toboolean(from, -1)); return;
    case LUA_TNUMBER:
        if (lua_isinteger(from, -1))
            lua_pushinteger(lua, lua_tointeger(from, -1));
        else
            lua_pushnumber(lua, lua_tonumber(from, -1));
        return;
    default:
        reading->depth++;
        push_table(reading, usual);
        reading->depth--;
    }
}

/* Only plain values: others cannot be set. */
static void check_defaults(lua_State *lua, int index, int depth)
{
    luaL_checkstack(lua, 4, "settings: the defaults are nested too deeply");
    if (depth == DEPTH_MAX)
        luaL_error(lua, "settings: the defaults are nested too deeply");
    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        int type = lua_type(lua, -1);

        if (type == LUA_TTABLE)
            check_defaults(lua, lua_gettop(lua), depth + 1);
        else if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
            luaL_error(lua,
                       "settings: defaults are texts, numbers, true, false, and tables of "
                       "these; \"%s\" is a %s",
                       luaL_tolstring(lua, -2, NULL), lua_typename(lua, type));
    }
}

/* Reads the file. Returns whether it has a table, which lies on its stack then. */
static bool run(struct reading *reading, struct plugin *plugin)
{
    char hash[SHA256_TEXT_BYTES];

    if (script_open(plugin->settings, &script_limits_usual, reading->diag, &reading->script) < 0) {
        reading->script = NULL;
        return false;
    }
    sha256_hex(script_source(reading->script, 0), hash);
    plugin->settings_found = mem_strdup(hash);
    if (script_run(reading->script, 1, reading->diag) < 0)
        return false;
    reading->from = script_lua(reading->script);
    reader_check_keys(&(struct table_reader){.script = reading->script,
                                             .lua = reading->from,
                                             .file = plugin->settings,
                                             .diag = reading->diag});
    if (lua_istable(reading->from, -1))
        return true;
    diag_add(reading->diag, plugin->settings, 0, "has to return a table: return { ... }");
    return false;
}

/* What the plugin says of the settings on the top, beside their types. */
static void check_settings(struct reading *reading)
{
    lua_State *lua = reading->to;
    int own = lua_gettop(lua);

    for (lua_pushnil(lua); lua_next(lua, CHECKS); lua_settop(lua, own + 1)) {
        const char *flaw;

        lua_pushvalue(lua, -2);
        lua_rawget(lua, own);
        flaw = setting_flaw(lua);
        if (flaw) {
            (void)enter(reading, lua_tostring(lua, own + 1), 0);
            complain(reading, flaw);
            reading->path[0] = '\0';
        }
    }
}

int word_settings(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    struct reading *reading;
    size_t told;

    luaL_checktype(lua, DEFAULTS, LUA_TTABLE);
    lua_settop(lua, CHECKS);
    if (!plugin->diag || !plugin->name)
        return luaL_error(lua, "settings { ... } stands behind plugin { ... }, and is read while "
                               "the plugin is");
    if (plugin->settings)
        return luaL_error(lua, "settings { ... } stands once in a plugin");
    check_defaults(lua, DEFAULTS, 0);
    if (!lua_isnil(lua, CHECKS))
        setting_checks_read(lua, CHECKS, DEFAULTS);
    plugin->settings = plugin_settings_path(plugin);
    if (!source_exists(plugin->settings)) {
        lua_settop(lua, DEFAULTS);
        return 1;
    }
    told = plugin->diag->count;
    reading = push_reading(lua, plugin->diag);
    if (run(reading, plugin))
        push_table(reading, DEFAULTS);
    if (plugin->diag->count == told && !lua_isnil(lua, CHECKS))
        check_settings(reading);
    if (plugin->diag->count > told)
        return luaL_error(lua, "its settings in %s have mistakes", plugin->settings);
    script_free(reading->script);
    reading->script = NULL;
    return 1;
}
