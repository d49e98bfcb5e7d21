/*
 * That a player is to be with another server, and whoever waits to hear what came of it. There is
 * one wish at a time: the next one takes its place. It comes true, or not, when the player stands
 * in a world that was not theirs before; stays where they are; or leaves.
 */
#include "base/err.h"
#include "session/phases.h"

/* Where a change of servers can begin: in a world that is the player's, and in the waiting room. */
static bool may_begin(const struct session *session)
{
    return session->state == SESSION_WAIT ||
           (session->state == SESSION_RELAY && session->backend->joined);
}

static bool is_there(const struct session *session, size_t server)
{
    return session->state == SESSION_RELAY && session->backend->joined &&
           session->backend->server == server;
}

int wish_go(struct session *session, size_t server, const struct wish *wish)
{
    wish_settle(session, ERR_BUSY);
    if (session->closing || session->state == SESSION_FINISH)
        return ERR_CLOSED;
    if (!may_begin(session))
        return ERR_AGAIN;
    if (is_there(session, server) && !session->wanted)
        return 0;
    session->wish = *wish;
    session->wish.server = server;
    session->wish.state = WISH_BEGINS;
    route_switch(session, server);
    if (session->wish.state == WISH_NONE)
        return session->wish.err;
    session->wish.state = WISH_OPEN;
    return WISH_OPEN;
}

void wish_settle(struct session *session, int err)
{
    struct wish *wish = &session->wish;
    bool begins = wish->state == WISH_BEGINS;

    if (wish->state == WISH_NONE)
        return;
    wish->state = WISH_NONE;
    wish->err = is_there(session, wish->server) ? 0 : err;
    if (!begins && wish->then)
        wish->then(wish->owner, wish->ticket, wish->err);
}

void wish_failed(struct session *session, size_t server, int err)
{
    if (session->wish.server == server)
        wish_settle(session, err);
}

void wish_forget(struct session *session, uint64_t ticket)
{
    if (session->wish.ticket == ticket)
        session->wish.then = NULL;
}
