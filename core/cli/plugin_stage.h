/*
 * What the tests of one file play on: the plugins that stand beside it, and the world of the test
 * that runs, once a word of it needs one.
 */
#ifndef SEKISHO_CLI_PLUGIN_STAGE_H
#define SEKISHO_CLI_PLUGIN_STAGE_H

#include "cli/plugin_world.h"

#include <lua.h>

enum { PLUGIN_STAGE_FILES_MAX = 16 };

struct plugin_stage {
    const struct conf *conf;
    const struct policy *policy;
    char *files[PLUGIN_STAGE_FILES_MAX]; /* of plugins, in the order of loading; owned */
    size_t file_count;
    char *folder;               /* of the plugins; owned */
    char *settings;             /* what those of the plugin under test say; NULL: as configured */
    struct conf with_servers;   /* `conf`, where the test names servers; these are owned */
    struct plugin_world *world; /* of the test that runs; NULL: it needed none yet */
};

/* For the test file at this path, which may stand beside a plugin. */
void plugin_stage_begin(struct plugin_stage *stage, const struct conf *conf,
                        const struct policy *policy, const char *path);

/*
 * What a plugin did wrong first in this test: "plugins/greeter.lua:3: ...", and behind it, a line
 * each, how it came there. Returns owned; NULL: nothing.
 */
char *plugin_stage_fault(const struct plugin_stage *stage);

/* The test is over, and its world with it. */
void plugin_stage_clear(struct plugin_stage *stage);
void plugin_stage_end(struct plugin_stage *stage);

/* Keeps it, for the words of a test. */
void plugin_stage_lend(lua_State *lua, struct plugin_stage *stage);

struct plugin_stage *plugin_stage_of(lua_State *lua);

/* The world, made when there is none; or an error that says why there cannot be one. */
struct plugin_world *plugin_stage_world(lua_State *lua);

int plugin_stage_word_with(lua_State *lua);
int plugin_stage_word_servers(lua_State *lua);
int plugin_stage_word_settings(lua_State *lua);

#endif
