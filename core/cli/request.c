/*
 * `sekisho request`: what players ask for, from the game or from outside, and the operator's
 * decisions.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/dossier.h"
#include "cli/serve_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct counter {
    const struct cli_options *options;
    const struct conf *conf;
    struct desk desk;
    struct diag *diag;
};

static void print_request(const struct counter *counter, json_t *request)
{
    if (counter->options->json) {
        json_dumpf(request, stdout, JSON_COMPACT);
        printf("\n");
    } else {
        dossier_print_request(request, stdout);
    }
}

static int list_nothing(const struct counter *counter)
{
    if (!counter->options->json)
        printf("no requests\n");
    return 0;
}

static int list(struct counter *counter)
{
    struct store_person person;
    const char *who = counter->options->player;
    json_t *requests;
    json_t *request;
    size_t i;

    if (who && desk_find_person(&counter->desk, who, &person) < 0)
        return ERR_NOT_FOUND;
    requests = desk_requests(&counter->desk, who ? &person.player : NULL);
    if (!requests)
        return ERR_IO;
    json_array_foreach(requests, i, request)
    {
        print_request(counter, request);
    }
    if (json_array_size(requests) == 0)
        (void)list_nothing(counter);
    json_decref(requests);
    return 0;
}

static int read_number(struct counter *counter, int64_t *out)
{
    const char *text = counter->options->words[1];
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && *out > 0)
        return 0;
    diag_add(counter->diag, counter->options->called, 0,
             "\"%s\" is no number of a request; sekisho request list shows them", text);
    return ERR_INVALID;
}

static int find(struct counter *counter)
{
    int64_t number;
    int err = read_number(counter, &number);

    return err < 0 ? err : desk_request_find(&counter->desk, number);
}

static int say(struct counter *counter)
{
    json_t *json = data_request_json(&counter->desk.request, clock_wall_ms());

    print_request(counter, json);
    json_decref(json);
    return 0;
}

static int show(struct counter *counter)
{
    int err = find(counter);

    return err < 0 ? err : say(counter);
}

/* Whether a code is this player's, as the running Sekisho knows that showed it. */
static int check_code(struct counter *counter, const struct uuid *player)
{
    char uuid[UUID_TEXT_BYTES];
    char *command;
    char *answer = NULL;
    bool ok = false;
    int err;

    uuid_format(player, uuid);
    command = mem_format("proof %s %s", uuid, counter->options->code);
    err = control_call(counter->options->conf_path, command, &ok, &answer);

    if (err < 0)
        diag_add(counter->diag, counter->options->conf_path, 0,
                 "no Sekisho answers that runs with it, and the one that showed the code alone "
                 "knows it; start it, or decide yourself by --by NAME --reason TEXT");
    else if (!ok)
        err = ERR_REFUSED;
    if (err == ERR_REFUSED)
        diag_add(counter->diag, counter->options->called, 0,
                 "this code is not the player's, or no longer: it counts once, for ten minutes, "
                 "and five wrong ones end it; let the player get a new one by /privacy export in "
                 "the game");
    free(answer);
    free(command);
    return err;
}

/* Of the request that was found: the step as the operator said it, and theirs alone. */
static int move_found(struct counter *counter, bool decides, struct store_request_step *step)
{
    int err = read_operator(&counter->desk, counter->options, decides, step);

    step->number = counter->desk.request.number;
    step->at_ms = clock_wall_ms();
    return err < 0 ? err : desk_request_move(&counter->desk, step);
}

/* What shows that it is the player; DATA_REQUEST_UNPROVEN: nothing does. */
static int read_proof(struct counter *counter, const struct uuid *player,
                      enum data_request_proof *out)
{
    const struct cli_options *options = counter->options;

    *out = options->code                    ? DATA_REQUEST_BY_CODE
           : options->by && options->reason ? DATA_REQUEST_BY_OPERATOR
                                            : DATA_REQUEST_UNPROVEN;
    return options->code ? check_code(counter, player) : 0;
}

/* Of the request that was found. */
static int verify_found(struct counter *counter)
{
    struct store_request_step step = {.event = DATA_REQUEST_VERIFY};
    int err = read_proof(counter, &counter->desk.request.player, &step.proof);

    if (err == 0 && !step.proof) {
        diag_add(counter->diag, counter->options->called, 0,
                 "nothing shows that it is the player who asks; give the code that the game shows "
                 "them by --code CODE, or decide yourself by --by NAME --reason TEXT");
        err = ERR_INVALID;
    }
    return err < 0 ? err : move_found(counter, false, &step);
}

static int verify(struct counter *counter)
{
    int err = find(counter);

    if (err == 0)
        err = verify_found(counter);
    return err < 0 ? err : say(counter);
}

static int approve(struct counter *counter)
{
    struct store_request_step step = {0};
    int err = find(counter);

    if (err == 0)
        err = read_operator(&counter->desk, counter->options, true, &step);
    if (err == 0 && counter->desk.request.state == DATA_REQUEST_RECEIVED)
        err = verify_found(counter);
    return err < 0 ? err : serve_request(&counter->desk, counter->options, counter->conf, true);
}

static int end_by(struct counter *counter, enum data_request_event event, bool needs_reason)
{
    struct store_request_step step = {.event = event};
    int err = find(counter);

    if (err == 0 && needs_reason && !counter->options->reason) {
        diag_add(counter->diag, counter->options->called, 0,
                 "the player is owed a reason; add --reason TEXT");
        err = ERR_INVALID;
    }
    if (err == 0)
        err = move_found(counter, true, &step);
    return err < 0 ? err : say(counter);
}

static int fail(struct counter *counter)
{
    return end_by(counter, DATA_REQUEST_FAIL, true);
}

static int refuse(struct counter *counter)
{
    return end_by(counter, DATA_REQUEST_REFUSE, true);
}

static int cancel(struct counter *counter)
{
    return end_by(counter, DATA_REQUEST_CANCEL, false);
}

/* KIND PLAYER, and for a correction what and to what. */
static int read_request(struct counter *counter, struct data_request *out)
{
    const struct cli_options *options = counter->options;
    enum data_request_kind kind = data_request_kind_by_name(options->words[1]);
    struct store_person person;
    int words_min = kind == DATA_REQUEST_CORRECTION ? 5 : 3;
    int words_max = kind == DATA_REQUEST_CORRECTION ? 6 : 3;

    if (!kind || options->word_count < words_min || options->word_count > words_max) {
        diag_add(counter->diag, counter->options->called, 0,
                 "it takes disclosure, erasure or stop, and NAME|UUID; or correction NAME|UUID "
                 "FIELD VALUE [SERVER]");
        return ERR_INVALID;
    }
    if (desk_find_person(&counter->desk, options->words[2], &person) < 0)
        return ERR_NOT_FOUND;
    *out = request_of(&person, kind, counter->conf);
    return kind == DATA_REQUEST_CORRECTION
               ? read_correction(options, 3, counter->conf, out, counter->diag)
               : 0;
}

/* To plugins of a Sekisho that runs. */
static void tell_running(const struct counter *counter, const struct data_request *request)
{
    char uuid[UUID_TEXT_BYTES];
    char *command;
    char *answer;
    bool ok;

    uuid_format(&request->player, uuid);
    command = mem_format("requested %s %s", uuid, data_request_kind_name(request->kind));
    (void)!control_call(counter->options->conf_path, command, &ok, &answer);
    free(command);
    free(answer);
}

/* A request that came from outside the game. */
static int add(struct counter *counter)
{
    struct data_request request;
    int err = read_request(counter, &request);

    if (err == 0)
        err = sign_request(&counter->desk, counter->options, &request);
    if (err == 0)
        err = read_proof(counter, &request.player, &request.proof);
    if (err == 0)
        err = desk_request_put(&counter->desk, &request);
    if (err == 0 && !counter->desk.request.was_open)
        tell_running(counter, &request);
    if (err == 0 && request.proof && counter->desk.request.state == DATA_REQUEST_RECEIVED) {
        struct store_request_step step = {.event = DATA_REQUEST_VERIFY, .proof = request.proof};

        err = move_found(counter, false, &step);
    }
    return err < 0 ? err : say(counter);
}

enum {
    READS = CLI_CONF | CLI_JSON,
    DECIDES = READS | CLI_BY | CLI_REASON,
    PROVES = DECIDES | CLI_CODE,
};

static const struct verb {
    struct cli_word word;
    enum store_mode mode;
    int (*run)(struct counter *counter);
} verbs[] = {
    {{"list", {READS | CLI_PLAYER, 1, 1}, "[--player NAME|UUID] [--json]"}, STORE_READ, list},
    {{"show", {READS, 2, 2}, "N [--json]"}, STORE_READ, show},
    {{"add",
      {PROVES, 3, 6},
      "KIND NAME|UUID [FIELD VALUE [SERVER]] [--code CODE, or --by NAME --reason TEXT]"},
     STORE_SERVE,
     add},
    {{"verify", {PROVES, 2, 2}, "N --code CODE, or N --by NAME --reason TEXT"},
     STORE_SERVE,
     verify},
    {{"fail", {DECIDES, 2, 2}, "N --by NAME --reason TEXT"}, STORE_SERVE, fail},
    {{"approve", {PROVES, 2, 2}, "N --by NAME [--reason TEXT] [--code CODE]"},
     STORE_SERVE,
     approve},
    {{"refuse", {DECIDES, 2, 2}, "N --by NAME --reason TEXT"}, STORE_SERVE, refuse},
    {{"cancel", {DECIDES, 2, 2}, "N --by NAME [--reason TEXT]"}, STORE_SERVE, cancel},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int run(const struct verb *verb, struct counter *counter)
{
    int err = desk_open(&counter->desk, counter->conf->store, verb->mode, counter->diag);

    if (err == ERR_NOT_FOUND && verb->run == list)
        err = list_nothing(counter);
    else if (err == ERR_NOT_FOUND)
        desk_nothing_yet(&counter->desk);
    else if (err == 0)
        err = verb->run(counter);
    desk_close(&counter->desk);
    return err;
}

int cli_request(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct counter counter = {.options = &options, .diag = &diag};
    const struct verb *verb;
    int status = EXIT_FAILURE;

    verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    if (!verb)
        return EXIT_FAILURE;
    if (conf_load(options.conf_path, &diag, &conf) == 0) {
        counter.conf = conf;
        status = run(verb, &counter) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return status;
}
