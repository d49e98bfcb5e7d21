/*
 * What single servers ask for besides the policy of all: who goes there has accepted both. The
 * answers of earlier sessions are looked up at the login; what is missing is asked at the gate
 * before the server is dialled. Who declines goes elsewhere.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/page.h"
#include "rules/scope.h"
#include "session/phases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct policy_added *added_at(const struct session *session, size_t index)
{
    return &session->worker->policies->added[index];
}

/* Which of the worker's it is; -1: the server adds nothing. */
static int place_of(const struct session *session, size_t server)
{
    const struct policies *policies = session->worker->policies;
    const struct policy_added *added = policies_added_to(policies, server);

    return added ? (int)(added - policies->added) : -1;
}

static struct addition *addition_of(const struct session *session, size_t server)
{
    int place = place_of(session, server);

    return place < 0 || !session->additions ? NULL : &session->additions[place];
}

static void judge(const struct session *session, size_t index)
{
    struct addition *addition = &session->additions[index];

    addition->standing = policy_set_standing(added_at(session, index)->set, addition->terms.version,
                                             addition->terms.sha256, clock_wall_ms());
    addition->accepted = addition->standing.kind != STANDING_ASK;
}

void additions_begin(struct session *session)
{
    size_t count = session->worker->policies->added_count;

    if (count > 0)
        session->additions = mem_array(count, sizeof *session->additions);
}

void addition_found(struct session *session, const struct consent_record *record)
{
    const struct policies *policies = session->worker->policies;
    const struct policy_added *added = policies_find(policies, record->policy);
    struct addition *addition;

    if (!added || !session->additions || record->decision != CONSENT_ACCEPTED ||
        !standing_is_of_player(session, record))
        return;
    addition = &session->additions[added - policies->added];
    addition->declined = false;
    addition->terms = terms_of(record);
    addition->purposes = policy_purposes_read(added->set->current, record->purposes);
    addition->grant = worker_grant(session->worker, record->scope_sha256);
    judge(session, (size_t)(added - policies->added));
}

int addition_part(const struct session *session, size_t server)
{
    const struct addition *addition = addition_of(session, server);

    return addition && !addition->accepted ? place_of(session, server) + 1 : 0;
}

const struct policy *addition_policy(const struct session *session, int part)
{
    return part <= 0 ? session->worker->policy : added_at(session, (size_t)part - 1)->set->current;
}

void addition_declined(struct session *session)
{
    if (session->gate.part != ADDITION_GONE)
        session->additions[session->gate.part - 1].declined = true;
}

void additions_list(const struct session *session, struct page *page)
{
    size_t count = session->additions ? session->worker->policies->added_count : 0;

    for (size_t i = 0; i < count; i++) {
        const struct policy_set *set = added_at(session, i)->set;
        const char *version = session->additions[i].terms.version;
        const struct policy *policy = policy_set_find(set, version);

        if (session->additions[i].accepted)
            page_tell(
                page,
                policy_text_for(policy ? policy : set->current, session_locale(session))->title,
                version);
    }
}

/* Each is a record of its own, as its acceptance was. */
void additions_withdraw(struct session *session, const struct consent_record *as,
                        store_done_cb done)
{
    size_t count = session->additions ? session->worker->policies->added_count : 0;

    for (size_t i = 0; i < count; i++) {
        struct addition *addition = &session->additions[i];
        struct consent_record record = *as;

        if (!addition->accepted)
            continue;
        snprintf(record.policy, sizeof record.policy, "%s", added_at(session, i)->set->current->id);
        snprintf(record.policy_version, sizeof record.policy_version, "%s",
                 addition->terms.version);
        snprintf(record.policy_sha256, sizeof record.policy_sha256, "%s", addition->terms.sha256);
        *addition = (struct addition){0};
        store_consent_put(session->worker->store, session->id, &record, done);
    }
}

bool addition_is_declined(const struct session *session, size_t server)
{
    const struct addition *addition = addition_of(session, server);

    return addition && addition->declined;
}

void addition_ask_again(struct session *session, size_t server)
{
    struct addition *addition = addition_of(session, server);

    if (addition)
        addition->declined = false;
}

/* The bits of those fields whose rules are for a purpose that the server adds. */
static uint64_t fields_of(const struct rules *rules, const struct policy *added,
                          enum rules_word word)
{
    uint64_t fields = 0;

    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        const struct policy_purpose *purpose = scope_purpose(rules, word, (enum field)i);

        if (purpose && policy_purpose_find(added, purpose->name))
            fields |= (uint64_t)1 << i;
    }
    return fields;
}

/* Of rules for the server's own purposes that holds which stood when those were accepted. */
void addition_tell(const struct session *session, size_t server, struct rules_subject *subject)
{
    const struct policies *policies = session->worker->policies;
    const struct policy_added *added = policies_added_to(policies, server);
    const struct addition *addition = addition_of(session, server);
    const struct rules *rules = worker_rules(session->worker, server);
    struct rules_allowance allowed;
    uint64_t collect, forward;

    if (!addition || !addition->accepted)
        return;
    allowed = grant_allows(addition->grant, server);
    collect = fields_of(rules, added->set->current, RULES_COLLECT);
    forward = fields_of(rules, added->set->current, RULES_FORWARD);
    subject->purposes |= addition->purposes << policies->own->current->purpose_count;
    subject->allowed.collect = (subject->allowed.collect & ~collect) | (allowed.collect & collect);
    subject->allowed.forward = (subject->allowed.forward & ~forward) | (allowed.forward & forward);
}

const char *addition_version(const struct session *session, size_t server, const char *purpose)
{
    const struct policy_added *added = policies_added_to(session->worker->policies, server);
    const struct addition *addition = addition_of(session, server);

    return addition && policy_purpose_find(added->set->current, purpose) ? addition->terms.version
                                                                         : NULL;
}

void addition_say(struct session *session, size_t server)
{
    struct addition *addition = addition_of(session, server);

    if (!addition || addition->said)
        return;
    addition->said = true;
    standing_tell(session, &addition->standing,
                  policies_added_to(session->worker->policies, server)->set->current);
}

/* Whether the player is with a server, or on the way there, that asks for this. */
static bool is_needed_now(const struct session *session, size_t index)
{
    bool away = session->state == SESSION_CONNECT || session->state == SESSION_RECONFIGURE ||
                session->state == SESSION_RELAY;

    return away && session->backend->phase != BACKEND_NONE &&
           place_of(session, session->backend->server) == (int)index;
}

void additions_check(struct session *session)
{
    size_t count = session->additions ? session->worker->policies->added_count : 0;

    for (size_t i = 0; i < count && session->accepted; i++) {
        struct addition *addition = &session->additions[i];
        enum standing_kind before = addition->standing.kind;

        if (!addition->accepted)
            continue;
        judge(session, i);
        addition->said = addition->said && before == addition->standing.kind;
        if (addition->accepted || !is_needed_now(session, i))
            continue;
        log_info("session=%" PRIu64 " has to be asked anew, for its server", session->id);
        session->destination = (int)session->backend->server;
        recall_to_lounge(session);
        return;
    }
}

static void carry(struct session *session, const struct policies *before, struct addition *old)
{
    const struct policies *policies = session->worker->policies;
    struct gate *gate = &session->gate;
    int part = gate->part;

    gate->part = part > 0 ? ADDITION_GONE : 0;
    for (size_t i = 0; i < before->added_count; i++) {
        const struct policy *was = before->added[i].set->current;
        const struct policy_added *added = policies_find(policies, was->id);
        size_t place = added ? (size_t)(added - policies->added) : 0;

        if (!added)
            continue;
        session->additions[place] = old[i];
        session->additions[place].purposes =
            policy_purposes_carry(was, added->set->current, old[i].purposes);
        session->additions[place].said = false;
        if (part == (int)i + 1)
            gate->part = (int)place + 1;
    }
}

void additions_renew(struct session *session, const struct policies *before)
{
    struct addition *old = session->additions;

    session->additions = NULL;
    additions_begin(session);
    if (old && session->additions)
        carry(session, before, old);
    else if (session->gate.part > 0)
        session->gate.part = ADDITION_GONE;
    free(old);
}
