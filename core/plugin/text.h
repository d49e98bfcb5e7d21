/*
 * Texts as plugins write them: strings, values, what `..` joins of them, and `text { ... }` with
 * colours and clicks. What a text holds of players is not read by the plugin: it is said when the
 * text is shown, to each reader in their own form.
 */
#ifndef SEKISHO_PLUGIN_TEXT_H
#define SEKISHO_PLUGIN_TEXT_H

#include "protocol/text.h"

#include <lua.h>
#include <stdbool.h>

struct session;

/*
 * What a client of any version takes as one text: up to 1.12 a message of chat is a string of
 * 32,767 characters.
 */
enum { TEXT_BYTES_MAX = 30000 };

/*
 * Raises an error where there is no text at `index`, so that text_read has one. Returns the bytes
 * that it may take when it is sent, TEXT_BYTES_MAX at most.
 */
size_t text_check(lua_State *lua, int index);

/* Whether something of a player is in the text. */
bool text_has_value(lua_State *lua, int index);

/* What this player reads there. Returns owned; raises nothing. */
struct text *text_read(lua_State *lua, int index, const struct session *reader);

/* Both: for words that have nothing else to check. */
struct text *text_check_read(lua_State *lua, int index, const struct session *reader);

/* The same without its styles. Returns owned. */
char *text_read_plain(lua_State *lua, int index, const struct session *reader);

/* A string that is whole UTF-8 without zeros, at most `bytes_max` long, or an error. Borrowed. */
const char *text_check_string(lua_State *lua, int index, size_t bytes_max);

int text_concat(lua_State *lua); /* `..` of values and texts */
int text_word(lua_State *lua);   /* text { ... }; text_style.c */
int text_word_translated(lua_State *lua);

#endif
