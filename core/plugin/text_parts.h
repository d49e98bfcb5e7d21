/*
 * What the objects of texts are made of, for the files that make and read them.
 */
#ifndef SEKISHO_PLUGIN_TEXT_PARTS_H
#define SEKISHO_PLUGIN_TEXT_PARTS_H

#include "protocol/text.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* What lies in all kinds of objects; their parts lie in a list, their user value. */
struct extent {
    size_t bytes; /* that it may take on the wire */
    int depth;
    bool has_value; /* in it, or in a part */
    bool has_reply; /* the same: what a click on it does comes back */
};

struct styled {
    struct extent extent;
    struct text style; /* without its texts, which lie in the list: "click", "hover" */
};

/* Adds what is at `index` to what `extent` counts; an error where that gets too much. */
void text_grow(lua_State *lua, struct extent *extent, int index);

/* Appends what is at `index` to the list on the top; a joined text part by part. */
void text_join(lua_State *lua, struct extent *extent, int index);

#endif
