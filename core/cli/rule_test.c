#include "cli/rule_test.h"

#include "base/mem.h"
#include "cli/expect.h"
#include "cli/plugin_stage.h"
#include "cli/plugin_test_words.h"
#include "cli/test_player.h"
#include "plugin/libraries.h"
#include "script/text_words.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { TESTS_MAX = 1000 };

/* Those of script_limits_usual, and time for the worlds that tests of plugins turn. */
static const struct script_limits limits = {
    .memory_bytes = 4 * 1024 * 1024,
    .text_bytes = 32 * 1024,
    .run = {.instructions = 10 * 1000 * 1000, .block_bytes = 1024 * 1024, .ms = 60 * 1000},
    .call = {.instructions = 100 * 1000, .block_bytes = 64 * 1024, .ms = 3},
};

static const char tests_key; /* in the registry: the list of functions */
static const char file_key;  /* lent: the file, while it is read */

struct rule_test {
    char *name;
    int line;
};

struct file {
    struct script *script;
    struct test_bench *bench;
    struct plugin_stage stage;
    struct rule_test *tests;
    size_t count;
    size_t at; /* the one that runs */
};

/* test("what is so", function() ... end) */
static int word_test(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1);
    struct file *file;

    luaL_checktype(lua, 2, LUA_TFUNCTION);
    file = script_lent(lua, &file_key, "a test has its place outside of other tests");
    if (file->count == TESTS_MAX)
        return luaL_error(lua, "more than %d tests in one file; is that meant?", TESTS_MAX);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
    lua_pushvalue(lua, 2);
    lua_rawseti(lua, -2, (lua_Integer)file->count + 1);
    file->tests = mem_resize(file->tests, (file->count + 1) * sizeof *file->tests);
    file->tests[file->count++] =
        (struct rule_test){.name = mem_strdup(name), .line = script_place(lua).line};
    return 0;
}

static const struct api_word words[] = {
    {"test", "(what: string, run: function)",
     "Says what is so, and how that is seen. Each test begins anew.", word_test},
    {"expect", "(came: any, should: any, what?: string)",
     "Fails unless they are the same: texts, numbers, true, false, nil, tables of such. `what` "
     "stands "
     "before what is said then.",
     expect_word},
};

static const struct api_group tests = {
    "Tests", API_WORDS, "What `sekisho test` runs: beside these the words for texts, above.", words,
    API_COUNT(words)};

const struct api_group *const api_of_tests[] = {
    &tests, &api_plugin_tests, &api_test_player, &api_rule_tests, &api_rule_player, NULL,
};

static int read_file(struct file *file, struct diag *diag)
{
    lua_State *lua = script_lua(file->script);
    int err;

    text_words_offer(lua);
    libraries_offer(lua);
    api_offer(lua, api_of_tests);
    test_words_lend(lua, file->bench);
    plugin_stage_lend(lua, &file->stage);
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &tests_key);
    script_lend(lua, &file_key, file);
    err = script_run(file->script, 0, diag);
    script_lend(lua, &file_key, NULL);
    if (err < 0)
        return err;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
    script_freeze(file->script, -1);
    script_be_patient(file->script);
    return 0;
}

static int call_test(lua_State *lua)
{
    const struct file *file = lua_touserdata(lua, 1);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
    lua_rawgeti(lua, -1, (lua_Integer)file->at + 1);
    lua_call(lua, 0, 0);
    return 0;
}

/* A function of a rule that failed is told where it stands, not where the test asked. */
static void print_failure(const struct file *file, const struct script_fault *fault, FILE *out)
{
    const struct test_bench *bench = file->bench;
    const struct rule_test *test = &file->tests[file->at];
    int line = fault->place.line > 0 ? fault->place.line : test->line;

    if (bench->fault)
        fprintf(out, "FAIL  %s:%d: %s: in the rule's function, for %s:%d: %s\n",
                bench->fault_place.file, bench->fault_place.line, test->name, fault->place.file,
                line, bench->fault);
    else
        fprintf(out, "FAIL  %s:%d: %s: %s\n", fault->place.file, line, test->name, fault->message);
}

static void run_test(struct file *file, FILE *out, struct rule_test_sum *sum)
{
    const struct rule_test *test = &file->tests[file->at];
    struct script_fault fault;
    char *wrong;
    int err;

    free(file->bench->fault);
    file->bench->fault = NULL;
    err = script_call(file->script, call_test, file, &fault);
    wrong = plugin_stage_fault(&file->stage);
    plugin_stage_clear(&file->stage);
    if (err == 0 && !wrong) {
        fprintf(out, "ok    %s\n", test->name);
        sum->passed++;
        return;
    }
    if (err < 0)
        print_failure(file, &fault, out);
    if (wrong)
        fprintf(out, "FAIL  %s:%d: %s: the plugin: %s\n", script_path(file->script, 0), test->line,
                test->name, wrong);
    free(wrong);
    sum->failed++;
}

/* What is wrong with the file itself: one failure for each of it. */
static void print_mistakes(const struct diag *diag, FILE *out, struct rule_test_sum *sum)
{
    for (size_t i = 0; i < diag->count; i++) {
        char *text = diag_text(&diag->entries[i]);

        fprintf(out, "FAIL  %s\n", text);
        free(text);
    }
    sum->failed += diag->count;
}

static void release(struct file *file)
{
    script_free(file->script);
    plugin_stage_end(&file->stage);
    for (size_t i = 0; i < file->count; i++)
        free(file->tests[i].name);
    free(file->tests);
}

void rule_test_run(const char *path, struct test_bench *bench, FILE *out, struct rule_test_sum *sum)
{
    struct file file = {.bench = bench};
    struct diag diag = {0};

    plugin_stage_begin(&file.stage, bench->conf, bench->policies->own->current, path);
    if (script_open(path, &limits, &diag, &file.script) == 0 && read_file(&file, &diag) == 0) {
        if (file.count == 0)
            diag_add(&diag, path, 0,
                     "has no tests; write test(\"what is so\", function() ... end)");
        for (file.at = 0; file.at < file.count; file.at++)
            if (!bench->only || strstr(file.tests[file.at].name, bench->only))
                run_test(&file, out, sum);
    }
    print_mistakes(&diag, out, sum);
    diag_free(&diag);
    release(&file);
}
