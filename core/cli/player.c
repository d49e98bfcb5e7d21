/*
 * `sekisho player`: what is held of one player, shown, given out, corrected, erased.
 */
#include "base/clock.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/dossier.h"
#include "cli/serve_request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a subcommand needs. */
struct visit {
    const struct cli_options *options;
    const struct conf *conf;
    struct desk desk;
    struct store_person person;
};

static int print_json(json_t *json, size_t flags)
{
    if (!json)
        return ERR_IO;
    json_dumpf(json, stdout, flags);
    printf("\n");
    json_decref(json);
    return 0;
}

static int show(struct visit *visit)
{
    json_t *dossier = dossier_new(&visit->desk, &visit->person);

    if (visit->options->json)
        return print_json(dossier, JSON_COMPACT);
    if (!dossier)
        return ERR_IO;
    dossier_print(dossier, stdout);
    json_decref(dossier);
    return 0;
}

static int export(struct visit *visit)
{
    return print_json(dossier_export(&visit->desk, &visit->person), JSON_INDENT(2));
}

/* One that waits for a proof gets the operator's word. */
static int verify(struct visit *visit)
{
    struct store_request_step step = {.number = visit->desk.request.number,
                                      .event = DATA_REQUEST_VERIFY,
                                      .proof = DATA_REQUEST_BY_OPERATOR,
                                      .at_ms = clock_wall_ms()};
    int err = read_operator(&visit->desk, visit->options, false, &step);

    return err < 0 || visit->desk.request.state != DATA_REQUEST_RECEIVED
               ? err
               : desk_request_move(&visit->desk, &step);
}

static int serve(struct visit *visit, struct data_request *request)
{
    int err;

    request->proof = DATA_REQUEST_BY_OPERATOR;
    err = sign_request(&visit->desk, visit->options, request);
    if (err == 0)
        err = desk_request_put(&visit->desk, request);
    if (err == 0)
        err = verify(visit);
    if (err == 0)
        err = serve_request(&visit->desk, visit->options, visit->conf, false);
    if (err == 0 && visit->options->json)
        err = print_json(data_request_json(&visit->desk.request, clock_wall_ms()), JSON_COMPACT);
    return err;
}

static int erase(struct visit *visit)
{
    struct data_request request = request_of(&visit->person, DATA_REQUEST_ERASURE, visit->conf);

    return serve(visit, &request);
}

static int correct(struct visit *visit)
{
    struct data_request request = request_of(&visit->person, DATA_REQUEST_CORRECTION, visit->conf);
    int err = read_correction(visit->options, 2, visit->conf, &request, visit->desk.diag);

    return err < 0 ? err : serve(visit, &request);
}

static const struct verb {
    struct cli_word word;
    enum store_mode mode;
    int (*run)(struct visit *visit);
} verbs[] = {
    {{"show", {CLI_CONF | CLI_JSON, 2, 2}, "NAME|UUID [--json]"}, STORE_READ, show},
    {{"export", {CLI_CONF | CLI_JSON, 2, 2}, "NAME|UUID"}, STORE_READ, export},
    {{"erase",
      {CLI_CONF | CLI_JSON | CLI_BY | CLI_REASON, 2, 2},
      "NAME|UUID [--by NAME] [--reason TEXT] [--json]"},
     STORE_SERVE,
     erase},
    {{"correct",
      {CLI_CONF | CLI_JSON | CLI_BY | CLI_REASON, 4, 5},
      "NAME|UUID FIELD VALUE [SERVER] [--by NAME] [--reason TEXT] [--json]"},
     STORE_SERVE,
     correct},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int run(const struct verb *verb, struct visit *visit, struct diag *diag)
{
    int err = desk_open(&visit->desk, visit->conf->store, verb->mode, diag);

    if (err == ERR_NOT_FOUND)
        desk_nothing_yet(&visit->desk);
    if (err == 0)
        err = desk_find_person(&visit->desk, visit->options->words[1], &visit->person);
    if (err == 0)
        err = verb->run(visit);
    desk_close(&visit->desk);
    return err;
}

int cli_player(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct visit visit = {.options = &options};
    const struct verb *verb;
    int status = EXIT_FAILURE;

    verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    if (!verb)
        return EXIT_FAILURE;
    if (conf_load(options.conf_path, &diag, &conf) == 0) {
        visit.conf = conf;
        status = run(verb, &visit, &diag) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return status;
}
