/*
 * Back to the gate: a player who plays, or is on the way to, is to be asked again. The server's
 * connection ends at once, so that not one packet more is told to it; the client follows as fast as
 * it can. From 1.20.2 on it is called back into configuration, before it is led into the limbo's
 * world. Where it can be shown nothing in the game it is told why, and is asked when it joins
 * again.
 */
#include "base/log.h"
#include "session/phases.h"

#include <inttypes.h>

enum { WITH_CONFIGURATION = 764, WITH_DIALOG = 771 };

/* What was agreed to ends here: what still happens to the server's connection is told by it. */
static void forget_acceptance(struct session *session)
{
    session->accepted = false;
    session->purposes = 0;
    gate_free(session);
    privacy_free(session);
    session_uncount(session);
}

static bool is_past_the_gate(const struct session *session)
{
    return session->state == SESSION_WAIT || session->state == SESSION_CONNECT ||
           session->state == SESSION_RECONFIGURE || session->state == SESSION_RELAY;
}

/* A client that holds half of a server's registries cannot be given the limbo's. */
static bool is_half_configured(const struct session *session)
{
    return session->state == SESSION_RELAY && session->down == PROTOCOL_CONFIGURATION &&
           !session->reconfiguring && session->protocol < WITH_DIALOG;
}

/* Nor is there a world of ours for one in the middle of a mod loader's handshake. */
static bool cannot_be_led(const struct session *session)
{
    return is_half_configured(session) || session->down == PROTOCOL_LOGIN ||
           session->forge == FORGE_SHAKING ||
           (code_is_needed(session) && code_is_possible(session));
}

static void send_away(struct session *session)
{
    if (code_is_possible(session))
        code_say_goodbye(session, MESSAGE_ON_THE_PAGE, "is asked again on the page");
    else
        session_say_goodbye(session, MESSAGE_ASKED_AGAIN, "is asked again at the next join");
}

static bool stands_with_a_server(const struct session *session)
{
    return session->down == PROTOCOL_PLAY && !session->in_limbo;
}

static void lead_back(struct session *session)
{
    session->ping_open = false;
    session->pinged_at_ms = session_now(session);
    if (cannot_be_led(session))
        send_away(session);
    else if (session->reconfiguring ||
             (stands_with_a_server(session) && session->protocol >= WITH_CONFIGURATION))
        lounge_call_back(session);
    else
        lounge_enter(session);
}

bool recall_is_possible(const struct session *session)
{
    return !cannot_be_led(session);
}

/* Takes the notice. */
static void recall(struct session *session, struct text *notice)
{
    route_abandon(session);
    session->notice = notice;
    lead_back(session);
    if (!session->closing && session->state != SESSION_FINISH)
        conn_resume(session->client); /* the server that was left may have held it back */
}

void recall_to_lounge(struct session *session)
{
    recall(session, NULL);
}

void recall_saying(struct session *session, enum message message)
{
    recall(session, text_new(message_text(message, session_locale(session))));
}

void session_to_gate(struct session *session)
{
    bool past = is_past_the_gate(session);
    bool at_addition = session->state == SESSION_GATE && session->accepted;

    /* Who is not there yet comes by the gate, and who is at it has not answered. */
    if (session->closing || session->state == SESSION_FINISH || session->state == SESSION_RECORD ||
        (session->state == SESSION_GATE && !at_addition))
        return;
    if (at_addition)
        gate_left(session);
    forget_acceptance(session);
    if (at_addition)
        gate_show(session);
    if (!past)
        return;
    log_info("session=%" PRIu64 " back to the gate", session->id);
    recall_to_lounge(session);
}
