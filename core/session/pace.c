/*
 * How fast a client may make Sekisho say things: what it asks for beyond that is passed over, or
 * waits for its turn.
 */
#include "session/phases.h"

enum { DRAW_EVERY_MS = 1000, SAID_PER_SECOND = 10 };

bool pace_may_draw(const struct session *session, uint64_t drawn_at_ms)
{
    return session_now(session) - drawn_at_ms >= DRAW_EVERY_MS;
}

bool pace_may_say(struct session *session)
{
    if (session_now(session) - session->said_at_ms >= 1000) {
        session->said_at_ms = session_now(session);
        session->said = 0;
    }
    return session->said++ < SAID_PER_SECOND;
}
