/*
 * The words for forms in a rule file: full, truncate(24, 48), count(category), ... Each is an
 * opaque value; some can be called with what they need.
 */
#ifndef SEKISHO_RULES_FORM_WORD_H
#define SEKISHO_RULES_FORM_WORD_H

#include "rules/form.h"

#include <lua.h>

/* Adds the words to the globals. */
void form_words_offer(lua_State *lua);

/* The form at this place of the stack; NULL when something else stands there. */
const struct form *form_word_read(lua_State *lua, int index);

#endif
