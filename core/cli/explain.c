/*
 * `sekisho explain SERVER FIELD`: one decision, where it stands, and why.
 */
#include "cli/cli.h"
#include "rules/rules.h"

#include <stdlib.h>

static const uint8_t no_key[RULES_KEY_BYTES];

static const struct conf_server *find_server(const struct conf *conf, const char *name)
{
    const struct conf_server *server = conf_server_find(conf, name);
    const char *nearest = conf_server_nearest(conf, name);

    if (server)
        return server;
    fprintf(stderr, "sekisho explain: there is no server \"%s\" in %s; ", name, conf->path);
    if (nearest)
        fprintf(stderr, "did you mean \"%s\"? ", nearest);
    fprintf(stderr, "it has:");
    for (size_t i = 0; i < conf->server_count; i++)
        fprintf(stderr, " %s", conf->servers[i].name);
    fprintf(stderr, conf->server_count > 0 ? "\n" : " none\n");
    return NULL;
}

static enum field find_field(const char *name)
{
    enum field field = field_by_name(name);
    char advice[DIAG_ADVICE_BYTES];

    if (field == FIELD_NONE)
        fprintf(stderr, "sekisho explain: there is no field \"%s\"; %s\n", name,
                diag_advice(advice, field_nearest(name), "docs/rules.md lists them"));
    return field;
}

static int explain(const struct cli_options *options, const struct conf *conf,
                   const struct policy *policy, struct diag *diag)
{
    const struct conf_server *server = find_server(conf, options->words[0]);
    enum field field = find_field(options->words[1]);
    struct rules *rules;

    if (!server || field == FIELD_NONE || rules_load(server, policy, no_key, diag, &rules) < 0)
        return EXIT_FAILURE;
    rules_explain(rules, field, stdout);
    rules_free(rules);
    return EXIT_SUCCESS;
}

int cli_explain(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf;
    struct policy *policy;
    int status = EXIT_FAILURE;

    if (cli_options(argc, argv, 2, &options) < 0)
        return EXIT_FAILURE;
    if (cli_load(options.conf_path, &diag, &conf, &policy) == 0)
        status = explain(&options, conf, policy, &diag);
    diag_print(&diag, stderr);
    diag_free(&diag);
    policy_free(policy);
    conf_free(conf);
    return status;
}
