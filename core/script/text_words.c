#include "script/text_words.h"

#include "script/pattern.h"
#include "script/script.h"

#include <lauxlib.h>
#include <string.h>
#include <utf8proc.h>

enum { BYTES_AN_INSTRUCTION = 8 };

/* The text at this place; a number counts as its digits. Its length is paid for. */
static struct slice check_text(lua_State *lua, int index)
{
    size_t len;
    const char *text = luaL_checklstring(lua, index, &len);

    script_spend(lua, (int)(len / BYTES_AN_INSTRUCTION));
    return slice_of(text, len);
}

static int word_starts_with(lua_State *lua)
{
    struct slice text = check_text(lua, 1);
    struct slice start = check_text(lua, 2);

    lua_pushboolean(lua, text.len >= start.len && memcmp(text.data, start.data, start.len) == 0);
    return 1;
}

static int word_ends_with(lua_State *lua)
{
    struct slice text = check_text(lua, 1);
    struct slice end = check_text(lua, 2);

    lua_pushboolean(lua, text.len >= end.len &&
                             memcmp(text.data + (text.len - end.len), end.data, end.len) == 0);
    return 1;
}

static int word_contains(lua_State *lua)
{
    struct slice text = check_text(lua, 1);
    struct slice part = check_text(lua, 2);

    lua_pushboolean(lua, memmem(text.data, text.len, part.data, part.len) != NULL);
    return 1;
}

static int push_mapped(lua_State *lua, utf8proc_int32_t (*map)(utf8proc_int32_t))
{
    struct slice text = check_text(lua, 1);
    luaL_Buffer out;
    size_t at = 0;

    luaL_buffinit(lua, &out);
    while (at < text.len) {
        utf8proc_int32_t letter;
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t size =
            utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &letter);

        if (size <= 0) {
            luaL_addchar(&out, (char)text.data[at++]); /* no UTF-8: as it is */
            continue;
        }
        at += (size_t)size;
        luaL_addlstring(&out, (const char *)bytes,
                        (size_t)utf8proc_encode_char(map(letter), bytes));
    }
    luaL_pushresult(&out);
    return 1;
}

static int word_lower(lua_State *lua)
{
    return push_mapped(lua, utf8proc_tolower);
}

static int word_upper(lua_State *lua)
{
    return push_mapped(lua, utf8proc_toupper);
}

/* In characters. */
static int word_length(lua_State *lua)
{
    struct slice text = check_text(lua, 1);
    lua_Integer length = 0;

    for (size_t i = 0; i < text.len; i++)
        length += (text.data[i] & 0xC0) != 0x80;
    lua_pushinteger(lua, length);
    return 1;
}

const struct api_word text_words[TEXT_WORDS] = {
    {"starts_with", "(text: string, start: string): boolean", "The text begins so.",
     word_starts_with},
    {"ends_with", "(text: string, last: string): boolean", "The text ends so.", word_ends_with},
    {"contains", "(text: string, part: string): boolean", "The part stands somewhere in the text.",
     word_contains},
    {"lower", "(text: string): string", "In small letters, of every alphabet.", word_lower},
    {"upper", "(text: string): string", "In capitals, of every alphabet.", word_upper},
    {"length", "(text: string): integer", "How many characters it has; `#text` counts bytes.",
     word_length},
};

void text_words_offer(lua_State *lua)
{
    for (size_t i = 0; i < TEXT_WORDS; i++)
        lua_register(lua, text_words[i].name, text_words[i].function);
    pattern_offer(lua);
}
