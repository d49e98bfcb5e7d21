/*
 * `sekisho plugins`: what runs in the Sekisho of this configuration, and what it costs; where none
 * runs, what would. `sekisho plugins reload|unload|load NAME` changes it; `forget NAME` erases
 * what one keeps that is gone.
 */
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/plugin_forget.h"
#include "cli/plugin_look.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS_MAX = 40 };

/* Nobody runs: the files are read, and nothing else. */
static int look(const struct cli_options *options)
{
    struct diag diag = {0};
    struct policies *policies;
    struct conf *conf;
    int status;

    if (!options->json)
        printf("no Sekisho runs with %s; this is what would be loaded\n", options->conf_path);
    if (cli_load(options->conf_path, &diag, &conf, &policies) == 0)
        plugin_look(conf, policies, options->json ? folder_print_json : folder_print, &diag);
    fflush(stdout);
    diag_print(&diag, stderr);
    status = diag.count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}

static int list(int argc, char **argv)
{
    struct cli_options options;
    bool ok = false;
    char *answer;
    int err;

    if (cli_read(argc, argv, (struct cli_grammar){CLI_CONF | CLI_JSON, 0, 0}, &options) < 0)
        return EXIT_FAILURE;
    err = control_call(options.conf_path, options.json ? "plugins json" : "plugins", &ok, &answer);
    if (err == ERR_NOT_FOUND)
        return look(&options);
    if (err < 0)
        fprintf(stderr, "sekisho plugins: Sekisho ended before it answered\n");
    else
        fputs(answer, ok ? stdout : stderr);
    free(answer);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const struct cli_word words[] = {
    {"reload", {CLI_CONF, 2, 2}, "[-c FILE] NAME"},
    {"unload", {CLI_CONF, 2, 2}, "[-c FILE] NAME"},
    {"load", {CLI_CONF, 2, 2}, "[-c FILE] NAME"},
    {"forget", {CLI_CONF, 2, 2}, "[-c FILE] NAME"},
};

int cli_plugins(int argc, char **argv)
{
    const struct cli_word *word;
    struct cli_options options;
    char *command;
    int status;

    if (!cli_has_word(argc, argv))
        return list(argc, argv);
    word =
        cli_read_word(argc, argv, words, sizeof words / sizeof words[0], sizeof words[0], &options);
    if (!word)
        return EXIT_FAILURE;
    if (strlen(options.words[1]) > NAME_CHARS_MAX) {
        fprintf(stderr, "sekisho plugins: no plugin has a name of more than %d letters\n",
                NAME_CHARS_MAX);
        return EXIT_FAILURE;
    }
    if (strcmp(word->name, "forget") == 0)
        return plugin_forget(options.conf_path, options.words[1]);
    command = mem_format("plugins %s %s", word->name, options.words[1]);
    status = control_ask(options.conf_path, command);
    free(command);
    return status;
}
