/*
 * The command line: one file a subcommand. Each gets its own arguments (argv[0] is its name) and
 * returns the exit status.
 */
#ifndef SEKISHO_CLI_CLI_H
#define SEKISHO_CLI_CLI_H

#include "conf/conf.h"
#include "policy/policies.h"

#include <stdbool.h>

enum { CLI_KEYS_MAX = 16 };

/* What was given; NULL and false where nothing was. */
struct cli_options {
    char called[32]; /* "sekisho player": before what is wrong with words, as a file's name else */
    const char *conf_path;
    const char *player, *since, *reason, *by, *to, *ground, *purpose, *fields, *note, *period,
        *code, *only;
    const char *keys[CLI_KEYS_MAX]; /* the one option that may be given several times */
    size_t key_count;
    bool json;
    char **words; /* into the arguments, whose order this changed */
    int word_count;
};

/* Options by name: the table in cli.c has the same order. */
enum cli_option {
    CLI_CONF = 1 << 0,
    CLI_JSON = 1 << 1,
    CLI_PLAYER = 1 << 2,
    CLI_KEY = 1 << 3,
    CLI_SINCE = 1 << 4,
    CLI_REASON = 1 << 5,
    CLI_BY = 1 << 6,
    CLI_TO = 1 << 7,
    CLI_GROUND = 1 << 8,
    CLI_PURPOSE = 1 << 9,
    CLI_FIELDS = 1 << 10,
    CLI_NOTE = 1 << 11,
    CLI_PERIOD = 1 << 12,
    CLI_CODE = 1 << 13,
    CLI_ONLY = 1 << 14,
};

/* What a subcommand takes: CLI_* options, and so many words that are none. */
struct cli_grammar {
    unsigned options;
    int words_min, words_max;
};

/* Reads the arguments behind a subcommand. Returns 0, or ERR_INVALID after saying on stderr what is
 * wrong. */
int cli_read(int argc, char **argv, struct cli_grammar grammar, struct cli_options *out)
    __attribute__((warn_unused_result));

/*
 * A subcommand: the first member of a command's own struct, which says what is run. Its grammar
 * counts the word itself, too; `takes` says for people what stands behind it.
 */
struct cli_word {
    const char *name;
    struct cli_grammar grammar;
    const char *takes;
};

/*
 * Finds the subcommand that is meant among `count` structs of `size` bytes that begin with a
 * cli_word, and reads the arguments by its grammar; out->words[0] is its name. NULL after saying on
 * stderr what there is, or what it takes. Returns borrowed from `words`.
 */
const void *cli_read_word(int argc, char **argv, const void *words, size_t count, size_t size,
                          struct cli_options *out);

/* Whether there is a word, for a command that does something without one, too. */
bool cli_has_word(int argc, char **argv);

/* The same as cli_read for most: -c, and exactly so many words. */
int cli_options(int argc, char **argv, int words, struct cli_options *out)
    __attribute__((warn_unused_result));

/*
 * The configuration and the policies that it names. Returns 0, or ERR_INVALID with all that is
 * wrong in `diag`, in the rules, too; what could be read is set either way, to be freed, the rest
 * is NULL.
 */
int cli_load(const char *conf_path, struct diag *diag, struct conf **conf,
             struct policies **policies) __attribute__((warn_unused_result));

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_consent(int argc, char **argv);
int cli_player(int argc, char **argv);
int cli_request(int argc, char **argv);
int cli_reload(int argc, char **argv);
int cli_shadow(int argc, char **argv);
int cli_policy(int argc, char **argv);
int cli_test(int argc, char **argv);
int cli_diff(int argc, char **argv);
int cli_provision(int argc, char **argv);
int cli_plugin(int argc, char **argv);
int cli_plugins(int argc, char **argv);
int cli_task(int argc, char **argv);
int cli_inquiry(int argc, char **argv);
int cli_stats(int argc, char **argv);
int cli_review(int argc, char **argv);
int cli_ledger(int argc, char **argv);

#endif
