#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
} commands[] = {
    {"run", cli_run, "run     [-c FILE]                 serve players"},
    {"check", cli_check,
     "check   [-c FILE]                 load everything; what each server may collect"},
    {"explain", cli_explain,
     "explain [-c FILE] [SERVER FIELD [--player NAME|UUID]]\n"
     "  sekisho explain [-c FILE] SERVER ACT NAME [--player NAME|UUID]\n"
     "                                            one decision, where it comes from, whether it\n"
     "                                            applies to a player; alone: all fields"},
    {"plugins", cli_plugins,
     "plugins [-c FILE] [--json]        what runs, and what it costs\n"
     "  sekisho plugins reload|unload|load|forget [-c FILE] NAME"},
    {"plugin", cli_plugin,
     "plugin  new [-c FILE] NAME        writes a plugin to begin with, and its test\n"
     "  sekisho plugin  reference | types         every word, for people and for editors"},
    {"policy", cli_policy,
     "policy  list [-c FILE]            the versions, and whom each asks anew\n"
     "  sekisho policy  show [-c FILE] [VERSION|SHA256] [LANGUAGE]\n"
     "                                            a text, if need be as the store keeps it\n"
     "  sekisho policy  diff [-c FILE] OLD NEW    what changes between two versions"},
    {"test", cli_test,
     "test    [-c FILE] [--only TEXT] [TEST_FILES]\n"
     "                                            what rules and plugins do with made-up players"},
    {"diff", cli_diff, "diff    OLD NEW                   what changes between two configurations"},
    {"reload", cli_reload,
     "reload  [-c FILE]                 the running one reads policy and rules anew"},
    {"shadow", cli_shadow,
     "shadow  [-c FILE]                 what rules on trial would have changed"},
    {"consent", cli_consent, "consent list [-c FILE] [--player NAME|UUID] [--json]"},
    {"player", cli_player,
     "player  show|export|erase [-c FILE] NAME|UUID [--json]\n"
     "  sekisho player  correct [-c FILE] NAME|UUID FIELD VALUE [SERVER]"},
    {"request", cli_request,
     "request list|show|add|verify|fail|approve|refuse|cancel [-c FILE] ...\n"
     "                                            what players ask for; see docs/requests.md"},
    {"provision", cli_provision,
     "provision make [-c FILE] --to NAME --ground permission|law|abuse|other --reason TEXT\n"
     "               --purpose PURPOSE --fields FIELD,FIELD PLAYER\n"
     "                                            gives what is held to somebody else; the ledger\n"
     "                                            says so first\n"
     "  sekisho provision approve N --by NAME | list [--json] | show N [--json]"},
    {"task", cli_task,
     "task    list [-c FILE] [--json]   what servers have still to be told of erasures\n"
     "  sekisho task    retry N | drop N --by NAME --reason TEXT"},
    {"inquiry", cli_inquiry,
     "inquiry list | show NUMBER | answered NUMBER [-c FILE] [--json]\n"
     "                                            what players asked"},
    {"review", cli_review,
     "review  [-c FILE] | sign --by NAME [--note TEXT] [REPORT] | show NUMBER\n"
     "                                            the state of the operation, for who reviews it"},
    {"stats", cli_stats,
     "stats   [-c FILE] [--period YYYY-MM] [--json]\n"
     "                                            what may be published of a month's players"},
    {"ledger", cli_ledger,
     "ledger  verify [-c FILE] [--key PEM]... [--since HEAD]\n"
     "                                            does every record's chain hold?\n"
     "  sekisho ledger  prove [-c FILE] PLAYER | --since HEAD\n"
     "                                            a proof that others can check\n"
     "  sekisho ledger  check PROOF [--key PEM]...   such a proof\n"
     "  sekisho ledger  head | key [-c FILE]      the newest signed head; the public key\n"
     "  sekisho ledger  accept-restored [-c FILE] --by NAME --reason TEXT\n"
     "                                            a backup was put back: sign what it has"},
};

static const char version[] = "0.1.0";

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const char file_usage[] = "\nFILE is config/sekisho.lua unless it is given.\n";

static void print_usage(FILE *out)
{
    fprintf(out, "Sekisho stands in front of Minecraft servers and shows newcomers the privacy "
                 "policy.\n\nusage:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  sekisho %s\n", commands[i].usage);
    fprintf(out, "  sekisho help | version\n%s", file_usage);
}

/* NULL: there is none. */
static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static void print_help(const struct command *command)
{
    if (command)
        printf("  sekisho %s\n%s", command->usage, file_usage);
    else
        print_usage(stdout);
}

static bool is_one_of(const char *word, const char *one, const char *two, const char *three)
{
    return strcmp(word, one) == 0 || strcmp(word, two) == 0 || strcmp(word, three) == 0;
}

static int refuse(const char *command)
{
    const char *nearest = diag_nearest_in(command, commands, COMMANDS, sizeof commands[0]);

    fprintf(stderr, "sekisho: there is no command \"%s\"", command);
    if (nearest)
        fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fprintf(stderr, "\n\n");
    print_usage(stderr);
    return EXIT_FAILURE;
}

/* What nobody got was not done: a full disk must not look like an empty list. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "sekisho: what there is to say could not be written: %s\n", strerror(errno));
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2) {
        print_usage(stderr);
        return EXIT_FAILURE;
    }
    command = find_command(argv[1]);
    for (int i = 1; i < argc; i++) {
        if (is_one_of(argv[i], i == 1 ? "help" : "-h", "--help", "-h")) {
            print_help(command);
            return EXIT_SUCCESS;
        }
    }
    if (is_one_of(argv[1], "version", "--version", "-V")) {
        printf("sekisho %s\n", version);
        return EXIT_SUCCESS;
    }
    return command ? finish(command->run(argc - 1, argv + 1)) : refuse(argv[1]);
}
