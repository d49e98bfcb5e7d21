/*
 * The command line: one file a subcommand. Each gets its own arguments (argv[0] is its name) and
 * returns the exit status.
 */
#ifndef SEKISHO_CLI_CLI_H
#define SEKISHO_CLI_CLI_H

#include "conf/conf.h"
#include "policy/policy.h"

#include <stdbool.h>

enum { CLI_WORDS_MAX = 4 };

struct cli_options {
    const char *conf_path;
    const char *player; /* --player; NULL: not given */
    bool json;          /* --json */
    const char *words[CLI_WORDS_MAX];
    int word_count;
};

/*
 * Reads the arguments behind a subcommand; `words` of them have to be no options. Returns 0, or
 * ERR_INVALID after saying on stderr what is wrong.
 */
int cli_options(int argc, char **argv, int words, struct cli_options *out)
    __attribute__((warn_unused_result));

/* The same for a command that lists records: --player and --json are taken, too. */
int cli_list_options(int argc, char **argv, int words, struct cli_options *out)
    __attribute__((warn_unused_result));

/*
 * The configuration and its policy. Returns 0, or ERR_INVALID with all that is wrong in `diag`, in
 * the rules, too; what could be read is set either way, to be freed, the rest is NULL.
 */
int cli_load(const char *conf_path, struct diag *diag, struct conf **conf, struct policy **policy)
    __attribute__((warn_unused_result));

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_consent(int argc, char **argv);
int cli_reload(int argc, char **argv);
int cli_shadow(int argc, char **argv);

#endif
