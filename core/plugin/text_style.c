/*
 * text { ... }: the parts of a text, and how they look and what a click on them does.
 */
#include "base/diag.h"
#include "plugin/api.h"
#include "plugin/text.h"
#include "plugin/text_parts.h"
#include "session/commands.h"

#include <lauxlib.h>
#include <stddef.h>
#include <string.h>

enum {
    STYLED_BYTES = 256, /* on the wire, for colour, clicks and so on */
    CLICK_BYTES_MAX = 1024,
    COMMAND_CHARS_MAX = 256, /* that a client can send */
    LIST = 3,                /* the parts, on the stack while text { ... } is read */
};

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
    text_grow(lua, &styled->extent, -1);
    styled->style.click = key->click;
    if (key->click == TEXT_CLICK_RUN_COMMAND || key->click == TEXT_CLICK_SUGGEST)
        styled->extent.has_reply = true;
    lua_pushvalue(lua, -1);
    lua_setfield(lua, LIST, "click");
}

static void take_hover(lua_State *lua, struct styled *styled, const struct style_key *key)
{
    (void)key;
    text_grow(lua, &styled->extent, -1);
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
    char advice[DIAG_ADVICE_BYTES];

    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].name, key) == 0) {
            keys[i].take(lua, styled, &keys[i]);
            return;
        }
    }
    luaL_error(lua, "text: there is no \"%s\"; %s", key,
               diag_advice(advice, diag_nearest_in(key, keys, KEYS, sizeof keys[0]),
                           "docs/plugins.md lists what there is"));
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
        text_join(lua, &styled->extent, LIST);
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
