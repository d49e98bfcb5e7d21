/*
 * `sekisho consent list`: the records, oldest first. Reads the store beside a running server.
 */
#include "base/clock.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/records.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    bool json;
    int count;
};

static void print_line(const struct consent_record *record)
{
    char uuid[UUID_TEXT_BYTES];
    char decided[CLOCK_TEXT_BYTES];

    uuid_format(&record->player, uuid);
    clock_format(record->decided_at_ms, decided);
    printf("%s  %-9s %-16s %s  %s %s %s by %s, identity %s\n", decided,
           consent_decision_name(record->decision), record->name, uuid, record->policy,
           record->policy_version, record->language, consent_method_name(record->method),
           consent_identity_name(record->identity));
}

static void on_record(void *owner, const struct store *store, const struct consent_record *record)
{
    struct listing *listing = owner;

    (void)store;
    listing->count++;
    if (listing->json)
        consent_print_json(record, stdout);
    else
        print_line(record);
}

static int list(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct listing listing = {.json = options->json};
    int err = records_read(conf->store, options->player, diag, on_record, &listing);

    if (!options->json && listing.count == 0 && diag->count == 0)
        printf("no records%s\n", err == ERR_NOT_FOUND ? " yet: sekisho run makes the store" : "");
    return diag->count > 0 ? ERR_IO : 0;
}

static const struct cli_word words[] = {
    {"list", {CLI_CONF | CLI_PLAYER | CLI_JSON, 1, 1}, "[--player NAME|UUID] [--json]"},
};

int cli_consent(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    int status = EXIT_FAILURE;

    if (!cli_read_word(argc, argv, words, 1, sizeof words[0], &options))
        return EXIT_FAILURE;
    if (conf_load(options.conf_path, &diag, &conf) == 0 && list(&options, conf, &diag) == 0)
        status = EXIT_SUCCESS;
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return status;
}
