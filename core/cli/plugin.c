/*
 * `sekisho plugin`: what authors of plugins begin with.
 */
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/rule_test.h"
#include "plugin/api.h"
#include "plugin/manifest.h"
#include "script/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char plugin_text[] =
    "-- %s: say here what it does. docs/plugins.md is the guide, `sekisho plugin reference` lists\n"
    "-- every word. Save this file while Sekisho runs, and it is loaded anew.\n"
    "plugin { name = \"%s\", version = \"0.1.0\", reads = { [\"player.name\"] = \"%s\" } }\n"
    "\n"
    "on(\"player.join\", function(player)\n"
    "    player:send(player.name and \"Welcome, \" .. player.name or \"Welcome\")\n"
    "end)\n"
    "\n"
    "command(\"%s\", { description = \"says hello\" }, function(player)\n"
    "    return \"Hello from %s\"\n"
    "end)\n";

static const char test_text[] =
    "-- `sekisho test` runs this: made-up players join, and see what real ones would.\n"
    "-- docs/plugins-testing.md is the guide.\n"
    "test(\"who joins is welcomed\", function()\n"
    "    local alice = join { name = \"Alice\" }\n"
    "    alice:sees(\"Welcome\")\n"
    "end)\n"
    "\n"
    "test(\"/%s says hello\", function()\n"
    "    local alice = join { name = \"Alice\" }\n"
    "    alice:command(\"/%s\")\n"
    "    alice:sees(\"Hello from %s\")\n"
    "end)\n";

static const char editor_text[] = "{\n"
                                  "  \"runtime.version\": \"Lua 5.4\",\n"
                                  "  \"runtime.builtin\": { \"io\": \"disable\", \"os\": "
                                  "\"disable\", \"debug\": \"disable\", \"coroutine\": "
                                  "\"disable\", \"package\": \"disable\" },\n"
                                  "  \"workspace.library\": [\".types\"],\n"
                                  "  \"workspace.checkThirdParty\": false\n"
                                  "}\n";

static int complain(const char *path)
{
    if (errno == EEXIST)
        fprintf(stderr, "sekisho plugin new: %s is there already; choose another name\n", path);
    else
        fprintf(stderr, "sekisho plugin new: %s cannot be written: %s\n", path, strerror(errno));
    return ERR_INVALID;
}

static int finish(FILE *file, const char *path)
{
    bool failed = ferror(file);

    if (fclose(file) != 0 || failed)
        return complain(path);
    printf("%s\n", path);
    return 0;
}

static int write_plugin(const char *path, const char *name, const char *purpose)
{
    FILE *file = fopen(path, "wx");

    if (!file)
        return complain(path);
    fprintf(file, plugin_text, name, name, purpose, name, name);
    return finish(file, path);
}

static int write_test(const char *path, const char *name)
{
    FILE *file = fopen(path, "wx");

    if (!file)
        return complain(path);
    fprintf(file, test_text, name, name, name);
    return finish(file, path);
}

static void print_types(FILE *out)
{
    api_print_types(out);
    api_print_more_types(api_of_tests, out);
}

/* So that editors know the words of this Sekisho. */
static int write_types(const char *folder)
{
    char *types = mem_format("%s/.types", folder);
    char *path = mem_format("%s/.types/sekisho.lua", folder);
    char *settings = mem_format("%s/.luarc.json", folder);
    FILE *file;
    int err = 0;

    mkdir(types, 0777);
    file = fopen(path, "w");
    if (file) {
        print_types(file);
        err = finish(file, path);
    } else {
        err = complain(path);
    }
    file = err == 0 ? fopen(settings, "wx") : NULL; /* one that is there is somebody's */
    if (file) {
        fputs(editor_text, file);
        err = finish(file, settings);
    }
    free(settings);
    free(path);
    free(types);
    return err;
}

static bool is_there(const char *path)
{
    if (!source_exists(path))
        return false;
    errno = EEXIST;
    complain(path);
    return true;
}

/* The policy's first purpose that everybody agreed to. */
static const char *purpose_of(const struct policy *policy)
{
    for (size_t i = 0; i < policy->purpose_count; i++)
        if (!policy->purposes[i].optional)
            return policy->purposes[i].name;
    return "service";
}

static int write_all(const char *folder, const char *name, const struct policy *policy)
{
    char *path = mem_format("%s/%s.lua", folder, name);
    char *test = mem_format("%s/%s_test.lua", folder, name);
    char *inside = mem_format("%s/%s", folder, name);
    int err = ERR_INVALID;

    mkdir(folder, 0777);
    if (!is_there(path) && !is_there(test) && !is_there(inside)) {
        err = write_plugin(path, name, purpose_of(policy));
        if (err == 0)
            err = write_test(test, name);
        if (err == 0)
            err = write_types(folder);
    }
    free(inside);
    free(test);
    free(path);
    return err;
}

static int new (const struct cli_options *options)
{
    const char *name = options->words[1];
    struct diag diag = {0};
    struct policies *policies;
    struct conf *conf;
    int err = ERR_INVALID;

    if (!manifest_is_name(name)) {
        fprintf(stderr,
                "sekisho plugin new: \"%s\" is no name for a plugin; write a word of a-z, "
                "0-9, - and _ with 32 letters at most\n",
                name);
        return EXIT_FAILURE;
    }
    if (cli_load(options->conf_path, &diag, &conf, &policies) == 0)
        err = write_all(conf->plugins, name, policies->own->current);
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int reference(const struct cli_options *options)
{
    (void)options;
    api_print_reference(stdout);
    api_print_more_reference(api_of_tests, stdout);
    return EXIT_SUCCESS;
}

static int types(const struct cli_options *options)
{
    (void)options;
    print_types(stdout);
    return EXIT_SUCCESS;
}

static const struct word {
    struct cli_word word;
    int (*run)(const struct cli_options *options);
} words[] = {
    {{"new", {CLI_CONF, 2, 2}, "[-c FILE] NAME"}, new},
    {{"reference", {0, 1, 1}, ""}, reference},
    {{"types", {0, 1, 1}, ""}, types},
};

int cli_plugin(int argc, char **argv)
{
    struct cli_options options;
    const struct word *word =
        cli_read_word(argc, argv, words, sizeof words / sizeof words[0], sizeof words[0], &options);

    return word ? word->run(&options) : EXIT_FAILURE;
}
