/*
 * The lounge: while no backend is linked, the client is with Sekisho alone, in configuration
 * (764+) or in the limbo. Here it is kept alive, what it says about itself is remembered for the
 * backend to come, and it is led to where the policy or a message can be shown.
 */
#include "base/err.h"
#include "gate/notice.h"
#include "protocol/wire.h"
#include "session/screen.h"

#include <assert.h>
#include <string.h>

enum {
    WITH_CONFIGURATION = 764,
    WITH_KNOWN_PACKS = 766,
    WITH_DIALOG = 771,
    PING_EVERY_MS = 10000,
    PING_DEAD_MS = 20000, /* without an answer: 30 s after the last sign of life */
    READY_MS = 1000,      /* a client that gives no sign of a loaded world is ready after this */
    HELD_BYTES_MAX = 64 * 1024,
};

static bool in_configuration(const struct session *session)
{
    return session->down == PROTOCOL_CONFIGURATION;
}

static void send_ping(struct session *session)
{
    struct buf packets = {0};

    session->ping_id = (int32_t)((uint64_t)session->id * 31 + session_now(session)) & 0x3FFFFFFF;
    session->ping_open = true;
    session->pinged_at_ms = session_now(session);
    limbo_keep_alive(session->protocol, in_configuration(session), session->ping_id, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

static bool may_be_shown(const struct session *session)
{
    bool settled =
        session->has_settings || session_now(session) - session->moved_at_ms >= 2 * READY_MS;

    return settled &&
           (session->moved_once || session_now(session) - session->moved_at_ms >= READY_MS);
}

static void arrive(struct session *session);

/* A release that is not known yet may not know our screen either: the page is left. */
static void on_dead(struct session *session)
{
    session->cause = "left";
    if (session->state == SESSION_GATE && session->protocol > PROTOCOL_NEWEST &&
        code_is_possible(session))
        code_say_goodbye(session, MESSAGE_ON_THE_PAGE, "no answer to keep-alives");
    else
        session_close(session, "no answer to keep-alives");
}

/* The server is ready, and the client not yet. */
static bool is_held_for_key(const struct session *session)
{
    return session->state == SESSION_CONNECT && session->backend->phase == BACKEND_READY;
}

/* And here there is none: the way is back to the gate. */
static bool is_to_be_called(const struct session *session)
{
    return session->state == SESSION_RECONFIGURE && !session->reconfiguring;
}

static void call_when_it_may(struct session *session)
{
    if (chat_key_is_due(session))
        return;
    if (is_held_for_key(session))
        backend_hand_over(session);
    else if (is_to_be_called(session))
        lounge_call_back(session);
}

/* A client that was called back already is waited for as well. */
void lounge_call_back(struct session *session)
{
    struct buf packets = {0};
    int id = packet_map_id(session->map, PACKET_PLAY_C_START_CONFIGURATION);

    session_move(session, SESSION_RECONFIGURE);
    if (session->reconfiguring || chat_key_is_due(session))
        return;
    session->reconfiguring = true;
    packet_end(&packets, packet_begin(&packets, id));
    session_send(session, &packets);
    buf_free(&packets);
}

void lounge_tick(struct session *session)
{
    uint64_t since = session_now(session) - session->pinged_at_ms;

    if (session->state == SESSION_GATE)
        gate_tick(session);
    call_when_it_may(session);
    if (session->down == PROTOCOL_LOGIN || session->reconfiguring)
        return; /* between two phases, and neither has a packet for it */
    /* While a plugin is asked, the client's answers are not read. */
    if (session->pinged_at_ms == 0 || (session->ping_open && session->asking > 0))
        session->pinged_at_ms = session_now(session);
    else if (session->ping_open && since >= PING_DEAD_MS)
        on_dead(session);
    else if (!session->ping_open && since >= PING_EVERY_MS)
        send_ping(session);
    if (session->state == SESSION_LIMBO_ENTER && !session->closing && may_be_shown(session))
        arrive(session);
}

static void on_ping_answer(struct session *session, const struct packet_in *packet)
{
    int64_t id;

    if (!limbo_keep_alive_id(session->protocol, packet->kind == PACKET_CONFIG_S_KEEP_ALIVE,
                             packet->body, &id))
        session_malformed(session, "malformed keep-alive");
    else if (id == session->ping_id)
        session->ping_open = false;
}

/* By everybody's policy, or by what the server adds that comes next. */
static bool is_asked(struct session *session)
{
    return !session->accepted || route_asks(session);
}

/* The limbo stands around the player. */
static void arrive(struct session *session)
{
    if (is_asked(session))
        gate_show(session);
    else
        route_begin(session);
}

static void send_slice(struct session *session, struct slice packets)
{
    struct buf list = {0};

    buf_append_slice(&list, packets);
    session_send(session, &list);
    buf_free(&list);
}

/* From a server's world into ours; see limbo_switch_join. */
static void put_change_of_worlds(struct session *session, struct buf *packets)
{
    struct buf ours = {0};
    struct slice rest;
    struct slice join;
    int err = ERR_MALFORMED;

    limbo_join(session->worker->limbo, session->protocol, &ours);
    rest = buf_slice(&ours);
    if (packet_next(&rest, &join))
        err = limbo_switch_join(session->protocol, session->forge != FORGE_NONE, join, packets);
    assert(err == 0);
    buf_append_slice(packets, rest);
    buf_free(&ours);
}

static void enter_world(struct session *session)
{
    struct buf packets = {0};

    if (session->spawned) {
        traces_clear(session, &packets);
        screen_put_away(session, &packets);
    }
    if (session->spawned && session->protocol < WITH_CONFIGURATION)
        put_change_of_worlds(session, &packets);
    else
        limbo_join(session->worker->limbo, session->protocol, &packets);
    limbo_list_player(session->protocol, &session->profile, &packets);
    traces_listed(session, &session->profile.uuid);
    session_send(session, &packets);
    buf_free(&packets);
    forge_joined(session);
    chat_key_joined(session);
    /* What a client that moved in another world sends ahead of this answer is no sign of ours. */
    if (session->spawned)
        send_ping(session);
    session->moved_once = false;
    session->spawned = true;
    session->in_limbo = true;
    session->entity = LIMBO_ENTITY;
    session_move(session, SESSION_LIMBO_ENTER);
}

static void send_registries(struct session *session)
{
    send_slice(session, limbo_registries(session->worker->limbo, session->protocol));
    session->down = PROTOCOL_PLAY;
    session_move(session, SESSION_LIMBO_READY);
}

static void enter_limbo(struct session *session)
{
    if (session->protocol < WITH_CONFIGURATION) {
        enter_world(session);
    } else if (session->protocol < WITH_KNOWN_PACKS) {
        send_registries(session);
    } else {
        send_slice(session, limbo_known_packs(session->worker->limbo, session->protocol));
        session_move(session, SESSION_LIMBO_PACKS);
    }
}

/*
 * The next step from wherever the client is: an accepted player goes to a server; a newcomer to
 * the dialog, or into the limbo first. Also called when a wait in these states has ended.
 */
void lounge_enter(struct session *session)
{
    bool asked = is_asked(session);

    if (session->in_limbo)
        arrive(session);
    else if (!asked && !route_waits(session))
        route_begin(session);
    else if (session->protocol > limbo_newest() || (session->protocol >= WITH_DIALOG && asked))
        arrive(session);
    else if (!session->accepted && code_is_needed(session) && code_is_possible(session))
        code_say_goodbye(session, MESSAGE_ON_THE_PAGE, "mod loader: answers on the page");
    else
        enter_limbo(session);
}

static void on_settings(struct session *session, struct slice body)
{
    struct settings settings;

    if (settings_read(session->protocol, body, &settings) < 0) {
        session_malformed(session, "malformed client settings");
        return;
    }
    session->settings = settings;
    session->has_settings = true;
    event_tell_of(session->worker, EVENT_SETTINGS, session);
    if (session->state == SESSION_SETTLE)
        lounge_enter(session);
}

/* The brand is a field of its own; other channels wait for the backend as they are. */
static void on_custom_payload(struct session *session, const struct packet_in *packet)
{
    struct slice channel;
    struct slice data;
    struct slice brand;
    size_t mark;

    if (custom_payload_read(session->protocol, packet->body, &channel, &data) < 0) {
        session_malformed(session, "malformed plugin message");
    } else if (slice_is(channel, brand_channel(session->protocol))) {
        if (brand_read(session->protocol, data, &brand) < 0) {
            session_malformed(session, "malformed brand");
            return;
        }
        buf_clear(&session->brand);
        buf_append_slice(&session->brand, brand);
        event_tell_of(session->worker, EVENT_BRAND, session);
    } else if (!channels_remember(session, channel, data) &&
               session->held.len + packet->body.len < HELD_BYTES_MAX) {
        mark = packet_begin(&session->held, packet_map_id(session->map, packet->kind));
        buf_append_slice(&session->held, packet->body);
        packet_end(&session->held, mark);
    }
}

void lounge_remember(struct session *session, const struct packet_in *packet)
{
    if (packet->kind == PACKET_CONFIG_S_SETTINGS || packet->kind == PACKET_PLAY_S_SETTINGS)
        on_settings(session, packet->body);
    else
        on_custom_payload(session, packet);
}

/* The client finished configuration: it stands in the limbo, or is where a lost backend left it. */
static void on_finished(struct session *session)
{
    if (session->down != PROTOCOL_PLAY || session->up != PROTOCOL_CONFIGURATION) {
        session_malformed(session, "configuration finished unasked");
        return;
    }
    session->up = PROTOCOL_PLAY;
    if (session->state == SESSION_LIMBO_READY)
        enter_world(session);
}

static void on_reconfigured(struct session *session)
{
    if (!session->reconfiguring) {
        session_malformed(session, "configuration acknowledged unasked");
        return;
    }
    session->reconfiguring = false;
    session->up = PROTOCOL_CONFIGURATION;
    session->down = PROTOCOL_CONFIGURATION;
    session->in_limbo = false;
    /* The server that it was asked for may be lost again, and the next one not ready yet. */
    if (session->state == SESSION_RECONFIGURE && session->backend->phase == BACKEND_READY)
        backend_link(session);
    else if (session->state == SESSION_RECONFIGURE)
        lounge_enter(session);
}

/* A line without its slash. */
static void on_command(struct session *session, struct slice line)
{
    if (!command_run(session, line))
        gate_command(session, line);
}

static void on_chat(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice text = reader_string(&reader, 256);

    if (!reader_ok(&reader))
        session_malformed(session, "malformed chat");
    else if (packet->kind != PACKET_PLAY_S_CHAT)
        on_command(session, text);
    else if (text.len > 0 && text.data[0] == '/')
        on_command(session, slice_of(text.data + 1, text.len - 1));
    else
        gate_talk(session);
}

static void on_click(struct session *session, struct slice body)
{
    if (session->state == SESSION_WAIT && notice_is_leave(body))
        session_say_goodbye(session, MESSAGE_LEFT, "left the waiting room");
    else if (!screen_clicked(session, body) && !privacy_click(session, body))
        gate_click(session, body);
}

static void on_movement(struct session *session)
{
    session->moved_once = !session->ping_open;
    if (session->state == SESSION_LIMBO_ENTER && may_be_shown(session))
        arrive(session);
}

void lounge_packet(struct session *session, const struct packet_in *packet)
{
    bool known = session->protocol <= PROTOCOL_NEWEST;

    switch ((int)packet->kind) {
    case PACKET_CONFIG_S_SETTINGS:
    case PACKET_PLAY_S_SETTINGS:
    case PACKET_CONFIG_S_CUSTOM_PAYLOAD:
    case PACKET_PLAY_S_CUSTOM_PAYLOAD: lounge_remember(session, packet); break;
    case PACKET_CONFIG_S_KEEP_ALIVE:
    case PACKET_PLAY_S_KEEP_ALIVE: on_ping_answer(session, packet); break;
    case PACKET_CONFIG_S_SELECT_KNOWN_PACKS:
        if (session->state == SESSION_LIMBO_PACKS)
            send_registries(session);
        break;
    case PACKET_CONFIG_S_FINISH: on_finished(session); break;
    case PACKET_CONFIG_S_COOKIE_RESPONSE:
    case PACKET_PLAY_S_COOKIE_RESPONSE: (void)acts_take(session, packet); break;
    case PACKET_LOGIN_S_PLUGIN_RESPONSE: backend_pass_answer(session, packet); break;
    case PACKET_PLAY_S_CONFIGURATION_ACKNOWLEDGED: on_reconfigured(session); break;
    case PACKET_CONFIG_S_CUSTOM_CLICK:
    case PACKET_PLAY_S_CUSTOM_CLICK: on_click(session, packet->body); break;
    case PACKET_PLAY_S_CHAT:
    case PACKET_PLAY_S_CHAT_COMMAND:
    case PACKET_PLAY_S_CHAT_COMMAND_SIGNED: on_chat(session, packet); break;
    case PACKET_PLAY_S_TAB_COMPLETE: (void)command_completed(session, packet); break;
    case PACKET_PLAY_S_CHAT_SESSION:
        chat_key_told(session);
        call_when_it_may(session);
        break;
    case PACKET_PLAY_S_POSITION:
    case PACKET_PLAY_S_POSITION_LOOK:
        screen_moved(session, packet);
        on_movement(session);
        break;
    case PACKET_PLAY_S_FLYING:
    case PACKET_PLAY_S_LOOK:
    case PACKET_PLAY_S_PLAYER_LOADED: on_movement(session); break;
    case PACKET_UNKNOWN:
        /* In configuration every packet has a name; play has many that mean nothing here. */
        if (session->up == PROTOCOL_CONFIGURATION && known)
            session_malformed(session, "unknown packet in configuration");
        break;
    default: break;
    }
}
