/*
 * /privacy choose and withdraw: another answer to the text that was accepted. Each is a record of
 * its own, and acts at once.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "session/privacy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_BYTES = (CONSENT_NONCE_BYTES - 1) / 2 };

/* Another answer to the text that was accepted, given here and now. */
static struct consent_record record_anew(const struct session *session, const struct asked *asked,
                                         enum consent_decision decision)
{
    const struct agreed *agreed = privacy_agreed(session);
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
    snprintf(record.policy, sizeof record.policy, "%s", session->worker->policy->id);
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

/* A purpose that came with a later text cannot be agreed to under the earlier one. */
static bool may_choose(const struct session *session, const struct policy_purpose *purpose)
{
    const struct policy *version = privacy_version(session);

    return purpose->optional && version && policy_purpose_find(version, purpose->name);
}

static policy_purposes choosable(const struct session *session)
{
    const struct policy *policy = session->worker->policy;
    policy_purposes purposes = 0;

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (may_choose(session, &policy->purposes[i]))
            purposes |= (policy_purposes)1 << i;
    return purposes;
}

/* A box for each purpose that may be chosen; clicked in the chat, it is the other way round. */
static void show_choices(struct session *session)
{
    const struct policy *policy = session->worker->policy;
    struct page page = privacy_page(session, MESSAGE_PRIVACY_CHOOSE);

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (may_choose(session, &policy->purposes[i]))
            page.boxes[page.box_count++] = (struct page_box){
                .number = (uint8_t)i,
                .label = mem_strdup(privacy_purpose_label(session, policy->purposes[i].name)),
                .words = mem_format("choose %s", policy->purposes[i].name),
                .ticked = session->purposes >> i & 1};
    page_say(&page, privacy_words_for(session, page.box_count > 0 ? MESSAGE_OPTIONAL
                                                                  : MESSAGE_CHOOSE_NOTHING));
    if (page.box_count > 0)
        page_act(&page, privacy_words_for(session, MESSAGE_CHOOSE_SAVE), mem_strdup("choose"))
            ->with_inputs = true;
    session->privacy.shown_at_ms = clock_wall_ms();
    privacy_show(session, &page);
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
        privacy_line(session, MESSAGE_CHOICE_FAILED);
    } else if (session->accepted) {
        session->agreed = agreed_of(record);
        session->purposes = policy_purposes_read(session->worker->policy, record->purposes);
        told_anew(session);
        privacy_line(session, MESSAGE_CHOICE_RECORDED);
        if (session->protocol < PRIVACY_WITH_DIALOG)
            show_choices(session);
    }
    free(record);
}

/* What is agreed to no more ends at once; what is agreed to newly begins when that is on disk. */
static void choose(struct session *session, const struct asked *asked, policy_purposes chosen)
{
    policy_purposes purposes = (session->purposes & ~choosable(session)) | chosen;
    struct consent_record record = record_anew(session, asked, CONSENT_ACCEPTED);

    policy_purposes_write(session->worker->policy, purposes, record.purposes,
                          sizeof record.purposes);
    session->purposes &= purposes;
    told_anew(session);
    session->privacy.coming = mem_alloc(sizeof record);
    *session->privacy.coming = record;
    store_consent_put(session->worker->store, session->id, &record, on_choice_recorded);
}

static policy_purposes named(const struct session *session, struct slice name)
{
    const struct policy *policy = session->worker->policy;

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (slice_is(name, policy->purposes[i].name))
            return (policy_purposes)1 << i & choosable(session);
    return 0;
}

void privacy_choose(struct session *session, const struct asked *asked)
{
    policy_purposes possible = choosable(session);
    policy_purposes toggled = named(session, asked->argument);

    if (!privacy_agreed(session))
        privacy_line(session, MESSAGE_STATUS_NONE);
    else if (session->privacy.coming)
        return; /* one answer after the other */
    else if (asked->click && asked->click->has_boxes)
        choose(session, asked, asked->click->ticked & possible);
    else if (toggled)
        choose(session, asked, (session->purposes & possible) ^ toggled);
    else
        show_choices(session);
}

static void on_withdrawal_recorded(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);

    log_info("session=%" PRIu64 " withdrawal recorded=%s", id, err < 0 ? "no" : "yes");
    if (session && err < 0 && session->state != SESSION_FINISH)
        session_say_goodbye(session, MESSAGE_WITHDRAWAL_FAILED,
                            "a withdrawal could not be recorded");
}

static void withdraw(struct session *session, const struct asked *asked)
{
    struct consent_record record = record_anew(session, asked, CONSENT_WITHDRAWN);

    record.purposes[0] = '\0';
    store_consent_put(session->worker->store, session->id, &record, on_withdrawal_recorded);
    additions_withdraw(session, &record, on_withdrawal_recorded);
    privacy_line(session, MESSAGE_WITHDRAWN);
    gate_withdrawn(session);
    session_to_gate(session);
}

static void show_withdrawal(struct session *session)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_WITHDRAW);
    struct page_action *action;

    privacy_expect_code(session, PRIVACY_WITHDRAW);
    page_say(&page, privacy_words_for(session, MESSAGE_WITHDRAW_INTRO));
    action = page_act(&page, privacy_words_for(session, MESSAGE_WITHDRAW_CONFIRM),
                      mem_format("withdraw %s", session->privacy.code));
    action->warns = true;
    privacy_tell_command(session, action->words, &page);
    privacy_show(session, &page);
}

void privacy_withdraw(struct session *session, const struct asked *asked)
{
    if (!privacy_agreed(session))
        privacy_line(session, MESSAGE_STATUS_NONE);
    else if (privacy_is_confirmed(session, PRIVACY_WITHDRAW, asked->argument))
        withdraw(session, asked);
    else
        show_withdrawal(session);
}
