/*
 * The words of tests of plugins: players who join a world of the test's own (plugin_world.h), what
 * they do and see, and time. docs/plugins-testing.md explains them.
 */
#ifndef SEKISHO_CLI_PLUGIN_TEST_WORDS_H
#define SEKISHO_CLI_PLUGIN_TEST_WORDS_H

#include "cli/plugin_world.h"

#include <lua.h>

enum { PLUGIN_STAGE_FILES_MAX = 16 };

/* What the tests of one file play on. */
struct plugin_stage {
    const struct conf *conf;
    const struct policy *policy;
    char *files[PLUGIN_STAGE_FILES_MAX]; /* of plugins, in the order of loading; owned */
    size_t file_count;
    char *folder;               /* of the plugins; owned */
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

/* Adds join, advance, log_lines and with_plugin to the globals. Keeps the stage. */
void plugin_test_words_offer(lua_State *lua, struct plugin_stage *stage);

#endif
