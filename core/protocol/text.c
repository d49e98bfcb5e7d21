#include "protocol/text.h"

#include "base/mem.h"
#include "protocol/nbt_json.h"
#include "protocol/wire.h"

#include <stdlib.h>

enum {
    WITH_NBT_TEXT = 765,
    WITH_SNAKE_CASE = 770,
    TRANSLATE_DEPTH_MAX = 32,
};

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

static json_t *click_json(const struct text *text, int protocol)
{
    bool url = text->click == TEXT_CLICK_OPEN_URL;
    const char *key = url ? "url" : "command";

    return json_pack("{ssss}", "action", url ? "open_url" : "run_command",
                     protocol >= WITH_SNAKE_CASE ? key : "value", text->click_value);
}

/* The component in its version's dialect: the same tree serves JSON and NBT. */
static json_t *text_json(const struct text *text, int protocol)
{
    json_t *json = json_object();

    json_object_set_new(json, "text", json_string(text->content));
    if (text->color)
        json_object_set_new(json, "color", json_string(text->color));
    if (text->bold)
        json_object_set_new(json, "bold", json_true());
    if (text->italic)
        json_object_set_new(json, "italic", json_true());
    if (text->underlined)
        json_object_set_new(json, "underlined", json_true());
    if (text->click != TEXT_CLICK_NONE)
        json_object_set_new(json, protocol >= WITH_SNAKE_CASE ? "click_event" : "clickEvent",
                            click_json(text, protocol));
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
