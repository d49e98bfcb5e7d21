/*
 * `sekisho test [FILES]`: what the rules of the configuration do with made-up players, and what
 * plugins do with those who join, compared with what test files expect. Without FILES: every
 * NAME_test.lua beside a rule file, in the folder of the plugins, and in those of each of them.
 */
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/rule_test.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Pseudonyms have to be the same each time, and no installation's own. */
static const uint8_t test_key[RULES_KEY_BYTES] = {'t', 'e', 's', 't'};

/* Paths, each once. */
struct paths {
    char **list;
    size_t count;
};

/* Takes the path. */
static void add_path(struct paths *paths, char *path)
{
    for (size_t i = 0; i < paths->count; i++)
        if (strcmp(paths->list[i], path) == 0) {
            free(path);
            return;
        }
    paths->list = mem_resize(paths->list, (paths->count + 1) * sizeof *paths->list);
    paths->list[paths->count++] = path;
}

static void free_paths(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->list[i]);
    free(paths->list);
}

static int is_test(const struct dirent *entry)
{
    static const char end[] = "_test.lua";
    size_t len = strlen(entry->d_name);

    return len >= sizeof end && strcmp(entry->d_name + len - (sizeof end - 1), end) == 0;
}

/* A folder that is not there holds no tests. */
static void find_in(const char *folder, struct paths *files)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_test, alphasort);

    if (count < 0)
        return;
    for (int i = 0; i < count; i++) {
        add_path(files, strcmp(folder, ".") == 0 ? mem_strdup(entries[i]->d_name)
                                                 : mem_format("%s/%s", folder, entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
}

static int is_folder(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

/* Plugins that have a folder each keep their tests there. */
static void add_folders_in(const char *folder, struct paths *folders)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_folder, alphasort);

    for (int i = 0; i < count; i++) {
        add_path(folders, mem_format("%s/%s", folder, entries[i]->d_name));
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash ? mem_strndup(file, slash == file ? 1 : (size_t)(slash - file)) : mem_strdup(".");
}

static void find_all(const struct conf *conf, struct paths *files)
{
    struct paths folders = {0};

    for (size_t i = 0; i < conf->server_count; i++)
        if (conf->servers[i].rules)
            add_path(&folders, folder_of(conf->servers[i].rules));
    add_path(&folders, mem_strdup(conf->plugins));
    add_folders_in(conf->plugins, &folders);
    for (size_t i = 0; i < folders.count; i++)
        find_in(folders.list[i], files);
    if (files->count == 0) {
        fprintf(stderr, "sekisho test: there is no NAME_test.lua in");
        for (size_t i = 0; i < folders.count; i++)
            fprintf(stderr, " %s", folders.list[i]);
        fprintf(stderr, "; docs/rules-guide.md and "
                        "docs/plugins-testing.md show how to write one\n");
    }
    free_paths(&folders);
}

/* Without the rules on trial, which are not asked in a test. */
static int load_rules(struct test_bench *bench, struct conf_server *servers, struct diag *diag)
{
    int err = 0;

    for (size_t i = 0; i < bench->conf->server_count; i++) {
        servers[i] = bench->conf->servers[i];
        servers[i].shadow = NULL;
        if (rules_load(&servers[i], policies_of(bench->policies, i), test_key, diag,
                       &bench->rules[i]) < 0)
            err = ERR_INVALID;
    }
    if (err == 0)
        rules_check_together(bench->rules, bench->conf->server_count, diag);
    return diag->count > 0 ? ERR_INVALID : err;
}

static int run_files(struct test_bench *bench, const struct paths *files)
{
    struct rule_test_sum sum = {0};

    test_bench_begin(bench);
    for (size_t i = 0; i < files->count; i++)
        rule_test_run(files->list[i], bench, stdout, &sum);
    test_bench_end(bench);
    printf("%zu passed, %zu failed\n", sum.passed, sum.failed);
    if (bench->only && sum.passed + sum.failed == 0)
        fprintf(stderr, "sekisho test: no test has \"%s\" in its name\n", bench->only);
    return sum.failed == 0 && sum.passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int test(const struct cli_options *options, const struct conf *conf,
                const struct policies *policies, struct diag *diag)
{
    struct test_bench bench = {.conf = conf, .policies = policies, .only = options->only};
    struct conf_server *servers = mem_array(conf->server_count, sizeof *servers);
    struct paths files = {0};
    int status = EXIT_FAILURE;

    bench.rules = mem_array(conf->server_count, sizeof(struct rules *));
    for (int i = 0; i < options->word_count; i++)
        add_path(&files, mem_strdup(options->words[i]));
    if (load_rules(&bench, servers, diag) == 0) {
        if (files.count == 0)
            find_all(conf, &files);
        status = run_files(&bench, &files);
    }
    for (size_t i = 0; i < conf->server_count; i++)
        rules_free(bench.rules[i]);
    free(bench.rules);
    free(servers);
    free_paths(&files);
    return status;
}

int cli_test(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf;
    struct policies *policies;
    int status = EXIT_FAILURE;

    if (cli_read(argc, argv, (struct cli_grammar){CLI_CONF | CLI_ONLY, 0, INT_MAX}, &options) < 0)
        return EXIT_FAILURE;
    if (cli_load(options.conf_path, &diag, &conf, &policies) == 0)
        status = test(&options, conf, policies, &diag);
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}
