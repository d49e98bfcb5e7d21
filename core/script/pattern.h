/*
 * The word `pattern`: a regular expression (PCRE2), compiled while the file is read, as a value
 * that is called with a text and answers whether it matches. Bounded in time and memory.
 */
#ifndef SEKISHO_SCRIPT_PATTERN_H
#define SEKISHO_SCRIPT_PATTERN_H

#include <lua.h>

/* Adds the word to the globals. */
void pattern_offer(lua_State *lua);

#endif
