/*
 * The words of rule tests: made-up players, and what the rules of the configuration do with what
 * they bring. docs/rules.md explains them.
 */
#ifndef SEKISHO_CLI_TEST_WORDS_H
#define SEKISHO_CLI_TEST_WORDS_H

#include "base/buf.h"
#include "cli/deed.h"
#include "conf/conf.h"
#include "plugin/api.h"
#include "policy/policies.h"
#include "rules/function.h"
#include "rules/rules.h"

#include <lua.h>

/* What the tests of all files look at. */
struct test_bench {
    const struct conf *conf;
    const struct policies *policies;
    const char *only;     /* tests in whose names this stands; NULL: all */
    struct rules **rules; /* one a server, in the order of the configuration */

    /* What went wrong in a function of a rule, since it was last looked at. */
    struct function_listener listener;
    struct script_place fault_place; /* borrowed from the rules */
    char *fault;                     /* owned; NULL: nothing */

    /* Of the words, which an error can end at any time. */
    struct buf value;
    struct deed deed;
    char *mistake;
};

/* Has the rules tell the bench what goes wrong in them. */
void test_bench_begin(struct test_bench *bench);
void test_bench_end(struct test_bench *bench);

extern const struct api_group api_rule_tests;
extern const struct api_group api_rule_player;

/* Keeps the bench, for the words of a test. */
void test_words_lend(lua_State *lua, struct test_bench *bench);

#endif
