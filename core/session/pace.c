/*
 * How fast a client may make Sekisho say things: what it asks for beyond that is passed over, or
 * waits for its turn.
 */
#include "session/phases.h"

enum { DRAW_EVERY_MS = 1000, SAID_PER_SECOND = 10, COMPLETED_PER_SECOND = 20 };

bool pace_may_draw(const struct session *session, uint64_t drawn_at_ms)
{
    return session_now(session) - drawn_at_ms >= DRAW_EVERY_MS;
}

static bool may(const struct session *session, struct pace *pace, int per_second)
{
    if (session_now(session) - pace->since_ms >= 1000)
        *pace = (struct pace){.since_ms = session_now(session)};
    return pace->count++ < per_second;
}

bool pace_may_say(struct session *session)
{
    return may(session, &session->answers, SAID_PER_SECOND);
}

bool pace_may_complete(struct session *session)
{
    return may(session, &session->completions, COMPLETED_PER_SECOND);
}
