/*
 * How fast a client may make Sekisho say things, and anybody send it elsewhere: what is asked for
 * beyond that is passed over, or waits for its turn.
 */
#include "base/log.h"
#include "session/phases.h"

#include <inttypes.h>

enum {
    DRAW_EVERY_MS = 1000,
    SAID_PER_SECOND = 10,
    COMPLETED_PER_SECOND = 20,
    CHANGES_MAX = 32, /* of where a player is to go, within so long, without a world */
    CHANGES_MS = 10000,
};

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

/* Plugins may send a player in circles. */
bool pace_may_change(struct session *session)
{
    struct pace *changes = &session->changes;
    uint64_t now = session_now(session);

    if (now - changes->since_ms >= CHANGES_MS)
        *changes = (struct pace){.since_ms = now};
    if (++changes->count == CHANGES_MAX + 1)
        log_warn("session=%" PRIu64 " was sent elsewhere %d times within %d s; plugins may send it "
                 "in circles",
                 session->id, CHANGES_MAX, CHANGES_MS / 1000);
    return changes->count <= CHANGES_MAX;
}
