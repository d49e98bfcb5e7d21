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
    size_t offset; /* of a text; of the flag of --json, which takes none; of the list of --key */
} options[] = {
    {"-c", offsetof(struct cli_options, conf_path)},
    {"--json", offsetof(struct cli_options, json)},
    {"--player", offsetof(struct cli_options, player)},
    {"--key", offsetof(struct cli_options, keys)},
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
    {"--only", offsetof(struct cli_options, only)},
};

enum { OPTIONS = sizeof options / sizeof options[0] };

/* Whose arguments are read, for what is said of them. */
struct reading {
    const char *command;
    const struct cli_word *word; /* NULL: it has no subcommands */
};

static int complain(struct reading reading, const char *about, const char *what,
                    const char *nearest)
{
    const struct cli_word *word = reading.word;

    fprintf(stderr, "sekisho %s%s%s: %s%s; ", reading.command, word ? " " : "",
            word ? word->name : "", about, what);
    if (nearest)
        fprintf(stderr, "did you mean \"%s\"?\n", nearest);
    else if (word)
        fprintf(stderr, "write sekisho %s %s %s\n", reading.command, word->name, word->takes);
    else
        fprintf(stderr, "see sekisho help\n");
    return ERR_INVALID;
}

static int complain_of_option(struct reading reading, const char *option, unsigned taken)
{
    const char *known[OPTIONS];
    size_t count = 0;

    for (size_t i = 0; i < OPTIONS; i++)
        if (taken >> i & 1)
            known[count++] = options[i].name;
    return complain(reading, "there is no option ", option,
                    option[1] == '-' ? diag_nearest(option, known, count) : NULL);
}

static const struct option *find_option(const char *name, unsigned taken)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (taken >> i & 1 && strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static bool takes_value(const struct option *option)
{
    return option->offset != offsetof(struct cli_options, json);
}

/* Returns whether there is room for it. */
static bool take_value(struct cli_options *out, const struct option *option, const char *value)
{
    if (option->offset != offsetof(struct cli_options, keys))
        *(const char **)((char *)out + option->offset) = value;
    else if (out->key_count < CLI_KEYS_MAX)
        out->keys[out->key_count++] = value;
    else
        return false;
    return true;
}

/* Words are moved to the front of the arguments, where those that were read stood. */
static int read_arguments(int argc, char **argv, struct reading reading, struct cli_grammar grammar,
                          struct cli_options *out)
{
    *out = (struct cli_options){.conf_path = "config/sekisho.lua", .words = argv + 1};
    snprintf(out->called, sizeof out->called, "sekisho %s", reading.command);
    for (int i = 1; i < argc; i++) {
        const struct option *option = find_option(argv[i], grammar.options);

        if (option && takes_value(option) && i + 1 == argc)
            return complain(reading, argv[i], " needs a value", NULL);
        if (option && takes_value(option) && !take_value(out, option, argv[++i]))
            return complain(reading, option->name, " is given too often", NULL);
        if (option)
            out->json = out->json || !takes_value(option);
        else if (argv[i][0] == '-')
            return complain_of_option(reading, argv[i], grammar.options);
        else if (out->word_count == grammar.words_max)
            return complain(reading, "this is one word too many: ", argv[i], NULL);
        else
            out->words[out->word_count++] = argv[i];
    }
    if (out->word_count < grammar.words_min)
        return complain(reading, "something is missing", "", NULL);
    return 0;
}

int cli_read(int argc, char **argv, struct cli_grammar grammar, struct cli_options *out)
{
    return read_arguments(argc, argv, (struct reading){argv[0], NULL}, grammar, out);
}

/* The first argument that is no option's; NULL: none. */
static const char *first_word(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const struct option *option = find_option(argv[i], ~0U);

        if (argv[i][0] != '-')
            return argv[i];
        i += option && takes_value(option);
    }
    return NULL;
}

bool cli_has_word(int argc, char **argv)
{
    return first_word(argc, argv);
}

static const struct cli_word *word_at(const void *words, size_t size, size_t i)
{
    return (const struct cli_word *)((const char *)words + i * size);
}

static void list_words(const char *command, const void *words, size_t count, size_t size)
{
    fprintf(stderr, "sekisho %s: something is missing; write one of\n", command);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "  sekisho %s %s %s\n", command, word_at(words, size, i)->name,
                word_at(words, size, i)->takes);
}

static void complain_of_word(const char *command, const char *name, const void *words, size_t count,
                             size_t size)
{
    const char *nearest = diag_nearest_in(name, words, count, size);

    fprintf(stderr, "sekisho %s: there is no \"%s\"; ", command, name);
    if (nearest) {
        fprintf(stderr, "did you mean \"%s\"?\n", nearest);
        return;
    }
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "%s%s",
                i == 0          ? "it has "
                : i + 1 < count ? ", "
                                : " and ",
                word_at(words, size, i)->name);
    fprintf(stderr, "\n");
}

const void *cli_read_word(int argc, char **argv, const void *words, size_t count, size_t size,
                          struct cli_options *out)
{
    const char *name = first_word(argc, argv);

    if (!name) {
        list_words(argv[0], words, count, size);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct reading reading = {argv[0], word_at(words, size, i)};

        if (strcmp(reading.word->name, name) != 0)
            continue;
        if (read_arguments(argc, argv, reading, reading.word->grammar, out) < 0)
            return NULL;
        return reading.word;
    }
    complain_of_word(argv[0], name, words, count, size);
    return NULL;
}

int cli_options(int argc, char **argv, int words, struct cli_options *out)
{
    return cli_read(argc, argv, (struct cli_grammar){CLI_CONF, words, words}, out);
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
