/*
 * Frames between the client and its server. What nobody needs to read passes as the bytes that
 * came, still compressed; only packets of a few kinds are opened. What a backend may not know is
 * replaced here, what it does to end or change the phase is noticed.
 *
 * To the client frames go whole: wherever a server dies, the client can be told. To the server they
 * go without waiting for their end, so that no client makes Sekisho keep what nobody reads.
 */
#include "base/err.h"
#include "base/log.h"
#include "protocol/mods.h"
#include "protocol/wire.h"
#include "session/screen.h"

#include <inttypes.h>

enum {
    REASON_BYTES_MAX = 256 * 1024,
    OPENED_CLIENT_BYTES_MAX = 2 * 1024 * 1024,
    WITH_CONFIGURATION = 764,
    HEAD_BYTES_MAX = 2 * VARINT_BYTES_MAX + 3 * ACTS_NAME_CHARS_MAX, /* id and name */
};

/* What is to be done with a frame, as far as its beginning tells. */
struct cut {
    struct frame frame;
    enum packet_kind kind;
    enum verdict verdict;
};

/* One direction of one session. */
struct flow {
    enum protocol_direction direction;
    struct conn *from;
    struct conn *to;
    int from_threshold;
    int to_threshold;
    size_t inflated_max;
    size_t *pass_left; /* NULL: frames go whole */
    size_t *skip_left;
    bool (*wants)(const struct session *session, enum packet_kind kind);
    enum verdict (*taken)(struct session *session, const struct packet_in *packet);
};

static bool linked(const struct session *session, const struct flow *flow)
{
    return session->state == SESSION_RELAY && !session->closing &&
           session->backend->phase == BACKEND_LINKED &&
           (session->backend->conn == flow->from || session->backend->conn == flow->to);
}

static void broken(struct session *session, const struct flow *flow, const char *what)
{
    if (flow->direction == PROTOCOL_SERVERBOUND)
        session_malformed(session, what);
    else
        route_lost(session->backend, what);
}

static enum protocol_state phase_of(const struct session *session, const struct flow *flow)
{
    return flow->direction == PROTOCOL_SERVERBOUND ? session->up : session->down;
}

/* The kind of a frame. Returns 0, ERR_AGAIN or ERR_MALFORMED. */
static int kind_of(struct session *session, const struct flow *flow, struct slice bytes,
                   const struct frame *frame, enum packet_kind *kind)
{
    enum protocol_state phase = phase_of(session, flow);
    int32_t id;
    int err;

    *kind = PACKET_UNKNOWN;
    /* Play packets of a release that is not known yet have numbers that are not known. */
    if (phase == PROTOCOL_PLAY && session->protocol > PROTOCOL_NEWEST)
        return 0;
    err = frame_peek_id(session->worker->codec, bytes, frame, &id);
    if (err < 0)
        return err;
    *kind = packet_map_kind(session->map, phase, flow->direction, id);
    return 0;
}

/* A packet that begins with a name need not be there whole, nor be kept, to be judged. */
static int judge(struct session *session, struct slice bytes, struct cut *cut)
{
    uint8_t inflated[HEAD_BYTES_MAX];
    bool whole = bytes.len >= cut->frame.whole_len;
    struct slice head;
    struct slice name;
    struct reader reader;
    int err =
        frame_peek(session->worker->codec, bytes, &cut->frame, inflated, sizeof inflated, &head);

    if (err < 0)
        return err;
    reader = reader_of(head);
    reader_varint(&reader);
    name = reader_string(&reader, ACTS_NAME_CHARS_MAX);
    if (!reader_ok(&reader))
        return whole || head.len == sizeof inflated ? ERR_MALFORMED : ERR_AGAIN;
    cut->verdict = acts_judge(session, cut->kind, name);
    if (cut->verdict == VERDICT_PASS && payload_is_wanted(session, cut->kind, name))
        cut->verdict = VERDICT_OPEN;
    return 0;
}

/* Returns 0, or an error as of the functions it calls. */
static int look(struct session *session, const struct flow *flow, struct slice bytes,
                struct cut *cut)
{
    int err = frame_read_head(bytes, flow->from_threshold >= 0, PACKET_BYTES_MAX, &cut->frame);

    if (err == 0)
        err = kind_of(session, flow, bytes, &cut->frame, &cut->kind);
    if (err < 0)
        return err;
    cut->verdict = VERDICT_PASS;
    if (acts_are_named(cut->kind))
        err = judge(session, bytes, cut);
    if (err == 0 && cut->verdict == VERDICT_PASS && flow->wants(session, cut->kind))
        cut->verdict = VERDICT_OPEN;
    return err;
}

/* A delimiter stands in front of each bundle and behind it. */
static void note_passed(struct session *session, enum packet_kind kind)
{
    if (kind == PACKET_PLAY_C_BUNDLE_DELIMITER)
        session->backend->bundle_open = !session->backend->bundle_open;
}

/* A client cannot leave play, nor be put into another world, within a bundle. */
void relay_close_bundle(struct session *session)
{
    struct buf packets = {0};
    int id = packet_map_id(session->map, PACKET_PLAY_C_BUNDLE_DELIMITER);

    if (!session->backend->bundle_open)
        return;
    session->backend->bundle_open = false;
    packet_end(&packets, packet_begin(&packets, id));
    session_send(session, &packets);
    buf_free(&packets);
}

/* Writes a frame in the receiver's form; `packet` is what it holds. */
static void rewrite(struct session *session, const struct flow *flow, struct slice packet)
{
    struct buf frame = {0};

    if (frame_write(session->worker->codec, packet, flow->to_threshold, &frame) < 0)
        broken(session, flow, "packet over the limit");
    else
        conn_write(flow->to, buf_slice(&frame));
    buf_free(&frame);
}

/* Opens a whole frame that is wanted or does not fit the receiver. */
static void open_frame(struct session *session, const struct flow *flow, struct slice bytes,
                       const struct cut *cut)
{
    bool wanted = cut->verdict == VERDICT_OPEN;
    struct packet_in in = {.kind = cut->kind};
    struct reader reader;
    int err = frame_open(session->worker->codec, bytes, &cut->frame, flow->inflated_max, &in.whole);

    if (err < 0) {
        broken(session, flow, err == ERR_TOO_LARGE ? "packet over the limit" : "bad packet");
        return;
    }
    reader = reader_of(in.whole);
    reader_varint(&reader);
    in.body = reader_rest(&reader);
    if (wanted && flow->taken(session, &in) == VERDICT_DROP)
        return;
    if (!linked(session, flow))
        return;
    note_passed(session, cut->kind);
    if (frame_fits(&cut->frame, flow->from_threshold, flow->to_threshold))
        conn_write(flow->to, slice_of(bytes.data, cut->frame.whole_len));
    else
        rewrite(session, flow, in.whole);
    if (wanted && cut->kind == PACKET_PLAY_C_JOIN_GAME)
        backend_joined(session);
}

/* The bytes that the run of passing frames grows by; 0 when it has to end here. */
static size_t pass_some(struct session *session, const struct flow *flow, struct slice bytes,
                        struct cut *cut, int *err)
{
    size_t size;

    if (flow->pass_left && *flow->pass_left > 0) {
        size = *flow->pass_left < bytes.len ? *flow->pass_left : bytes.len;
        *flow->pass_left -= size;
        return size;
    }
    *err = look(session, flow, bytes, cut);
    if (*err < 0 || cut->verdict != VERDICT_PASS ||
        !frame_fits(&cut->frame, flow->from_threshold, flow->to_threshold))
        return 0;
    size = cut->frame.whole_len < bytes.len ? cut->frame.whole_len : bytes.len;
    if (!flow->pass_left && size < cut->frame.whole_len)
        return 0;
    note_passed(session, cut->kind);
    if (flow->pass_left)
        *flow->pass_left = cut->frame.whole_len - size;
    return size;
}

/* Of a frame that goes nowhere, as much as is there. */
static size_t skip(const struct flow *flow, struct slice bytes)
{
    size_t size = *flow->skip_left < bytes.len ? *flow->skip_left : bytes.len;

    *flow->skip_left -= size;
    return size;
}

/* What begins with a frame that does not simply pass. Returns the bytes that are done with. */
static size_t take(struct session *session, const struct flow *flow, struct slice bytes,
                   const struct cut *cut)
{
    if (cut->verdict == VERDICT_DROP) {
        *flow->skip_left = cut->frame.whole_len;
        return skip(flow, bytes);
    }
    if (bytes.len < cut->frame.whole_len)
        return 0;
    open_frame(session, flow, bytes, cut);
    return cut->frame.whole_len;
}

static size_t relay(struct session *session, const struct flow *flow, struct slice bytes)
{
    struct cut cut = {0};
    size_t run = 0;
    int err = 0;

    if (*flow->skip_left > 0)
        return skip(flow, bytes);
    while (run < bytes.len) {
        size_t size =
            pass_some(session, flow, slice_of(bytes.data + run, bytes.len - run), &cut, &err);

        if (size == 0)
            break;
        run += size;
    }
    conn_write(flow->to, slice_of(bytes.data, run));
    if (run < bytes.len && linked(session, flow)) {
        struct slice rest = slice_of(bytes.data + run, bytes.len - run);

        if (err < 0 && err != ERR_AGAIN)
            broken(session, flow, err == ERR_TOO_LARGE ? "frame over the limit" : "bad frame");
        else if (err == 0)
            run += take(session, flow, rest, &cut);
    }
    if (linked(session, flow) && conn_queued(flow->to) > CONN_HIGH_BYTES)
        conn_pause(flow->from);
    return run;
}

/*
 * Up to 1.20.1 a client goes on playing until the join game of another server comes. What it does
 * meanwhile is meant for the world that it sees: the server that comes would take it for a move
 * in its own, or, with Forge's handshake under way, fall over it.
 */
static bool sees_old_world(const struct session *session)
{
    return session->protocol < WITH_CONFIGURATION && !session->backend->joined;
}

/*
 * The answer to a keep-alive of the server that was left may still be on its way, and a server of
 * 1.12.2 or later puts out who answers what it did not ask. From 1.20.2 on the lounge takes it.
 */
static bool awaits_ping(const struct session *session)
{
    return session->protocol < WITH_CONFIGURATION && !session->backend->ping_answered;
}

static bool wants_from_client(const struct session *session, enum packet_kind kind)
{
    if (sees_old_world(session))
        return true;
    switch ((int)kind) {
    case PACKET_CONFIG_S_SETTINGS:
    case PACKET_CONFIG_S_CUSTOM_CLICK:
    case PACKET_CONFIG_S_FINISH:
    case PACKET_PLAY_S_SETTINGS:
    case PACKET_PLAY_S_CUSTOM_CLICK:
    case PACKET_PLAY_S_CONFIGURATION_ACKNOWLEDGED:
    case PACKET_PLAY_S_CHAT:
    case PACKET_PLAY_S_CHAT_COMMAND:
    case PACKET_PLAY_S_CHAT_COMMAND_SIGNED: return true;
    case PACKET_PLAY_S_CHAT_SESSION: return signatures_matter(session) || chat_key_is_due(session);
    case PACKET_PLAY_S_CHAT_ACKNOWLEDGEMENT: return signatures_matter(session);
    case PACKET_PLAY_S_POSITION:
    case PACKET_PLAY_S_POSITION_LOOK: return screen_wants_place(session);
    case PACKET_PLAY_S_TAB_COMPLETE: return true;
    case PACKET_CONFIG_S_RESOURCE_PACK:
    case PACKET_PLAY_S_RESOURCE_PACK:
        return pack_matters(session) || kept_wants_packs(session) ||
               event_wanted(session->worker, EVENT_PACK);
    case PACKET_CONFIG_S_KEEP_ALIVE:
    case PACKET_PLAY_S_KEEP_ALIVE: return session->ping_open || awaits_ping(session);
    default: return false;
    }
}

static void tell(struct session *session, const struct packet_in *packet,
                 void (*put)(struct session *session, int id, struct buf *packets))
{
    struct buf packets = {0};

    put(session, packet_map_id(session->map, packet->kind), &packets);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}

/* The settings and the brand go on in the form that the server's rules allow. */
static enum verdict on_settings(struct session *session, const struct packet_in *packet)
{
    if (settings_read(session->protocol, packet->body, &session->settings) < 0) {
        session_malformed(session, "malformed client settings");
        return VERDICT_DROP;
    }
    session->has_settings = true;
    tell(session, packet, told_settings);
    kept_settings(session);
    event_tell_of(session->worker, EVENT_SETTINGS, session);
    return VERDICT_DROP;
}

static enum verdict verdict_of(bool answered)
{
    return answered ? VERDICT_DROP : VERDICT_PASS;
}

static enum verdict on_custom_payload(struct session *session, const struct packet_in *packet)
{
    struct slice channel;
    struct slice data;
    struct slice brand;

    if (custom_payload_read(session->protocol, packet->body, &channel, &data) < 0) {
        session_malformed(session, "malformed plugin message");
        return VERDICT_DROP;
    }
    if (!slice_is(channel, brand_channel(session->protocol))) {
        if (channels_remember(session, channel, data))
            kept_channels(session);
        if (mods_are_listed(channel))
            kept_mods(session, channel, data);
        return verdict_of(acts_take(session, packet) || payload_is_asked(session, packet));
    }
    if (brand_read(session->protocol, data, &brand) < 0) {
        session_malformed(session, "malformed brand");
        return VERDICT_DROP;
    }
    buf_clear(&session->brand);
    buf_append_slice(&session->brand, brand);
    tell(session, packet, told_brand);
    kept_state(session, FIELD_CLIENT_BRAND, buf_slice(&session->brand));
    event_tell_of(session->worker, EVENT_BRAND, session);
    return VERDICT_DROP;
}

/* An answer to a keep-alive of the lounge, or of another server, is not for this one. */
static enum verdict on_keep_alive(struct session *session, const struct packet_in *packet)
{
    struct backend *backend = session->backend;
    int64_t id;

    if (!limbo_keep_alive_id(session->protocol, packet->kind == PACKET_CONFIG_S_KEEP_ALIVE,
                             packet->body, &id))
        return VERDICT_PASS;
    if (session->ping_open && id == session->ping_id) {
        session->ping_open = false;
        return VERDICT_DROP;
    }
    if (!awaits_ping(session))
        return VERDICT_PASS;
    backend->ping_answered = backend->pinged && id == backend->ping_id;
    return backend->ping_answered ? VERDICT_PASS : VERDICT_DROP;
}

/* Unasked it would put the client into play, where its packets mean something else. */
static enum verdict on_finished(struct session *session)
{
    if (session->down != PROTOCOL_PLAY) {
        session_malformed(session, "configuration finished unasked");
        return VERDICT_DROP;
    }
    session->up = PROTOCOL_PLAY;
    pack_restore(session);
    return VERDICT_PASS;
}

/* A second press of the gate's button is not for the server either. */
static enum verdict on_click(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice id = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    struct slice own = slice_str("sekisho:");

    if (id.len <= own.len || !slice_equal(slice_of(id.data, own.len), own))
        return VERDICT_PASS;
    if (!screen_clicked(session, packet->body))
        (void)privacy_click(session, packet->body);
    return VERDICT_DROP;
}

/* The settings are told when the client has joined; plugin messages are between the mods. */
static enum verdict on_early(struct session *session, const struct packet_in *packet)
{
    if (packet->kind == PACKET_PLAY_S_CUSTOM_PAYLOAD)
        return on_custom_payload(session, packet);
    if (packet->kind == PACKET_PLAY_S_SETTINGS)
        lounge_remember(session, packet);
    return VERDICT_DROP;
}

static enum verdict taken_from_client(struct session *session, const struct packet_in *packet)
{
    if (sees_old_world(session))
        return on_early(session, packet);
    switch ((int)packet->kind) {
    case PACKET_CONFIG_S_SETTINGS:
    case PACKET_PLAY_S_SETTINGS: return on_settings(session, packet);
    case PACKET_CONFIG_S_CUSTOM_PAYLOAD:
    case PACKET_PLAY_S_CUSTOM_PAYLOAD: return on_custom_payload(session, packet);
    case PACKET_CONFIG_S_COOKIE_RESPONSE:
    case PACKET_PLAY_S_COOKIE_RESPONSE: return verdict_of(acts_take(session, packet));
    case PACKET_CONFIG_S_CUSTOM_CLICK:
    case PACKET_PLAY_S_CUSTOM_CLICK: return on_click(session, packet);
    case PACKET_CONFIG_S_KEEP_ALIVE:
    case PACKET_PLAY_S_KEEP_ALIVE: return on_keep_alive(session, packet);
    case PACKET_PLAY_S_CHAT:
    case PACKET_PLAY_S_CHAT_COMMAND:
    case PACKET_PLAY_S_CHAT_COMMAND_SIGNED:
        if (command_typed(session, packet) || said_is_asked(session, packet))
            return VERDICT_DROP;
        kept_chat(session, packet);
        return verdict_of(signatures_take_out(session, packet));
    case PACKET_PLAY_S_CHAT_SESSION:
        chat_key_told(session);
        return verdict_of(signatures_take_out(session, packet));
    case PACKET_PLAY_S_CHAT_ACKNOWLEDGEMENT:
        return verdict_of(signatures_take_out(session, packet));
    case PACKET_PLAY_S_POSITION:
    case PACKET_PLAY_S_POSITION_LOOK: screen_moved(session, packet); break;
    case PACKET_PLAY_S_TAB_COMPLETE: return verdict_of(command_completed(session, packet));
    case PACKET_CONFIG_S_RESOURCE_PACK:
    case PACKET_PLAY_S_RESOURCE_PACK:
        kept_pack(session, packet);
        if (pack_matters(session) && pack_answered(session, packet))
            return VERDICT_DROP;
        pack_tell(session, packet);
        break;
    case PACKET_CONFIG_S_FINISH: return on_finished(session);
    case PACKET_PLAY_S_CONFIGURATION_ACKNOWLEDGED:
        session->reconfiguring = false;
        session->up = PROTOCOL_CONFIGURATION;
        break;
    default: break;
    }
    return VERDICT_PASS;
}

size_t relay_from_client(struct session *session, struct slice bytes)
{
    struct flow flow = {
        .direction = PROTOCOL_SERVERBOUND,
        .from = session->client,
        .to = session->backend->conn,
        .from_threshold = session->threshold,
        .to_threshold = session->backend->threshold,
        .inflated_max = OPENED_CLIENT_BYTES_MAX,
        .pass_left = &session->pass_left,
        .skip_left = &session->skip_left,
        .wants = wants_from_client,
        .taken = taken_from_client,
    };

    return relay(session, &flow, bytes);
}

static bool wants_from_backend(const struct session *session, enum packet_kind kind)
{
    switch ((int)kind) {
    case PACKET_CONFIG_C_DISCONNECT:
    case PACKET_CONFIG_C_FINISH:
    case PACKET_PLAY_C_DISCONNECT:
    case PACKET_PLAY_C_START_CONFIGURATION: return true;
    case PACKET_PLAY_C_COMMANDS: return true;
    case PACKET_PLAY_C_JOIN_GAME: return !session->backend->joined;
    case PACKET_PLAY_C_TAB_COMPLETE: return session->completing[0] != 0;
    case PACKET_PLAY_C_CUSTOM_PAYLOAD: return forge_matters(session);
    case PACKET_PLAY_C_KEEP_ALIVE: return awaits_ping(session);
    case PACKET_PLAY_C_BOSS_BAR:
    case PACKET_PLAY_C_PLAYER_INFO:
    case PACKET_PLAY_C_PLAYER_REMOVE: return traces_matter(session);
    default: return acts_matter(kind);
    }
}

static enum verdict on_kick(struct session *session, const struct packet_in *packet)
{
    buf_clear(&session->reason);
    if (packet->body.len <= REASON_BYTES_MAX)
        buf_append_slice(&session->reason, packet->body);
    route_kicked(session->backend, "disconnected the player");
    return VERDICT_DROP;
}

/* A client of up to 1.20.1 that stands in a world already has to be led from one to the other. */
static enum verdict on_join(struct session *session, const struct packet_in *packet)
{
    bool change = session->spawned && session->protocol < WITH_CONFIGURATION;
    struct reader reader = reader_of(packet->body);
    struct buf packets = {0};

    session->entity = reader_i32(&reader);
    if (!change)
        return VERDICT_PASS;
    traces_clear(session, &packets);
    if (limbo_switch_join(session->protocol, session->forge != FORGE_NONE, packet->whole,
                          &packets) < 0) {
        route_lost(session->backend, "sent a malformed join game");
    } else {
        session_send(session, &packets);
        backend_joined(session);
    }
    buf_free(&packets);
    return VERDICT_DROP;
}

static enum verdict taken_from_backend(struct session *session, const struct packet_in *packet)
{
    switch ((int)packet->kind) {
    case PACKET_CONFIG_C_DISCONNECT:
    case PACKET_PLAY_C_DISCONNECT: return on_kick(session, packet);
    case PACKET_PLAY_C_JOIN_GAME: return on_join(session, packet);
    case PACKET_PLAY_C_COMMANDS: return verdict_of(command_add_to_tree(session, packet));
    case PACKET_PLAY_C_TAB_COMPLETE: return verdict_of(command_add_completion(session, packet));
    case PACKET_PLAY_C_CUSTOM_PAYLOAD:
        if (forge_matters(session))
            forge_note(session, packet);
        return verdict_of(acts_take(session, packet) || payload_is_asked(session, packet));
    case PACKET_CONFIG_C_CUSTOM_PAYLOAD:
        return verdict_of(acts_take(session, packet) || payload_is_asked(session, packet));
    case PACKET_CONFIG_C_RESOURCE_PACK:
    case PACKET_PLAY_C_RESOURCE_PACK:
        if (acts_take(session, packet))
            return VERDICT_DROP;
        if (pack_matters(session))
            pack_offered(session, packet);
        break;
    case PACKET_PLAY_C_KEEP_ALIVE:
        session->backend->pinged =
            limbo_keep_alive_id(session->protocol, false, packet->body, &session->backend->ping_id);
        break;
    case PACKET_PLAY_C_BOSS_BAR:
    case PACKET_PLAY_C_PLAYER_INFO:
    case PACKET_PLAY_C_PLAYER_REMOVE: traces_note(session, packet); break;
    case PACKET_CONFIG_C_FINISH:
        session->down = PROTOCOL_PLAY;
        /* The join game of a release that is not known yet is not seen. */
        if (session->protocol > PROTOCOL_NEWEST)
            backend_joined_unseen(session);
        break;
    case PACKET_PLAY_C_START_CONFIGURATION:
        session->reconfiguring = true;
        session->down = PROTOCOL_CONFIGURATION;
        session->backend->joined = false; /* its world is gone, and comes anew */
        break;
    default: return verdict_of(acts_take(session, packet));
    }
    return VERDICT_PASS;
}

size_t relay_from_backend(struct session *session, struct slice bytes)
{
    struct flow flow = {
        .direction = PROTOCOL_CLIENTBOUND,
        .from = session->backend->conn,
        .to = session->client,
        .from_threshold = session->backend->threshold,
        .to_threshold = session->threshold,
        .inflated_max = FRAME_INFLATED_MAX,
        .skip_left = &session->backend->skip_left,
        .wants = wants_from_backend,
        .taken = taken_from_backend,
    };

    return relay(session, &flow, bytes);
}
