/*
 * /privacy export, correct, erase and requests: what a player asks of those who hold their data.
 * The session has proven who asks. What comes of it is the operator's (`sekisho request`); here
 * requests are made, looked at and taken back.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "consent/code.h"
#include "protocol/nbt.h"
#include "session/argument.h"
#include "session/privacy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 40 };

static enum message kind_of(enum data_request_kind kind)
{
    switch (kind) {
    case DATA_REQUEST_CORRECTION: return MESSAGE_REQUEST_CORRECTION;
    case DATA_REQUEST_ERASURE: return MESSAGE_REQUEST_ERASURE;
    case DATA_REQUEST_STOP: return MESSAGE_REQUEST_STOP;
    case DATA_REQUEST_DISCLOSURE:
    case DATA_REQUEST_NONE: break;
    }
    return MESSAGE_REQUEST_DISCLOSURE;
}

static enum message state_of(enum data_request_state state)
{
    switch (state) {
    case DATA_REQUEST_RECEIVED: return MESSAGE_REQUEST_RECEIVED;
    case DATA_REQUEST_VERIFIED: return MESSAGE_REQUEST_VERIFIED;
    case DATA_REQUEST_RUNNING: return MESSAGE_REQUEST_RUNNING;
    case DATA_REQUEST_DONE: return MESSAGE_REQUEST_DONE;
    case DATA_REQUEST_FAILED: return MESSAGE_REQUEST_FAILED;
    case DATA_REQUEST_REFUSED: return MESSAGE_REQUEST_REFUSED;
    case DATA_REQUEST_CANCELLED:
    case DATA_REQUEST_NOWHERE: break;
    }
    return MESSAGE_REQUEST_CANCELLED;
}

/* Who brings it from outside the game is this player: it is given to proven sessions alone. */
static void add_code(const struct session *session, struct text *text)
{
    struct code_holder holder = {.player = session->profile.uuid,
                                 .identity = session->profile.proof};
    char code[CODE_TEXT_BYTES];
    char *line;

    snprintf(holder.name, sizeof holder.name, "%s", session->profile.name);
    codes_issue(session->worker->proofs, &holder, session_now(session), code);
    line = mem_format("\n%s %s", privacy_words_for(session, MESSAGE_REQUEST_CODE), code);
    text_add(text, text_new(line));
    free(line);
}

/* "No. 12, 2026-12-28" behind a sentence. */
static void say_recorded(struct session *session, const struct data_request *request)
{
    char day[CLOCK_DAY_BYTES];
    struct text *text;
    char *line;

    clock_format_day(request->due_at_ms, day);
    line = mem_format("%s %" PRId64 ", %s", privacy_words_for(session, MESSAGE_REQUEST_RECORDED),
                      request->number, day);
    text = text_new(line);
    free(line);
    if (request->kind == DATA_REQUEST_DISCLOSURE)
        add_code(session, text);
    privacy_say(session, text);
}

static void on_requested(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct session *session = worker_session(owner, id);

    log_info("session=%" PRIu64 " request recorded=%s", id, err < 0 ? "no" : "yes");
    if (!session)
        return;
    session->privacy.waits = false;
    if (err == 0) {
        if (!request->was_open)
            worker_requested(session->worker, &request->player,
                             data_request_kind_name(request->kind));
        say_recorded(session, request);
    } else if (err == ERR_NOT_FOUND)
        privacy_line(session, MESSAGE_DATA_NOTHING);
    else if (err == ERR_UNSUPPORTED)
        privacy_list_to_correct(session, MESSAGE_CORRECT_NOT_HELD);
    else if (err == ERR_TOO_LARGE)
        privacy_line(session, MESSAGE_REQUEST_TOO_MANY);
    else
        privacy_line(session, MESSAGE_NO_ANSWER);
}

/* Borrows it. One at a time. */
static void make(struct session *session, struct data_request *request)
{
    if (session->privacy.waits)
        return;
    session->privacy.waits = true;
    request->player = session->profile.uuid;
    request->proof = DATA_REQUEST_BY_SESSION;
    request->received_at_ms = clock_wall_ms();
    request->due_at_ms = request->received_at_ms + session->worker->conf->requests_due_ms;
    request->changed_at_ms = request->received_at_ms;
    store_request_put(session->worker->store, session->id, request, on_requested);
}

void privacy_export(struct session *session, const struct asked *asked)
{
    struct data_request request = {.kind = DATA_REQUEST_DISCLOSURE};

    (void)asked;
    make(session, &request);
}

/* Where the new value is written. */
static void show_form(struct session *session, enum field field)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_CORRECT);
    char *words = mem_format("correct %s", field_name(field));
    char *typed = mem_format("%s …", words);

    page.fields[page.field_count++] =
        (struct page_field){.key = privacy_keys[PRIVACY_FIELD_VALUE],
                            .label = privacy_field_label(session, field),
                            .chars_max = DATA_REQUEST_TEXT_BYTES / 4,
                            .lines = 1};
    page_say(&page, privacy_words_for(session, MESSAGE_CORRECT_VALUE));
    page_act(&page, privacy_words_for(session, MESSAGE_SEND), words)->with_inputs = true;
    privacy_tell_command(session, typed, &page);
    privacy_show(session, &page);
    free(typed);
}

static void correct(struct session *session, enum field field, struct slice value)
{
    struct data_request request = {.kind = DATA_REQUEST_CORRECTION};

    if (value.len >= sizeof request.value) {
        privacy_line(session, MESSAGE_TOO_LONG);
        return;
    }
    snprintf(request.field, sizeof request.field, "%s", field_name(field));
    memcpy(request.value, value.data, value.len);
    make(session, &request);
}

static enum field field_named(struct slice name)
{
    char *text = mem_strndup((const char *)name.data, name.len);
    enum field field = field_by_name(text);

    free(text);
    return field;
}

/* "correct FIELD VALUE"; from a dialog the value is beside it. */
void privacy_correct(struct session *session, const struct asked *asked)
{
    struct slice value = asked->argument;
    struct slice name = argument_next(&value);
    struct buf written = {0};
    enum field field = name.len > 0 ? field_named(name) : FIELD_NONE;

    value = slice_skip_spaces(value);
    if (asked->click && asked->click->written[PRIVACY_FIELD_VALUE].data) {
        nbt_read_text(asked->click->written[PRIVACY_FIELD_VALUE], &written);
        value = buf_slice(&written);
    }
    if (field == FIELD_NONE)
        privacy_list_to_correct(session, MESSAGE_CORRECT_INTRO);
    else if (field_is_identity(field))
        privacy_line(session, MESSAGE_CORRECT_ACCOUNT);
    else if (field_is_inquiry(field))
        privacy_list_to_correct(session, MESSAGE_CORRECT_INQUIRY);
    else if (value.len == 0)
        show_form(session, field);
    else
        correct(session, field, value);
    buf_free(&written);
}

static void show_erasure(struct session *session)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_ERASE);
    struct page_action *action;

    privacy_expect_code(session, PRIVACY_ERASE, 0);
    page_say(&page, privacy_words_for(session, MESSAGE_ERASE_INTRO));
    action = page_act(&page, privacy_words_for(session, MESSAGE_ERASE_CONFIRM),
                      mem_format("erase %s", session->privacy.code));
    action->warns = true;
    privacy_tell_command(session, action->words, &page);
    privacy_show(session, &page);
}

void privacy_erase(struct session *session, const struct asked *asked)
{
    struct data_request request = {.kind = DATA_REQUEST_ERASURE};

    if (privacy_is_confirmed(session, PRIVACY_ERASE, 0, asked->argument))
        make(session, &request);
    else
        show_erasure(session);
}

static void tell_request(const struct session *session, const struct data_request *request,
                         struct page *page)
{
    char day[CLOCK_DAY_BYTES];
    char *label = mem_format("%" PRId64 " %s", request->number,
                             privacy_words_for(session, kind_of(request->kind)));
    char *value;

    clock_format_day(data_request_is_open(request) ? request->due_at_ms : request->changed_at_ms,
                     day);
    value = mem_format(
        "%s | %s%s%s%s", privacy_words_for(session, state_of(request->state)),
        data_request_is_open(request) ? privacy_words_for(session, MESSAGE_REQUEST_DUE) : "", day,
        request->reason[0] ? " | " : "", request->reason);
    page_tell(page, label, value);
    if (data_request_next(request->state, DATA_REQUEST_CANCEL)) {
        char *cancel = mem_format("%s %" PRId64, privacy_words_for(session, MESSAGE_REQUEST_CANCEL),
                                  request->number);

        page_act(page, cancel, mem_format("requests cancel %" PRId64, request->number));
        free(cancel);
    }
    free(label);
    free(value);
}

static void on_listed(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct session *session = worker_session(owner, id);
    struct page *page = session ? session->privacy.requests : NULL;

    if (!page)
        return;
    if (request) {
        if (page->line_count < SHOWN_MAX || data_request_is_open(request))
            tell_request(session, request, page);
        return;
    }
    if (page->line_count == 0)
        page_say(page, privacy_words_for(session, MESSAGE_REQUESTS_NONE));
    if (err < 0)
        privacy_line(session, MESSAGE_NO_ANSWER);
    else
        privacy_show(session, page);
    rights_free(session);
}

void rights_free(struct session *session)
{
    if (session->privacy.requests)
        page_free(session->privacy.requests);
    free(session->privacy.requests);
    session->privacy.requests = NULL;
}

static void list_requests(struct session *session)
{
    if (session->privacy.requests)
        return;
    session->privacy.requests = mem_alloc(sizeof *session->privacy.requests);
    *session->privacy.requests = privacy_page(session, MESSAGE_PRIVACY_REQUESTS);
    store_request_list(session->worker->store, session->id, &session->profile.uuid, on_listed);
}

static void on_cancelled(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct session *session = worker_session(owner, id);

    (void)request;
    if (!session)
        return;
    session->privacy.waits = false;
    if (err < 0)
        privacy_line(session, err == ERR_NOT_FOUND || err == ERR_REFUSED
                                  ? MESSAGE_REQUEST_NOT_CANCELLED
                                  : MESSAGE_NO_ANSWER);
    else
        list_requests(session);
}

static void cancel(struct session *session, int64_t number)
{
    struct store_request_step step = {.number = number,
                                      .player = &session->profile.uuid,
                                      .event = DATA_REQUEST_CANCEL,
                                      .at_ms = clock_wall_ms()};

    if (session->privacy.waits)
        return;
    session->privacy.waits = true;
    store_request_move(session->worker->store, session->id, &step, on_cancelled);
}

void privacy_requests(struct session *session, const struct asked *asked)
{
    struct slice number;

    if (command_is(asked->argument, "cancel", &number) && number.len > 0)
        cancel(session, slice_number(number));
    else
        list_requests(session);
}
