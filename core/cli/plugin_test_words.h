/*
 * The words of tests of plugins: players who join a world of the test's own (plugin_world.h), time,
 * and what was logged. docs/plugins-testing.md explains them.
 */
#ifndef SEKISHO_CLI_PLUGIN_TEST_WORDS_H
#define SEKISHO_CLI_PLUGIN_TEST_WORDS_H

#include "plugin/api.h"

extern const struct api_group api_plugin_tests;

#endif
