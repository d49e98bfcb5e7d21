/*
 * One server's connection: dialling, login, and the moment when the client is handed over to it.
 * Which server it is, and what comes after it, is route.c's.
 */
#include "base/err.h"
#include "base/log.h"
#include "gate/notice.h"
#include "identity/forwarded.h"
#include "protocol/wire.h"
#include "session/screen.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    DIAL_MS = 5000,
    WITH_CONFIGURATION = 764,
};

const struct conf_server *backend_server(const struct backend *backend)
{
    return &backend->session->worker->conf->servers[backend->server];
}

void backend_send(struct backend *backend, const struct buf *packets)
{
    struct session *session = backend->session;
    struct buf frames = {0};
    struct slice list = buf_slice(packets);
    struct slice packet;

    while (packet_next(&list, &packet))
        if (frame_write(session->worker->codec, packet, backend->threshold, &frames) < 0)
            log_error("session=%" PRIu64 " a packet to the server is too large", session->id);
    conn_write(backend->conn, buf_slice(&frames));
    buf_free(&frames);
}

static void put_empty(struct session *session, enum packet_kind kind, struct buf *packets)
{
    packet_end(packets, packet_begin(packets, packet_map_id(session->map, kind)));
}

/* What the client said in configuration, which it says once: a backend that comes later is told
 * here. Below 764 a vanilla client says it again after each join game. */
static void put_remembered(struct session *session, struct buf *packets)
{
    bool configuration = session->protocol >= WITH_CONFIGURATION;
    int payload = packet_map_id(session->map, configuration ? PACKET_CONFIG_S_CUSTOM_PAYLOAD
                                                            : PACKET_PLAY_S_CUSTOM_PAYLOAD);
    int settings = packet_map_id(session->map,
                                 configuration ? PACKET_CONFIG_S_SETTINGS : PACKET_PLAY_S_SETTINGS);

    if (session->brand.len > 0)
        told_brand(session, payload, packets);
    if (session->has_settings)
        told_settings(session, settings, packets);
    channels_put(session, payload, packets);
    kept_state(session, FIELD_CLIENT_BRAND, buf_slice(&session->brand));
    if (session->has_settings)
        kept_settings(session);
    kept_channels(session);
    acts_put_held(session, packets);
}

static void tell_of(struct session *session, enum event_kind kind)
{
    struct event *event;

    if (!event_wanted(session->worker, kind))
        return;
    event = event_new(kind, session);
    event->server = (int)session->backend->server;
    event->other = session->last_server;
    event_tell(session->worker, event);
}

static void tell_joined(struct session *session)
{
    int server = (int)session->backend->server;

    session->changes = (struct pace){0};
    if (!session->joined)
        tell_of(session, EVENT_JOIN);
    session->joined = true;
    if (!session->backend->told) {
        tell_of(session, EVENT_CONNECTED);
        wish_settle(session, ERR_REFUSED);
    }
    session->backend->told = true;
    if (session->last_server != ROUTE_NONE && session->last_server != server)
        tell_of(session, EVENT_SWITCH);
    session->last_server = server;
}

/* Of a release that is not known yet, whose join game is not seen: the client is about to. */
void backend_joined_unseen(struct session *session)
{
    session->backend->joined = true;
    session->destination = ROUTE_NONE;
    session->origin = ROUTE_NONE;
    tell_joined(session);
}

void backend_joined(struct session *session)
{
    struct buf packets = {0};

    session->backend->joined = true;
    session->destination = ROUTE_NONE;
    session->origin = ROUTE_NONE;
    if (session->spawned && session->protocol >= WITH_CONFIGURATION) {
        traces_clear(session, &packets);
        session_send(session, &packets);
        buf_clear(&packets);
    }
    forge_joined(session);
    chat_key_joined(session);
    session->spawned = true;
    session->in_limbo = false;
    if (session->protocol < WITH_CONFIGURATION) {
        put_remembered(session, &packets);
        backend_send(session->backend, &packets);
        payload_ask_held(session);
    }
    buf_free(&packets);
    route_say_notice(session);
    standing_say(session);
    screen_joined(session);
    tell_joined(session);
}

void backend_link(struct session *session)
{
    struct backend *backend = session->backend;
    struct buf packets = {0};

    backend->phase = BACKEND_LINKED;
    session_move(session, SESSION_RELAY);
    log_info("session=%" PRIu64 " linked server=%s", session->id, backend_server(backend)->name);
    backend->linked_at_ms = session_now(session);
    kept_visit_begins(session);
    if (session->protocol >= WITH_CONFIGURATION) {
        put_empty(session, PACKET_LOGIN_S_ACKNOWLEDGED, &packets);
        put_remembered(session, &packets);
        backend_send(backend, &packets);
        payload_ask_held(session);
    }
    buf_free(&packets);
    conn_resume(backend->conn);
}

void backend_hand_over(struct session *session)
{
    if (session->down == PROTOCOL_LOGIN)
        login_welcome(session);
    forge_reset(session);
    if (chat_key_is_due(session)) {
        conn_pause(session->backend->conn); /* the lounge asks again */
        return;
    }
    /* A client that was called back already, by a server that is gone, is waited for as well. */
    if (session->protocol < WITH_CONFIGURATION ||
        (session->down == PROTOCOL_CONFIGURATION && !session->reconfiguring)) {
        backend_link(session);
        return;
    }
    conn_pause(session->backend->conn);
    lounge_call_back(session);
}

/* Logged in. */
static void on_ready(struct backend *backend)
{
    if (!introduction_is_done(backend)) {
        route_lost(backend, "does not ask for modern forwarding");
        return;
    }
    backend->phase = BACKEND_READY;
    if (backend == backend->session->wanted) {
        conn_pause(backend->conn);
        route_wanted_ready(backend->session);
    } else {
        backend_hand_over(backend->session);
    }
}

static void on_login_disconnect(struct backend *backend, struct slice body)
{
    struct session *session = backend->session;
    struct reader reader = reader_of(body);
    struct slice json = reader_string(&reader, WIRE_STRING_CHARS_MAX);

    buf_clear(&session->reason);
    if (reader_ok(&reader) && !slice_is(json, "\"\"") && !slice_is(json, "{\"text\":\"\"}"))
        text_translate_json(json, session->protocol, session->down, &session->reason);
    route_kicked(backend, "refused the login");
}

static void on_compress(struct backend *backend, struct slice body)
{
    struct reader reader = reader_of(body);
    int32_t threshold = reader_varint(&reader);

    if (!reader_done(&reader))
        route_lost(backend, "malformed compression threshold");
    else
        backend->threshold = threshold < 0 ? FRAME_UNCOMPRESSED : threshold;
}

/* The handshake of a mod loader, and what else mods ask of each other in the login. */
static void pass_to_client(struct backend *backend, struct slice packet)
{
    struct session *session = backend->session;
    struct buf packets = {0};

    if (packet.len > PACKET_BYTES_MAX) {
        route_lost(backend, "sent too large a packet in login");
        return;
    }
    packet_append(&packets, packet);
    session_send(session, &packets);
    session_move(session, SESSION_CONNECT); /* it may take long, as long as it goes on */
    buf_free(&packets);
}

void backend_pass_answer(struct session *session, const struct packet_in *packet)
{
    struct buf packets = {0};

    struct reader reader = reader_of(packet->body);

    if (session->backend->phase != BACKEND_LOGIN || packet->whole.len > PACKET_BYTES_MAX)
        return;
    reader_varint(&reader);
    if (reader_bool(&reader))
        kept_mods(session, slice_str("fml:loginwrapper"), reader_rest(&reader));
    packet_append(&packets, packet->whole);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}

/* What the login asks of plugins that Sekisho does not have, and of cookies: nothing there. */
static void on_login_request(struct backend *backend, const struct packet_in *packet)
{
    bool plugin = packet->kind == PACKET_LOGIN_C_PLUGIN_REQUEST;
    struct reader reader = reader_of(packet->body);
    struct buf packets = {0};
    size_t mark;

    if (plugin && introduction_asked(backend, packet->body))
        return;
    if (plugin && backend->session->down == PROTOCOL_LOGIN &&
        acts_pass_query(backend, packet->body)) {
        pass_to_client(backend, packet->whole);
        return;
    }
    if (!plugin && acts_ask_cookie(backend, packet->body))
        return;
    mark = packet_begin(
        &packets, packet_map_id(backend->session->map, plugin ? PACKET_LOGIN_S_PLUGIN_RESPONSE
                                                              : PACKET_LOGIN_S_COOKIE_RESPONSE));
    if (plugin)
        wire_put_varint(&packets, reader_varint(&reader));
    else
        wire_put_string(&packets, reader_string(&reader, WIRE_STRING_CHARS_MAX));
    wire_put_bool(&packets, false);
    packet_end(&packets, mark);
    if (reader_ok(&reader))
        backend_send(backend, &packets);
    else
        route_lost(backend, "malformed login request");
    buf_free(&packets);
}

static void on_online_mode(struct backend *backend)
{
    log_error("server=%s asks for encryption: it is in online mode; behind a proxy it has to run "
              "with online-mode=false, reachable by the proxy alone",
              backend_server(backend)->name);
    route_lost(backend, "is in online mode");
}

static void login_step(struct backend *backend, const struct packet_in *packet)
{
    if (packet->kind == PACKET_LOGIN_C_DISCONNECT)
        on_login_disconnect(backend, packet->body);
    else if (packet->kind == PACKET_LOGIN_C_COMPRESS)
        on_compress(backend, packet->body);
    else if (packet->kind == PACKET_LOGIN_C_SUCCESS)
        on_ready(backend);
    else if (packet->kind == PACKET_LOGIN_C_ENCRYPTION_REQUEST)
        on_online_mode(backend);
    else if (packet->kind == PACKET_LOGIN_C_PLUGIN_REQUEST ||
             packet->kind == PACKET_LOGIN_C_COOKIE_REQUEST)
        on_login_request(backend, packet);
    else
        route_lost(backend, "unknown packet in login");
}

/* One frame of the login. Returns its size, 0 to wait for more. */
static size_t take_login(struct backend *backend, struct slice bytes)
{
    struct worker *worker = backend->session->worker;
    struct packet_in in = {0};
    struct reader reader;
    struct frame frame;
    int err = frame_read_head(bytes, backend->threshold >= 0, PACKET_BYTES_MAX, &frame);
    int32_t id;

    if (err == ERR_AGAIN || (err == 0 && bytes.len < frame.whole_len))
        return 0;
    if (err == 0)
        err = frame_open(worker->codec, bytes, &frame, FRAME_INFLATED_MAX, &in.whole);
    if (err < 0) {
        route_lost(backend, "sent a bad frame in login");
        return 0;
    }
    reader = reader_of(in.whole);
    id = reader_varint(&reader);
    in.kind = packet_map_kind(backend->session->map, PROTOCOL_LOGIN, PROTOCOL_CLIENTBOUND, id);
    in.body = reader_rest(&reader);
    login_step(backend, &in);
    return frame.whole_len;
}

/* What it sends behind a plugin message is for the client only when that is. */
static bool is_held(const struct backend *backend)
{
    return backend->phase == BACKEND_LINKED && backend->session->unheard > 0;
}

void backend_go_on(struct backend *backend)
{
    if (backend->phase == BACKEND_LINKED && !is_held(backend))
        conn_resume(backend->conn);
}

static size_t on_bytes(void *owner, struct slice bytes)
{
    struct backend *backend = owner;
    struct session *session = backend->session;
    struct conn *conn = backend->conn;
    size_t used = 0;

    backend->heard_at_ms = session_now(session);
    /* A step may lose this server, and even begin with the next one. */
    while (used < bytes.len && !session->closing && backend->conn == conn && !conn_paused(conn)) {
        struct slice rest = slice_of(bytes.data + used, bytes.len - used);
        size_t size;

        if (is_held(backend)) {
            conn_pause(conn);
            break;
        }

        if (backend->phase == BACKEND_LINKED)
            size = relay_from_backend(session, rest);
        else
            size = take_login(backend, rest);
        if (size == 0)
            break;
        used += size;
    }
    /* The player can be taken elsewhere only between two packets. */
    if (backend == session->backend && backend->phase == BACKEND_LINKED && session->wanted)
        route_wanted_ready(session);
    return used;
}

static void on_drained(void *owner)
{
    struct backend *backend = owner;

    conn_resume(backend->session->client);
}

static void on_ended(void *owner, int err)
{
    route_lost(owner, err == 0 ? "closed the connection" : err_text(err));
}

static const struct conn_events backend_events = {
    .received = on_bytes,
    .drained = on_drained,
    .ended = on_ended,
};

static void on_dialed(void *owner, int err, struct conn *conn)
{
    struct backend *backend = owner;

    backend->dial = NULL;
    backend->conn = conn;
    if (err < 0) {
        route_lost(backend, err_text(err));
        return;
    }
    backend->phase = BACKEND_LOGIN;
    if (conn_start(conn) < 0) {
        route_lost(backend, "was gone at once");
        return;
    }
    store_visit(backend->session->worker->store, &backend->session->profile.uuid,
                backend_server(backend)->name);
    introduction_begin(backend);
}

void backend_dial(struct backend *backend, size_t server)
{
    struct session *session = backend->session;
    const struct conf_address *address = &session->worker->conf->servers[server].address;
    struct dial_target target = {
        .host = address->host, .port = address->port, .timeout_ms = DIAL_MS};

    *backend = (struct backend){.session = session,
                                .phase = BACKEND_DIAL,
                                .server = server,
                                .threshold = FRAME_UNCOMPRESSED,
                                .keyless = session->worker->events.stops,
                                .begun_at_ms = session_now(session),
                                .heard_at_ms = session_now(session)};
    backend->dial = dial_start(&session->worker->hub, &target, &backend_events, backend, on_dialed);
}

void backend_close(struct backend *backend)
{
    if (backend->phase == BACKEND_LINKED)
        kept_visit_ends(backend);
    dial_cancel(backend->dial);
    conn_close(backend->conn);
    free(backend->cookie);
    backend->cookie = NULL;
    backend->dial = NULL;
    backend->conn = NULL;
    backend->phase = BACKEND_NONE;
}
