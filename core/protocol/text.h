/*
 * Text components: what players read. Built once as a small tree, written in the dialect of the
 * protocol version: JSON up to 764, nameless NBT from 765 (the login's disconnect: JSON in all);
 * events in camel case up to 769, in snake case from 770; colours other than the sixteen from 735.
 * Source: minecraft.wiki, "Text component format".
 */
#ifndef SEKISHO_PROTOCOL_TEXT_H
#define SEKISHO_PROTOCOL_TEXT_H

#include "base/buf.h"
#include "protocol/state.h"

#include <stdbool.h>

enum text_click {
    TEXT_CLICK_NONE = 0,
    TEXT_CLICK_OPEN_URL,    /* http or https: a client leaves over another one */
    TEXT_CLICK_RUN_COMMAND, /* with its slash */
    TEXT_CLICK_SUGGEST,     /* puts a line where the player types */
    TEXT_CLICK_COPY,        /* to the clipboard; before 573 as the one above */
};

enum { TEXT_RGB = 1 << 24 };

struct text {
    char *content;     /* owned, UTF-8 */
    const char *color; /* borrowed static name, as "gold"; NULL inherits */
    uint32_t rgb;      /* TEXT_RGB and 0xRRGGBB instead; the nearest name before 735; 0: none */
    bool bold, italic, underlined, strikethrough, obfuscated;
    enum text_click click;
    char *click_value;   /* owned */
    struct text *hover;  /* owned; NULL: none */
    struct text **extra; /* owned children, shown behind the content */
    size_t extra_count;
};

/* Returns owned. Copies the content. */
struct text *text_new(const char *content);
struct text *text_new_slice(struct slice content);
void text_free(struct text *text); /* with its children; accepts NULL */

/* Takes `child` and returns it, borrowed. */
struct text *text_add(struct text *parent, struct text *child);

/* Copies `value`. */
void text_set_click(struct text *text, enum text_click click, const char *value);

/* "gold" or "#ffaa00". False when it is neither. */
bool text_set_color(struct text *text, struct slice color);

/*
 * Appends as plain text with the section signs of old, as the action bar of up to 1.10 takes it:
 * without events, and in the sixteen colours.
 */
void text_write_legacy(const struct text *text, struct buf *out);

/* Appends what is to be read of it, without any style. */
void text_write_plain(const struct text *text, struct buf *out);

/* Appends as JSON without a length. */
void text_write_json(const struct text *text, int protocol, struct buf *out);

/* Appends as an NBT tag (see nbt.h for `name`). */
void text_write_nbt(const struct text *text, int protocol, const char *name, struct buf *out);

/* Appends as a field of a packet of this phase: a string of JSON, or NBT. */
void text_write(const struct text *text, int protocol, enum protocol_state state, struct buf *out);

/*
 * Appends a server's JSON component as such a field. What is no JSON, or nested too deeply, is
 * taken as plain text.
 */
void text_translate_json(struct slice json, int protocol, enum protocol_state state,
                         struct buf *out);

#endif
