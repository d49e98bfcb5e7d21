/*
 * /privacy: what a player may ask about themselves, and change. Sekisho answers it itself, on every
 * version, in the player's language. What is asked for is shown as a page (gate/page.h); what would
 * be hard to take back is asked once more, with a code that nobody but the player has seen: a text
 * of a game server that runs a command when it is clicked cannot withdraw in their name.
 */
#include "session/privacy.h"

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "gate/offer.h"
#include "gate/prose.h"

#include <stdio.h>
#include <stdlib.h>

enum { WITH_BOOK = 47 };

const char *const privacy_keys[PRIVACY_FIELDS] = {
    [PRIVACY_FIELD_COMPANY] = "company", [PRIVACY_FIELD_NAME] = "name",
    [PRIVACY_FIELD_EMAIL] = "email",     [PRIVACY_FIELD_ACCOUNT] = "account",
    [PRIVACY_FIELD_MESSAGE] = "message", [PRIVACY_FIELD_VALUE] = "value",
};

const char *privacy_words_for(const struct session *session, enum message message)
{
    return message_text(message, session_locale(session));
}

const char *privacy_field_label(const struct session *session, enum field field)
{
    static const enum message labels[FIELDS] = {
#define FIELD(id, name, class, needed, neutral, kind, most, kept_as, told_as, where)               \
    [FIELD_##id] = MESSAGE_FIELD_##id,
#include "rules/fields.def"
#undef FIELD
    };

    return privacy_words_for(session, labels[field]);
}

const char *privacy_purpose_label(const struct session *session, const char *purpose)
{
    const struct policy *policy = session->worker->policy;
    const struct policy_purpose *found = policy_purpose_find(policy, purpose);

    if (!found)
        return purpose;
    return policy_purpose_title(found, policy_text_for(policy, session_locale(session))->language);
}

struct page privacy_page(const struct session *session, enum message title)
{
    return (struct page){.kind = &page_of_privacy,
                         .title = privacy_words_for(session, title),
                         .close = privacy_words_for(session, MESSAGE_PRIVACY_CLOSE),
                         .back = privacy_words_for(session, MESSAGE_PRIVACY_BACK)};
}

void privacy_show(struct session *session, struct page *page)
{
    struct buf packets = {0};

    if (command_may_answer(session)) {
        page_put(page, session->protocol, &packets);
        session_send(session, &packets);
    }
    buf_free(&packets);
    page_free(page);
}

void privacy_line(struct session *session, enum message message)
{
    command_say(session, text_new(privacy_words_for(session, message)));
}

const struct agreed *privacy_agreed(const struct session *session)
{
    return session->accepted ? &session->agreed : NULL;
}

static void overview(struct session *session)
{
    static const enum message labels[PRIVACY_WORDS] = {
#define PRIVACY(id, word, function, proven) MESSAGE_PRIVACY_##id,
#include "gate/privacy.def"
#undef PRIVACY
    };
    struct page page = privacy_page(session, MESSAGE_PRIVACY_TITLE);

    page.back = NULL;
    page_say(&page, privacy_words_for(session, MESSAGE_PRIVACY_INTRO));
    for (size_t i = 0; i < PRIVACY_WORDS; i++)
        page_act(&page, privacy_words_for(session, labels[i]), mem_strdup(privacy_words[i]));
    privacy_show(session, &page);
}

const struct policy *privacy_version(const struct session *session)
{
    const struct agreed *agreed = privacy_agreed(session);

    return agreed ? policy_set_find(session->worker->policies->own, agreed->terms.version) : NULL;
}

/* The text that was accepted; NULL: there is none, or it is not known any more. */
static const struct policy_text *accepted_text(const struct session *session)
{
    const struct policy *version = privacy_version(session);

    return version ? policy_text_by_hash(version, session->agreed.terms.sha256) : NULL;
}

/* In the player's language. */
static const struct policy_text *current_text(const struct session *session)
{
    return policy_text_for(session->worker->policy, session_locale(session));
}

static void show_policy_dialog(struct session *session, const struct policy_text *text,
                               bool has_newer)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_POLICY);

    page.title = text->title;
    for (size_t i = 0; i < text->document->block_count; i++)
        page_add(&page, prose_block(&text->document->blocks[i], PROSE_ON_DARK));
    if (has_newer)
        page_act(&page, privacy_words_for(session, MESSAGE_POLICY_NOW), mem_strdup("policy now"));
    session->privacy.drawn_at_ms = session_now(session);
    privacy_show(session, &page);
}

/* In the waiting room the hands are empty; on a server a book would take something's place. */
static bool may_hold_book(const struct session *session)
{
    return session->state == SESSION_WAIT && session->protocol >= WITH_BOOK;
}

static void show_policy_book(struct session *session, const struct policy_text *text)
{
    struct offer offer = {.policy = session->worker->policy,
                          .text = text,
                          .protocol = session->protocol,
                          .is_answered = true};
    struct buf packets = {0};

    offer_book(&offer, &packets);
    session->privacy.drawn_at_ms = session_now(session);
    session_send(session, &packets);
    buf_free(&packets);
}

static void show_policy_page(struct session *session, const struct policy_text *text, int number,
                             const char *command)
{
    struct offer offer = {.policy = session->worker->policy,
                          .text = text,
                          .locale = session_locale(session),
                          .protocol = session->protocol,
                          .page_command = command};
    struct buf packets = {0};

    offer_chat_page(&offer, number, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

/* A click away, where a dialog has it among its buttons. */
static void offer_newer(struct session *session, const struct policy_text *text)
{
    struct page page = {.kind = &page_of_privacy, .title = text->title};

    page_act(&page, privacy_words_for(session, MESSAGE_POLICY_NOW), mem_strdup("policy now"));
    privacy_show(session, &page);
}

static void show_policy(struct session *session, const struct policy_text *text, int number,
                        const char *command)
{
    if (!may_hold_book(session))
        show_policy_page(session, text, number, command);
    else if (pace_may_draw(session, session->privacy.drawn_at_ms))
        show_policy_book(session, text);
}

/* "policy [PAGE]": what was accepted; "policy now [PAGE]": what stands today. */
void privacy_policy(struct session *session, const struct asked *asked)
{
    const struct policy_text *accepted = accepted_text(session);
    struct slice number = asked->argument;
    bool is_now = command_is(asked->argument, "now", &number) || !accepted;
    const struct policy_text *text = is_now ? current_text(session) : accepted;
    bool has_newer = !is_now && privacy_version(session) != session->worker->policy;

    if (!command_may_answer(session))
        return;
    if (session->protocol >= PRIVACY_WITH_DIALOG) {
        if (pace_may_draw(session, session->privacy.drawn_at_ms))
            show_policy_dialog(session, text, has_newer);
        return;
    }
    if (has_newer && slice_number(number) <= 1)
        offer_newer(session, text);
    show_policy(session, text, slice_number(number),
                is_now ? "/privacy policy now" : "/privacy policy");
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

static void tell_purposes(const struct session *session, struct page *page)
{
    const struct policy *policy = session->worker->policy;
    struct buf names = {0};

    for (size_t i = 0; i < policy->purpose_count; i++) {
        if (!(session->purposes >> i & 1))
            continue;
        if (names.len > 0)
            buf_append_str(&names, ", ");
        buf_append_str(&names, privacy_purpose_label(session, policy->purposes[i].name));
    }
    page_tell(page, privacy_words_for(session, MESSAGE_STATUS_PURPOSES), buf_text(&names));
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
    page_tell(page, privacy_words_for(session, label), shown);
    free(shown);
}

void privacy_status(struct session *session, const struct asked *asked)
{
    const struct agreed *agreed = privacy_agreed(session);
    struct page page = privacy_page(session, MESSAGE_PRIVACY_STATUS);

    (void)asked;
    if (!agreed) {
        page_say(&page, privacy_words_for(session, MESSAGE_STATUS_NONE));
    } else {
        page_tell(&page, privacy_words_for(session, MESSAGE_STATUS_VERSION), agreed->terms.version);
        page_tell(&page, privacy_words_for(session, MESSAGE_STATUS_LANGUAGE),
                  message_language(agreed->language));
        tell_purposes(session, &page);
        tell_time(session, MESSAGE_STATUS_WHEN, agreed->decided_at_ms, &page);
        page_tell(&page, privacy_words_for(session, MESSAGE_STATUS_MEANS),
                  privacy_words_for(session, means_of(agreed->method)));
        page_tell(&page, privacy_words_for(session, MESSAGE_STATUS_PROOF),
                  privacy_words_for(session, proof_of(agreed->identity)));
        additions_list(session, &page);
        page_act(&page, privacy_words_for(session, MESSAGE_PRIVACY_CHOOSE), mem_strdup("choose"));
        page_act(&page, privacy_words_for(session, MESSAGE_PRIVACY_WITHDRAW),
                 mem_strdup("withdraw"));
    }
    privacy_show(session, &page);
}

void privacy_mirror(struct session *session, const struct asked *asked)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_MIRROR);

    (void)asked;
    page_say(&page, privacy_words_for(session, session->mirror ? MESSAGE_MIRROR_INTRO
                                                               : MESSAGE_MIRROR_NOTHING));
    mirror_show(session, &page);
    if (session->mirror)
        page_say(&page, privacy_words_for(session, MESSAGE_MIRROR_REST));
    privacy_show(session, &page);
}

void privacy_free(struct session *session)
{
    free(session->privacy.coming);
    held_free(session);
    rights_free(session);
    session->privacy = (struct privacy){0};
}

void privacy_tell_command(const struct session *session, const char *words, struct page *page)
{
    char *line = mem_format("/privacy %s", words);

    if (session->protocol < PRIVACY_WITH_DIALOG)
        page_tell(page, privacy_words_for(session, MESSAGE_OR_TYPE), line);
    free(line);
}

void privacy_expect_code(struct session *session, enum privacy_word word)
{
    struct privacy *privacy = &session->privacy;
    uint32_t number;

    random_bytes((uint8_t *)&number, sizeof number);
    snprintf(privacy->code, sizeof privacy->code, "%06u", number % 1000000);
    privacy->confirms = (int)word;
    privacy->shown_at_ms = clock_wall_ms();
}

bool privacy_is_confirmed(struct session *session, enum privacy_word word, struct slice code)
{
    struct privacy *privacy = &session->privacy;
    bool right =
        privacy->code[0] && privacy->confirms == (int)word && slice_is(code, privacy->code);

    if (code.len > 0)
        privacy->code[0] = '\0';
    return right;
}

/* Nobody else may see or change what is held of a player; a name alone proves nothing. */
static bool is_proven(const struct session *session)
{
    return session->profile.proof == CONSENT_IDENTITY_VERIFIED ||
           session->profile.proof == CONSENT_IDENTITY_FORWARDED;
}

static void answer(struct session *session, struct slice words, struct asked *asked)
{
    static const struct {
        void (*to)(struct session *session, const struct asked *asked);
        bool proven;
    } answers[PRIVACY_WORDS] = {
#define PRIVACY(id, word, function, proven) {function, proven},
#include "gate/privacy.def"
#undef PRIVACY
    };

    if (!pace_may_say(session))
        return;
    for (size_t i = 0; i < PRIVACY_WORDS; i++) {
        if (!command_is(words, privacy_words[i], &asked->argument))
            continue;
        if (answers[i].proven && !is_proven(session))
            privacy_line(session, MESSAGE_NOT_PROVEN);
        else
            answers[i].to(session, asked);
        return;
    }
    overview(session);
}

static void run(struct session *session, struct slice words)
{
    answer(session, words, &(struct asked){0});
}

bool privacy_click(struct session *session, struct slice body)
{
    struct page_click click;

    if (!page_read_click(&page_of_privacy, body, privacy_keys, PRIVACY_FIELDS, &click))
        return false;
    answer(session, click.words, &(struct asked){.click = &click});
    return true;
}

static const struct argument arguments[] = {
    {.name = "what",
     .kind = ARGUMENT_CHOICE,
     .optional = true,
     .words = privacy_words,
     .word_count = PRIVACY_WORDS},
    {.name = "text", .kind = ARGUMENT_TEXT, .optional = true},
};

const struct command privacy_says = {.name = "privacy",
                                     .places = COMMAND_AT_GATE | COMMAND_WAITING | COMMAND_IN_GAME,
                                     .arguments = arguments,
                                     .argument_count = 2,
                                     .owner = "Sekisho itself",
                                     .run_line = run};
