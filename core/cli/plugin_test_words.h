/*
 * The words of tests of plugins: players who join a world of the test's own (plugin_world.h), what
 * they do and see, and time. docs/plugins-testing.md explains them.
 */
#ifndef SEKISHO_CLI_PLUGIN_TEST_WORDS_H
#define SEKISHO_CLI_PLUGIN_TEST_WORDS_H

#include "cli/plugin_stage.h"

/* Adds join, advance and log_lines to the globals, and the stage's. Keeps the stage. */
void plugin_test_words_offer(lua_State *lua, struct plugin_stage *stage);

#endif
