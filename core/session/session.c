#include "session/session.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/notice.h"
#include "protocol/wire.h"
#include "session/screen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 250,
    SETTLE_MS = 2000,
    ANSWER_MS = 30000,
    CONNECT_MS = 15000, /* one server: dialled, and logged in to */
    FINISH_MS = 5000,
    READ_INFLATED_MAX = 64 * 1024, /* of packets from a client that is with Sekisho alone */
    LEGACY_PING_MS = 250,
    HANDSHAKE_BYTES_MAX = 2048,             /* a host name, a mod loader's marker */
    LOGIN_BYTES_MAX = 8192,                 /* name, key and signature */
    UPSTREAM_BYTES_MAX = READ_INFLATED_MAX, /* the same and properties */
    PLAY_BYTES_MAX = PACKET_BYTES_MAX,
};

/* How long a state may last. The login's states share one deadline, from the accept on. */
enum limit_kind { LIMIT_NONE, LIMIT_LOGIN, LIMIT_STATE, LIMIT_GATE };

struct state_row {
    const char *name;
    enum limit_kind limit;
    uint64_t limit_ms;
    size_t frame_max; /* bytes of one frame from the client */
    void (*packet)(struct session *session, const struct packet_in *packet);
    bool lounge; /* Sekisho itself keeps the client alive */
};

static const struct state_row states[SESSION_STATES] = {
    [SESSION_NONE] = {.name = "none"},
    [SESSION_PROXY_HEADER] = {"proxy-header", LIMIT_LOGIN, 0, HANDSHAKE_BYTES_MAX, NULL, false},
    [SESSION_HANDSHAKE] = {"handshake", LIMIT_LOGIN, 0, HANDSHAKE_BYTES_MAX, login_packet, false},
    [SESSION_STATUS] = {"status", LIMIT_LOGIN, 0, HANDSHAKE_BYTES_MAX, listing_packet, false},
    [SESSION_LOGIN] = {"login", LIMIT_LOGIN, 0, LOGIN_BYTES_MAX, login_packet, false},
    [SESSION_ENCRYPT] = {"encrypt", LIMIT_LOGIN, 0, LOGIN_BYTES_MAX, encrypt_packet, false},
    [SESSION_VERIFY] = {"verify", LIMIT_LOGIN, 0, LOGIN_BYTES_MAX, login_packet, false},
    [SESSION_UPSTREAM] = {"upstream", LIMIT_LOGIN, 0, UPSTREAM_BYTES_MAX, login_packet, false},
    [SESSION_LOOKUP] = {"lookup", LIMIT_LOGIN, 0, LOGIN_BYTES_MAX, login_packet, false},
    [SESSION_ACKNOWLEDGE] = {"acknowledge", LIMIT_LOGIN, 0, LOGIN_BYTES_MAX, login_packet, false},
    [SESSION_SETTLE] = {"settle", LIMIT_STATE, SETTLE_MS, PLAY_BYTES_MAX, lounge_packet, true},
    [SESSION_LIMBO_PACKS] = {"limbo-packs", LIMIT_STATE, ANSWER_MS, PLAY_BYTES_MAX, lounge_packet,
                             true},
    [SESSION_LIMBO_READY] = {"limbo-ready", LIMIT_STATE, ANSWER_MS, PLAY_BYTES_MAX, lounge_packet,
                             true},
    [SESSION_LIMBO_ENTER] = {"limbo-enter", LIMIT_STATE, SETTLE_MS, PLAY_BYTES_MAX, lounge_packet,
                             true},
    [SESSION_GATE] = {"gate", LIMIT_GATE, 0, PLAY_BYTES_MAX, lounge_packet, true},
    [SESSION_RECORD] = {"record", LIMIT_NONE, 0, PLAY_BYTES_MAX, lounge_packet, true},
    [SESSION_WAIT] = {"wait", LIMIT_NONE, 0, PLAY_BYTES_MAX, lounge_packet, true},
    [SESSION_CONNECT] = {"connect", LIMIT_STATE, CONNECT_MS, PLAY_BYTES_MAX, lounge_packet, true},
    [SESSION_RECONFIGURE] = {"reconfigure", LIMIT_STATE, ANSWER_MS, PLAY_BYTES_MAX, lounge_packet,
                             true},
    [SESSION_RELAY] = {"relay", LIMIT_NONE, 0, PLAY_BYTES_MAX, NULL, false},
    [SESSION_FINISH] = {"finish", LIMIT_STATE, FINISH_MS, PLAY_BYTES_MAX, NULL, false},
};

bool session_is_logging_in(const struct session *session)
{
    return states[session->state].limit == LIMIT_LOGIN;
}

uint64_t session_now(const struct session *session)
{
    return uv_now(session->worker->loop);
}

const char *session_locale(const struct session *session)
{
    if (session->spoken[0])
        return session->spoken;
    if (session->has_settings)
        return session->settings.locale;
    return session->language[0] ? session->language : NULL;
}

static void on_tick_closed(uv_handle_t *handle)
{
    struct session *session = handle->data;

    buf_free(&session->brand);
    buf_free(&session->held);
    buf_free(&session->reason);
    buf_free(&session->channels);
    buf_free(&session->bars);
    buf_free(&session->listed);
    pack_free(&session->pack);
    gate_free(session);
    privacy_free(session);
    mirror_free(session);
    text_free(session->notice);
    profile_free(&session->profile);
    free(session->additions);
    free(session->tried);
    free(session->host);
    free(session);
}

static void close_backends(struct session *session)
{
    backend_close(session->backend);
    if (session->wanted)
        backend_close(session->wanted);
    session->wanted = NULL;
}

static void tell_of_the_end(struct session *session)
{
    struct event *event = event_new(EVENT_DISCONNECT, session);

    event->server = session->last_server;
    event_add_fact(event, "cause",
                   session->cause              ? session->cause
                   : session->worker->draining ? "stopped"
                                               : "put out");
    event_tell(session->worker, event);
}

/* What others hold for a session that says goodbye or ends without a word. */
static void let_go(struct session *session)
{
    if (session->logged_in)
        tell_of_the_end(session);
    session->logged_in = false;
    gate_left(session);
    encrypt_left(session);
    worker_unseat(session->worker, session);
    close_backends(session);
    wish_settle(session, ERR_CLOSED);
}

void session_close(struct session *session, const char *reason)
{
    struct worker *worker = session->worker;

    if (session->closing)
        return;
    session->closing = true;
    let_go(session);
    if (!session->quiet)
        log_info("session=%" PRIu64 " closed in state=%s reason=\"%s\"", session->id,
                 states[session->state].name, reason);
    conn_close(session->client);
    inbound_end(session);
    session_uncount(session);
    screen_free(session);
    worker_remove(worker, session);
    /* The memory goes after the current call chain, with the timer's last callback. */
    uv_close((uv_handle_t *)&session->tick, on_tick_closed);
}

void session_malformed(struct session *session, const char *where)
{
    session_say_goodbye(session, MESSAGE_MALFORMED, where);
}

bool session_frame(struct session *session, const struct buf *packets, struct buf *frames)
{
    struct slice list = buf_slice(packets);
    struct slice packet;

    while (!session->closing && packet_next(&list, &packet)) {
        if (frame_write(session->worker->codec, packet, session->threshold, frames) < 0)
            session_close(session, "a packet of Sekisho's own is too large");
    }
    return !session->closing;
}

void session_send(struct session *session, const struct buf *packets)
{
    struct buf frames = {0};

    (void)session_frame(session, packets, &frames);
    conn_write(session->client, buf_slice(&frames));
    buf_free(&frames);
}

void session_say(struct session *session, struct text *line)
{
    struct buf packets = {0};

    notice_chat(line, session->protocol, &packets);
    session_send(session, &packets);
    buf_free(&packets);
    text_free(line);
}

void session_finish(struct session *session, const char *reason)
{
    let_go(session);
    log_info("session=%" PRIu64 " goodbye in state=%s reason=\"%s\"", session->id,
             states[session->state].name, reason);
    session_move(session, SESSION_FINISH);
    conn_finish(session->client);
}

/* Before the protocol is known, or in the server list, there is no packet to say it with. */
static bool can_be_told(const struct session *session)
{
    return session->state != SESSION_FINISH && !session->closing &&
           (session->down == PROTOCOL_LOGIN || session->down == PROTOCOL_CONFIGURATION ||
            session->down == PROTOCOL_PLAY);
}

void session_pass_goodbye(struct session *session, struct slice encoded, const char *reason)
{
    static const enum packet_kind kinds[PROTOCOL_STATES] = {
        [PROTOCOL_LOGIN] = PACKET_LOGIN_C_DISCONNECT,
        [PROTOCOL_CONFIGURATION] = PACKET_CONFIG_C_DISCONNECT,
        [PROTOCOL_PLAY] = PACKET_PLAY_C_DISCONNECT,
    };
    /* Who was called back reads that phase, though they have not said so yet. */
    enum protocol_state phase = session->reconfiguring ? PROTOCOL_CONFIGURATION : session->down;
    struct buf packets = {0};
    size_t mark;

    if (!can_be_told(session)) {
        session_close(session, reason);
        return;
    }
    relay_close_bundle(session);
    mark = packet_begin(&packets, packet_map_id(session->map, kinds[phase]));
    buf_append_slice(&packets, encoded);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    session_finish(session, reason);
}

void session_count(struct session *session)
{
    if (session->counted)
        return;
    session->counted = true;
    session->worker->players++;
}

void session_uncount(struct session *session)
{
    if (session->counted)
        session->worker->players--;
    session->counted = false;
}

struct text *session_words(const struct session *session, enum message message)
{
    const char *locale = session_locale(session);
    const struct policy *policy = session->worker->policy;
    const char *sentence =
        message_text(message, locale ? locale : policy->texts[policy->default_text].language);
    struct text *text = text_new(sentence);

    /* Where nothing told the language yet, English stands below the community's own. */
    if (!locale && sentence != message_text(message, NULL)) {
        text_add(text, text_new("\n"));
        text_add(text, text_new(message_text(message, NULL)));
    }
    return text;
}

void session_say_goodbye(struct session *session, enum message message, const char *reason)
{
    struct text *text = session_words(session, message);
    struct buf encoded = {0};

    text_write(text, session->protocol, session->down, &encoded);
    session_pass_goodbye(session, buf_slice(&encoded), reason);
    buf_free(&encoded);
    text_free(text);
}

void session_watch(struct session *session)
{
    if (!uv_is_active((uv_handle_t *)&session->tick))
        uv_timer_again(&session->tick);
}

void session_move(struct session *session, enum session_state state)
{
    session->state = state;
    session->moved_at_ms = session_now(session);
    session_watch(session);
}

static uint64_t state_limit_ms(const struct session *session, const struct state_row *row)
{
    const struct conf *conf = session->worker->conf;

    switch (row->limit) {
    case LIMIT_LOGIN: return (uint64_t)conf->login_timeout_ms;
    case LIMIT_STATE: return row->limit_ms;
    case LIMIT_GATE: return (uint64_t)conf->gate_timeout_ms;
    case LIMIT_NONE: break;
    }
    return UINT64_MAX;
}

/* A state lasted as long as it may: some go on without what they waited for. */
static void state_timed_out(struct session *session)
{
    switch (session->state) {
    case SESSION_SETTLE:
    case SESSION_LIMBO_ENTER: lounge_enter(session); break;
    case SESSION_GATE: gate_timed_out(session); break;
    case SESSION_FINISH: session_close(session, "goodbye was not read in time"); break;
    case SESSION_PROXY_HEADER:
    case SESSION_HANDSHAKE:
    case SESSION_STATUS: session_close(session, "silent for too long"); break;
    case SESSION_LOGIN:
    case SESSION_ENCRYPT:
    case SESSION_VERIFY:
    case SESSION_UPSTREAM:
    case SESSION_LOOKUP:
    case SESSION_ACKNOWLEDGE:
        session_say_goodbye(session, MESSAGE_LOGIN_TIMEOUT, "login timed out");
        break;
    case SESSION_LIMBO_PACKS:
    case SESSION_LIMBO_READY:
    case SESSION_RECONFIGURE: session_close(session, "client did not follow"); break;
    case SESSION_CONNECT: route_lost(session->backend, "did not finish the login in time"); break;
    case SESSION_RECORD:
    case SESSION_WAIT:
    case SESSION_RELAY:
    case SESSION_NONE:
    case SESSION_STATES: break;
    }
}

/* A ping from before 1.7 may be complete after its first or second byte; only silence tells. */
static bool answer_legacy_ping(struct session *session, struct slice bytes, bool complete)
{
    struct worker *worker = session->worker;
    enum status_ping ping = status_ping_of(bytes, complete);
    struct buf answer = {0};

    if (ping == STATUS_PING_NONE || ping == STATUS_PING_PARTIAL)
        return false;
    status_legacy(worker->status, ping, worker->players, &answer);
    conn_write(session->client, buf_slice(&answer));
    buf_free(&answer);
    session_finish(session, "server list of an old client answered");
    return true;
}

/* Plugins have a bound of their own; only the login's deadline holds for them as well. */
static bool is_over(const struct session *session, const struct state_row *row)
{
    uint64_t since = row->limit == LIMIT_LOGIN ? session->opened_at_ms : session->moved_at_ms;

    return session_now(session) - since >= state_limit_ms(session, row) &&
           (session->asking == 0 || row->limit == LIMIT_LOGIN);
}

static void on_tick(uv_timer_t *timer)
{
    struct session *session = timer->data;
    const struct state_row *row = &states[session->state];
    uint64_t now = session_now(session);

    if (session->state == SESSION_HANDSHAKE && session->asking == 0 &&
        now - session->moved_at_ms >= LEGACY_PING_MS &&
        answer_legacy_ping(session, conn_kept(session->client), true))
        return;
    if (is_over(session, row)) {
        state_timed_out(session);
        return;
    }
    if (row->lounge)
        lounge_tick(session);
    if (session->state == SESSION_RELAY)
        route_tick(session);
    if (session->state == SESSION_RELAY && session->backend->joined && !session->wanted)
        uv_timer_stop(&session->tick);
}

/* What is left of a frame that nobody reads, as far as it is there. */
static size_t skip(struct session *session, struct slice bytes)
{
    size_t size = session->skip_left < bytes.len ? session->skip_left : bytes.len;

    session->skip_left -= size;
    return size;
}

/*
 * Nothing that is read here is as large: such a frame passes away as it comes, and is neither kept
 * nor inflated. In the login a mod loader's answer for its server may be.
 */
static bool is_too_large(const struct session *session, const struct frame *frame)
{
    return session->down != PROTOCOL_LOGIN && states[session->state].lounge &&
           (frame->inflated_len > READ_INFLATED_MAX ||
            frame->whole_len > frame->head_len + READ_INFLATED_MAX);
}

/* Takes one frame apart and gives its packet to the state. Returns its size, 0 to wait for more. */
static size_t take_frame(struct session *session, struct slice bytes)
{
    const struct state_row *row = &states[session->state];
    struct worker *worker = session->worker;
    struct packet_in in = {0};
    struct reader reader;
    struct frame frame;
    int err = frame_read_head(bytes, session->threshold >= 0, row->frame_max, &frame);
    int32_t id;

    if (err == 0 && is_too_large(session, &frame)) {
        session->skip_left = frame.whole_len;
        return skip(session, bytes);
    }
    if (err == ERR_AGAIN || (err == 0 && bytes.len < frame.whole_len))
        return 0;
    if (err == 0)
        err = frame_open(worker->codec, bytes, &frame, READ_INFLATED_MAX, &in.whole);
    if (err < 0) {
        session_malformed(session, err == ERR_TOO_LARGE ? "frame over the limit" : "bad frame");
        return 0;
    }
    reader = reader_of(in.whole);
    id = reader_varint(&reader);
    in.kind = packet_map_kind(session->map, session->up, PROTOCOL_SERVERBOUND, id);
    in.body = reader_rest(&reader);
    if (!reader_ok(&reader))
        session_malformed(session, "packet without an id");
    else
        row->packet(session, &in);
    return frame.whole_len;
}

static size_t take_bytes(struct session *session, struct slice bytes)
{
    size_t used = 0;

    if (session->state == SESSION_HANDSHAKE && bytes.data[0] == 0xFE) {
        if (answer_legacy_ping(session, bytes, false))
            return bytes.len;
        if (status_ping_of(bytes, false) == STATUS_PING_PARTIAL)
            return 0;
    }
    while (used < bytes.len && !session->closing && session->state != SESSION_FINISH &&
           session->state != SESSION_VERIFY && session->asking == 0 &&
           !conn_paused(session->client)) {
        struct slice rest = slice_of(bytes.data + used, bytes.len - used);
        size_t size;

        if (session->skip_left > 0)
            size = skip(session, rest);
        else if (session->state == SESSION_RELAY)
            size = relay_from_client(session, rest);
        else
            size = take_frame(session, rest);
        if (size == 0)
            break;
        used += size;
        /* Who does not read the answers is asked for no more questions. */
        if (session->state != SESSION_RELAY && conn_queued(session->client) > CONN_HIGH_BYTES)
            conn_pause(session->client);
    }
    /* What a client sends ahead waits until what it waits for is known; more is not taken in. */
    if ((session->state == SESSION_VERIFY || session->asking > 0) && used < bytes.len)
        conn_pause(session->client);
    return session->closing || session->state == SESSION_FINISH ? bytes.len : used;
}

static size_t on_client_bytes(void *owner, struct slice bytes)
{
    struct session *session = owner;
    size_t header = 0;

    if (session->state == SESSION_PROXY_HEADER) {
        header = inbound_header(session, bytes);
        if (session->closing)
            return bytes.len;
        if (header == 0 || header == bytes.len)
            return header;
    }
    return header + take_bytes(session, slice_of(bytes.data + header, bytes.len - header));
}

void session_go_on(struct session *session)
{
    if (session->state != SESSION_LOOKUP && session->state != SESSION_VERIFY &&
        session->asking == 0)
        conn_resume(session->client);
}

static void on_client_drained(void *owner)
{
    struct session *session = owner;

    if (session->state == SESSION_RELAY && session->backend->conn)
        conn_resume(session->backend->conn);
    else
        session_go_on(session);
}

static void on_client_ended(void *owner, int err)
{
    struct session *session = owner;

    session->quiet = session->quiet || inbound_is_probe(session);
    session->cause = "left";
    session_close(session, err == 0 ? "player left" : err_text(err));
}

static const struct conn_events client_events = {
    .received = on_client_bytes,
    .drained = on_client_drained,
    .ended = on_client_ended,
};

void session_new(struct worker *worker, struct listener *listener, const struct conf_listener *from)
{
    struct session *session = mem_alloc(sizeof *session);

    session->worker = worker;
    session->destination = ROUTE_NONE;
    session->origin = ROUTE_NONE;
    session->last_server = ROUTE_NONE;
    session->slots[0].session = session;
    session->slots[1].session = session;
    session->backend = &session->slots[0];
    session->client = conn_new(&worker->hub, &client_events, session);
    session->map = packet_map_of(PROTOCOL_NEWEST);
    session->threshold = FRAME_UNCOMPRESSED;
    session->proxied = from->proxy_protocol;
    if (listener_accept(listener, conn_handle(session->client)) < 0 ||
        !inbound_welcome(session, from) || !crowd_has_place(session)) {
        conn_close(session->client);
        free(session);
        return;
    }
    session->opened_at_ms = session_now(session);
    uv_timer_init(worker->loop, &session->tick);
    session->tick.data = session;
    uv_timer_start(&session->tick, on_tick, TICK_MS, TICK_MS);
    worker_add(worker, session);
    if (session->proxied)
        session_move(session, SESSION_PROXY_HEADER);
    else
        inbound_begin(session);
    if (!session->closing && conn_start(session->client) < 0)
        session_close(session, "peer was gone at once");
}
