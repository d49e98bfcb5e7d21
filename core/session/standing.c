/*
 * What a player's acceptance counts for while the policy changes: at the login, when another
 * version comes into effect, and when a time of grace ends. Purposes that were not accepted are not
 * among the session's, and rules that became wider are not in its grant, so who goes on with an
 * earlier version goes on under what it allowed.
 */
#include "base/clock.h"
#include "base/log.h"
#include "session/phases.h"

#include <inttypes.h>
#include <string.h>

static void judge(struct session *session)
{
    session->standing =
        policy_set_standing(session->worker->policies->own, session->agreed.terms.version,
                            session->agreed.terms.sha256, clock_wall_ms());
    session->accepted = session->standing.kind != STANDING_ASK;
}

struct terms terms_of(const struct consent_record *record)
{
    struct terms terms;

    memcpy(terms.version, record->policy_version, sizeof terms.version);
    memcpy(terms.sha256, record->policy_sha256, sizeof terms.sha256);
    return terms;
}

struct agreed agreed_of(const struct consent_record *record)
{
    struct agreed agreed = {.terms = terms_of(record),
                            .method = record->method,
                            .identity = record->identity,
                            .decided_at_ms = record->decided_at_ms};

    memcpy(agreed.scope_sha256, record->scope_sha256, sizeof agreed.scope_sha256);
    memcpy(agreed.language, record->language, sizeof agreed.language);
    return agreed;
}

/*
 * What somebody accepted who only claimed the name does not count for a player who proved it: some
 * account services give the UUIDs of offline mode.
 */
bool standing_is_of_player(const struct session *session, const struct consent_record *record)
{
    return record->identity != CONSENT_IDENTITY_OFFLINE ||
           session->profile.proof == CONSENT_IDENTITY_OFFLINE;
}

void standing_found(struct session *session, const struct consent_record *record)
{
    struct worker *worker = session->worker;

    session->purposes = policy_purposes_read(worker->policy, record->purposes);
    session->grant = worker_grant(worker, record->scope_sha256);
    if (record->decision != CONSENT_ACCEPTED || !standing_is_of_player(session, record))
        return;
    session->agreed = agreed_of(record);
    session->standing_said = false;
    judge(session);
}

static void add_link(struct text *line, const char *shown, enum text_click click, const char *value)
{
    struct text *link;

    text_add(line, text_new(" "));
    link = text_add(line, text_new(shown));
    link->underlined = true;
    text_set_click(link, click, value);
}

/* Where the text stands that is in effect now. */
static void add_places(const struct session *session, const struct policy *policy,
                       struct text *line)
{
    if (policy->url)
        add_link(line, message_text(MESSAGE_ON_THE_WEB, session_locale(session)),
                 TEXT_CLICK_OPEN_URL, policy->url);
    if (policy == session->worker->policy)
        add_link(line, message_text(MESSAGE_POLICY_NOW, session_locale(session)),
                 TEXT_CLICK_RUN_COMMAND, "/privacy policy now");
}

void standing_tell(struct session *session, const struct standing *standing,
                   const struct policy *policy)
{
    bool grace = standing->kind == STANDING_GRACE;
    char day[CLOCK_DAY_BYTES];
    struct text *line;

    if (standing->kind != STANDING_GOES_ON && !grace)
        return;
    line = text_new(message_text(grace ? MESSAGE_POLICY_GRACE : MESSAGE_POLICY_CHANGED,
                                 session_locale(session)));
    if (grace) {
        clock_format_day(standing->deadline_ms, day);
        text_add(line, text_new(" "));
        text_add(line, text_new(day))->bold = true;
    }
    add_places(session, policy, line);
    session_say(session, line);
}

void standing_say(struct session *session)
{
    if (!session->standing_said)
        standing_tell(session, &session->standing, session->worker->policy);
    session->standing_said = true;
    addition_say(session, session->backend->server);
}

const char *standing_preface(const struct session *session)
{
    if (session->gate.part > 0)
        return message_text(MESSAGE_POLICY_ADDED, session_locale(session));
    if (session->standing.kind != STANDING_ASK)
        return NULL;
    return message_text(MESSAGE_POLICY_ASKS, session_locale(session));
}

static bool can_be_told(const struct session *session)
{
    return session->state == SESSION_RELAY && session->down == PROTOCOL_PLAY &&
           session->backend->joined;
}

void standing_check(struct session *session)
{
    enum standing_kind before = session->standing.kind;

    if (!session->accepted)
        return;
    judge(session);
    if (session->standing.kind == STANDING_ASK) {
        log_info("session=%" PRIu64 " has to be asked anew", session->id);
        session_to_gate(session);
        return;
    }
    session->standing_said = session->standing_said && session->standing.kind == before;
    additions_check(session);
    if (can_be_told(session))
        standing_say(session);
}

void standing_renew(struct session *session, const struct policies *before)
{
    const struct policy *was = before->own->current;
    const struct policy *policy = session->worker->policy;

    session->purposes = policy_purposes_carry(was, policy, session->purposes);
    session->gate.chosen = 0; /* beside a text that is shown no more */
    additions_renew(session, before);
    if (session->state == SESSION_GATE) {
        gate_show(session); /* what is on the screen is not in effect any more */
        return;
    }
    session->standing_said = false;
    standing_check(session);
}
