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

    return visit->desk.request.state == DATA_REQUEST_RECEIVED
               ? desk_request_move(&visit->desk, &step)
               : 0;
}

static int serve(struct visit *visit, struct data_request *request)
{
    int err;

    request->proof = DATA_REQUEST_BY_OPERATOR;
    err = desk_request_put(&visit->desk, request);
    if (err == 0)
        err = verify(visit);
    if (err == 0)
        err = serve_request(&visit->desk, visit->options, visit->conf);
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
    const struct cli_options *options = visit->options;
    int err = read_correction(options->words + 2, options->word_count - 2, visit->conf, &request,
                              visit->desk.diag);

    return err < 0 ? err : serve(visit, &request);
}

static const struct word {
    const char *name;
    enum store_mode mode;
    int words_min, words_max; /* with its own */
    int (*run)(struct visit *visit);
} words[] = {
    {"show", STORE_READ, 2, 2, show},
    {"export", STORE_READ, 2, 2, export},
    {"erase", STORE_SERVE, 2, 2, erase},
    {"correct", STORE_SERVE, 4, 5, correct},
};

enum { WORDS = sizeof words / sizeof words[0] };

static const struct word *find_word(const struct cli_options *options)
{
    const char *nearest;

    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(words[i].name, options->words[0]) != 0)
            continue;
        if (options->word_count >= words[i].words_min && options->word_count <= words[i].words_max)
            return &words[i];
        fprintf(stderr, "sekisho player %s: it takes NAME|UUID%s; see sekisho help\n",
                words[i].name, words[i].words_max > 2 ? " FIELD VALUE [SERVER]" : " and no more");
        return NULL;
    }
    nearest = diag_nearest_in(options->words[0], words, WORDS, sizeof words[0]);
    fprintf(stderr, "sekisho player: there is no \"%s\"; %s%s\n", options->words[0],
            nearest ? "did you mean " : "it has show, export, erase and correct",
            nearest ? nearest : "");
    return NULL;
}

static int run(const struct word *word, struct visit *visit, struct diag *diag)
{
    int err = desk_open(&visit->desk, visit->conf->store, word->mode, diag);

    if (err == ERR_NOT_FOUND)
        desk_nothing_yet(&visit->desk);
    if (err == 0)
        err = desk_find_person(&visit->desk, visit->options->words[1], &visit->person);
    if (err == 0)
        err = word->run(visit);
    desk_close(&visit->desk);
    return err;
}

int cli_player(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct visit visit = {.options = &options};
    const struct word *word;
    int status = EXIT_FAILURE;

    if (cli_read(argc, argv, (struct cli_grammar){CLI_CONF | CLI_JSON, 1, 5}, &options) < 0)
        return EXIT_FAILURE;
    word = find_word(&options);
    if (!word)
        return EXIT_FAILURE;
    if (conf_load(options.conf_path, &diag, &conf) == 0) {
        visit.conf = conf;
        status = run(word, &visit, &diag) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return status;
}
