/*
 * The key that a client signs its chat with. Behind each join game it fetches one and tells it;
 * from 1.20.2 to 1.21.1 it disconnects itself when it is called back into configuration in between
 * (MC-272506). So a change of worlds waits for it, but not for long: it may have none.
 */
#include "session/phases.h"

enum { FIRST = 764, LAST = 767, PATIENCE_MS = 5000 };

void chat_key_joined(struct session *session)
{
    session->key_told = false;
    session->joined_at_ms = session_now(session);
}

void chat_key_told(struct session *session)
{
    session->key_told = true;
}

bool chat_key_is_due(const struct session *session)
{
    return session->protocol >= FIRST && session->protocol <= LAST && !session->key_told &&
           session->profile.proof == CONSENT_IDENTITY_VERIFIED && session->down == PROTOCOL_PLAY &&
           session->spawned && session_now(session) - session->joined_at_ms < PATIENCE_MS;
}
