#include "plugin/text.h"

#include "base/diag.h"
#include "plugin/api.h"
#include "plugin/value.h"

#include <lauxlib.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS_MAX = 256,
    NODES_MAX = 1024, /* of a text and all that is in it */
    DEPTH_MAX = 16,
    STRING_BYTES_MAX = 32 * 1024,
    CLICK_BYTES_MAX = 1024,
    COMMAND_CHARS_MAX = 256, /* that a client can send */
    LIST = 3,                /* the parts, on the stack while text { ... } is read */
};

/* What lies in both kinds of objects; their parts lie in a list, their user value. */
struct extent {
    int nodes;
    int depth;
};

struct styled {
    struct extent extent;
    struct text style; /* without its texts, which lie in the list: "click", "hover" */
};

static const struct extent *extent_at(lua_State *lua, int index)
{
    const struct extent *joined = api_test(lua, index, &api_mixed);

    return joined ? joined : api_test(lua, index, &api_styled);
}

const char *text_check_string(lua_State *lua, int index, size_t bytes_max)
{
    size_t len;
    const char *text = luaL_checklstring(lua, index, &len);

    luaL_argcheck(lua, len <= bytes_max, index, "the text is too long");
    luaL_argcheck(lua, strlen(text) == len && slice_is_utf8(slice_of(text, len)), index,
                  "a text has to be UTF-8, without zeros");
    return text;
}

static bool is_string(lua_State *lua, int index)
{
    return lua_type(lua, index) == LUA_TSTRING || lua_type(lua, index) == LUA_TNUMBER;
}

void text_check(lua_State *lua, int index)
{
    if (is_string(lua, index))
        text_check_string(lua, index, STRING_BYTES_MAX);
    else if (!value_at(lua, index) && !extent_at(lua, index))
        luaL_typeerror(lua, index, "a text");
}

/* Adds what is at `index` to what `extent` counts; the object that it becomes a part of is above.
 */
static void grow(lua_State *lua, struct extent *extent, int index)
{
    const struct extent *part = extent_at(lua, index);

    extent->nodes += part ? part->nodes : 1;
    if (part && part->depth >= extent->depth)
        extent->depth = part->depth + 1;
    if (extent->nodes > NODES_MAX)
        luaL_error(lua, "a text is made of more than %d parts", NODES_MAX);
    if (extent->depth > DEPTH_MAX)
        luaL_error(lua, "texts lie in texts more than %d deep", DEPTH_MAX);
}

/* Appends what is at `index` to the list on the top; a joined text part by part. */
static void join(lua_State *lua, struct extent *extent, int index)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);
    int list = lua_gettop(lua);

    text_check(lua, index);
    if (api_test(lua, index, &api_mixed)) {
        lua_getiuservalue(lua, index, 1);
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(lua, list + 1); i++) {
            lua_rawgeti(lua, list + 1, i);
            grow(lua, extent, -1);
            lua_rawseti(lua, list, ++count);
        }
        lua_pop(lua, 1);
    } else {
        grow(lua, extent, index);
        lua_pushvalue(lua, index);
        lua_rawseti(lua, list, ++count);
    }
    if (count > PARTS_MAX)
        luaL_error(lua, "a text is joined from more than %d parts", PARTS_MAX);
}

int text_concat(lua_State *lua)
{
    struct extent *joined = lua_newuserdatauv(lua, sizeof *joined, 1);

    *joined = (struct extent){.nodes = 1, .depth = 1};
    api_become(lua, &api_mixed);
    lua_newtable(lua);
    join(lua, joined, 1);
    join(lua, joined, 2);
    lua_setiuservalue(lua, -2, 1);
    return 1;
}

/* As it may be logged. */
static int text_tostring(lua_State *lua)
{
    luaL_Buffer out;

    luaL_argexpected(lua, extent_at(lua, 1), 1, "a text");
    lua_settop(lua, 1);
    lua_getiuservalue(lua, 1, 1);
    luaL_buffinit(lua, &out); /* which may put something onto the stack */
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(lua, 2); i++) {
        lua_rawgeti(lua, 2, i);
        luaL_tolstring(lua, -1, NULL);
        lua_remove(lua, -2);
        luaL_addvalue(&out);
    }
    luaL_pushresult(&out);
    return 1;
}

/* A key of text { ... }; what is the value's lies on the top of the stack. */
struct style_key {
    const char *name;
    void (*take)(lua_State *lua, struct styled *styled, const struct style_key *key);
    size_t flag; /* in struct styled */
    enum text_click click;
};

static void take_flag(lua_State *lua, struct styled *styled, const struct style_key *key)
{
    if (!lua_isboolean(lua, -1))
        luaL_error(lua, "text: %s has to be true or false", key->name);
    *(bool *)(void *)((char *)styled + key->flag) = lua_toboolean(lua, -1);
}

static void take_color(lua_State *lua, struct styled *styled, const struct style_key *key)
{
    size_t len;
    const char *color = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &len) : NULL;

    (void)key;
    if (!color || !text_set_color(&styled->style, slice_of(color, len)))
        luaL_error(lua, "text: color has to be one of the sixteen, as \"gold\", or \"#ffaa00\"");
}

/* A client leaves over what is no address, and over what it does not send when it is clicked. */
static void check_target(lua_State *lua, const struct style_key *key, const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F || strncmp(at, "\u00a7", 2) == 0)
            luaL_error(lua, "text: %s has a character that a client does not send", key->name);
    if (key->click == TEXT_CLICK_OPEN_URL &&
        ((strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0) ||
         strpbrk(text, " \"<>\\^`{|}")))
        luaL_error(lua, "text: open_url has to be a whole address: \"https://example.net\"");
    if (key->click == TEXT_CLICK_RUN_COMMAND &&
        (text[0] != '/' || strlen(text) > COMMAND_CHARS_MAX))
        luaL_error(lua, "text: run_command has to begin with a slash, and be no longer than %d",
                   COMMAND_CHARS_MAX);
}

/*
 * Only what the plugin wrote itself: what a click does comes back, and would tell what a value
 * says.
 */
static void take_click(lua_State *lua, struct styled *styled, const struct style_key *key)
{
    if (lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "text: %s has to be a string; what is known of players cannot be in it",
                   key->name);
    if (styled->style.click != TEXT_CLICK_NONE)
        luaL_error(lua, "text: a click does one thing");
    check_target(lua, key, text_check_string(lua, -1, CLICK_BYTES_MAX));
    styled->style.click = key->click;
    lua_pushvalue(lua, -1);
    lua_setfield(lua, LIST, "click");
}

static void take_hover(lua_State *lua, struct styled *styled, const struct style_key *key)
{
    (void)key;
    text_check(lua, -1);
    grow(lua, &styled->extent, -1);
    lua_pushvalue(lua, -1);
    lua_setfield(lua, LIST, "hover");
}

static const struct style_key keys[] = {
    {"color", take_color, 0, TEXT_CLICK_NONE},
    {"bold", take_flag, offsetof(struct styled, style.bold), TEXT_CLICK_NONE},
    {"italic", take_flag, offsetof(struct styled, style.italic), TEXT_CLICK_NONE},
    {"underlined", take_flag, offsetof(struct styled, style.underlined), TEXT_CLICK_NONE},
    {"strikethrough", take_flag, offsetof(struct styled, style.strikethrough), TEXT_CLICK_NONE},
    {"obfuscated", take_flag, offsetof(struct styled, style.obfuscated), TEXT_CLICK_NONE},
    {"open_url", take_click, 0, TEXT_CLICK_OPEN_URL},
    {"run_command", take_click, 0, TEXT_CLICK_RUN_COMMAND},
    {"suggest", take_click, 0, TEXT_CLICK_SUGGEST},
    {"copy", take_click, 0, TEXT_CLICK_COPY},
    {"hover", take_hover, 0, TEXT_CLICK_NONE},
};

enum { KEYS = sizeof keys / sizeof keys[0] };

/* The value on the top, of the key below it. */
static void take_key(lua_State *lua, struct styled *styled)
{
    const char *key = lua_tostring(lua, -2);
    const char *nearest;

    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].name, key) == 0) {
            keys[i].take(lua, styled, &keys[i]);
            return;
        }
    }
    nearest = diag_nearest_in(key, keys, KEYS, sizeof keys[0]);
    if (nearest)
        luaL_error(lua, "text: there is no \"%s\"; did you mean \"%s\"?", key, nearest);
    luaL_error(lua, "text: there is no \"%s\"; docs/plugins.md lists what there is", key);
}

int text_word(lua_State *lua)
{
    struct styled *styled;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    styled = lua_newuserdatauv(lua, sizeof *styled, 1);
    *styled = (struct styled){.extent = {.nodes = 1, .depth = 1}};
    api_become(lua, &api_styled);
    lua_newtable(lua);
    for (lua_Integer i = 1; lua_rawgeti(lua, 1, i) != LUA_TNIL; i++) {
        lua_insert(lua, LIST); /* the list is on the top then */
        join(lua, &styled->extent, LIST);
        lua_remove(lua, LIST);
    }
    lua_pop(lua, 1);
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
        if (lua_type(lua, -2) == LUA_TSTRING)
            take_key(lua, styled);
    lua_setiuservalue(lua, 2, 1);
    return 1;
}

static struct text *read_string(lua_State *lua, int index)
{
    size_t len;
    const char *text = lua_tolstring(lua, index, &len);

    return text_new_slice(slice_of(text, len));
}

static struct text *read_value(const struct value *value, const struct session *reader)
{
    struct buf out = {0};
    struct text *text;

    value_add(value, reader, &out);
    text = text_new_slice(buf_slice(&out));
    buf_free(&out);
    return text;
}

/* The parts in the list on the top, behind the text. */
static void read_parts(lua_State *lua, const struct session *reader, struct text *text)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, -1, i);
        text_add(text, text_read(lua, -1, reader));
        lua_pop(lua, 1);
    }
}

static struct text *read_styled(lua_State *lua, const struct styled *styled,
                                const struct session *reader)
{
    struct text *text = text_new("");

    text->color = styled->style.color;
    text->rgb = styled->style.rgb;
    text->bold = styled->style.bold;
    text->italic = styled->style.italic;
    text->underlined = styled->style.underlined;
    text->strikethrough = styled->style.strikethrough;
    text->obfuscated = styled->style.obfuscated;
    if (lua_getfield(lua, -1, "click") == LUA_TSTRING)
        text_set_click(text, styled->style.click, lua_tostring(lua, -1));
    lua_pop(lua, 1);
    if (lua_getfield(lua, -1, "hover") != LUA_TNIL)
        text->hover = text_read(lua, -1, reader);
    lua_pop(lua, 1);
    return text;
}

struct text *text_read(lua_State *lua, int index, const struct session *reader)
{
    const struct styled *styled = api_test(lua, index, &api_styled);
    const struct value *value = value_at(lua, index);
    struct text *text;

    if (value)
        return read_value(value, reader);
    if (is_string(lua, index) || !lua_checkstack(lua, LUA_MINSTACK))
        return read_string(lua, index);
    lua_getiuservalue(lua, index, 1);
    text = styled ? read_styled(lua, styled, reader) : text_new("");
    read_parts(lua, reader, text);
    lua_pop(lua, 1);
    return text;
}

struct text *value_check_text(lua_State *lua, int index, const struct session *reader)
{
    text_check(lua, index);
    return text_read(lua, index, reader);
}

char *text_read_plain(lua_State *lua, int index, const struct session *reader)
{
    struct text *text = text_read(lua, index, reader);
    struct buf out = {0};

    text_write_plain(text, &out);
    text_free(text);
    return buf_take_text(&out);
}

static const struct api_word mixed_words[] = {
    {"__concat", "(a, b)", "Joined with texts it makes a text as opaque.", text_concat},
    {"__tostring", "()", "The text with the fields' names in angle brackets.", text_tostring},
};

const struct api_group api_mixed = {"joined", API_CLASS,
                                    "Texts and values joined by `..`; as opaque as the values.",
                                    mixed_words, API_COUNT(mixed_words)};

const struct api_group api_styled = {
    "styled", API_CLASS,
    "A text with colours and clicks, made by `text { ... }`; as opaque as what is in it.",
    mixed_words, API_COUNT(mixed_words)};
