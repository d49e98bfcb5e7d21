/*
 * /privacy: what a player may ask about themselves, and change. Sekisho answers it itself, on every
 * version, in the player's language. What is asked for is shown as a page (gate/page.h); what would
 * be hard to take back, or lets others know more, is asked once more, with a code that nobody but
 * the player has seen: a text of a game server that runs a command when it is clicked can neither
 * withdraw nor agree in their name.
 */
#include "session/privacy.h"

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/hash.h"
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
    for (int part = 0; part <= (int)additions_count(session); part++) {
        const struct policy *policy = addition_policy(session, part);
        const struct policy_purpose *found = policy_purpose_find(policy, purpose);

        if (found)
            return policy_purpose_title(found,
                                        policy_text_for(policy, session_locale(session))->language);
    }
    return purpose;
}

struct page privacy_page(const struct session *session, enum message title)
{
    bool at_gate = gate_has_dialog(session);

    return (struct page){.kind = &page_of_privacy,
                         .title = privacy_words_for(session, title),
                         .close = privacy_words_for(session, at_gate ? MESSAGE_BACK_TO_POLICY
                                                                     : MESSAGE_PRIVACY_CLOSE),
                         .back = privacy_words_for(session, MESSAGE_PRIVACY_BACK),
                         .nonce = at_gate ? session->gate.nonce : NULL};
}

/* Who went back to the policy before the store answered is shown that no more. */
static bool may_answer(const struct session *session)
{
    return gate_has_dialog(session) ? session->gate.aside : command_may_answer(session);
}

void privacy_show(struct session *session, struct page *page)
{
    struct buf packets = {0};

    if (may_answer(session)) {
        page_put(page, session->protocol, session->down, &packets);
        session_send(session, &packets);
    }
    buf_free(&packets);
    page_free(page);
}

void privacy_say(struct session *session, struct text *line)
{
    struct page page;

    if (!gate_has_dialog(session)) {
        command_say(session, line);
        return;
    }
    page = privacy_page(session, MESSAGE_PRIVACY_TITLE);
    page_add(&page, line);
    privacy_show(session, &page);
}

void privacy_line(struct session *session, enum message message)
{
    privacy_say(session, text_new(privacy_words_for(session, message)));
}

const struct agreed *privacy_agreed(const struct session *session, int part)
{
    const struct addition *addition = part > 0 ? &session->additions[part - 1] : NULL;

    if (addition)
        return addition->accepted ? &addition->agreed : NULL;
    return session->accepted ? &session->agreed : NULL;
}

const struct policy *privacy_version(const struct session *session, int part)
{
    const struct agreed *agreed = privacy_agreed(session, part);

    return agreed ? policy_set_find(addition_set(session, part), agreed->terms.version) : NULL;
}

const char *privacy_title(const struct session *session, int part)
{
    const struct policy *version = privacy_version(session, part);

    return policy_text_for(version ? version : addition_policy(session, part),
                           session_locale(session))
        ->title;
}

int privacy_part(const struct session *session, struct slice *argument)
{
    struct slice rest;
    int part = addition_named(session, *argument, &rest);

    if (part < 0)
        return 0;
    *argument = rest;
    return part;
}

char *privacy_words_of(const struct session *session, enum privacy_word word, int part)
{
    return part > 0 ? mem_format("%s %s", privacy_words[word], addition_policy(session, part)->id)
                    : mem_strdup(privacy_words[word]);
}

void privacy_offer_parts(const struct session *session, enum privacy_word word, int but,
                         struct page *page)
{
    for (int part = 0; part <= (int)additions_count(session); part++)
        if (part != but && privacy_agreed(session, part))
            page_act(page, privacy_title(session, part), privacy_words_of(session, word, part));
}

/* Before the gate, what has to do with no acceptance. */
static void overview(struct session *session)
{
    static const struct {
        enum message label;
        bool proven;
    } words[PRIVACY_WORDS] = {
#define PRIVACY(id, word, function, proven) {MESSAGE_PRIVACY_##id, proven},
#include "gate/privacy.def"
#undef PRIVACY
    };
    bool all = !gate_has_dialog(session) || session->accepted;
    struct page page = privacy_page(session, MESSAGE_PRIVACY_TITLE);

    page.back = NULL;
    page_say(&page, privacy_words_for(session, all ? MESSAGE_PRIVACY_INTRO : MESSAGE_RIGHTS_INTRO));
    for (size_t i = 0; i < PRIVACY_WORDS; i++)
        if (all || words[i].proven)
            page_act(&page, privacy_words_for(session, words[i].label),
                     mem_strdup(privacy_words[i]));
    privacy_show(session, &page);
}

/* A text to be read again. */
struct reading {
    int part;
    const struct policy_text *text;
    char *words;    /* that ask for it; owned */
    bool has_newer; /* than the accepted one, which it is */
};

/* "policy [ID] [now]": what was accepted, or what stands today. The rest is a page's number. */
static struct reading reading_of(const struct session *session, struct slice *argument)
{
    int part = privacy_part(session, argument);
    const struct policy *policy = addition_policy(session, part);
    const struct policy *version = privacy_version(session, part);
    const struct policy_text *accepted =
        version ? policy_text_by_hash(version, privacy_agreed(session, part)->terms.sha256) : NULL;
    bool is_now = command_is(*argument, "now", argument) || !accepted;
    char *words = privacy_words_of(session, PRIVACY_POLICY, part);
    struct reading reading = {.part = part,
                              .text = is_now ? policy_text_for(policy, session_locale(session))
                                             : accepted,
                              .words = is_now ? mem_format("%s now", words) : mem_strdup(words),
                              .has_newer = !is_now && version != policy};

    free(words);
    return reading;
}

/* What else there is to read. */
static void offer_others(const struct session *session, const struct reading *reading,
                         struct page *page)
{
    if (reading->has_newer)
        page_act(page, privacy_words_for(session, MESSAGE_POLICY_NOW),
                 mem_format("%s now", reading->words));
    privacy_offer_parts(session, PRIVACY_POLICY, reading->part, page);
}

static void read_in_dialog(struct session *session, const struct reading *reading)
{
    const struct document *document = reading->text->document;
    struct page page = privacy_page(session, MESSAGE_PRIVACY_POLICY);

    page.title = reading->text->title;
    for (size_t i = 0; i < document->block_count; i++)
        page_add(&page, prose_block(&document->blocks[i], PROSE_ON_DARK));
    offer_others(session, reading, &page);
    privacy_show(session, &page);
}

static struct offer offer_of(const struct session *session, const struct reading *reading)
{
    return (struct offer){.policy = addition_policy(session, reading->part),
                          .text = reading->text,
                          .locale = session_locale(session),
                          .protocol = session->protocol,
                          .is_answered = true};
}

/* In the waiting room the hands are empty; on a server a book would take something's place. */
static bool may_hold_book(const struct session *session)
{
    return session->state == SESSION_WAIT && session->protocol >= WITH_BOOK;
}

static void read_in_book(struct session *session, const struct reading *reading)
{
    struct offer offer = offer_of(session, reading);
    struct buf packets = {0};

    offer_book(&offer, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

static void read_in_chat(struct session *session, const struct reading *reading, int number)
{
    struct offer offer = offer_of(session, reading);
    char *command = mem_format("/privacy %s", reading->words);
    struct buf packets = {0};

    offer.page_command = command;
    offer_chat_page(&offer, number, &packets);
    session_send(session, &packets);
    buf_free(&packets);
    free(command);
}

/* A click away, where a dialog has it among its buttons. */
static void say_others(struct session *session, const struct reading *reading)
{
    struct page page = {.kind = &page_of_privacy, .title = reading->text->title};

    offer_others(session, reading, &page);
    if (page.action_count > 0)
        privacy_show(session, &page);
    else
        page_free(&page);
}

/* The whole text at once. */
static void read_whole(struct session *session, const struct reading *reading)
{
    session->privacy.drawn_at_ms = session_now(session);
    if (session->protocol >= PRIVACY_WITH_DIALOG)
        read_in_dialog(session, reading);
    else
        read_in_book(session, reading);
}

void privacy_policy(struct session *session, const struct asked *asked)
{
    struct slice number = asked->argument;
    struct reading reading = reading_of(session, &number);
    bool whole = session->protocol >= PRIVACY_WITH_DIALOG || may_hold_book(session);
    bool begins = slice_number(number) <= 1;

    if (!may_answer(session)) {
        free(reading.words);
        return;
    }
    if (session->protocol < PRIVACY_WITH_DIALOG && begins)
        say_others(session, &reading);
    if (!whole)
        read_in_chat(session, &reading, slice_number(number));
    else if (pace_may_draw(session, session->privacy.drawn_at_ms))
        read_whole(session, &reading);
    else
        gate_back(session);
    free(reading.words);
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

/* Names with commas between them. Returns owned. */
static char *purposes_text(const struct session *session, int part)
{
    const struct policy *policy = addition_policy(session, part);
    policy_purposes purposes = part > 0 ? session->additions[part - 1].purposes : session->purposes;
    struct buf names = {0};
    char *text;

    for (size_t i = 0; i < policy->purpose_count; i++) {
        if (!(purposes >> i & 1))
            continue;
        if (names.len > 0)
            buf_append_str(&names, ", ");
        buf_append_str(&names, privacy_purpose_label(session, policy->purposes[i].name));
    }
    text = mem_strdup(buf_text(&names));
    buf_free(&names);
    return text;
}

static void tell_purposes(const struct session *session, struct page *page)
{
    char *purposes = purposes_text(session, 0);

    page_tell(page, privacy_words_for(session, MESSAGE_STATUS_PURPOSES), purposes);
    free(purposes);
}

/* "Of the survival server: 2026-01 | maps". */
static void tell_additions(const struct session *session, struct page *page)
{
    for (int part = 1; part <= (int)additions_count(session); part++) {
        const struct agreed *agreed = privacy_agreed(session, part);
        char *purposes, *value;

        if (!agreed)
            continue;
        purposes = purposes_text(session, part);
        value = mem_format("%s | %s", agreed->terms.version, purposes);
        page_tell(page, privacy_title(session, part), value);
        free(value);
        free(purposes);
    }
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
    const struct agreed *agreed = privacy_agreed(session, 0);
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
        tell_additions(session, &page);
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

void privacy_expect_code(struct session *session, enum privacy_word word, int part)
{
    struct privacy *privacy = &session->privacy;
    uint32_t number;

    random_bytes((uint8_t *)&number, sizeof number);
    snprintf(privacy->code, sizeof privacy->code, "%06u", number % 1000000);
    privacy->confirms = (int)word;
    privacy->of_part = part;
    privacy->shown_at_ms = clock_wall_ms();
}

bool privacy_is_confirmed(struct session *session, enum privacy_word word, int part,
                          struct slice code)
{
    struct privacy *privacy = &session->privacy;
    bool right = privacy->code[0] && privacy->confirms == (int)word && privacy->of_part == part &&
                 slice_is(code, privacy->code);

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

    if (session->state == SESSION_RECORD)
        return; /* one answer after the other */
    if (!pace_may_say(session)) {
        gate_back(session);
        return;
    }
    session->gate.aside = gate_has_dialog(session);
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

void privacy_rights(struct session *session)
{
    run(session, (struct slice){0});
}

/* Before the gate a click says which showing it belongs to. */
static bool is_of_gate(const struct session *session, const struct page_click *click)
{
    return secret_equal(click->nonce, slice_str(session->gate.nonce));
}

bool privacy_click(struct session *session, struct slice body)
{
    struct page_click click;

    if (!page_read_click(&page_of_privacy, body, privacy_keys, PRIVACY_FIELDS, &click))
        return false;
    if (gate_has_dialog(session) && !is_of_gate(session, &click))
        return true;
    if (gate_has_dialog(session) && slice_is(click.words, PAGE_LEAVE))
        gate_back(session);
    else
        answer(session, click.words, &(struct asked){.click = &click});
    return true;
}

static const struct argument arguments[] = {
    {.name = "what",
     .kind = ARGUMENT_CHOICE,
     .optional = true,
     .words = privacy_words,
     .word_count = PRIVACY_WORDS},
    {.name = "text", .kind = ARGUMENT_TEXT, .optional = true, .completes = true},
};

static bool takes_policy(struct slice word)
{
    struct slice rest;

    return command_is(word, privacy_words[PRIVACY_POLICY], &rest) ||
           command_is(word, privacy_words[PRIVACY_CHOOSE], &rest) ||
           command_is(word, privacy_words[PRIVACY_WITHDRAW], &rest);
}

/* Behind a word that takes one, the policies that servers add. */
static bool complete(const struct command *command, struct session *session, size_t argument,
                     struct completion *into)
{
    (void)command;
    if (!takes_policy(completion_word(into, argument - 1)))
        return false;
    for (int part = 1; part <= (int)additions_count(session); part++)
        completion_add(into, slice_str(addition_policy(session, part)->id));
    return false;
}

const struct command privacy_says = {.name = "privacy",
                                     .places = COMMAND_AT_GATE | COMMAND_WAITING | COMMAND_IN_GAME,
                                     .arguments = arguments,
                                     .argument_count = 2,
                                     .owner = "Sekisho itself",
                                     .run_line = run,
                                     .complete = complete};
