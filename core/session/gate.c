/*
 * The checkpoint itself: the policy put before a player, the answer, and its record. The player
 * goes on only when the record is on disk.
 */
#include "base/clock.h"
#include "base/log.h"
#include "crypto/random.h"
#include "gate/offer.h"
#include "session/phases.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WITH_BOOK = 47,
    WITH_DIALOG = 771,
    NONCE_BYTES = (CONSENT_NONCE_BYTES - 1) / 2,
};

/* What a click carries behind the nonce, so that the record can say where it was made. */
enum { CLICKED_IN_BOOK = 'b', CLICKED_IN_CHAT = 'c', NONCE_TEXT_BYTES = CONSENT_NONCE_BYTES + 1 };

static struct offer offer_of(const struct session *session, const char *nonce)
{
    return (struct offer){.policy = session->worker->policy,
                          .text = session->gate.text,
                          .locale = session_locale(session),
                          .nonce = nonce,
                          .protocol = session->protocol};
}

static void show_in_limbo(struct session *session, struct buf *packets)
{
    char nonce[NONCE_TEXT_BYTES];
    struct offer offer = offer_of(session, nonce);

    if (session->protocol >= WITH_BOOK) {
        snprintf(nonce, sizeof nonce, "%s%c", session->gate.nonce, CLICKED_IN_BOOK);
        offer_book(&offer, packets);
    } else {
        offer_chat_page(&offer, 1, packets);
    }
    snprintf(nonce, sizeof nonce, "%s%c", session->gate.nonce, CLICKED_IN_CHAT);
    offer_chat(&offer, packets);
}

void gate_show(struct session *session)
{
    struct gate *gate = &session->gate;
    struct offer offer;
    struct buf packets = {0};

    gate->text = policy_text_for(session->worker->policy, session_locale(session));
    gate->shown_at_ms = clock_wall_ms();
    gate->showing = true;
    random_hex(gate->nonce, NONCE_BYTES);
    session_move(session, SESSION_GATE);
    if (session->protocol >= WITH_DIALOG) {
        offer = offer_of(session, gate->nonce);
        offer_dialog(&offer, session->down, &packets);
    } else {
        show_in_limbo(session, &packets);
    }
    session_send(session, &packets);
    buf_free(&packets);
    log_info("session=%" PRIu64 " policy shown language=%s", session->id, gate->text->language);
}

/* The server that an acceptance leads to first; "" where there is none. */
static const char *destination(const struct session *session)
{
    const struct conf *conf = session->worker->conf;

    return conf->try_count > 0 ? conf->servers[conf->try_order[0]].name : "";
}

static void fill_record(struct session *session, enum consent_decision decision)
{
    struct gate *gate = &session->gate;
    struct consent_record *record = &gate->record;
    const struct policy *policy = session->worker->policy;

    *record = (struct consent_record){
        .player = session->uuid,
        .decision = decision,
        .method = session->protocol >= WITH_DIALOG ? CONSENT_METHOD_DIALOG
                  : session->protocol >= WITH_BOOK ? CONSENT_METHOD_BOOK
                                                   : CONSENT_METHOD_CHAT,
        .identity = CONSENT_IDENTITY_OFFLINE,
        .protocol = session->protocol,
        .shown_at_ms = gate->shown_at_ms,
        .decided_at_ms = clock_wall_ms(),
    };
    snprintf(record->name, sizeof record->name, "%s", session->name);
    snprintf(record->policy_version, sizeof record->policy_version, "%s", policy->version);
    snprintf(record->policy_sha256, sizeof record->policy_sha256, "%s", gate->text->sha256);
    snprintf(record->language, sizeof record->language, "%s", gate->text->language);
    snprintf(record->server, sizeof record->server, "%s", destination(session));
    snprintf(record->nonce, sizeof record->nonce, "%s", gate->nonce);
    if (decision == CONSENT_ACCEPTED)
        policy_purposes_write(policy, policy_required(policy), record->purposes,
                              sizeof record->purposes);
}

static void take_down(struct session *session)
{
    struct buf packets = {0};
    size_t mark;

    if (session->protocol < WITH_DIALOG)
        return;
    mark = packet_begin(&packets, packet_map_id(session->map, session->down == PROTOCOL_PLAY
                                                                  ? PACKET_PLAY_C_CLEAR_DIALOG
                                                                  : PACKET_CONFIG_C_CLEAR_DIALOG));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
}

static void on_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);
    enum consent_decision decision;

    if (!session || session->state != SESSION_RECORD)
        return;
    decision = session->gate.record.decision;
    take_down(session);
    log_info("session=%" PRIu64 " answer=%s recorded=%s", id, consent_decision_name(decision),
             err < 0 ? "no" : "yes");
    if (decision == CONSENT_DECLINED) {
        session_say_goodbye(session, MESSAGE_DECLINED, "declined");
    } else if (decision == CONSENT_TIMED_OUT) {
        session_say_goodbye(session, MESSAGE_TIMED_OUT, "no answer in time");
    } else if (err < 0) {
        session_say_goodbye(session, MESSAGE_RECORD_FAILED, "the answer could not be recorded");
    } else {
        session->accepted = true;
        session->purposes =
            policy_purposes_read(session->worker->policy, session->gate.record.purposes);
        lounge_enter(session);
    }
}

static void record(struct session *session, enum consent_decision decision,
                   enum consent_method method, const char *action)
{
    struct consent_record *out = &session->gate.record;

    fill_record(session, decision);
    if (method != CONSENT_METHOD_NONE)
        out->method = method;
    snprintf(out->action, sizeof out->action, "%s", action);
    session->gate.showing = false;
    session_move(session, SESSION_RECORD);
    store_consent_put(session->worker->store, session->id, out, on_recorded);
}

void gate_click(struct session *session, struct slice body)
{
    enum offer_answer answer;

    if (session->state != SESSION_GATE)
        return;
    answer = offer_read_click(session->gate.nonce, body);
    if (answer == OFFER_ANSWER_ACCEPT)
        record(session, CONSENT_ACCEPTED, CONSENT_METHOD_DIALOG, "button");
    else if (answer == OFFER_ANSWER_DECLINE)
        record(session, CONSENT_DECLINED, CONSENT_METHOD_DIALOG, "button");
}

/* The text behind `word` and a space; NULL data when the command is another one. */
static struct slice argument_of(struct slice command, const char *word)
{
    size_t len = strlen(word);

    if (command.len < len || memcmp(command.data, word, len) != 0)
        return (struct slice){0};
    if (command.len == len)
        return slice_of(command.data + len, 0);
    if (command.data[len] != ' ')
        return (struct slice){0};
    return slice_of(command.data + len + 1, command.len - len - 1);
}

/* A typed command answers this showing; a clicked one says which showing it answers. */
static void on_answer(struct session *session, enum consent_decision decision, struct slice nonce)
{
    struct slice expected = slice_str(session->gate.nonce);
    uint8_t place = 0;

    if (nonce.len == 0) {
        record(session, decision, CONSENT_METHOD_CHAT, "command");
        return;
    }
    if (nonce.len == expected.len + 1)
        place = nonce.data[--nonce.len];
    if (!slice_equal(nonce, expected))
        return;
    record(session, decision, place == CLICKED_IN_CHAT ? CONSENT_METHOD_CHAT : CONSENT_METHOD_NONE,
           "click");
}

static void turn_page(struct session *session, struct slice number)
{
    char nonce[NONCE_TEXT_BYTES];
    struct offer offer = offer_of(session, nonce);
    struct buf packets = {0};
    int page = 0;

    if (session->protocol >= WITH_BOOK) {
        show_in_limbo(session, &packets);
    } else {
        for (size_t i = 0; i < number.len && i < 3 && isdigit(number.data[i]); i++)
            page = page * 10 + (number.data[i] - '0');
        snprintf(nonce, sizeof nonce, "%s%c", session->gate.nonce, CLICKED_IN_CHAT);
        offer_chat_page(&offer, page, &packets);
    }
    session_send(session, &packets);
    buf_free(&packets);
}

void gate_command(struct session *session, struct slice command)
{
    struct slice accept = argument_of(command, "accept");
    struct slice decline = argument_of(command, "decline");
    struct slice page = argument_of(command, "policy");

    if (session->state != SESSION_GATE)
        return;
    if (accept.data)
        on_answer(session, CONSENT_ACCEPTED, accept);
    else if (decline.data)
        on_answer(session, CONSENT_DECLINED, decline);
    else if (page.data)
        turn_page(session, page);
}

void gate_timed_out(struct session *session)
{
    record(session, CONSENT_TIMED_OUT, CONSENT_METHOD_NONE, "none");
}

static void on_left_recorded(void *owner, uint64_t id, int err)
{
    (void)owner;
    if (err < 0)
        log_warn("session=%" PRIu64 " the end of a showing could not be recorded", id);
}

void gate_left(struct session *session)
{
    struct gate *gate = &session->gate;

    if (!gate->showing)
        return;
    gate->showing = false;
    fill_record(session, CONSENT_TIMED_OUT);
    snprintf(gate->record.action, sizeof gate->record.action, "left");
    store_consent_put(session->worker->store, session->id, &gate->record, on_left_recorded);
}
