/* player:connect: the task waits until the player stands there, or does not. */
#include "base/err.h"
#include "base/mem.h"
#include "plugin/dispatch.h"
#include "plugin/host.h"
#include "plugin/player.h"
#include "plugin/screen_words.h"
#include "plugin/task.h"
#include "plugin/value.h"
#include "session/phases.h"

#include <stdlib.h>

/* A task that waits for a player to come to a server. */
struct trip {
    struct plugins *host;
    uint64_t session;
    uint64_t task;
};

static const char *why(int err)
{
    switch (err) {
    case ERR_AGAIN: return "the player is at the gate, or between two servers";
    case ERR_BUSY: return "the player was wanted elsewhere meanwhile";
    case ERR_CLOSED: return "the player has left";
    case ERR_FULL: return "the player changed servers too often within a few seconds";
    case ERR_IO: return "the server did not take the player";
    case ERR_UNSUPPORTED:
        return "the server asks for more than the player accepted, and they cannot be asked now";
    default: return "the player was kept from the server, or sent elsewhere";
    }
}

static int push_outcome(lua_State *lua, int err)
{
    if (err == 0) {
        lua_pushboolean(lua, true);
        return 1;
    }
    lua_pushnil(lua);
    lua_pushstring(lua, why(err));
    return 2;
}

static void on_settled(void *owner, uint64_t ticket, int err)
{
    struct trip *trip = owner;
    struct task *task = task_find(trip->host, ticket);

    free(trip);
    task_resume(task, push_outcome(task->thread, err));
}

static void cancel(void *waited)
{
    struct trip *trip = waited;
    struct session *session = worker_session(trip->host->worker, trip->session);

    if (session)
        wish_forget(session, trip->task);
    free(trip);
}

static int wait(lua_State *lua, struct session *session, size_t server)
{
    struct task *task = task_waits(lua);
    struct trip *trip = mem_alloc(sizeof *trip);
    struct wish wish = {.owner = trip, .ticket = task->id, .then = on_settled};
    int err;

    *trip = (struct trip){.host = task->plugin->host, .session = session->id, .task = task->id};
    err = wish_go(session, server, &wish);
    if (err == WISH_OPEN) {
        task->cancel = cancel;
        task->waited = trip;
        return lua_yield(lua, 0);
    }
    free(trip);
    return push_outcome(lua, err);
}

int connect_word(lua_State *lua)
{
    struct session *session = player_session(lua, player_check(lua, 1));
    size_t server = (size_t)value_check_server(lua, 2);
    const struct plugin *plugin = plugin_of(lua);
    int err;

    if (!session)
        return push_outcome(lua, ERR_CLOSED);
    if (!plugin->running || !dispatch_is_about(plugin->running, &session->profile.uuid))
        return wait(lua, session, server);
    /* The change is an event of theirs, too, and comes when this one is done. */
    err = wish_go(session, server, &(struct wish){0});
    return push_outcome(lua, err == WISH_OPEN ? 0 : err);
}
