/*
 * Regular expressions (PCRE2), compiled by the word `pattern`, as values that are called with a
 * text and answer whether it matches, and that find and replace. Bounded in time and memory.
 */
#ifndef SEKISHO_SCRIPT_PATTERN_H
#define SEKISHO_SCRIPT_PATTERN_H

#include "script/word.h"

/* What patterns can do. */
enum { PATTERN_WORDS = 6 };
extern const struct api_word pattern_words[PATTERN_WORDS];

/* The word itself; pattern_offer comes before it. */
int pattern_word(lua_State *lua);

/* Makes the class known to the state. */
void pattern_offer(lua_State *lua);

#endif
