/*
 * What the tests of one file play on: which plugins, with which settings, before which servers. The
 * file says so outside of its tests; each test then has a world of its own (plugin_world.h).
 */
#ifndef SEKISHO_CLI_PLUGIN_STAGE_H
#define SEKISHO_CLI_PLUGIN_STAGE_H

#include "cli/plugin_world.h"

#include <lua.h>

enum { PLUGIN_STAGE_FILES_MAX = 16 };

/* What the tests of one file play on. */
struct plugin_stage {
    const struct conf *conf;
    const struct policy *policy;
    char *files[PLUGIN_STAGE_FILES_MAX]; /* of plugins, in the order of loading; owned */
    size_t file_count;
    char *folder;             /* of the plugins; owned */
    char *settings;           /* what the settings of the plugin under test say; NULL: its usual */
    struct conf with_servers; /* `conf` where the test names servers of its own; owned those */
    struct plugin_world *world; /* of the test that runs; NULL: it needed none yet */
};

/* For the test file at this path, which may stand beside a plugin. */
void plugin_stage_begin(struct plugin_stage *stage, const struct conf *conf,
                        const struct policy *policy, const char *path);

/*
 * What a plugin did wrong in this test: "plugins/greeter.lua:3: ...". Returns owned; NULL: nothing.
 */
char *plugin_stage_fault(const struct plugin_stage *stage);

/* The test is over, and its world with it. */
void plugin_stage_clear(struct plugin_stage *stage);
void plugin_stage_end(struct plugin_stage *stage);

/* Adds with_plugin, with_servers and with_settings to the globals. Keeps the stage. */
void plugin_stage_offer(lua_State *lua, struct plugin_stage *stage);

/* The one that was offered, or an error. */
struct plugin_stage *plugin_stage_of(lua_State *lua);

/* The world of the test that runs, which is made where it needed none yet; or an error. */
struct plugin_world *plugin_stage_world(lua_State *lua);

#endif
