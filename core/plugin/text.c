#include "plugin/text.h"

#include "base/diag.h"
#include "plugin/api.h"
#include "plugin/value.h"
#include "session/commands.h"
#include "session/session.h"

#include <assert.h>
#include <lauxlib.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS_MAX = 256,
    DEPTH_MAX = 16,
    PART_BYTES = 16,    /* of a part, beside what is to be read */
    STYLED_BYTES = 256, /* the same with colour, clicks and so on */
    VALUE_BYTES = 1024, /* the most that is said of a value */
    CLICK_BYTES_MAX = 1024,
    COMMAND_CHARS_MAX = 256, /* that a client can send */
    LANGUAGE_BYTES = 16,
    LIST = 3, /* the parts, on the stack while text { ... } is read */
};

#define LANGUAGE_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* What lies in all kinds of objects; their parts lie in a list, their user value. */
struct extent {
    size_t bytes; /* that it may take on the wire */
    int depth;
    bool has_value; /* in it, or in a part */
};

struct styled {
    struct extent extent;
    struct text style; /* without its texts, which lie in the list: "click", "hover" */
};

static const struct extent *extent_at(lua_State *lua, int index)
{
    static const struct api_group *const classes[] = {&api_mixed, &api_styled, &api_translated};
    const struct extent *extent = NULL;

    for (size_t i = 0; i < API_COUNT(classes) && !extent; i++)
        extent = api_test(lua, index, classes[i]);
    return extent;
}

const char *text_check_string(lua_State *lua, int index, size_t bytes_max)
{
    size_t len;
    const char *text = luaL_checklstring(lua, index, &len);

    if (len > bytes_max)
        luaL_error(lua, "a text is too long: it has %d bytes, and %d fit", (int)len,
                   (int)bytes_max);
    if (strlen(text) != len || !slice_is_utf8(slice_of(text, len)))
        luaL_error(lua, "a text has to be UTF-8, without zeros");
    return text;
}

static bool is_string(lua_State *lua, int index)
{
    return lua_type(lua, index) == LUA_TSTRING || lua_type(lua, index) == LUA_TNUMBER;
}

/* The most that a byte takes: JSON escapes some, and NBT writes four bytes of UTF-8 as six. */
static size_t wire_bytes(uint8_t byte)
{
    if (byte < ' ')
        return 6;
    return byte == '"' || byte == '\\' || byte >= 0xF0 ? 3 : 1;
}

static size_t string_bytes(const char *text)
{
    size_t bytes = PART_BYTES;

    for (; *text; text++)
        bytes += wire_bytes((uint8_t)*text);
    return bytes;
}

/*
 * What is at `index` may take so many bytes on the wire. It depends on nothing that the plugin does
 * not know: by a text that just does not fit it could measure a value.
 */
size_t text_check(lua_State *lua, int index)
{
    const struct extent *extent = extent_at(lua, index);
    size_t bytes = extent ? extent->bytes : PART_BYTES + VALUE_BYTES;

    if (is_string(lua, index))
        bytes = string_bytes(text_check_string(lua, index, TEXT_BYTES_MAX));
    else if (!extent && !value_at(lua, index))
        luaL_typeerror(lua, index, "a text");
    if (bytes > TEXT_BYTES_MAX)
        luaL_error(lua, "a text may take %d bytes when it is sent, and this one may take more",
                   TEXT_BYTES_MAX);
    return bytes;
}

bool text_has_value(lua_State *lua, int index)
{
    const struct extent *extent = extent_at(lua, index);

    return value_at(lua, index) || (extent && extent->has_value);
}

/* Adds what is at `index` to what `extent` counts. */
static void grow(lua_State *lua, struct extent *extent, int index)
{
    const struct extent *part = extent_at(lua, index);

    extent->bytes += text_check(lua, index);
    extent->has_value = extent->has_value || text_has_value(lua, index);
    if (part && part->depth >= extent->depth)
        extent->depth = part->depth + 1;
    if (extent->bytes > TEXT_BYTES_MAX)
        luaL_error(lua, "a text may take %d bytes when it is sent, and this one may take more",
                   TEXT_BYTES_MAX);
    if (extent->depth > DEPTH_MAX)
        luaL_error(lua, "texts lie in texts more than %d deep", DEPTH_MAX);
}

/* Appends what is at `index` to the list on the top; a joined text part by part. */
static void join(lua_State *lua, struct extent *extent, int index)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);
    int list = lua_gettop(lua);

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
    struct extent *joined;

    if (lua_isnil(lua, 1) || lua_isnil(lua, 2))
        return luaL_error(lua,
                          "nil cannot be joined with a text; what the rules of a player's server "
                          "do not give is nil: write (player.name or \"?\")");
    joined = lua_newuserdatauv(lua, sizeof *joined, 1);
    *joined = (struct extent){.bytes = PART_BYTES, .depth = 1};
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
    if (key->click == TEXT_CLICK_RUN_COMMAND && command_answers(slice_str(text + 1)))
        luaL_error(lua, "text: run_command cannot be what the player alone says to Sekisho: "
                        "/privacy, /accept, /decline; suggest writes it for them");
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
    grow(lua, &styled->extent, -1);
    styled->style.click = key->click;
    lua_pushvalue(lua, -1);
    lua_setfield(lua, LIST, "click");
}

static void take_hover(lua_State *lua, struct styled *styled, const struct style_key *key)
{
    (void)key;
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

/* A list ends before its first nil: what stands behind would be lost. */
static void check_place(lua_State *lua, lua_Integer parts)
{
    if (!lua_isinteger(lua, -2) || lua_tointeger(lua, -2) < 1)
        luaL_error(lua, "text: its keys are numbers from 1 on, and words as color");
    if (lua_tointeger(lua, -2) > parts)
        luaL_error(lua,
                   "text: part %d is nil, as what the rules do not give is; write (player.name or "
                   "\"?\")",
                   (int)parts + 1);
}

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
    luaL_error(lua, "text: there is no \"%s\"; docs/plugins-reference.md lists what there is", key);
}

int text_word(lua_State *lua)
{
    struct styled *styled;
    lua_Integer parts;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    styled = lua_newuserdatauv(lua, sizeof *styled, 1);
    *styled = (struct styled){.extent = {.bytes = STYLED_BYTES, .depth = 1}};
    api_become(lua, &api_styled);
    lua_newtable(lua);
    for (parts = 0; lua_rawgeti(lua, 1, parts + 1) != LUA_TNIL; parts++) {
        lua_insert(lua, LIST); /* the list is on the top then */
        join(lua, &styled->extent, LIST);
        lua_remove(lua, LIST);
    }
    lua_pop(lua, 1);
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
        if (lua_type(lua, -2) == LUA_TSTRING)
            take_key(lua, styled);
        else
            check_place(lua, parts);
    lua_setiuservalue(lua, 2, 1);
    return 1;
}

static void take_language(lua_State *lua, struct extent *translated)
{
    const char *tag = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
    size_t len = strlen(tag);

    if (len < 2 || len >= LANGUAGE_BYTES || strspn(tag, LANGUAGE_LETTERS) != len)
        luaL_error(lua, "translated: the keys are languages, as en, ja or pt_br");
    grow(lua, translated, -1);
}

int text_word_translated(lua_State *lua)
{
    struct extent *translated;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    translated = lua_newuserdatauv(lua, sizeof *translated, 1);
    *translated = (struct extent){.bytes = PART_BYTES, .depth = 1};
    api_become(lua, &api_translated);
    lua_newtable(lua);
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
        take_language(lua, translated);
        lua_pushvalue(lua, -2);
        lua_pushvalue(lua, -2);
        lua_rawset(lua, LIST);
    }
    lua_pushnil(lua);
    if (!lua_next(lua, LIST))
        luaL_error(lua, "translated: there is no text; write translated { en = \"...\" }");
    lua_settop(lua, LIST);
    lua_setiuservalue(lua, 2, 1);
    return 1;
}

/* Pushes the text in this language, of the table on the top. Makes no string: nothing is raised. */
static bool push_language(lua_State *lua, const char *tag, size_t len)
{
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
        const char *key = lua_tostring(lua, -2);

        if (strlen(key) == len && memcmp(key, tag, len) == 0) {
            lua_remove(lua, -2);
            return true;
        }
    }
    return false;
}

/* As the player's client is set; else in English; else in any, the same for everybody. */
static void push_translation(lua_State *lua, const struct session *reader)
{
    const char *locale = session_locale(reader);
    const char *least = NULL;

    if (locale && (push_language(lua, locale, strlen(locale)) ||
                   push_language(lua, locale, strcspn(locale, "_"))))
        return;
    if (push_language(lua, "en", 2))
        return;
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
        if (!least || strcmp(lua_tostring(lua, -2), least) < 0)
            least = lua_tostring(lua, -2);
    assert(least); /* none is made without a text */
    (void)push_language(lua, least, strlen(least));
}

static struct text *read_text(lua_State *lua, int index, const struct session *reader);

static struct text *read_string(lua_State *lua, int index)
{
    size_t len;
    const char *text = lua_tolstring(lua, index, &len);

    return text_new_slice(slice_of(text, len));
}

/* As much as a value may take, up to a whole character. */
static struct slice beginning(struct slice text)
{
    size_t bytes = 0;
    size_t whole = 0;

    for (size_t i = 0; i < text.len && bytes <= VALUE_BYTES; i++) {
        if ((text.data[i] & 0xC0) != 0x80)
            whole = i;
        bytes += wire_bytes(text.data[i]);
    }
    return bytes <= VALUE_BYTES ? text : slice_of(text.data, whole);
}

static struct text *read_value(const struct value *value, const struct session *reader)
{
    struct buf out = {0};
    struct text *text;

    value_add(value, reader, &out);
    text = text_new_slice(beginning(buf_slice(&out)));
    buf_free(&out);
    return text;
}

/* The parts in the list on the top, behind the text. */
static void read_parts(lua_State *lua, const struct session *reader, struct text *text)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, -1, i);
        text_add(text, read_text(lua, -1, reader));
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
        text->hover = read_text(lua, -1, reader);
    lua_pop(lua, 1);
    return text;
}

static struct text *read_text(lua_State *lua, int index, const struct session *reader)
{
    const struct styled *styled = api_test(lua, index, &api_styled);
    const struct value *value = value_at(lua, index);
    bool translated;
    struct text *text;

    if (value)
        return read_value(value, reader);
    if (is_string(lua, index) || !lua_checkstack(lua, LUA_MINSTACK))
        return read_string(lua, index);
    translated = api_test(lua, index, &api_translated);
    lua_getiuservalue(lua, index, 1);
    if (translated) {
        push_translation(lua, reader);
        text = read_text(lua, -1, reader);
        lua_pop(lua, 2);
        return text;
    }
    text = styled ? read_styled(lua, styled, reader) : text_new("");
    read_parts(lua, reader, text);
    lua_pop(lua, 1);
    return text;
}

struct text *text_read(lua_State *lua, int index, const struct session *reader)
{
    struct text *text;

    script_own(lua);
    text = read_text(lua, index, reader);
    script_own_no_more(lua);
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

/* Which of them is read depends on the reader. */
static int translated_tostring(lua_State *lua)
{
    api_check(lua, 1, &api_translated);
    lua_pushliteral(lua, "<translated>");
    return 1;
}

static const struct api_word translated_words[] = {
    {"__concat", "(a, b)", "Joined with texts it makes a text as opaque.", text_concat},
    {"__tostring", "()", "\"<translated>\": which text it is depends on who reads it.",
     translated_tostring},
};

const struct api_group api_translated = {
    "translated", API_CLASS, "A text in several languages, made by `translated { ... }`.",
    translated_words, API_COUNT(translated_words)};

const struct api_group api_styled = {
    "styled", API_CLASS,
    "A text with colours and clicks, made by `text { ... }`; as opaque as what is in it.",
    mixed_words, API_COUNT(mixed_words)};
