/*
 * Players who join in tests of plugins, as Lua has them: what they do and see.
 */
#ifndef SEKISHO_CLI_TEST_PLAYER_H
#define SEKISHO_CLI_TEST_PLAYER_H

#include "cli/plugin_world.h"
#include "plugin/api.h"

extern const struct api_group api_test_player;

/* Pushes the player, for as long as the world is the one of the test that runs. */
void test_player_push(lua_State *lua, struct plugin_world *world, struct pretend_client *client);

#endif
