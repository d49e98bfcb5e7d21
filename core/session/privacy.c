/*
 * /privacy: what a player may ask about themselves, and change. Sekisho answers it itself, on every
 * version, in the player's language. What is asked for is shown as a page (gate/page.h); what would
 * be hard to take back is asked once more, with a code that nobody but the player has seen: a text
 * of a game server that runs a command when it is clicked cannot withdraw in their name.
 */
#include "gate/privacy.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "gate/offer.h"
#include "gate/page.h"
#include "gate/prose.h"
#include "session/phases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITH_DIALOG = 771, NONCE_BYTES = (CONSENT_NONCE_BYTES - 1) / 2 };

/* Where a word came from: it is part of a record. */
struct asked {
    struct slice argument;
    const char *action; /* "command", "click" or "button" */
    uint32_t ticked;    /* of a dialog's boxes, by number */
    bool has_boxes;     /* there were some */
};

static const char *say(const struct session *session, enum message message)
{
    return message_text(message, session_locale(session));
}

static struct page page_of(const struct session *session, enum message title)
{
    return (struct page){.title = say(session, title),
                         .close = say(session, MESSAGE_PRIVACY_CLOSE),
                         .back = say(session, MESSAGE_PRIVACY_BACK)};
}

/* Takes what is in `page`. */
static void show(struct session *session, struct page *page)
{
    struct buf packets = {0};

    if (command_may_answer(session)) {
        page_put(page, session->protocol, &packets);
        session_send(session, &packets);
    }
    buf_free(&packets);
    page_free(page);
}

static void say_line(struct session *session, enum message message)
{
    command_say(session, text_new(say(session, message)));
}

static const struct consent_record *agreed(const struct session *session)
{
    return session->accepted ? session->privacy.agreed : NULL;
}

static void overview(struct session *session)
{
    static const enum message labels[PRIVACY_WORDS] = {
#define PRIVACY(id, word, proven) MESSAGE_PRIVACY_##id,
#include "gate/privacy.def"
#undef PRIVACY
    };
    struct page page = page_of(session, MESSAGE_PRIVACY_TITLE);

    page.back = NULL;
    page_say(&page, say(session, MESSAGE_PRIVACY_INTRO));
    for (size_t i = 0; i < PRIVACY_WORDS; i++)
        page_act(&page, say(session, labels[i]), mem_strdup(privacy_words[i]));
    show(session, &page);
}

/*
 * The text that was accepted; else, and where another one is in effect since then, in the player's
 * language the one that is shown today.
 */
static const struct policy_text *text_of(const struct session *session)
{
    const struct policy *policy = session->worker->policy;
    const struct consent_record *record = agreed(session);
    const struct policy_text *text = NULL;

    if (record && session->standing.kind == STANDING_CURRENT)
        text = policy_text_by_hash(policy, record->policy_sha256);
    return text ? text : policy_text_for(policy, session_locale(session));
}

static void show_policy_dialog(struct session *session, const struct policy_text *text)
{
    struct page page = page_of(session, MESSAGE_PRIVACY_POLICY);

    page.title = text->title;
    for (size_t i = 0; i < text->document->block_count; i++)
        page_add(&page, prose_block(&text->document->blocks[i], PROSE_ON_DARK));
    session->privacy.drawn_at_ms = session_now(session);
    show(session, &page);
}

static void show_policy_page(struct session *session, const struct policy_text *text,
                             struct slice number)
{
    struct offer offer = {.policy = session->worker->policy,
                          .text = text,
                          .locale = session_locale(session),
                          .protocol = session->protocol,
                          .page_command = "/privacy policy"};
    struct buf packets = {0};

    offer_chat_page(&offer, slice_number(number), &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

static void on_policy(struct session *session, const struct asked *asked)
{
    const struct policy_text *text = text_of(session);

    if (!command_may_answer(session))
        return;
    if (session->protocol < WITH_DIALOG)
        show_policy_page(session, text, asked->argument);
    else if (pace_may_draw(session, session->privacy.drawn_at_ms))
        show_policy_dialog(session, text);
}

static enum message means_of(enum consent_method method)
{
    switch (method) {
    case CONSENT_METHOD_DIALOG: return MESSAGE_MEANS_DIALOG;
    case CONSENT_METHOD_BOOK: return MESSAGE_MEANS_BOOK;
    case CONSENT_METHOD_WEB: return MESSAGE_MEANS_WEB;
    case CONSENT_METHOD_CHAT:
    case CONSENT_METHOD_NONE: break;
    }
    return MESSAGE_MEANS_CHAT;
}

static enum message proof_of(enum consent_identity identity)
{
    switch (identity) {
    case CONSENT_IDENTITY_VERIFIED: return MESSAGE_PROOF_VERIFIED;
    case CONSENT_IDENTITY_FORWARDED: return MESSAGE_PROOF_FORWARDED;
    case CONSENT_IDENTITY_OFFLINE:
    case CONSENT_IDENTITY_NONE: break;
    }
    return MESSAGE_PROOF_OFFLINE;
}

static const char *title_of(const struct session *session, const struct policy_purpose *purpose)
{
    const struct policy *policy = standing_policy(session);

    return policy_purpose_title(purpose,
                                policy_text_for(policy, session_locale(session))->language);
}

static void tell_purposes(const struct session *session, const struct consent_record *record,
                          struct page *page)
{
    const struct policy *policy = standing_policy(session);
    policy_purposes purposes = policy_purposes_read(policy, record->purposes);
    struct buf names = {0};

    for (size_t i = 0; i < policy->purpose_count; i++) {
        if (!(purposes >> i & 1))
            continue;
        if (names.len > 0)
            buf_append_str(&names, ", ");
        buf_append_str(&names, title_of(session, &policy->purposes[i]));
    }
    page_tell(page, say(session, MESSAGE_STATUS_PURPOSES), buf_text(&names));
    buf_free(&names);
}

/* "2026-01-31 09:00 UTC". */
static void tell_time(const struct session *session, enum message label, int64_t wall_ms,
                      struct page *page)
{
    enum { DAY_CHARS = 10, TIME_CHARS = 5 };
    char time[CLOCK_TEXT_BYTES];
    char *shown;

    clock_format(wall_ms, time);
    shown = mem_format("%.*s %.*s UTC", DAY_CHARS, time, TIME_CHARS, time + DAY_CHARS + 1);
    page_tell(page, say(session, label), shown);
    free(shown);
}

static void on_status(struct session *session, const struct asked *asked)
{
    const struct consent_record *record = agreed(session);
    struct page page = page_of(session, MESSAGE_PRIVACY_STATUS);

    (void)asked;
    if (!record) {
        page_say(&page, say(session, MESSAGE_STATUS_NONE));
    } else {
        page_tell(&page, say(session, MESSAGE_STATUS_VERSION), record->policy_version);
        page_tell(&page, say(session, MESSAGE_STATUS_LANGUAGE), message_language(record->language));
        tell_purposes(session, record, &page);
        tell_time(session, MESSAGE_STATUS_WHEN, record->decided_at_ms, &page);
        page_tell(&page, say(session, MESSAGE_STATUS_MEANS),
                  say(session, means_of(record->method)));
        page_tell(&page, say(session, MESSAGE_STATUS_PROOF),
                  say(session, proof_of(record->identity)));
        page_act(&page, say(session, MESSAGE_PRIVACY_CHOOSE), mem_strdup("choose"));
        page_act(&page, say(session, MESSAGE_PRIVACY_WITHDRAW), mem_strdup("withdraw"));
    }
    show(session, &page);
}

static void on_mirror(struct session *session, const struct asked *asked)
{
    struct page page = page_of(session, MESSAGE_PRIVACY_MIRROR);

    (void)asked;
    page_say(&page, say(session, session->mirror ? MESSAGE_MIRROR_INTRO : MESSAGE_MIRROR_NOTHING));
    mirror_show(session, &page);
    if (session->mirror)
        page_say(&page, say(session, MESSAGE_MIRROR_REST));
    show(session, &page);
}

static void renew(struct consent_record **slot, const struct consent_record *record)
{
    free(*slot);
    *slot = mem_alloc(sizeof **slot);
    **slot = *record;
}

void privacy_agreed(struct session *session, const struct consent_record *record)
{
    renew(&session->privacy.agreed, record);
}

void privacy_free(struct session *session)
{
    free(session->privacy.agreed);
    free(session->privacy.coming);
    session->privacy = (struct privacy){0};
}

/* Another answer to the text that was accepted, given here and now. */
static struct consent_record record_anew(const struct session *session, const struct asked *asked,
                                         enum consent_decision decision)
{
    struct consent_record record = *agreed(session);

    record.decision = decision;
    record.method =
        strcmp(asked->action, "button") == 0 ? CONSENT_METHOD_DIALOG : CONSENT_METHOD_CHAT;
    record.identity = session->profile.proof;
    record.protocol = session->protocol;
    record.decided_at_ms = clock_wall_ms();
    record.shown_at_ms =
        session->privacy.shown_at_ms ? session->privacy.shown_at_ms : record.decided_at_ms;
    snprintf(record.name, sizeof record.name, "%s", session->profile.name);
    snprintf(record.server, sizeof record.server, "%s",
             session->state == SESSION_RELAY ? backend_server(session->backend)->name : "");
    snprintf(record.action, sizeof record.action, "%s", asked->action);
    random_hex(record.nonce, NONCE_BYTES);
    return record;
}

/* What was agreed to, as bits of the version that was accepted: choices are made within that. */
static policy_purposes agreed_purposes(const struct session *session)
{
    return policy_purposes_carry(session->worker->policy, standing_policy(session),
                                 session->purposes);
}

/* A text with a box for each optional purpose; clicked, it is the other way round. */
static void show_choices(struct session *session)
{
    const struct policy *policy = standing_policy(session);
    policy_purposes chosen = agreed_purposes(session);
    struct page page = page_of(session, MESSAGE_PRIVACY_CHOOSE);

    for (size_t i = 0; i < policy->purpose_count; i++) {
        const struct policy_purpose *purpose = &policy->purposes[i];

        if (purpose->optional)
            page.boxes[page.box_count++] =
                (struct page_box){.number = (uint8_t)i,
                                  .label = mem_strdup(title_of(session, purpose)),
                                  .words = mem_format("choose %s", purpose->name),
                                  .ticked = chosen >> i & 1};
    }
    page_say(&page, say(session, page.box_count > 0 ? MESSAGE_OPTIONAL : MESSAGE_CHOOSE_NOTHING));
    if (page.box_count > 0)
        page_act(&page, say(session, MESSAGE_CHOOSE_SAVE), mem_strdup("choose"))->with_inputs =
            true;
    session->privacy.shown_at_ms = clock_wall_ms();
    show(session, &page);
}

static void on_choice_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);
    struct consent_record *record = session ? session->privacy.coming : NULL;

    if (!record)
        return;
    session->privacy.coming = NULL;
    log_info("session=%" PRIu64 " choice recorded=%s", id, err < 0 ? "no" : "yes");
    if (err < 0) {
        say_line(session, MESSAGE_CHOICE_FAILED);
    } else if (session->accepted) {
        privacy_agreed(session, record);
        session->purposes = policy_purposes_read(session->worker->policy, record->purposes);
        told_anew(session);
        say_line(session, MESSAGE_CHOICE_RECORDED);
        if (session->protocol < WITH_DIALOG)
            show_choices(session);
    }
    free(record);
}

/* What is agreed to no more ends at once; what is agreed to newly begins when that is on disk. */
static void choose(struct session *session, const struct asked *asked, policy_purposes chosen)
{
    const struct policy *policy = standing_policy(session);
    policy_purposes purposes = policy_required(policy) | chosen;
    struct consent_record record = record_anew(session, asked, CONSENT_ACCEPTED);

    policy_purposes_write(policy, purposes, record.purposes, sizeof record.purposes);
    session->purposes &= policy_purposes_carry(policy, session->worker->policy, purposes);
    told_anew(session);
    renew(&session->privacy.coming, &record);
    store_consent_put(session->worker->store, session->id, &record, on_choice_recorded);
}

static policy_purposes optional_of(const struct session *session)
{
    const struct policy *policy = standing_policy(session);

    return (((policy_purposes)1 << policy->purpose_count) - 1) & ~policy_required(policy);
}

static void on_choose(struct session *session, const struct asked *asked)
{
    const struct policy *policy = standing_policy(session);
    const struct policy_purpose *purpose = NULL;
    policy_purposes optional = optional_of(session);
    policy_purposes chosen = agreed_purposes(session) & optional;

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (slice_is(asked->argument, policy->purposes[i].name))
            purpose = &policy->purposes[i];
    if (!agreed(session))
        say_line(session, MESSAGE_STATUS_NONE);
    else if (session->privacy.coming)
        return; /* one answer after the other */
    else if (asked->has_boxes)
        choose(session, asked, asked->ticked & optional);
    else if (purpose && purpose->optional)
        choose(session, asked, chosen ^ (policy_purposes)1 << (purpose - policy->purposes));
    else
        show_choices(session);
}

/* A code that whoever confirms has to have seen. */
static void expect_code(struct session *session, enum privacy_word word)
{
    struct privacy *privacy = &session->privacy;
    uint32_t number;

    random_bytes((uint8_t *)&number, sizeof number);
    snprintf(privacy->code, sizeof privacy->code, "%06u", number % 1000000);
    privacy->confirms = word;
    privacy->shown_at_ms = clock_wall_ms();
}

/* A code is good for one try. */
static bool is_confirmed(struct session *session, enum privacy_word word, struct slice code)
{
    struct privacy *privacy = &session->privacy;
    bool right =
        privacy->code[0] && privacy->confirms == (int)word && slice_is(code, privacy->code);

    if (code.len > 0)
        privacy->code[0] = '\0';
    return right;
}

static void on_withdrawal_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);

    log_info("session=%" PRIu64 " withdrawal recorded=%s", id, err < 0 ? "no" : "yes");
    if (session && err < 0)
        session_say_goodbye(session, MESSAGE_WITHDRAWAL_FAILED,
                            "a withdrawal could not be recorded");
}

static void withdraw(struct session *session, const struct asked *asked)
{
    struct consent_record record = record_anew(session, asked, CONSENT_WITHDRAWN);

    record.purposes[0] = '\0';
    store_consent_put(session->worker->store, session->id, &record, on_withdrawal_recorded);
    say_line(session, MESSAGE_WITHDRAWN);
    session_to_gate(session);
}

/* For who cannot click. */
static void tell_command(const struct session *session, const char *words, struct page *page)
{
    char *line = mem_format("/privacy %s", words);

    if (session->protocol < WITH_DIALOG)
        page_tell(page, say(session, MESSAGE_OR_TYPE), line);
    free(line);
}

static void show_withdrawal(struct session *session)
{
    struct page page = page_of(session, MESSAGE_PRIVACY_WITHDRAW);
    struct page_action *action;

    expect_code(session, PRIVACY_WITHDRAW);
    page_say(&page, say(session, MESSAGE_WITHDRAW_INTRO));
    action = page_act(&page, say(session, MESSAGE_WITHDRAW_CONFIRM),
                      mem_format("withdraw %s", session->privacy.code));
    action->warns = true;
    tell_command(session, action->words, &page);
    show(session, &page);
}

static void on_withdraw(struct session *session, const struct asked *asked)
{
    if (!agreed(session))
        say_line(session, MESSAGE_STATUS_NONE);
    else if (is_confirmed(session, PRIVACY_WITHDRAW, asked->argument))
        withdraw(session, asked);
    else
        show_withdrawal(session);
}

static void answer(struct session *session, struct slice words, struct asked *asked)
{
    static void (*const answers[PRIVACY_WORDS])(struct session * session,
                                                const struct asked *asked) = {
        [PRIVACY_POLICY] = on_policy,     [PRIVACY_STATUS] = on_status,
        [PRIVACY_MIRROR] = on_mirror,     [PRIVACY_CHOOSE] = on_choose,
        [PRIVACY_WITHDRAW] = on_withdraw,
    };

    if (!pace_may_say(session))
        return;
    for (size_t i = 0; i < PRIVACY_WORDS; i++) {
        if (command_is(words, privacy_words[i], &asked->argument)) {
            answers[i](session, asked);
            return;
        }
    }
    overview(session);
}

static void run(struct session *session, struct slice words)
{
    struct asked asked = {.action = "command"};

    answer(session, words, &asked);
}

bool privacy_click(struct session *session, struct slice body)
{
    struct asked asked = {.action = "button"};
    struct page_click click;

    if (!page_read_click(body, NULL, 0, &click))
        return false;
    asked.ticked = click.ticked;
    asked.has_boxes = click.has_boxes;
    answer(session, click.words, &asked);
    return true;
}

static const char *word_at(const struct session *session, size_t index)
{
    (void)session;
    return index < PRIVACY_WORDS ? privacy_words[index] : NULL;
}

const struct command privacy_says = {
    .name = "privacy", .with_text = true, .word = word_at, .run = run};
