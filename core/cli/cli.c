#include "cli/cli.h"

#include "base/clock.h"
#include "base/err.h"
#include "rules/rules.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A bit of the grammar is the place in this list. */
static const struct option {
    const char *name;
    size_t offset; /* of a text; for --json, which alone takes none, of its flag */
} options[] = {
    {"-c", offsetof(struct cli_options, conf_path)},
    {"--json", offsetof(struct cli_options, json)},
    {"--player", offsetof(struct cli_options, player)},
    {"--key", offsetof(struct cli_options, key)},
    {"--since", offsetof(struct cli_options, since)},
    {"--reason", offsetof(struct cli_options, reason)},
    {"--by", offsetof(struct cli_options, by)},
    {"--to", offsetof(struct cli_options, to)},
    {"--ground", offsetof(struct cli_options, ground)},
    {"--purpose", offsetof(struct cli_options, purpose)},
    {"--fields", offsetof(struct cli_options, fields)},
    {"--note", offsetof(struct cli_options, note)},
    {"--period", offsetof(struct cli_options, period)},
    {"--code", offsetof(struct cli_options, code)},
};

enum { OPTIONS = sizeof options / sizeof options[0] };

static int complain_of_option(const char *command, const char *option, unsigned taken)
{
    char advice[DIAG_ADVICE_BYTES];
    const char *known[OPTIONS];
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < OPTIONS; i++)
        if (taken >> i & 1)
            known[count++] = options[i].name;
    nearest = option[1] == '-' ? diag_nearest(option, known, count) : NULL;
    fprintf(stderr, "sekisho %s: there is no option %s; %s\n", command, option,
            diag_advice(advice, nearest, "see sekisho help"));
    return ERR_INVALID;
}

static int complain(const char *command, const char *about, const char *what)
{
    fprintf(stderr, "sekisho %s: %s%s; see sekisho help\n", command, about, what);
    return ERR_INVALID;
}

static const struct option *find_option(const char *name, unsigned taken)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (taken >> i & 1 && strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

/* Words are moved to the front of the arguments, where those that were read stood. */
static int read_arguments(int argc, char **argv, struct cli_grammar grammar,
                          struct cli_options *out)
{
    out->words = argv + 1;
    for (int i = 1; i < argc; i++) {
        const struct option *option = find_option(argv[i], grammar.options);

        if (option && option->offset == offsetof(struct cli_options, json))
            out->json = true;
        else if (option && i + 1 == argc)
            return complain(argv[0], argv[i], " needs a value");
        else if (option)
            *(const char **)((char *)out + option->offset) = argv[++i];
        else if (argv[i][0] == '-')
            return complain_of_option(argv[0], argv[i], grammar.options);
        else if (out->word_count == grammar.words_max)
            return complain(argv[0], "this is one word too many: ", argv[i]);
        else
            out->words[out->word_count++] = argv[i];
    }
    if (out->word_count < grammar.words_min)
        return complain(argv[0], "something is missing", "");
    return 0;
}

int cli_read(int argc, char **argv, struct cli_grammar grammar, struct cli_options *out)
{
    *out = (struct cli_options){.conf_path = "config/sekisho.lua"};
    return read_arguments(argc, argv, grammar, out);
}

int cli_options(int argc, char **argv, int words, struct cli_options *out)
{
    return cli_read(argc, argv, (struct cli_grammar){CLI_CONF, words, words}, out);
}

int cli_list_options(int argc, char **argv, int words, struct cli_options *out)
{
    return cli_read(argc, argv,
                    (struct cli_grammar){CLI_CONF | CLI_PLAYER | CLI_JSON, words, words}, out);
}

/* For their mistakes alone. */
static void read_rules(const struct conf *conf, const struct policies *policies, struct diag *diag)
{
    static const uint8_t no_key[RULES_KEY_BYTES];

    for (size_t i = 0; i < conf->server_count; i++) {
        const struct conf_server *server = &conf->servers[i];
        struct rules *rules = NULL;

        if (policies)
            (void)!rules_load(server, policies_of(policies, i), no_key, diag, &rules);
        else if (server->rules)
            diag_add(diag, server->rules, 0,
                     "was not read, since it depends on the purposes of the policy; mend that");
        rules_free(rules);
    }
}

/* Statistics are made of what was kept for purposes that there are. */
static void check_statistics(const struct conf *conf, const struct policy *policy,
                             struct diag *diag)
{
    char advice[DIAG_ADVICE_BYTES];

    for (size_t i = 0; i < conf->statistics_purpose_count; i++) {
        const char *name = conf->statistics_purposes[i];

        if (!policy_purpose_find(policy, name))
            diag_add(diag, conf->path, conf->statistics_line,
                     "statistics.purposes: the policy has no purpose \"%s\"; %s", name,
                     diag_advice(advice, policy_purpose_nearest(policy, name),
                                 "name the purpose in policy.lua"));
    }
}

int cli_load(const char *conf_path, struct diag *diag, struct conf **conf,
             struct policies **policies)
{
    *policies = NULL;
    (void)!conf_load(conf_path, diag, conf);
    if (*conf)
        (void)!policies_load(*conf, clock_wall_ms(), diag, policies);
    if (*policies)
        check_statistics(*conf, (*policies)->own->current, diag);
    if (diag->count == 0)
        return 0;
    if (*conf)
        read_rules(*conf, *policies, diag);
    return ERR_INVALID;
}
