/*
 * Personal data in Lua: opaque values that know whose they are and in which form the rules gave
 * them. Nothing turns one into a text that a plugin could read; joined with texts it makes a text
 * as opaque. What they say is told to a player, in the form that player's server may know it.
 */
#ifndef SEKISHO_PLUGIN_VALUE_H
#define SEKISHO_PLUGIN_VALUE_H

#include "base/buf.h"
#include "base/uuid.h"
#include "rules/field.h"
#include "rules/rules.h"

#include <lua.h>

struct session;

struct value {
    enum field field;
    enum field_form form; /* NONE: raw, as the player's own screen may have it */
    struct uuid owner;
    uint64_t session; /* of the owner */
    int server;       /* whose rules gave the form; ROUTE_NONE: none did */
    size_t len;
    char bytes[]; /* with a zero behind */
};

/*
 * Pushes what the rules of the server that the player is with give of a field whose value this is;
 * nil where they give nothing. Raises an error where the plugin's manifest does not read it.
 */
void value_push(lua_State *lua, const struct session *session, enum field field,
                struct slice bytes);

/* Raises the same error. */
void value_check_declared(lua_State *lua, enum field field);

/*
 * Pushes one that the plugin kept, as it was then: whose it is may be away. Its owner is shown it;
 * anybody else its field's name.
 */
void value_push_kept(lua_State *lua, const struct uuid *owner, enum field field,
                     enum field_form form, struct slice bytes);

/* The value at `index`, or NULL when it is none. */
const struct value *value_at(lua_State *lua, int index);

/* Appends what it says, as this player may read it. */
void value_add(const struct value *value, const struct session *reader, struct buf *out);

/* The index of the server that is named at `index`, or an error that names the nearest. */
int value_check_server(lua_State *lua, int index);

#endif
