#include "cli/cli.h"

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
     "explain [-c FILE] SERVER FIELD    one decision, and where it comes from"},
    {"consent", cli_consent, "consent list [-c FILE] [--player NAME|UUID] [--json]"},
};

static void print_usage(FILE *out)
{
    fprintf(out, "Sekisho stands in front of Minecraft servers and shows newcomers the privacy "
                 "policy.\n\nusage:\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  sekisho %s\n", commands[i].usage);
    fprintf(out, "\nFILE is config/sekisho.lua unless it is given.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "sekisho: there is no command \"%s\"\n\n", argv[1]);
    print_usage(stderr);
    return EXIT_FAILURE;
}
