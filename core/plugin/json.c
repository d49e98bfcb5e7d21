#include "plugin/json.h"

#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/value.h"
#include "script/script.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 64,
    BYTES_AN_INSTRUCTION = 8,
    ITEM_INSTRUCTIONS = 4,
    EMPTY_PLACES = 100, /* of a list, for each value that it has */
};

/* What owns, when an error of Lua's jumps over the function that made it. */
struct box {
    json_t *json;
    char *text;
};

static int free_box(lua_State *lua)
{
    struct box *box = lua_touserdata(lua, 1);

    json_decref(box->json);
    if (box->text)
        mem_wipe(box->text, strlen(box->text));
    free(box->text);
    *box = (struct box){0};
    return 0;
}

static struct box *push_box(lua_State *lua)
{
    static const struct api_owner kind = {sizeof(struct box), free_box};

    return api_push_owner(lua, &kind);
}

/* From Lua: whoever makes something hangs it into its parent before it goes on. */
struct writing {
    lua_State *lua;
    json_value_cb take;
    void *owner;
    int depth;
};

static void write_value(struct writing *writing, int index, json_t *parent, const char *key);

/* Hangs it into its parent. */
static void put(json_t *parent, const char *key, json_t *json)
{
    if (!json)
        abort();
    if (key)
        json_object_set_new(parent, key, json);
    else
        json_array_append_new(parent, json);
}

/* Pushes the set of the tables that are lists though nothing else may say so: weak, by its keys. */
static void push_lists(lua_State *lua)
{
    static const char key; /* its address names the set */

    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &key) == LUA_TTABLE)
        return;
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushliteral(lua, "k");
    lua_setfield(lua, -2, "__mode");
    lua_setmetatable(lua, -2);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &key);
}

/* The table on the top is a list. */
static void mark_list(lua_State *lua)
{
    push_lists(lua);
    lua_pushvalue(lua, -2);
    lua_pushboolean(lua, true);
    lua_rawset(lua, -3);
    lua_pop(lua, 1);
}

static bool is_marked(lua_State *lua, int index)
{
    bool is;

    push_lists(lua);
    lua_pushvalue(lua, index);
    is = lua_rawget(lua, -2) != LUA_TNIL;
    lua_pop(lua, 2);
    return is;
}

/* How long a list it is, with places that are empty where it is marked as one; -1: it is none. */
static lua_Integer list_length(lua_State *lua, int index)
{
    bool marked = is_marked(lua, index);
    lua_Integer count = 0;
    lua_Integer last = 0;

    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        lua_Integer at = lua_isinteger(lua, -2) ? lua_tointeger(lua, -2) : 0;

        if (at <= 0) {
            lua_pop(lua, 2);
            return -1;
        }
        count++;
        last = at > last ? at : last;
    }
    if (marked && (last - count) / EMPTY_PLACES > count)
        api_fail(lua, "most of the places of a list for JSON are empty");
    return marked || (count > 0 && count == last) ? last : -1;
}

static void write_table(struct writing *writing, int index, json_t *parent, const char *key)
{
    lua_State *lua = writing->lua;
    lua_Integer length = list_length(lua, index);
    json_t *json = length >= 0 ? json_array() : json_object();

    put(parent, key, json);
    if (++writing->depth > DEPTH_MAX)
        api_fail(lua, "a table is nested deeper than %d, or holds itself", DEPTH_MAX);
    luaL_checkstack(lua, 8, "too many nested tables");
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(lua, index, i);
        write_value(writing, lua_gettop(lua), json, NULL);
        lua_pop(lua, 1);
    }
    if (length < 0)
        for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
            size_t len;
            const char *name =
                lua_type(lua, -2) == LUA_TSTRING ? lua_tolstring(lua, -2, &len) : NULL;

            if (!name || strlen(name) != len || !slice_is_utf8(slice_of(name, len)))
                api_fail(lua, "a table for JSON has either the keys 1, 2, 3 ... or texts as "
                              "keys, of UTF-8 and without zeros");
            script_spend(lua, (int)(len / BYTES_AN_INSTRUCTION));
            write_value(writing, lua_gettop(lua), json, name);
        }
    writing->depth--;
}

static json_t *number_json(lua_State *lua, int index)
{
    if (lua_isinteger(lua, index))
        return json_integer(lua_tointeger(lua, index));
    if (!isfinite(lua_tonumber(lua, index)))
        api_fail(lua, "a number that is infinite or none cannot be written as JSON");
    return json_real(lua_tonumber(lua, index));
}

static json_t *text_json(lua_State *lua, const char *bytes, size_t len)
{
    script_spend(lua, (int)(len / BYTES_AN_INSTRUCTION));
    if (!slice_is_utf8(slice_of(bytes, len)))
        api_fail(lua, "a text that is no UTF-8 cannot be written as JSON");
    return json_stringn(bytes, len);
}

/* "joined", of our objects; "function", of Lua's. */
static const char *kind_of(lua_State *lua, int index)
{
    return luaL_getmetafield(lua, index, "__name") == LUA_TSTRING ? lua_tostring(lua, -1)
                                                                  : luaL_typename(lua, index);
}

static json_t *opaque_json(struct writing *writing, int index)
{
    const struct value *value = value_at(writing->lua, index);

    if (!value)
        api_fail(writing->lua, "a %s cannot be written as JSON", kind_of(writing->lua, index));
    if (!writing->take)
        api_fail(writing->lua, "a player's %s cannot be written as JSON, which could be read",
                 field_name(value->field));
    writing->take(writing->lua, writing->owner, value);
    return text_json(writing->lua, value->bytes, value->len);
}

static void write_value(struct writing *writing, int index, json_t *parent, const char *key)
{
    lua_State *lua = writing->lua;
    const char *text;
    size_t len;

    script_spend(lua, ITEM_INSTRUCTIONS);
    switch (lua_type(lua, index)) {
    case LUA_TNIL: put(parent, key, json_null()); break;
    case LUA_TBOOLEAN: put(parent, key, json_boolean(lua_toboolean(lua, index))); break;
    case LUA_TNUMBER: put(parent, key, number_json(lua, index)); break;
    case LUA_TSTRING:
        text = lua_tolstring(lua, index, &len);
        put(parent, key, text_json(lua, text, len));
        break;
    case LUA_TTABLE: write_table(writing, index, parent, key); break;
    default: put(parent, key, opaque_json(writing, index)); break;
    }
}

struct slice json_push_text(lua_State *lua, int index, json_value_cb take, void *owner)
{
    struct writing writing = {.lua = lua, .take = take, .owner = owner};
    struct box *box;

    index = lua_absindex(lua, index);
    box = push_box(lua);
    box->json = json_array();
    write_value(&writing, index, box->json, NULL);
    box->text =
        json_dumps(json_array_get(box->json, 0), JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (!box->text)
        api_fail(lua, "this cannot be written as JSON");
    return slice_str(box->text);
}

/* To Lua. A player's screen and a plugin's table are the same to it: nothing here is opaque. */
static void push_json(lua_State *lua, const json_t *json)
{
    const char *key;
    json_t *item;
    size_t i;

    luaL_checkstack(lua, 8, "JSON that is nested too deep");
    switch (json_typeof(json)) {
    case JSON_TRUE:
    case JSON_FALSE: lua_pushboolean(lua, json_is_true(json)); break;
    case JSON_INTEGER: lua_pushinteger(lua, json_integer_value(json)); break;
    case JSON_REAL: lua_pushnumber(lua, json_real_value(json)); break;
    case JSON_STRING:
        lua_pushlstring(lua, json_string_value(json), json_string_length(json));
        break;
    case JSON_ARRAY:
        lua_newtable(lua);
        json_array_foreach(json, i, item)
        {
            push_json(lua, item);
            lua_rawseti(lua, -2, (lua_Integer)i + 1);
        }
        mark_list(lua);
        break;
    case JSON_OBJECT:
        lua_newtable(lua);
        json_object_foreach((json_t *)(uintptr_t)json, key, item)
        {
            lua_pushstring(lua, key);
            push_json(lua, item);
            lua_rawset(lua, -3);
        }
        break;
    case JSON_NULL:
    default: lua_pushnil(lua); break;
    }
}

/* Brackets that are open at once: what is nested deeper is not read at all. */
static bool is_too_deep(struct slice text)
{
    int depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '[' || c == '{') && ++depth > DEPTH_MAX)
            return true;
        else if (!in_text && (c == ']' || c == '}'))
            depth--;
    }
    return false;
}

int json_push_value(lua_State *lua, struct slice text)
{
    struct box *box = push_box(lua);
    json_error_t error = {0};

    if (!is_too_deep(text))
        box->json =
            json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (box->json) {
        push_json(lua, box->json);
        return 1;
    }
    lua_pushnil(lua);
    if (error.text[0])
        lua_pushfstring(lua, "no JSON: line %d, column %d", error.line, error.column);
    else
        lua_pushfstring(lua, "no JSON that is read here: it is nested deeper than %d", DEPTH_MAX);
    return 2;
}

static int json_encode(lua_State *lua)
{
    struct slice text;

    luaL_checkany(lua, 1);
    lua_settop(lua, 1);
    text = json_push_text(lua, 1, NULL, NULL);
    lua_pushlstring(lua, (const char *)text.data, text.len);
    return 1;
}

static int json_decode(lua_State *lua)
{
    size_t len;
    const char *text = luaL_checklstring(lua, 1, &len);

    script_spend(lua, (int)(len / BYTES_AN_INSTRUCTION));
    return json_push_value(lua, slice_of(text, len));
}

static int json_array_word(lua_State *lua)
{
    api_check_plain(lua, 1);
    lua_settop(lua, 1);
    mark_list(lua);
    return 1;
}

static const struct api_word words[] = {
    {"encode", "(value: any): string",
     "The value as JSON: a table with the keys 1, 2, ... becomes an array, another one an object "
     "(an empty one, too, unless json.array or json.decode made it a list). A player's values "
     "cannot be written.",
     json_encode},
    {"array", "(list: table): table",
     "The same table, which is written as an array also when it is empty, and with null in places "
     "that are: `json.array {}`.",
     json_array_word},
    {"decode", "(text: string): any, string|nil",
     "What the JSON says; null is nil, and of a key that is there twice the last one counts. Or "
     "nil, and what is wrong with the text.",
     json_decode},
};

const struct api_group api_json = {"json", API_TABLE, "Texts of JSON.", words, API_COUNT(words)};
