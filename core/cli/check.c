/*
 * `sekisho check`: loads everything, and says what each server may keep and is told. All mistakes
 * are told at once; the store is only asked when a review was last, so it can run beside a server.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/plugin_look.h"
#include "cli/report.h"
#include "identity/permissions.h"
#include "identity/secrets.h"
#include "rules/ruleset.h"

#include <stdlib.h>

static void print_contents(const struct policy *policy)
{
    char keep[CLOCK_TEXT_BYTES];

    for (size_t i = 0; i < policy->purpose_count; i++) {
        const struct policy_purpose *purpose = &policy->purposes[i];

        clock_format_duration(purpose->keep_ms, keep);
        printf("  purpose %-14s at most %s%s\n", purpose->name, keep,
               purpose->optional ? ", optional" : "");
    }
    for (size_t i = 0; i < policy->third_party_count; i++)
        printf("  third party %s\n", policy->third_parties[i]);
    for (size_t i = 0; i < policy->text_count; i++)
        printf("  text    %-14s sha256 %s%s\n", policy->texts[i].language, policy->texts[i].sha256,
               i == policy->default_text ? ", default" : "");
}

static void print_policy(const char *folder, const struct policy_set *set)
{
    const struct policy *current = set->current;
    bool comes = false;

    printf("policy %s: %s, version %s\n", folder, current->id, current->version);
    print_contents(current);
    for (size_t i = 0; i < set->count; i++) {
        const struct policy *policy = set->versions[i];

        comes = comes || policy == policy_set_next(set);
        if (policy != current)
            printf("  version %-14s %s %s%s\n", policy->version, comes ? "comes on" : "was from",
                   policy->effective ? policy->effective : "the start",
                   !comes                                ? ""
                   : policy_set_is_material(set, policy) ? ": who accepted before is asked anew"
                                                         : ": nobody is asked anew");
    }
}

static void print_policies(const struct conf *conf, const struct policies *policies)
{
    print_policy(conf->policy, policies->own);
    for (size_t i = 0; i < policies->added_count; i++)
        print_policy(policies->added[i].folder, policies->added[i].set);
}

/* What a server asks for besides. */
static void print_added(const struct policies *policies, size_t server)
{
    const struct policy_added *added = policies_added_to(policies, server);

    if (added)
        printf("  asks for the policy %s besides\n", added->set->current->id);
}

static void print_secrets(const struct conf *conf, struct diag *diag)
{
    struct secrets *secrets;

    if (secrets_open(conf, SECRET_LOOK, diag, &secrets) < 0)
        return;
    secrets_print(secrets, stdout);
    secrets_free(secrets);
}

static void print_open(const struct conf_server *server)
{
    char address[CONF_ADDRESS_BYTES];

    if (conf_server_is_open(server))
        printf("  checks no secret: whoever reaches %s can enter it under any name\n",
               conf_address_text(&server->address, address));
}

static void print_permissions(const struct conf *conf, struct diag *diag)
{
    struct permissions *permissions;
    const char *warning;

    if (permissions_load(conf, diag, &permissions) < 0)
        return;
    permissions_print(permissions, stdout);
    warning = permissions_warning(permissions, conf->auth);
    if (warning)
        printf("warning: %s\n", warning);
    permissions_free(permissions);
}

/* How servers hear of erasures: only to whom and how, since the rest can hold secrets. */
static void print_on_erasure(const struct conf *conf, struct diag *diag)
{
    (void)!secret_check_servers(conf, diag);
    for (size_t i = 0; i < conf->server_count; i++) {
        const struct conf_on_erasure *on_erasure = &conf->servers[i].on_erasure;
        char address[CONF_ADDRESS_BYTES];

        if (on_erasure->webhook)
            printf("erasures are told to %s by a webhook\n", conf->servers[i].name);
        else if (on_erasure->rcon.host)
            printf("erasures are told to %s over RCON at %s\n", conf->servers[i].name,
                   conf_address_text(&on_erasure->rcon, address));
    }
}

/* Pseudonyms are not made here, so any key will do. */
static const uint8_t no_key[RULES_KEY_BYTES];

static void print_servers(const struct conf *conf, const struct policies *policies,
                          struct diag *diag)
{
    size_t complaints = diag->count;
    struct rules **rules = mem_array(conf->server_count, sizeof(struct rules *));
    size_t loaded = 0;

    for (size_t i = 0; i < conf->server_count; i++) {
        if (rules_load(&conf->servers[i], policies_of(policies, i), no_key, diag, &rules[loaded]) <
            0)
            continue;
        printf("\n");
        rules_print(rules[loaded++], stdout);
        print_added(policies, i);
        print_open(&conf->servers[i]);
    }
    rules_check_together(rules, loaded, diag);
    if (diag->count == complaints)
        (void)!ruleset_check_coming(conf, policies, diag);
    for (size_t i = 0; i < loaded; i++)
        rules_free(rules[i]);
    free(rules);
    if (conf->server_count == 0)
        printf("\nno servers: players who accepted wait in the limbo\n");
}

/* A store that is not there yet, or cannot be read, is not what this is about. */
static void warn_of_review(const struct conf *conf)
{
    struct diag untold = {0};
    char *overdue = NULL;
    int64_t due_ms;

    if (report_due(conf, &untold, &due_ms) == 0)
        overdue = report_overdue(due_ms);
    diag_free(&untold);
    if (overdue)
        printf("\nwarning: %s\n", overdue);
    free(overdue);
}

int cli_check(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf;
    struct policies *policies;
    int status;
    int err;

    if (cli_options(argc, argv, 0, &options) < 0)
        return EXIT_FAILURE;
    err = cli_load(options.conf_path, &diag, &conf, &policies);
    if (conf) {
        print_secrets(conf, &diag);
        print_on_erasure(conf, &diag);
        print_permissions(conf, &diag);
    }
    if (conf && policies && err == 0) {
        print_policies(conf, policies);
        print_servers(conf, policies, &diag);
        plugin_look(conf, policies, folder_print_manifests, &diag);
        warn_of_review(conf);
    }
    fflush(stdout);
    diag_print(&diag, stderr);
    status = diag.count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}
