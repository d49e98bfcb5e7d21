/*
 * Text components: what players read. Built once as a small tree, written in the dialect of the
 * protocol version: JSON up to 764, nameless NBT from 765 (login disconnect: always JSON), click
 * events in camel case up to 769 and snake case from 770.
 */
#ifndef SEKISHO_PROTOCOL_TEXT_H
#define SEKISHO_PROTOCOL_TEXT_H

#include "base/buf.h"
#include "protocol/state.h"

#include <stdbool.h>

enum text_click {
    TEXT_CLICK_NONE,
    TEXT_CLICK_OPEN_URL,
    TEXT_CLICK_RUN_COMMAND,
    TEXT_CLICK_CHANGE_PAGE
};

struct text {
    char *content;     /* owned, UTF-8 */
    const char *color; /* borrowed static name: "gold", "red"; NULL inherits */
    bool bold, italic, underlined;
    enum text_click click;
    char *click_value;   /* owned */
    char *hover;         /* owned plain text; NULL: none */
    struct text **extra; /* owned children, shown after the content */
    size_t extra_count;
};

/* Returns owned; free with text_free, which frees the children too. Copies the content. */
struct text *text_new(const char *content);
struct text *text_add(struct text *parent, struct text *child); /* takes child; returns it */
void text_click(struct text *text, enum text_click click, const char *value);
void text_free(struct text *text);

/* Appends as JSON, in the dialect of `protocol`. */
void text_write_json(const struct text *text, int protocol, struct buf *out);

/* Appends as a packet field of this phase: string-prefixed JSON, or NBT. */
void text_write(const struct text *text, int protocol, enum protocol_state state, struct buf *out);

/* Reads a JSON component from a peer into the field that this version and phase want. Falls back
 * to plain text when it is no JSON. */
void text_translate_json(struct slice json, int protocol, enum protocol_state state,
                         struct buf *out);

#endif
