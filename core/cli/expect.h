/*
 * expect(what came, what should): the word that fails a test, and says what it found.
 */
#ifndef SEKISHO_CLI_EXPECT_H
#define SEKISHO_CLI_EXPECT_H

#include <lua.h>

int expect_word(lua_State *lua);

#endif
