/*
 * The way of a player between servers: which one is tried, what happens when one is lost, and the
 * change to another while the first goes on. A server that fails is left out until the player has
 * played somewhere for a while.
 */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/notice.h"
#include "net/host.h"
#include "session/screen.h"

#include <inttypes.h>
#include <string.h>

enum {
    STABLE_MS = 10000, /* after so long with a server, earlier failures are forgotten */
    LOGIN_MS = 10000,  /* that a server may take until it lets a player in */
    WITH_CONFIGURATION = 764,
    SILENT_MS = 30000,
};

static void remember_failed(struct session *session, size_t server)
{
    if (!session->tried)
        session->tried = mem_array(session->worker->conf->server_count, sizeof(bool));
    session->tried[server] = true;
}

/*
 * How well a server fits the host name that was typed: 0 not at all. `*pattern` becomes the one by
 * which it fits better than `best`, if it does.
 */
static size_t server_fit(const struct conf_server *server, const char *host, size_t best,
                         const char **pattern)
{
    for (size_t i = 0; i < server->host_count; i++) {
        size_t fit = host_fit(server->hosts[i], host);

        if (fit > best) {
            best = fit;
            *pattern = server->hosts[i];
        }
    }
    return best;
}

const char *route_known_host(const struct session *session)
{
    const struct conf *conf = session->worker->conf;
    const char *pattern = NULL;
    size_t best = 0;

    for (size_t i = 0; i < conf->server_count; i++)
        best = server_fit(&conf->servers[i], session->host, best, &pattern);
    return pattern;
}

static bool has_failed(const struct session *session, size_t server)
{
    return (session->tried && session->tried[server]) || addition_is_declined(session, server);
}

/* Where the player wants to go, or came from when that cannot be. */
static int wanted_candidate(const struct session *session)
{
    const int wanted[] = {session->destination, session->origin};

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (wanted[i] != ROUTE_NONE && !has_failed(session, (size_t)wanted[i]))
            return wanted[i];
    return ROUTE_NONE;
}

int route_candidate(const struct session *session)
{
    const struct conf *conf = session->worker->conf;
    int candidate = wanted_candidate(session);
    const char *pattern = NULL;
    size_t best = 0;

    if (candidate != ROUTE_NONE)
        return candidate;

    for (size_t i = 0; i < conf->server_count; i++) {
        size_t fit = has_failed(session, i)
                         ? best
                         : server_fit(&conf->servers[i], session->host, best, &pattern);

        if (fit > best) {
            best = fit;
            candidate = (int)i;
        }
    }
    for (size_t i = 0; i < conf->try_count && candidate == ROUTE_NONE; i++)
        if (!has_failed(session, conf->try_order[i]))
            candidate = (int)conf->try_order[i];
    return candidate;
}

const char *route_destination(const struct session *session)
{
    int candidate = route_candidate(session);

    return candidate == ROUTE_NONE ? "" : session->worker->conf->servers[candidate].name;
}

void route_say_notice(struct session *session)
{
    struct buf packets = {0};

    if (!session->notice)
        return;
    notice_chat(session->notice, session->protocol, &packets);
    if (session->reason.len > 0)
        notice_chat_encoded(buf_slice(&session->reason), session->protocol, &packets);
    session_send(session, &packets);
    text_free(session->notice);
    session->notice = NULL;
    buf_free(&session->reason);
    buf_free(&packets);
}

static void wait_without_servers(struct session *session)
{
    bool any = session->worker->conf->server_count > 0;
    struct text *text = text_new(message_text(
        any ? MESSAGE_WAITING_ROOM : MESSAGE_NO_SERVER_WAITING, session_locale(session)));
    struct buf packets = {0};

    if (session->down == PROTOCOL_CONFIGURATION) {
        notice_dialog(text, message_text(MESSAGE_LEAVE, session_locale(session)), session->protocol,
                      session->down, &packets);
        session_send(session, &packets);
        buf_free(&packets);
        text_free(text);
    } else {
        route_say_notice(session);
        session_say(session, text);
    }
    session_move(session, SESSION_WAIT);
    wish_settle(session, ERR_IO);
    screen_joined(session);
    if (session->down == PROTOCOL_PLAY)
        command_tell_tree(session);
    if (!session->joined)
        event_tell_of(session->worker, EVENT_JOIN, session);
    session->joined = true;
    if (any && session->down == PROTOCOL_PLAY)
        servers_command.run_line(session, (struct slice){0});
}

bool route_waits(const struct session *session)
{
    return session->worker->conf->server_count == 0 ||
           (route_candidate(session) == ROUTE_NONE && additions_let_wait(session));
}

bool route_asks(struct session *session)
{
    int candidate = route_candidate(session);

    while (candidate != ROUTE_NONE && addition_part(session, (size_t)candidate) > 0) {
        if (recall_is_possible(session))
            return true;
        /* What cannot be shown here cannot be accepted. */
        remember_failed(session, (size_t)candidate);
        candidate = route_candidate(session);
    }
    return false;
}

static bool has_declined(const struct session *session)
{
    for (size_t i = 0; i < session->worker->conf->server_count; i++)
        if (addition_is_declined(session, i))
            return true;
    return false;
}

/* Every server failed: the last one's own words where it had some. */
static void give_up(struct session *session, bool was_playing)
{
    if (session->reason.len > 0)
        session_pass_goodbye(session, buf_slice(&session->reason), "the server's words");
    else if (has_declined(session))
        session_say_goodbye(session, MESSAGE_DECLINED, "declined what the servers ask for");
    else if (was_playing)
        session_say_goodbye(session, MESSAGE_BACKEND_LOST, "server lost, no other to go to");
    else
        session_say_goodbye(session, MESSAGE_ALL_DOWN, "no server could be reached");
}

/* What a plugin said instead of a server, or why it is another one. */
static void take_words(struct session *session, struct event *event)
{
    if (!event->words)
        return;
    text_free(session->notice);
    session->notice = event->words;
    event->words = NULL;
}

/* Where a plugin wants the player to go instead. */
static bool is_redirected(struct session *session, struct event *event)
{
    if (event->result != EVENT_REDIRECTED || !pace_may_change(session))
        return false;
    session->tried[event->target] = false;
    take_words(session, event);
    return true;
}

static void ask_to_connect(struct session *session, size_t server, int number, event_then then)
{
    struct event *event = event_new(EVENT_CONNECT, session);

    event->server = (int)server;
    event->number = number;
    if (session->state == SESSION_RELAY)
        event->other = (int)session->backend->server;
    event_ask(session, event, then);
}

static void connect_next(struct session *session, bool was_playing);

static void on_may_connect(struct session *session, struct event *event)
{
    if (session->state != SESSION_CONNECT || session->backend->phase != BACKEND_NONE)
        return;
    if (is_redirected(session, event)) {
        session->destination = event->target;
        connect_next(session, event->number);
    } else if (event->result == EVENT_DENIED) {
        remember_failed(session, (size_t)event->server);
        buf_clear(&session->reason);
        if (event->words)
            text_write(event->words, session->protocol, session->down, &session->reason);
        connect_next(session, event->number);
    } else if (addition_part(session, (size_t)event->server) > 0) {
        connect_next(session, event->number); /* it asks for something since then */
    } else {
        session_move(session, SESSION_CONNECT); /* its time begins now */
        backend_dial(session->backend, (size_t)event->server);
    }
}

static void connect_next(struct session *session, bool was_playing)
{
    bool asks = route_asks(session);
    int candidate = route_candidate(session);

    if (asks || route_waits(session)) {
        recall_to_lounge(session);
        return;
    }
    if (candidate == ROUTE_NONE) {
        give_up(session, was_playing);
        return;
    }
    session_move(session, SESSION_CONNECT);
    ask_to_connect(session, (size_t)candidate, was_playing, on_may_connect);
}

static void on_chosen(struct session *session, struct event *event)
{
    if (is_redirected(session, event))
        session->destination = event->target;
    connect_next(session, false);
}

void route_begin(struct session *session)
{
    size_t count = session->worker->conf->server_count;
    struct event *event;

    if (!session->tried && count > 0)
        session->tried = mem_array(count, sizeof(bool));
    if (route_waits(session)) {
        wait_without_servers(session);
        return;
    }
    if (session->chosen) {
        connect_next(session, false);
        return;
    }
    session->chosen = true;
    session_move(session, SESSION_CONNECT);
    event = event_new(EVENT_CHOOSE, session);
    event->server = route_candidate(session);
    event_ask(session, event, on_chosen);
}

static void set_notice(struct session *session, enum message message)
{
    text_free(session->notice);
    session->notice = text_new(message_text(message, session_locale(session)));
}

void route_forget_wanted(struct session *session)
{
    if (session->wanted)
        backend_close(session->wanted);
    session->wanted = NULL;
}

void route_lose_wanted(struct session *session)
{
    size_t server = session->wanted->server;

    route_forget_wanted(session);
    wish_failed(session, server, ERR_REFUSED);
}

static struct backend *free_slot(struct session *session)
{
    return session->backend == &session->slots[0] ? &session->slots[1] : &session->slots[0];
}

static void say(struct session *session, enum message message)
{
    struct text *text = text_new(message_text(message, session_locale(session)));
    struct buf packets = {0};

    /* There is no chat while the server configures the client anew. */
    if (session->down != PROTOCOL_PLAY) {
        text_free(session->notice);
        session->notice = text;
        return;
    }

    notice_chat(text, session->protocol, &packets);
    if (session->reason.len > 0)
        notice_chat_encoded(buf_slice(&session->reason), session->protocol, &packets);
    session_send(session, &packets);
    text_free(text);
    buf_free(&packets);
    buf_free(&session->reason);
}

/* The gate can be shown only away from the server; who declines comes back. */
static void ask_first(struct session *session, size_t server)
{
    if (!recall_is_possible(session)) {
        say(session, MESSAGE_SWITCH_FAILED);
        wish_failed(session, server, ERR_UNSUPPORTED);
        return;
    }
    session->tried[server] = false;
    session->destination = (int)server;
    session->origin = (int)session->backend->server;
    recall_to_lounge(session);
}

/* From the waiting room, which is left for it. */
static void go_from_waiting(struct session *session, size_t server)
{
    session->tried[server] = false;
    session->destination = (int)server;
    lounge_enter(session);
}

static void dial_wanted(struct session *session, size_t server)
{
    route_forget_wanted(session);
    session->wanted = free_slot(session);
    backend_dial(session->wanted, server);
    session_watch(session);
}

/* There is no chat while the server configures the client anew. */
static void say_in_play(struct session *session)
{
    if (session->down == PROTOCOL_PLAY)
        route_say_notice(session);
}

static void go_to(struct session *session, size_t server);

static void on_may_switch(struct session *session, struct event *event)
{
    if (session->state != SESSION_RELAY)
        return;
    if (is_redirected(session, event)) {
        say_in_play(session);
        wish_failed(session, (size_t)event->server, ERR_REFUSED);
        go_to(session, (size_t)event->target);
    } else if (event->result == EVENT_DENIED) {
        take_words(session, event);
        if (!session->notice)
            set_notice(session, MESSAGE_SWITCH_FAILED);
        say_in_play(session);
        wish_failed(session, (size_t)event->server, ERR_REFUSED);
    } else if (addition_part(session, (size_t)event->server) > 0) {
        ask_first(session, (size_t)event->server); /* it asks for something since then */
    } else if ((size_t)event->server != session->backend->server) {
        dial_wanted(session, (size_t)event->server);
    } else {
        wish_failed(session, (size_t)event->server, 0);
    }
}

static void go_to(struct session *session, size_t server)
{
    addition_ask_again(session, server);
    if (session->state == SESSION_WAIT)
        go_from_waiting(session, server);
    else if (addition_part(session, server) > 0)
        ask_first(session, server);
    else
        ask_to_connect(session, server, 0, on_may_switch);
}

void route_switch(struct session *session, size_t server)
{
    if (pace_may_change(session)) {
        go_to(session, server);
    } else {
        say(session, MESSAGE_SWITCH_FAILED);
        wish_failed(session, server, ERR_FULL);
    }
}

/* What was being passed to the server that is left is not for the one that comes. */
static void leave(struct session *session)
{
    session->visit++;
    session->unheard = 0;
    session->skip_left += session->pass_left;
    session->pass_left = 0;
    relay_close_bundle(session);
    backend_close(session->backend);
}

void route_abandon(struct session *session)
{
    leave(session);
    route_forget_wanted(session);
    session->completing[0] = 0;
    text_free(session->notice);
    session->notice = NULL;
    buf_free(&session->reason);
}

static void promote_wanted(struct session *session)
{
    leave(session);
    session->backend = session->wanted;
    session->wanted = NULL;
}

void route_wanted_ready(struct session *session)
{
    if (chat_key_is_due(session) || session->wanted->phase != BACKEND_READY ||
        session->state != SESSION_RELAY || session->down != PROTOCOL_PLAY ||
        session->up != PROTOCOL_PLAY || !session->backend->joined || session->backend->bundle_open)
        return;
    promote_wanted(session);
    backend_hand_over(session);
    conn_resume(session->client); /* the server that was left may have held it back */
}

void route_tick(struct session *session)
{
    uint64_t silent_ms = session_now(session) - session->backend->heard_at_ms;

    if (!session->backend->joined && silent_ms >= SILENT_MS) {
        route_lost(session->backend, "was silent before the player stood in its world");
        return;
    }
    if (session->wanted && session_now(session) - session->wanted->begun_at_ms >= LOGIN_MS)
        route_lost(session->wanted, "did not finish the login in time");
    else if (session->wanted)
        route_wanted_ready(session);
}

/* The player had asked for another server, and is on the way to it already. */
static void go_on_with_wanted(struct session *session)
{
    bool ready = session->wanted->phase == BACKEND_READY;

    session->backend = session->wanted;
    session->wanted = NULL;
    session_move(session, SESSION_CONNECT);
    if (ready)
        backend_hand_over(session);
}

/* A plugin says that the player leaves, and perhaps with which words. */
static void send_away(struct session *session, const struct event *event)
{
    if (event->words) {
        buf_clear(&session->reason);
        text_write(event->words, session->protocol, session->down, &session->reason);
    }
    give_up(session, event->number);
}

static void on_kicked(struct session *session, struct event *event)
{
    if (session->state != SESSION_CONNECT || session->backend->phase != BACKEND_NONE)
        return;
    if (event->result == EVENT_DENIED) {
        send_away(session, event);
    } else if (is_redirected(session, event)) {
        session->destination = event->target;
        route_forget_wanted(session);
        connect_next(session, event->number);
    } else {
        take_words(session, event);
        if (session->wanted)
            go_on_with_wanted(session);
        else
            connect_next(session, event->number);
    }
}

static struct event *kicked_from(const struct backend *backend, bool was_playing)
{
    struct event *event = event_new(EVENT_KICKED, backend->session);

    event->server = (int)backend->server;
    event->number = was_playing;
    event_add_fact(event, "cause", backend->said_goodbye ? "kicked" : "lost");
    return event;
}

/* A server that the player had asked for did not take them: they stay where they are. */
static void on_not_taken(struct session *session, struct event *event)
{
    if (event->result == EVENT_DENIED) {
        send_away(session, event);
        return;
    }
    if (session->state != SESSION_RELAY)
        return;
    if (is_redirected(session, event)) {
        say_in_play(session);
        wish_failed(session, (size_t)event->server, ERR_IO);
        go_to(session, (size_t)event->target);
        return;
    }
    set_notice(session, MESSAGE_SWITCH_FAILED);
    take_words(session, event);
    say_in_play(session);
    wish_failed(session, (size_t)event->server, ERR_IO);
}

static void wanted_lost(struct session *session)
{
    struct event *event = kicked_from(session->wanted, true);

    if (session->state == SESSION_RELAY)
        event->other = (int)session->backend->server;
    route_forget_wanted(session);
    event_ask(session, event, on_not_taken);
}

static void current_lost(struct session *session)
{
    struct backend *backend = session->backend;
    bool was_playing = backend->phase == BACKEND_LINKED;

    if (was_playing && session_now(session) - session->moved_at_ms >= STABLE_MS)
        memset(session->tried, 0, session->worker->conf->server_count * sizeof(bool));
    session->tried[backend->server] = true;
    leave(session);
    if ((was_playing && backend->joined) || session->reason.len > 0)
        set_notice(session, MESSAGE_BACKEND_LOST_MOVED);
    if (session->forge == FORGE_SHAKING) {
        give_up(session, was_playing); /* another server's hello would be an error to it */
        return;
    }
    session_move(session, SESSION_CONNECT);
    event_ask(session, kicked_from(backend, was_playing), on_kicked);
}

void route_lost(struct backend *backend, const char *why)
{
    struct session *session = backend->session;

    if (session->closing || session->state == SESSION_FINISH)
        return;
    log_warn("session=%" PRIu64 " server=%s %s", session->id,
             session->worker->conf->servers[backend->server].name, why);
    if (backend == session->wanted)
        wanted_lost(session);
    else
        current_lost(session);
    if (!session->closing && session->state != SESSION_FINISH)
        conn_resume(session->client);
}

void route_kicked(struct backend *backend, const char *why)
{
    backend->said_goodbye = true;
    route_lost(backend, why);
}
