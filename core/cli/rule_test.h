/*
 * A file of rule tests: Lua that names tests, in the sandbox that rule files have. Each test is run
 * on its own: nothing that one leaves behind is there in another.
 */
#ifndef SEKISHO_CLI_RULE_TEST_H
#define SEKISHO_CLI_RULE_TEST_H

#include "cli/test_words.h"

#include <stddef.h>
#include <stdio.h>

struct rule_test_sum {
    size_t passed, failed;
};

/* The words of all of them; NULL behind the last. */
extern const struct api_group *const api_of_tests[];

/* Runs the tests of a file, prints a line each, and adds to the sum. */
void rule_test_run(const char *path, struct test_bench *bench, FILE *out,
                   struct rule_test_sum *sum);

#endif
