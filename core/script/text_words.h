/*
 * Words for looking at texts, in place of Lua's string library, whose patterns cannot be bounded
 * in time: starts_with, ends_with, contains, lower, upper, length, pattern.
 */
#ifndef SEKISHO_SCRIPT_TEXT_WORDS_H
#define SEKISHO_SCRIPT_TEXT_WORDS_H

#include "script/word.h"

enum { TEXT_WORDS = 6 };

/* But `pattern`, which script/pattern.h adds. */
extern const struct api_word text_words[TEXT_WORDS];

/* Adds the words to the globals. */
void text_words_offer(lua_State *lua);

#endif
