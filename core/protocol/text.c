#include "protocol/text.h"

#include "base/mem.h"
#include "crypto/hash.h"
#include "protocol/nbt_json.h"
#include "protocol/wire.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WITH_COPY = 573,
    WITH_RGB = 735,
    WITH_NBT_TEXT = 765,
    WITH_SNAKE_CASE = 770,
    TRANSLATE_DEPTH_MAX = 32,
};

/* The sixteen, in the order of their section signs: 0 to 9 and a to f. */
static const struct {
    const char *name;
    uint32_t rgb;
} colors[] = {
    {"black", 0x000000},     {"dark_blue", 0x0000AA},    {"dark_green", 0x00AA00},
    {"dark_aqua", 0x00AAAA}, {"dark_red", 0xAA0000},     {"dark_purple", 0xAA00AA},
    {"gold", 0xFFAA00},      {"gray", 0xAAAAAA},         {"dark_gray", 0x555555},
    {"blue", 0x5555FF},      {"green", 0x55FF55},        {"aqua", 0x55FFFF},
    {"red", 0xFF5555},       {"light_purple", 0xFF55FF}, {"yellow", 0xFFFF55},
    {"white", 0xFFFFFF},
};

enum { COLORS = sizeof colors / sizeof colors[0], NO_COLOR = COLORS, HEX_DIGITS = 6 };

struct text *text_new_slice(struct slice content)
{
    struct text *text = mem_alloc(sizeof *text);

    text->content = mem_strndup((const char *)content.data, content.len);
    return text;
}

struct text *text_new(const char *content)
{
    return text_new_slice(slice_str(content));
}

void text_free(struct text *text)
{
    if (!text)
        return;
    for (size_t i = 0; i < text->extra_count; i++)
        text_free(text->extra[i]);
    free(text->extra);
    free(text->content);
    free(text->click_value);
    text_free(text->hover);
    free(text);
}

struct text *text_add(struct text *parent, struct text *child)
{
    parent->extra = mem_resize(parent->extra, (parent->extra_count + 1) * sizeof(struct text *));
    parent->extra[parent->extra_count++] = child;
    return child;
}

void text_set_click(struct text *text, enum text_click click, const char *value)
{
    free(text->click_value);
    text->click = click;
    text->click_value = mem_strdup(value);
}

static size_t nearest(uint32_t rgb)
{
    size_t best = 0;
    int least = INT_MAX;

    for (size_t i = 0; i < COLORS; i++) {
        int red = (int)(rgb >> 16 & 0xFF) - (int)(colors[i].rgb >> 16);
        int green = (int)(rgb >> 8 & 0xFF) - (int)(colors[i].rgb >> 8 & 0xFF);
        int blue = (int)(rgb & 0xFF) - (int)(colors[i].rgb & 0xFF);
        int distance = red * red + green * green + blue * blue;

        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

/* NO_COLOR: it is its parent's. */
static size_t color_of(const struct text *text)
{
    size_t i = 0;

    if (text->rgb)
        return nearest(text->rgb);
    if (!text->color)
        return NO_COLOR;
    while (i < COLORS && strcmp(colors[i].name, text->color) != 0)
        i++;
    return i;
}

bool text_set_color(struct text *text, struct slice color)
{
    uint8_t bytes[HEX_DIGITS / 2];
    char digits[HEX_DIGITS + 1] = "";

    for (size_t i = 0; i < COLORS; i++) {
        if (slice_is(color, colors[i].name)) {
            text->color = colors[i].name;
            text->rgb = 0;
            return true;
        }
    }
    if (color.len != 1 + HEX_DIGITS || color.data[0] != '#')
        return false;
    for (size_t i = 0; i < HEX_DIGITS; i++)
        digits[i] = (char)tolower(color.data[1 + i]);
    if (hex_decode(digits, bytes, sizeof bytes) < 0)
        return false;
    text->rgb = TEXT_RGB | (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    return true;
}

/* What is still to be written: the text that the styles of its parents hold for. */
struct legacy {
    size_t color;
    bool bold, italic, underlined, strikethrough, obfuscated;
};

static void put_sign(bool is_on, char sign, struct buf *out)
{
    static const char section[] = "\u00a7";

    if (!is_on)
        return;
    buf_append_str(out, section);
    buf_append_byte(out, (uint8_t)sign);
}

static void put_legacy(const struct text *text, struct legacy style, struct buf *out)
{
    size_t color = color_of(text);

    style.color = color == NO_COLOR ? style.color : color;
    style.bold |= text->bold;
    style.italic |= text->italic;
    style.underlined |= text->underlined;
    style.strikethrough |= text->strikethrough;
    style.obfuscated |= text->obfuscated;
    if (text->content[0]) {
        /* A colour ends all styles before it. */
        put_sign(true, style.color == NO_COLOR ? 'r' : "0123456789abcdef"[style.color], out);
        put_sign(style.bold, 'l', out);
        put_sign(style.italic, 'o', out);
        put_sign(style.underlined, 'n', out);
        put_sign(style.strikethrough, 'm', out);
        put_sign(style.obfuscated, 'k', out);
        buf_append_str(out, text->content);
    }
    for (size_t i = 0; i < text->extra_count; i++)
        put_legacy(text->extra[i], style, out);
}

void text_write_legacy(const struct text *text, struct buf *out)
{
    put_legacy(text, (struct legacy){.color = NO_COLOR}, out);
}

void text_write_plain(const struct text *text, struct buf *out)
{
    buf_append_str(out, text->content);
    for (size_t i = 0; i < text->extra_count; i++)
        text_write_plain(text->extra[i], out);
}

/* The action's name, and that of its value from 770 on. */
static json_t *click_json(const struct text *text, int protocol)
{
    enum text_click click = text->click;
    const char *action = "run_command";
    const char *key = "command";

    if (click == TEXT_CLICK_COPY && protocol < WITH_COPY)
        click = TEXT_CLICK_SUGGEST;
    if (click == TEXT_CLICK_OPEN_URL) {
        action = "open_url";
        key = "url";
    } else if (click == TEXT_CLICK_SUGGEST) {
        action = "suggest_command";
    } else if (click == TEXT_CLICK_COPY) {
        action = "copy_to_clipboard";
        key = "value";
    }
    return json_pack("{ssss}", "action", action, protocol >= WITH_SNAKE_CASE ? key : "value",
                     text->click_value);
}

static json_t *text_json(const struct text *text, int protocol);

static json_t *hover_json(const struct text *text, int protocol)
{
    bool contents = protocol >= WITH_RGB && protocol < WITH_SNAKE_CASE;

    return json_pack("{ssso}", "action", "show_text", contents ? "contents" : "value",
                     text_json(text->hover, protocol));
}

static void set_color(json_t *json, const struct text *text, int protocol)
{
    char hex[1 + HEX_DIGITS + 1];

    if (text->rgb && protocol >= WITH_RGB) {
        snprintf(hex, sizeof hex, "#%06x", text->rgb & 0xFFFFFF);
        json_object_set_new(json, "color", json_string(hex));
    } else if (text->rgb) {
        json_object_set_new(json, "color", json_string(colors[nearest(text->rgb)].name));
    } else if (text->color) {
        json_object_set_new(json, "color", json_string(text->color));
    }
}

static void set_flag(json_t *json, const char *name, bool is_on)
{
    if (is_on)
        json_object_set_new(json, name, json_true());
}

/* The component in its version's dialect: the same tree serves JSON and NBT. */
static json_t *text_json(const struct text *text, int protocol)
{
    bool snake = protocol >= WITH_SNAKE_CASE;
    json_t *json = json_object();

    json_object_set_new(json, "text", json_string(text->content));
    set_color(json, text, protocol);
    set_flag(json, "bold", text->bold);
    set_flag(json, "italic", text->italic);
    set_flag(json, "underlined", text->underlined);
    set_flag(json, "strikethrough", text->strikethrough);
    set_flag(json, "obfuscated", text->obfuscated);
    if (text->click != TEXT_CLICK_NONE)
        json_object_set_new(json, snake ? "click_event" : "clickEvent", click_json(text, protocol));
    if (text->hover)
        json_object_set_new(json, snake ? "hover_event" : "hoverEvent", hover_json(text, protocol));
    if (text->extra_count > 0) {
        json_t *extra = json_array();

        for (size_t i = 0; i < text->extra_count; i++)
            json_array_append_new(extra, text_json(text->extra[i], protocol));
        json_object_set_new(json, "extra", extra);
    }
    return json;
}

static void put_json(const json_t *json, struct buf *out)
{
    char *dump = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

    buf_append_str(out, dump);
    free(dump);
}

void text_write_json(const struct text *text, int protocol, struct buf *out)
{
    json_t *json = text_json(text, protocol);

    put_json(json, out);
    json_decref(json);
}

void text_write_nbt(const struct text *text, int protocol, const char *name, struct buf *out)
{
    json_t *json = text_json(text, protocol);

    nbt_json(out, name, json);
    json_decref(json);
}

/* As a packet's field. The root of NBT text is any tag, without a name. */
static void put_field(const json_t *json, int protocol, enum protocol_state state, struct buf *out)
{
    struct buf dump = {0};

    if (protocol >= WITH_NBT_TEXT && state != PROTOCOL_LOGIN) {
        wire_put_u8(out, (uint8_t)nbt_json_tag(json));
        nbt_json(out, NULL, json);
        return;
    }
    put_json(json, &dump);
    wire_put_string(out, buf_slice(&dump));
    buf_free(&dump);
}

void text_write(const struct text *text, int protocol, enum protocol_state state, struct buf *out)
{
    json_t *json = text_json(text, protocol);

    put_field(json, protocol, state, out);
    json_decref(json);
}

/* True when nothing in `json` lies deeper than `left` levels. */
static bool shallow(json_t *json, int left)
{
    size_t index;
    const char *key;
    json_t *value;

    if (left == 0)
        return false;
    json_array_foreach(json, index, value) if (!shallow(value, left - 1)) return false;
    json_object_foreach(json, key, value) if (!shallow(value, left - 1)) return false;
    return true;
}

void text_translate_json(struct slice json, int protocol, enum protocol_state state,
                         struct buf *out)
{
    json_t *parsed = json_loadb((const char *)json.data, json.len, JSON_DECODE_ANY, NULL);

    if (!parsed || json_is_null(parsed) || !shallow(parsed, TRANSLATE_DEPTH_MAX)) {
        json_decref(parsed);
        parsed = slice_is_utf8(json) ? json_stringn_nocheck((const char *)json.data, json.len)
                                     : json_string("");
    }
    put_field(parsed, protocol, state, out);
    json_decref(parsed);
}
