/*
 * /privacy choose and withdraw: another answer to the text that was accepted. Each is a record of
 * its own, and acts at once.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "session/argument.h"
#include "session/privacy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_BYTES = (CONSENT_NONCE_BYTES - 1) / 2 };

/* Another answer to the text that was accepted, given here and now. */
static struct consent_record record_anew(const struct session *session, int part,
                                         const struct asked *asked, enum consent_decision decision)
{
    const struct agreed *agreed = privacy_agreed(session, part);
    int64_t now_ms = clock_wall_ms();
    struct consent_record record = {
        .player = session->profile.uuid,
        .decision = decision,
        .method = asked->click ? CONSENT_METHOD_DIALOG : CONSENT_METHOD_CHAT,
        .identity = session->profile.proof,
        .protocol = session->protocol,
        .shown_at_ms = session->privacy.shown_at_ms ? session->privacy.shown_at_ms : now_ms,
        .decided_at_ms = now_ms,
    };

    snprintf(record.name, sizeof record.name, "%s", session->profile.name);
    snprintf(record.policy, sizeof record.policy, "%s", addition_policy(session, part)->id);
    memcpy(record.policy_version, agreed->terms.version, sizeof record.policy_version);
    memcpy(record.policy_sha256, agreed->terms.sha256, sizeof record.policy_sha256);
    memcpy(record.language, agreed->language, sizeof record.language);
    memcpy(record.scope_sha256, agreed->scope_sha256, sizeof record.scope_sha256);
    snprintf(record.server, sizeof record.server, "%s",
             session->state == SESSION_RELAY ? backend_server(session->backend)->name : "");
    snprintf(record.action, sizeof record.action, "%s", asked->click ? "button" : "command");
    random_hex(record.nonce, NONCE_BYTES);
    return record;
}

static policy_purposes *purposes_of(struct session *session, int part)
{
    return part > 0 ? &session->additions[part - 1].purposes : &session->purposes;
}

/* A purpose that came with a later text cannot be agreed to under the earlier one. */
static bool may_choose(const struct session *session, int part,
                       const struct policy_purpose *purpose)
{
    const struct policy *version = privacy_version(session, part);

    return purpose->optional && version && policy_purpose_find(version, purpose->name);
}

static policy_purposes choosable(const struct session *session, int part)
{
    const struct policy *policy = addition_policy(session, part);
    policy_purposes purposes = 0;

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (may_choose(session, part, &policy->purposes[i]))
            purposes |= (policy_purposes)1 << i;
    return purposes;
}

static void add_boxes(struct session *session, int part, const char *words, struct page *page)
{
    const struct policy *policy = addition_policy(session, part);

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (may_choose(session, part, &policy->purposes[i]))
            page->boxes[page->box_count++] = (struct page_box){
                .number = (uint8_t)i,
                .label = mem_strdup(privacy_purpose_label(session, policy->purposes[i].name)),
                .words =
                    mem_format("%s %s %s", words, policy->purposes[i].name, session->privacy.code),
                .ticked = *purposes_of(session, part) >> i & 1};
}

/* A box for each purpose that may be chosen; clicked in the chat, it is the other way round. */
static void show_choices(struct session *session, int part)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_CHOOSE);
    char *words = privacy_words_of(session, PRIVACY_CHOOSE, part);

    privacy_expect_code(session, PRIVACY_CHOOSE, part);
    if (part > 0)
        page.title = privacy_title(session, part);
    add_boxes(session, part, words, &page);
    page_say(&page, privacy_words_for(session, page.box_count > 0 ? MESSAGE_OPTIONAL
                                                                  : MESSAGE_CHOOSE_NOTHING));
    if (page.box_count > 0) {
        page_act(&page, privacy_words_for(session, MESSAGE_CHOOSE_SAVE),
                 mem_format("%s %s", words, session->privacy.code))
            ->with_inputs = true;
        privacy_tell_command(session, page.boxes[0].words, &page);
    }
    privacy_offer_parts(session, PRIVACY_CHOOSE, part, &page);
    privacy_show(session, &page);
    free(words);
}

static void take_choice(struct session *session, const struct consent_record *record)
{
    struct slice rest;
    int part = addition_named(session, slice_str(record->policy), &rest);

    /* It may have been withdrawn, or be asked for no more, meanwhile. */
    if (part < 0 || !privacy_agreed(session, part))
        return;
    if (part > 0)
        session->additions[part - 1].agreed = agreed_of(record);
    else
        session->agreed = agreed_of(record);
    *purposes_of(session, part) =
        policy_purposes_read(addition_policy(session, part), record->purposes);
    told_anew(session);
    privacy_line(session, MESSAGE_CHOICE_RECORDED);
    if (session->protocol < PRIVACY_WITH_DIALOG)
        show_choices(session, part);
}

static void on_choice_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);
    struct consent_record *record = session ? session->privacy.coming : NULL;

    if (!record)
        return;
    session->privacy.coming = NULL;
    log_info("session=%" PRIu64 " choice recorded=%s", id, err < 0 ? "no" : "yes");
    if (err < 0)
        privacy_line(session, MESSAGE_CHOICE_FAILED);
    else
        take_choice(session, record);
    free(record);
}

/* What is agreed to no more ends at once; what is agreed to newly begins when that is on disk. */
static void choose(struct session *session, int part, const struct asked *asked,
                   policy_purposes chosen)
{
    policy_purposes *agreed = purposes_of(session, part);
    policy_purposes purposes = (*agreed & ~choosable(session, part)) | chosen;
    struct consent_record record = record_anew(session, part, asked, CONSENT_ACCEPTED);

    policy_purposes_write(addition_policy(session, part), purposes, record.purposes,
                          sizeof record.purposes);
    *agreed &= purposes;
    told_anew(session);
    session->privacy.coming = mem_alloc(sizeof record);
    *session->privacy.coming = record;
    store_consent_put(session->worker->store, session->id, &record, on_choice_recorded);
}

static policy_purposes named(const struct session *session, int part, struct slice name)
{
    const struct policy *policy = addition_policy(session, part);

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (slice_is(name, policy->purposes[i].name))
            return (policy_purposes)1 << i & choosable(session, part);
    return 0;
}

static void say_none(struct session *session, int part)
{
    privacy_line(session, part > 0 ? MESSAGE_ADDITION_NONE : MESSAGE_STATUS_NONE);
}

/*
 * "choose [ID] [PURPOSE] [CODE]". To agree to more takes a code that was shown here: a click on
 * what a game server wrote, or its dialog, would be no consent.
 */
void privacy_choose(struct session *session, const struct asked *asked)
{
    struct slice rest = asked->argument;
    int part = privacy_part(session, &rest);
    bool boxes = asked->click && asked->click->has_boxes;
    policy_purposes possible = choosable(session, part);
    policy_purposes agreed = *purposes_of(session, part) & possible;
    policy_purposes chosen = boxes ? asked->click->ticked & possible
                                   : agreed ^ named(session, part, argument_next(&rest));

    if (!privacy_agreed(session, part))
        say_none(session, part);
    else if (session->privacy.coming)
        return; /* one answer after the other */
    else if ((!boxes && chosen == agreed) ||
             ((chosen & ~agreed) &&
              !privacy_is_confirmed(session, PRIVACY_CHOOSE, part, slice_skip_spaces(rest))))
        show_choices(session, part);
    else
        choose(session, part, asked, chosen);
}

static void on_withdrawal_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);

    log_info("session=%" PRIu64 " withdrawal recorded=%s", id, err < 0 ? "no" : "yes");
    if (session && err < 0 && session->state != SESSION_FINISH)
        session_say_goodbye(session, MESSAGE_WITHDRAWAL_FAILED,
                            "a withdrawal could not be recorded");
}

static void record_withdrawal(struct session *session, int part, const struct asked *asked)
{
    struct consent_record record = record_anew(session, part, asked, CONSENT_WITHDRAWN);

    record.purposes[0] = '\0';
    store_consent_put(session->worker->store, session->id, &record, on_withdrawal_recorded);
}

/* Of the policy of all: what servers add goes with it, each by a record of its own. */
static void withdraw_all(struct session *session, const struct asked *asked)
{
    record_withdrawal(session, 0, asked);
    for (int part = 1; part <= (int)additions_count(session); part++) {
        if (!privacy_agreed(session, part))
            continue;
        record_withdrawal(session, part, asked);
        addition_forget(session, part);
    }
    privacy_line(session, MESSAGE_WITHDRAWN);
    gate_withdrawn(session);
    session_to_gate(session);
}

static void show_withdrawal(struct session *session, int part)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_WITHDRAW);
    char *words = privacy_words_of(session, PRIVACY_WITHDRAW, part);
    struct page_action *action;

    privacy_expect_code(session, PRIVACY_WITHDRAW, part);
    if (part > 0)
        page.title = privacy_title(session, part);
    page_say(&page, privacy_words_for(session, part > 0 ? MESSAGE_ADDITION_WITHDRAW_INTRO
                                                        : MESSAGE_WITHDRAW_INTRO));
    action = page_act(&page, privacy_words_for(session, MESSAGE_WITHDRAW_CONFIRM),
                      mem_format("%s %s", words, session->privacy.code));
    action->warns = true;
    privacy_tell_command(session, action->words, &page);
    privacy_offer_parts(session, PRIVACY_WITHDRAW, part, &page);
    privacy_show(session, &page);
    free(words);
}

/* "withdraw [ID] [CODE]". */
void privacy_withdraw(struct session *session, const struct asked *asked)
{
    struct slice code = asked->argument;
    int part = privacy_part(session, &code);

    if (!privacy_agreed(session, part)) {
        say_none(session, part);
    } else if (!privacy_is_confirmed(session, PRIVACY_WITHDRAW, part, code)) {
        show_withdrawal(session, part);
    } else if (part > 0) {
        record_withdrawal(session, part, asked);
        addition_withdrawn(session, part);
    } else {
        withdraw_all(session, asked);
    }
}
