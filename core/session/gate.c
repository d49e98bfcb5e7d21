/*
 * The checkpoint itself: the policy put before a player, the answer, and its record. The player
 * goes on only when the record is on disk.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "gate/dialog.h"
#include "gate/offer.h"
#include "session/phases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WITH_BOOK = 47,
    WITH_DIALOG = 771,
    NONCE_BYTES = (CONSENT_NONCE_BYTES - 1) / 2,
};

/* What a click carries behind the nonce, so that the record can say where it was made. */
enum { CLICKED_IN_BOOK = 'b', CLICKED_IN_CHAT = 'c', NONCE_TEXT_BYTES = CONSENT_NONCE_BYTES + 1 };

/* Everybody's, or what a server adds. */
static const struct policy *policy_of(const struct session *session)
{
    return addition_policy(session, session->gate.part);
}

static struct offer offer_of(const struct session *session, const char *nonce)
{
    return (struct offer){.policy = policy_of(session),
                          .text = session->gate.text,
                          .locale = session_locale(session),
                          .preface = standing_preface(session),
                          .nonce = nonce,
                          .chosen = session->gate.chosen,
                          .pages = session->gate.pages,
                          .page_count = session->gate.page_count,
                          .protocol = session->protocol,
                          .page_command = "/policy"};
}

/* In the limbo a nonce says where it was clicked. */
static struct offer placed_offer(const struct session *session, char place,
                                 char nonce[static NONCE_TEXT_BYTES])
{
    snprintf(nonce, NONCE_TEXT_BYTES, "%s%c", session->gate.nonce, place);
    return offer_of(session, nonce);
}

static void draw_in_limbo(const struct session *session, struct buf *packets)
{
    char nonce[NONCE_TEXT_BYTES];
    struct offer offer;

    if (session->protocol >= WITH_BOOK) {
        offer = placed_offer(session, CLICKED_IN_BOOK, nonce);
        offer_book(&offer, packets);
    } else {
        offer = offer_of(session, session->gate.nonce);
        offer_chat_page(&offer, 1, packets);
    }
    offer = placed_offer(session, CLICKED_IN_CHAT, nonce);
    offer_chat(&offer, packets);
}

static void draw(struct session *session)
{
    struct gate *gate = &session->gate;
    struct buf packets = {0};
    struct offer offer;

    gate->drawn_at_ms = session_now(session);
    if (session->protocol >= WITH_DIALOG) {
        offer = offer_of(session, gate->nonce);
        offer_dialog(&offer, session->down, &packets);
    } else {
        draw_in_limbo(session, &packets);
    }
    session_send(session, &packets);
    buf_free(&packets);
}

static void fill_record(const struct session *session, enum consent_decision decision,
                        struct consent_record *record)
{
    const struct gate *gate = &session->gate;
    const struct policy *policy = policy_of(session);

    *record = (struct consent_record){
        .player = session->profile.uuid,
        .decision = decision,
        .method = session->protocol >= WITH_DIALOG ? CONSENT_METHOD_DIALOG
                  : session->protocol >= WITH_BOOK ? CONSENT_METHOD_BOOK
                                                   : CONSENT_METHOD_CHAT,
        .identity = session->profile.proof,
        .protocol = session->protocol,
        .shown_at_ms = gate->shown_at_ms,
        .decided_at_ms = clock_wall_ms(),
    };
    snprintf(record->name, sizeof record->name, "%s", session->profile.name);
    snprintf(record->policy, sizeof record->policy, "%s", policy->id);
    snprintf(record->policy_version, sizeof record->policy_version, "%s", policy->version);
    snprintf(record->policy_sha256, sizeof record->policy_sha256, "%s", gate->text->sha256);
    snprintf(record->language, sizeof record->language, "%s", gate->text->language);
    snprintf(record->server, sizeof record->server, "%s", route_destination(session));
    snprintf(record->nonce, sizeof record->nonce, "%s", gate->nonce);
    if (decision == CONSENT_ACCEPTED)
        policy_purposes_write(policy, policy_required(policy) | gate->chosen, record->purposes,
                              sizeof record->purposes);
    memcpy(record->scope_sha256, session->worker->ruleset->scope_sha256,
           sizeof record->scope_sha256);
}

static void tell_of(struct session *session, enum event_kind kind, const struct consent_record *of)
{
    struct event *event;

    if (!event_wanted(session->worker, kind))
        return;
    event = event_new(kind, session);
    event_add_consent(event, of);
    event_tell(session->worker, event);
}

static void drop_pages(struct gate *gate)
{
    for (size_t i = 0; i < gate->page_count; i++)
        document_free(gate->pages[i]);
    gate->page_count = 0;
}

/* A showing of its own, with a nonce of its own. */
static void put_up(struct session *session, const struct policy_text *text)
{
    struct gate *gate = &session->gate;

    gate->text = text;
    gate->asked = NULL;
    gate->aside = false;
    gate->showing = true;
    gate->shown_at_ms = clock_wall_ms();
    random_hex(gate->nonce, NONCE_BYTES);
    draw(session);
    log_info("session=%" PRIu64 " policy shown language=%s", session->id, text->language);
    if (event_wanted(session->worker, EVENT_CONSENT_SHOWN)) {
        struct consent_record shown;

        fill_record(session, CONSENT_NONE, &shown);
        tell_of(session, EVENT_CONSENT_SHOWN, &shown);
    }
}

/* Plugins said what they show as well. The policy may be another one by now, and asked for again.
 */
static void on_pages(struct session *session, struct event *event)
{
    struct gate *gate = &session->gate;
    const struct policy_text *text = policy_text_find(policy_of(session), slice_str(event->text));

    if (session->state != SESSION_GATE || !text)
        return;
    drop_pages(gate);
    memcpy(gate->pages, event->pages, sizeof gate->pages);
    gate->page_count = event->page_count;
    event->page_count = 0;
    put_up(session, text);
}

/* Puts a text before the player. */
static void show(struct session *session, const struct policy_text *text)
{
    struct event *event;

    if (!event_wanted(session->worker, EVENT_GATE)) {
        drop_pages(&session->gate);
        put_up(session, text);
        return;
    }
    event = event_new(EVENT_GATE, session);
    event->text = mem_strdup(text->language);
    event_add_fact(event, "language", text->language);
    event_ask(session, event, on_pages);
}

void gate_show(struct session *session)
{
    int candidate = session->accepted ? route_candidate(session) : ROUTE_NONE;

    session->gate.part = candidate == ROUTE_NONE ? 0 : addition_part(session, (size_t)candidate);
    session_move(session, SESSION_GATE);
    show(session, policy_text_for(policy_of(session), session_locale(session)));
}

/* Too soon after the last: the client waits on its screen until its turn comes. */
static void show_again(struct session *session, const struct policy_text *text)
{
    if (pace_may_draw(session, session->gate.drawn_at_ms))
        show(session, text);
    else
        session->gate.asked = text;
}

static void change_language(struct session *session, const struct policy_text *text)
{
    memcpy(session->spoken, text->language, strlen(text->language) + 1);
    show_again(session, text);
}

void gate_tick(struct session *session)
{
    if (session->gate.asked)
        show_again(session, session->gate.asked);
}

bool gate_has_dialog(const struct session *session)
{
    return session->state == SESSION_GATE && session->protocol >= WITH_DIALOG;
}

void gate_back(struct session *session)
{
    const struct gate *gate = &session->gate;

    if (gate_has_dialog(session))
        show_again(session, gate->asked ? gate->asked : gate->text);
}

static void take_down(struct session *session)
{
    struct buf packets = {0};

    dialog_clear(session->protocol, session->down, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

static void say_timed_out(struct session *session)
{
    if (code_is_possible(session))
        code_say_goodbye(session, MESSAGE_TIMED_OUT_PAGE, "no answer in time");
    else
        session_say_goodbye(session, MESSAGE_TIMED_OUT, "no answer in time");
}

/* What a server adds keeps nobody out but from there. */
static void say_declined(struct session *session)
{
    if (session->gate.part == 0) {
        session_say_goodbye(session, MESSAGE_DECLINED, "declined");
        return;
    }
    addition_declined(session);
    text_free(session->notice);
    session->notice = text_new(message_text(MESSAGE_ADDITION_DECLINED, session_locale(session)));
    lounge_enter(session);
}

static void on_accepted(struct session *session, const struct consent_record *answer)
{
    if (session->gate.part == 0)
        standing_found(session, answer);
    else
        addition_found(session, answer);
    if (!session->accepted) { /* the policy changed meanwhile */
        gate_show(session);
        return;
    }
    session_count(session);
    /* Its mod loader can meet the server only in a login of its own. */
    if (code_is_needed(session)) {
        session_say_goodbye(session, MESSAGE_JOIN_AGAIN, "accepted; mod loader joins anew");
        return;
    }
    command_say(session, text_new(message_text(MESSAGE_ACCEPTED, session_locale(session))));
    lounge_enter(session);
}

static void on_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);
    struct consent_record *answer;
    enum consent_decision decision;

    if (!session || session->state != SESSION_RECORD)
        return;
    answer = session->gate.answer;
    session->gate.answer = NULL;
    decision = answer->decision;
    take_down(session);
    log_info("session=%" PRIu64 " answer=%s recorded=%s", id, consent_decision_name(decision),
             err < 0 ? "no" : "yes");
    if (err == 0)
        tell_of(session, decision == CONSENT_ACCEPTED ? EVENT_CONSENT_GIVEN : EVENT_CONSENT_REFUSED,
                answer);
    if (decision == CONSENT_DECLINED)
        say_declined(session);
    else if (decision == CONSENT_TIMED_OUT)
        say_timed_out(session);
    else if (err < 0)
        session_say_goodbye(session, MESSAGE_RECORD_FAILED, "the answer could not be recorded");
    else
        on_accepted(session, answer);
    free(answer);
}

static void record(struct session *session, enum consent_decision decision,
                   enum consent_method method, const char *action)
{
    struct consent_record *answer = mem_alloc(sizeof *answer);

    fill_record(session, decision, answer);
    if (method != CONSENT_METHOD_NONE)
        answer->method = method;
    snprintf(answer->action, sizeof answer->action, "%s", action);
    session->gate.showing = false;
    free(session->gate.answer);
    session->gate.answer = answer;
    session_move(session, SESSION_RECORD);
    store_consent_put(session->worker->store, session->id, answer, on_recorded);
}

void gate_free(struct session *session)
{
    free(session->gate.answer);
    drop_pages(&session->gate);
    session->gate = (struct gate){0};
}

void gate_click(struct session *session, struct slice body)
{
    struct offer offer;
    struct offer_click click;

    if (session->state != SESSION_GATE)
        return;
    offer = offer_of(session, session->gate.nonce);
    click = offer_read_click(&offer, body);
    if (click.kind == OFFER_CLICK_LANGUAGE) {
        change_language(session, click.text);
    } else if (click.kind == OFFER_CLICK_ACCEPT) {
        session->gate.chosen = click.chosen;
        record(session, CONSENT_ACCEPTED, CONSENT_METHOD_DIALOG, "button");
    } else if (click.kind == OFFER_CLICK_DECLINE) {
        record(session, CONSENT_DECLINED, CONSENT_METHOD_DIALOG, "button");
    } else if (click.kind == OFFER_CLICK_RIGHTS) {
        privacy_rights(session);
    }
}

static void say_choices(struct session *session)
{
    char nonce[NONCE_TEXT_BYTES];
    struct offer offer = placed_offer(session, CLICKED_IN_CHAT, nonce);
    struct buf packets = {0};

    offer_chat_choices(&offer, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

/*
 * A typed command answers this showing; a clicked one says which showing it answers. What is
 * neither, or of an earlier showing, is no answer.
 */
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
    if (slice_equal(nonce, expected))
        record(session, decision,
               place == CLICKED_IN_CHAT ? CONSENT_METHOD_CHAT : CONSENT_METHOD_NONE, "click");
    else if (pace_may_say(session))
        say_choices(session);
}

static void turn_page(struct session *session, struct slice number)
{
    struct offer offer = offer_of(session, session->gate.nonce);
    struct buf packets = {0};

    if (session->protocol >= WITH_BOOK) {
        if (pace_may_draw(session, session->gate.drawn_at_ms))
            draw(session);
        return;
    }
    offer_chat_page(&offer, slice_number(number), &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

/* Ticks an optional purpose, or takes the tick away, and shows how it stands now. */
static void choose(struct session *session, struct slice name)
{
    const struct policy *policy = policy_of(session);

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (policy->purposes[i].optional && slice_is(name, policy->purposes[i].name))
            session->gate.chosen ^= (policy_purposes)1 << i;
    say_choices(session);
}

static void on_small(struct session *session, struct slice command)
{
    const struct policy_text *text = NULL;
    struct slice argument;

    if (command_is(command, "policy", &argument))
        turn_page(session, argument);
    else if (command_is(command, "choose", &argument))
        choose(session, argument);
    else if (command_is(command, "language", &argument) &&
             (text = policy_text_find(policy_of(session), argument)))
        change_language(session, text);
    else
        say_choices(session);
}

void gate_command(struct session *session, struct slice command)
{
    struct slice nonce;

    /* Where there is a dialog, its buttons alone answer: they carry the nonce. */
    if (session->state != SESSION_GATE || session->protocol >= WITH_DIALOG)
        return;
    if (command_is(command, "accept", &nonce))
        on_answer(session, CONSENT_ACCEPTED, nonce);
    else if (command_is(command, "decline", &nonce))
        on_answer(session, CONSENT_DECLINED, nonce);
    else if (pace_may_say(session))
        on_small(session, command);
}

/* Who talks is told once more how to answer. */
void gate_talk(struct session *session)
{
    if (session->state == SESSION_GATE && pace_may_say(session))
        say_choices(session);
}

void gate_timed_out(struct session *session)
{
    if (!session->gate.showing)
        return; /* a plugin still says what is shown with it */
    record(session, CONSENT_TIMED_OUT, CONSENT_METHOD_NONE, "none");
}

void gate_withdrawn(struct session *session)
{
    struct consent_record record = {0};

    snprintf(record.policy, sizeof record.policy, "%s", session->worker->policy->id);
    snprintf(record.policy_version, sizeof record.policy_version, "%s",
             session->agreed.terms.version);
    snprintf(record.language, sizeof record.language, "%s", session->agreed.language);
    tell_of(session, EVENT_CONSENT_WITHDRAWN, &record);
}

static void on_left_recorded(void *owner, uint64_t id, int err)
{
    (void)owner;
    if (err < 0)
        log_warn("session=%" PRIu64 " the end of a showing could not be recorded", id);
}

void gate_left(struct session *session)
{
    struct consent_record out;

    if (!session->gate.showing)
        return;
    session->gate.showing = false;
    fill_record(session, CONSENT_TIMED_OUT, &out);
    snprintf(out.action, sizeof out.action, "%s", session->worker->draining ? "shutdown" : "left");
    store_consent_put(session->worker->store, session->id, &out, on_left_recorded);
}
