#include "cli/serve_request.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/control.h"
#include "cli/dossier.h"
#include "cli/telling.h"
#include "consent/provision.h"
#include "rules/field.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct data_request request_of(const struct store_person *person, enum data_request_kind kind,
                               const struct conf *conf)
{
    int64_t now = clock_wall_ms();

    struct data_request request = {.kind = kind,
                                   .player = person->player,
                                   .received_at_ms = now,
                                   .due_at_ms = now + conf->requests_due_ms};

    snprintf(request.name, sizeof request.name, "%s", person->name);
    return request;
}

static int check_field(const struct cli_options *options, const char *name, struct diag *diag)
{
    enum field field = field_by_name(name);
    char advice[DIAG_ADVICE_BYTES];

    if (!field) {
        diag_add(diag, options->called, 0, "there is no field \"%s\"; %s", name,
                 diag_advice(advice, field_nearest(name), "docs/rules.md lists them"));
        return ERR_INVALID;
    }
    if (field_is_identity(field)) {
        diag_add(diag, options->called, 0,
                 "%s comes from the player's account at each login; it is corrected there, not "
                 "here",
                 name);
        return ERR_INVALID;
    }
    if (field_is_inquiry(field)) {
        diag_add(diag, options->called, 0,
                 "%s is what the player wrote, and stays as it was written; they can ask anew by "
                 "/privacy ask",
                 name);
        return ERR_INVALID;
    }
    return 0;
}

int read_correction(const struct cli_options *options, int first, const struct conf *conf,
                    struct data_request *request, struct diag *diag)
{
    char **words = options->words + first;
    int count = options->word_count - first;
    int err = check_field(options, words[0], diag);

    if (count > 2 && !conf_server_find(conf, words[2])) {
        diag_add(diag, options->called, 0,
                 "there is no server \"%s\"; name one of the configuration", words[2]);
        err = ERR_INVALID;
    }
    if (strlen(words[1]) >= sizeof request->value) {
        diag_add(diag, options->called, 0, "the value is too long; %zu bytes are possible",
                 sizeof request->value - 1);
        err = ERR_INVALID;
    }
    if (err < 0)
        return err;
    snprintf(request->field, sizeof request->field, "%s", words[0]);
    snprintf(request->value, sizeof request->value, "%s", words[1]);
    if (count > 2)
        snprintf(request->server, sizeof request->server, "%s", words[2]);
    return 0;
}

static int check_text(struct desk *desk, const struct cli_options *options, const char *option,
                      const char *text, size_t bytes_max)
{
    char uuid[UUID_TEXT_BYTES];
    const char *flaw;

    uuid_format(&desk->request.player, uuid);
    flaw = strlen(text) > bytes_max
               ? "is too long"
               : provision_text_flaw(text, desk->request.erased ? NULL : desk->request.name, uuid);
    if (flaw)
        diag_add(desk->diag, options->called, 0, "%s %s", option, flaw);
    return flaw ? ERR_INVALID : 0;
}

int read_operator(struct desk *desk, const struct cli_options *options, bool decides,
                  struct store_request_step *step)
{
    int err = 0;

    step->by = options->by || decides ? options->by : "operator";
    step->reason = options->reason;
    if (!step->by) {
        diag_add(desk->diag, options->called, 0, "who decides has to be said; add --by NAME");
        return ERR_INVALID;
    }
    err = check_text(desk, options, "--by", step->by, DATA_REQUEST_BY_BYTES - 1);
    /* Of an erasure nothing is left that could keep it sealed. */
    if (err == 0 && step->reason && desk->request.kind == DATA_REQUEST_ERASURE)
        err = check_text(desk, options, "--reason", step->reason, PROVISION_TEXT_BYTES_MAX);
    return err;
}

int sign_request(struct desk *desk, const struct cli_options *options, struct data_request *request)
{
    struct store_request_step step = {0};
    int err;

    desk->request = *request;
    err = read_operator(desk, options, request->proof == DATA_REQUEST_UNPROVEN && options->reason,
                        &step);
    if (err < 0)
        return err;
    snprintf(request->by, sizeof request->by, "%s", step.by);
    snprintf(request->reason, sizeof request->reason, "%s", step.reason ? step.reason : "");
    return 0;
}

static void tell_running(const struct cli_options *options, const char *word,
                         const struct uuid *player)
{
    char uuid[UUID_TEXT_BYTES];
    char *command;
    char *answer;
    bool ok;

    uuid_format(player, uuid);
    command = mem_format("%s %s", word, uuid);
    if (control_call(options->conf_path, command, &ok, &answer) == 0)
        fprintf(stderr, ok ? "the running Sekisho knows of it\n"
                           : "the running Sekisho did not understand; update it\n");
    else
        fprintf(stderr, "no Sekisho runs with %s that would have to know of it\n",
                options->conf_path);
    free(answer);
    free(command);
}

/* Nothing is disclosed before it has left. */
static int disclose(struct desk *desk)
{
    struct store_person person = {.player = desk->request.player};
    json_t *export;
    int err = 0;

    snprintf(person.name, sizeof person.name, "%s", desk->request.name);
    snprintf(person.subject, sizeof person.subject, "%s", desk->request.subject);
    export = dossier_export(desk, &person);
    if (!export)
        return ERR_IO;
    if (json_dumpf(export, stdout, JSON_INDENT(2)) < 0 || printf("\n") < 0 || fflush(stdout) != 0) {
        diag_add(desk->diag, "stdout", 0, "the export could not be written: %s", strerror(errno));
        err = ERR_IO;
    }
    json_decref(export);
    return err;
}

static void say_what_came(const struct data_request *request)
{
    fprintf(stderr, "request %" PRId64 " (%s) is %s%s\n", request->number,
            data_request_kind_name(request->kind), data_request_state_name(request->state),
            request->state == DATA_REQUEST_RUNNING
                ? ": nothing is held of the player any more; servers are still to be told, see "
                  "sekisho task list"
                : "");
}

static int erase(struct desk *desk, const struct cli_options *options, const struct conf *conf,
                 const struct store_request_step *step)
{
    struct uuid player = desk->request.player;
    uint8_t key[SEAL_KEY_BYTES];
    bool has_key = desk_key(desk, &player, key) == 0;
    int err = has_key ? telling_prepare(conf, desk->request.number, &player, desk->diag) : 0;

    if (err == 0)
        err = desk_request_run(desk, step);
    if (err == 0) {
        tell_running(options, "erased", &player);
        say_what_came(&desk->request);
        if (has_key)
            err = desk_scour(desk, &player, key);
    }
    mem_wipe(key, sizeof key);
    return err;
}

int serve_request(struct desk *desk, const struct cli_options *options, const struct conf *conf,
                  bool decides)
{
    struct data_request request = desk->request;
    struct store_request_step step = {.number = request.number, .at_ms = clock_wall_ms()};
    int err = read_operator(desk, options, decides, &step);

    if (err < 0)
        return err;
    if (request.kind == DATA_REQUEST_ERASURE)
        return erase(desk, options, conf, &step);
    if (request.kind == DATA_REQUEST_DISCLOSURE && request.state == DATA_REQUEST_VERIFIED)
        err = disclose(desk);
    if (err == 0)
        err = desk_request_run(desk, &step);
    if (err < 0)
        return err;
    if (request.kind == DATA_REQUEST_STOP)
        tell_running(options, "withdrawn", &request.player);
    say_what_came(&desk->request);
    return 0;
}
