/*
 * The way to a server: candidates in order, connection, login, and the moment when the client is
 * handed over. A server that fails is left out until the player has played somewhere for a while.
 */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/notice.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIAL_MS = 5000,
    STABLE_MS = 10000, /* after so long with a server, earlier failures are forgotten */
    INTENT_LOGIN = 2,
    WITH_SIGNATURE = 759, /* of the player's chat key: 759 and 760 */
    WITH_UUID_OPTION = 760,
    WITHOUT_SIGNATURE = 761,
    WITH_CONFIGURATION = 764, /* and a plain UUID in login start */
    NO_SERVER = -1,
};

static const struct conf_server *server_at(const struct session *session)
{
    return &session->worker->conf->servers[session->backend.server];
}

static bool has_host(const struct conf_server *server, const char *host)
{
    for (size_t i = 0; i < server->host_count; i++)
        if (strcmp(server->hosts[i], host) == 0)
            return true;
    return false;
}

/* First the server of the host name that was typed, then those of `try`. */
static int next_candidate(const struct session *session)
{
    const struct conf *conf = session->worker->conf;

    for (size_t i = 0; i < conf->server_count; i++)
        if (!session->tried[i] && has_host(&conf->servers[i], session->host))
            return (int)i;
    for (size_t i = 0; i < conf->try_count; i++)
        if (!session->tried[conf->try_order[i]])
            return (int)conf->try_order[i];
    return NO_SERVER;
}

void backend_send(struct session *session, const struct buf *packets)
{
    struct backend *backend = &session->backend;
    struct buf frames = {0};
    struct slice list = buf_slice(packets);
    struct slice packet;

    while (packet_next(&list, &packet))
        if (frame_write(session->worker->codec, packet, backend->threshold, &frames) < 0)
            log_error("session=%" PRIu64 " a packet to the server is too large", session->id);
    conn_write(backend->conn, buf_slice(&frames));
    buf_free(&frames);
}

static void put_handshake(struct session *session, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_HANDSHAKE_S_INTENTION));
    struct buf host = {0};

    told_host(session, &host);
    wire_put_varint(packets, session->protocol);
    wire_put_string(packets, buf_slice(&host));
    wire_put_u16(packets, server_at(session)->address.port);
    wire_put_varint(packets, INTENT_LOGIN);
    packet_end(packets, mark);
    buf_free(&host);
}

static void put_login_start(struct session *session, struct buf *packets)
{
    int protocol = session->protocol;
    size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_LOGIN_S_START));

    wire_put_cstr(packets, session->name);
    if (protocol >= WITH_SIGNATURE && protocol < WITHOUT_SIGNATURE)
        wire_put_bool(packets, false);
    if (protocol >= WITH_UUID_OPTION && protocol < WITH_CONFIGURATION)
        wire_put_bool(packets, true);
    if (protocol >= WITH_UUID_OPTION)
        wire_put_uuid(packets, &session->uuid);
    packet_end(packets, mark);
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
    buf_append_slice(packets, buf_slice(&session->held));
    buf_free(&session->held);
}

void backend_joined(struct session *session)
{
    struct buf packets = {0};

    session->backend.joined = true;
    session->spawned = true;
    if (session->protocol < WITH_CONFIGURATION) {
        put_remembered(session, &packets);
        backend_send(session, &packets);
        buf_clear(&packets);
    }
    if (session->notice) {
        notice_chat(session->notice, session->protocol, &packets);
        if (session->backend.reason.len > 0)
            notice_chat_encoded(buf_slice(&session->backend.reason), session->protocol, &packets);
        session_send(session, &packets);
        text_free(session->notice);
        session->notice = NULL;
    }
    buf_free(&session->backend.reason);
    buf_free(&packets);
}

void backend_link(struct session *session)
{
    struct backend *backend = &session->backend;
    struct buf packets = {0};

    backend->phase = BACKEND_LINKED;
    session_move(session, SESSION_RELAY);
    log_info("session=%" PRIu64 " linked server=%s", session->id, server_at(session)->name);
    told_identity(session);
    if (session->protocol >= WITH_CONFIGURATION) {
        put_empty(session, PACKET_LOGIN_S_ACKNOWLEDGED, &packets);
        put_remembered(session, &packets);
        backend_send(session, &packets);
    }
    buf_free(&packets);
    conn_resume(backend->conn);
}

/* Logged in. A client that stands in a world of 764+ is first called back into configuration. */
static void on_ready(struct session *session)
{
    struct buf packets = {0};

    session->backend.phase = BACKEND_READY;
    if (session->protocol < WITH_CONFIGURATION || session->down == PROTOCOL_CONFIGURATION) {
        backend_link(session);
        return;
    }
    conn_pause(session->backend.conn);
    session_move(session, SESSION_RECONFIGURE);
    if (session->reconfiguring)
        return;
    session->reconfiguring = true;
    put_empty(session, PACKET_PLAY_C_START_CONFIGURATION, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

static void on_login_disconnect(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice json = reader_string(&reader, WIRE_STRING_CHARS_MAX);

    buf_clear(&session->backend.reason);
    if (reader_ok(&reader))
        text_translate_json(json, session->protocol, session->down, &session->backend.reason);
    backend_lost(session, "refused the login");
}

static void on_compress(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    int32_t threshold = reader_varint(&reader);

    if (!reader_done(&reader))
        backend_lost(session, "malformed compression threshold");
    else
        session->backend.threshold = threshold < 0 ? FRAME_UNCOMPRESSED : threshold;
}

/* What the login asks of plugins and cookies that Sekisho does not have: nothing there. */
static void on_login_request(struct session *session, const struct packet_in *packet)
{
    bool plugin = packet->kind == PACKET_LOGIN_C_PLUGIN_REQUEST;
    struct reader reader = reader_of(packet->body);
    struct buf packets = {0};
    size_t mark = packet_begin(
        &packets, packet_map_id(session->map, plugin ? PACKET_LOGIN_S_PLUGIN_RESPONSE
                                                     : PACKET_LOGIN_S_COOKIE_RESPONSE));

    if (plugin)
        wire_put_varint(&packets, reader_varint(&reader));
    else
        wire_put_string(&packets, reader_string(&reader, WIRE_STRING_CHARS_MAX));
    wire_put_bool(&packets, false);
    packet_end(&packets, mark);
    if (reader_ok(&reader))
        backend_send(session, &packets);
    else
        backend_lost(session, "malformed login request");
    buf_free(&packets);
}

static void on_online_mode(struct session *session)
{
    log_error("server=%s asks for encryption: it is in online mode; behind a proxy it has to run "
              "with online-mode=false, reachable by the proxy alone",
              server_at(session)->name);
    backend_lost(session, "is in online mode");
}

static void login_step(struct session *session, const struct packet_in *packet)
{
    if (packet->kind == PACKET_LOGIN_C_DISCONNECT)
        on_login_disconnect(session, packet->body);
    else if (packet->kind == PACKET_LOGIN_C_COMPRESS)
        on_compress(session, packet->body);
    else if (packet->kind == PACKET_LOGIN_C_SUCCESS)
        on_ready(session);
    else if (packet->kind == PACKET_LOGIN_C_ENCRYPTION_REQUEST)
        on_online_mode(session);
    else if (packet->kind == PACKET_LOGIN_C_PLUGIN_REQUEST ||
             packet->kind == PACKET_LOGIN_C_COOKIE_REQUEST)
        on_login_request(session, packet);
    else
        backend_lost(session, "unknown packet in login");
}

/* One frame of the login. Returns its size, 0 to wait for more. */
static size_t take_login(struct session *session, struct slice bytes)
{
    struct worker *worker = session->worker;
    struct packet_in in = {0};
    struct reader reader;
    struct frame frame;
    int err = frame_read_head(bytes, session->backend.threshold >= 0, PACKET_BYTES_MAX, &frame);
    int32_t id;

    if (err == ERR_AGAIN || (err == 0 && bytes.len < frame.whole_len))
        return 0;
    if (err == 0)
        err = frame_open(worker->codec, bytes, &frame, FRAME_INFLATED_MAX, &in.whole);
    if (err < 0) {
        backend_lost(session, "sent a bad frame in login");
        return 0;
    }
    reader = reader_of(in.whole);
    id = reader_varint(&reader);
    in.kind = packet_map_kind(session->map, PROTOCOL_LOGIN, PROTOCOL_CLIENTBOUND, id);
    in.body = reader_rest(&reader);
    login_step(session, &in);
    return frame.whole_len;
}

static size_t on_bytes(void *owner, struct slice bytes)
{
    struct session *session = owner;
    struct backend *backend = &session->backend;
    struct conn *conn = backend->conn;
    size_t used = 0;

    /* A step may lose this server, and even begin with the next one. */
    while (used < bytes.len && !session->closing && backend->conn == conn && !conn_paused(conn)) {
        struct slice rest = slice_of(bytes.data + used, bytes.len - used);
        size_t size;

        if (backend->phase == BACKEND_LINKED)
            size = relay_from_backend(session, rest);
        else
            size = take_login(session, rest);
        if (size == 0)
            break;
        used += size;
    }
    return used;
}

static void on_drained(void *owner)
{
    struct session *session = owner;

    conn_resume(session->client);
}

static void on_ended(void *owner, int err)
{
    struct session *session = owner;

    backend_lost(session, err == 0 ? "closed the connection" : err_text(err));
}

static const struct conn_events backend_events = {
    .received = on_bytes,
    .drained = on_drained,
    .ended = on_ended,
};

static void on_dialed(void *owner, int err, struct conn *conn)
{
    struct session *session = owner;
    struct backend *backend = &session->backend;
    struct buf packets = {0};

    backend->dial = NULL;
    backend->conn = conn;
    if (err < 0) {
        backend_lost(session, err_text(err));
        return;
    }
    backend->phase = BACKEND_LOGIN;
    if (conn_start(conn) < 0) {
        backend_lost(session, "was gone at once");
        return;
    }
    put_handshake(session, &packets);
    put_login_start(session, &packets);
    backend_send(session, &packets);
    buf_free(&packets);
}

static void wait_without_servers(struct session *session)
{
    struct text *text = text_new(message_text(MESSAGE_NO_SERVER_WAITING, session_locale(session)));
    struct buf packets = {0};

    if (session->down == PROTOCOL_CONFIGURATION)
        notice_dialog(text, message_text(MESSAGE_LEAVE, session_locale(session)), session->protocol,
                      session->down, &packets);
    else
        notice_chat(text, session->protocol, &packets);
    session_send(session, &packets);
    buf_free(&packets);
    text_free(text);
    session_move(session, SESSION_WAIT);
}

/* Every server failed: the last one's own words where it had some. */
static void give_up(struct session *session, bool was_playing)
{
    if (session->backend.reason.len > 0)
        session_pass_goodbye(session, buf_slice(&session->backend.reason), "the server's words");
    else if (was_playing)
        session_say_goodbye(session, MESSAGE_BACKEND_LOST, "server lost, no other to go to");
    else
        session_say_goodbye(session, MESSAGE_ALL_DOWN, "no server could be reached");
}

static void dial_candidate(struct session *session, size_t server)
{
    const struct conf_address *address = &session->worker->conf->servers[server].address;
    struct dial_target target = {
        .host = address->host, .port = address->port, .timeout_ms = DIAL_MS};
    struct backend *backend = &session->backend;

    backend->phase = BACKEND_DIAL;
    backend->server = server;
    backend->threshold = FRAME_UNCOMPRESSED;
    backend->joined = false;
    memset(backend->kept, 0, sizeof backend->kept);
    backend->pass_left = 0;
    session->pass_left = 0;
    session_move(session, SESSION_CONNECT);
    backend->dial = dial_start(&session->worker->hub, &target, &backend_events, session, on_dialed);
}

static void connect_next(struct session *session, bool was_playing)
{
    int candidate = next_candidate(session);

    if (candidate == NO_SERVER)
        give_up(session, was_playing);
    else
        dial_candidate(session, (size_t)candidate);
}

void backend_connect(struct session *session)
{
    size_t count = session->worker->conf->server_count;

    if (count == 0) {
        wait_without_servers(session);
        return;
    }
    if (!session->tried)
        session->tried = mem_array(count, sizeof(bool));
    connect_next(session, false);
}

void backend_close(struct session *session)
{
    struct backend *backend = &session->backend;

    dial_cancel(backend->dial);
    conn_close(backend->conn);
    backend->dial = NULL;
    backend->conn = NULL;
    backend->phase = BACKEND_NONE;
}

/* The next world begins with a word on why it is another one. */
static void remember_notice(struct session *session)
{
    text_free(session->notice);
    session->notice = text_new(message_text(MESSAGE_BACKEND_LOST_MOVED, session_locale(session)));
}

void backend_lost(struct session *session, const char *why)
{
    struct backend *backend = &session->backend;
    bool was_playing = backend->phase == BACKEND_LINKED;

    if (session->closing || session->state == SESSION_FINISH)
        return;
    log_warn("session=%" PRIu64 " server=%s %s", session->id, server_at(session)->name, why);
    if (was_playing && session_now(session) - session->moved_at_ms >= STABLE_MS)
        memset(session->tried, 0, session->worker->conf->server_count * sizeof(bool));
    session->tried[backend->server] = true;
    backend_close(session);
    if (was_playing && backend->joined)
        remember_notice(session);
    /* A frame to the client that broke off leaves no way to go on. */
    if (backend->pass_left > 0)
        session_close(session, "server was lost in the middle of a packet");
    else
        connect_next(session, was_playing);
    if (!session->closing && session->state != SESSION_FINISH)
        conn_resume(session->client);
}
