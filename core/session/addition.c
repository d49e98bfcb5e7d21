/*
 * What single servers ask for besides the policy of all: who goes there has accepted both. The
 * answers of earlier sessions are looked up at the login; what is missing is asked at the gate
 * before the server is dialled. Who declines goes elsewhere.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "rules/scope.h"
#include "session/privacy.h"

#include <inttypes.h>
#include <stdlib.h>

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

size_t additions_count(const struct session *session)
{
    return session->additions ? session->worker->policies->added_count : 0;
}

static void judge(const struct session *session, size_t index)
{
    struct addition *addition = &session->additions[index];

    addition->standing =
        policy_set_standing(added_at(session, index)->set, addition->agreed.terms.version,
                            addition->agreed.terms.sha256, clock_wall_ms());
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
    addition->withdrawn = false;
    addition->agreed = agreed_of(record);
    addition->purposes = policy_purposes_read(added->set->current, record->purposes);
    addition->grant = worker_grant(session->worker, record->scope_sha256);
    judge(session, (size_t)(added - policies->added));
}

int addition_part(const struct session *session, size_t server)
{
    const struct addition *addition = addition_of(session, server);

    return addition && !addition->accepted ? place_of(session, server) + 1 : 0;
}

const struct policy_set *addition_set(const struct session *session, int part)
{
    return part <= 0 ? session->worker->policies->own : added_at(session, (size_t)part - 1)->set;
}

const struct policy *addition_policy(const struct session *session, int part)
{
    return addition_set(session, part)->current;
}

int addition_named(const struct session *session, struct slice words, struct slice *rest)
{
    for (int part = 0; part <= (int)additions_count(session); part++)
        if (command_is(words, addition_policy(session, part)->id, rest))
            return part;
    return ADDITION_GONE;
}

void addition_declined(struct session *session)
{
    if (session->gate.part != ADDITION_GONE)
        session->additions[session->gate.part - 1].declined = true;
}

/* Nothing more is kept or told by it from here on. */
void addition_forget(struct session *session, int part)
{
    session->additions[part - 1] = (struct addition){0};
}

bool additions_let_wait(const struct session *session)
{
    for (size_t i = 0; i < additions_count(session); i++)
        if (session->additions[i].withdrawn)
            return true;
    return false;
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

    return addition && addition->accepted && policy_purpose_find(added->set->current, purpose)
               ? addition->agreed.terms.version
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
static bool is_needed_now(const struct session *session, int part)
{
    bool away = session->state == SESSION_CONNECT || session->state == SESSION_RECONFIGURE ||
                session->state == SESSION_RELAY;

    return away && session->backend->phase != BACKEND_NONE &&
           place_of(session, session->backend->server) + 1 == part;
}

/* Who takes back one is not asked for others on the way, but by /server. */
static void decline_rest(struct session *session)
{
    for (size_t i = 0; i < additions_count(session); i++)
        session->additions[i].declined |= !session->additions[i].accepted;
}

static void leave_its_server(struct session *session)
{
    decline_rest(session);
    log_info("session=%" PRIu64 " leaves a server whose policy was withdrawn", session->id);
    if (recall_is_possible(session))
        recall_saying(session, MESSAGE_ADDITION_WITHDRAWN);
    else
        session_say_goodbye(session, MESSAGE_ADDITION_WITHDRAWN, "withdrew its server's policy");
}

void addition_withdrawn(struct session *session, int part)
{
    bool leaves = is_needed_now(session, part);

    addition_forget(session, part);
    session->additions[part - 1].declined = true;
    session->additions[part - 1].withdrawn = true;
    if (session->wanted && place_of(session, session->wanted->server) + 1 == part)
        route_lose_wanted(session);
    if (leaves)
        leave_its_server(session);
    else
        privacy_line(session, MESSAGE_ADDITION_WITHDRAWN);
}

void additions_check(struct session *session)
{
    size_t count = additions_count(session);

    for (size_t i = 0; i < count && session->accepted; i++) {
        struct addition *addition = &session->additions[i];
        enum standing_kind before = addition->standing.kind;

        if (!addition->accepted)
            continue;
        judge(session, i);
        addition->said = addition->said && before == addition->standing.kind;
        if (addition->accepted || !is_needed_now(session, (int)i + 1))
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
