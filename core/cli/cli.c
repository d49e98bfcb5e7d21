#include "cli/cli.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

static int complain(const char *command, const char *about, const char *what)
{
    fprintf(stderr, "sekisho %s: %s%s; see sekisho help\n", command, about, what);
    return ERR_INVALID;
}

int cli_options(int argc, char **argv, int words, struct cli_options *out)
{
    *out = (struct cli_options){.conf_path = "config/sekisho.lua"};
    for (int i = 1; i < argc; i++) {
        const char **value = NULL;

        if (strcmp(argv[i], "-c") == 0)
            value = &out->conf_path;
        else if (strcmp(argv[i], "--player") == 0)
            value = &out->player;

        if (value && i + 1 == argc)
            return complain(argv[0], argv[i], " needs a value");
        if (value)
            *value = argv[++i];
        else if (strcmp(argv[i], "--json") == 0)
            out->json = true;
        else if (argv[i][0] == '-')
            return complain(argv[0], "there is no option ", argv[i]);
        else if (out->word_count == words || out->word_count == CLI_WORDS_MAX)
            return complain(argv[0], "too much said: ", argv[i]);
        else
            out->words[out->word_count++] = argv[i];
    }
    if (out->word_count < words)
        return complain(argv[0], "something is missing", "");
    return 0;
}

int cli_load(const char *conf_path, struct diag *diag, struct conf **conf, struct policy **policy)
{
    *conf = NULL;
    *policy = NULL;
    if (conf_load(conf_path, diag, conf) < 0)
        return ERR_INVALID;
    if (policy_load((*conf)->policy, diag, policy) < 0)
        return ERR_INVALID;
    return diag->count > 0 ? ERR_INVALID : 0;
}
