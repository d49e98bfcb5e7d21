/*
 * From the handshake to a known identity: what the player wants, who they are, and whether the
 * store knows an acceptance of the policy that still counts. Handshake and login packets by
 * version: minecraft.wiki, "Java Edition protocol/Packets".
 */
#include "base/err.h"
#include "identity/offline.h"
#include "net/host.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    INTENT_STATUS = 1,
    INTENT_LOGIN = 2,
    INTENT_TRANSFER = 3, /* sent here by another server */
    WITH_TRANSFER = 766,
    WITH_COMPRESSION = 47,
    WITH_UUID_DASHES = 5,
    WITH_BINARY_UUID = 735,
    WITH_PROPERTIES = 759,
    WITH_CONFIGURATION = 764,
    WITH_STRICT_ERRORS = 766, /* only in these two */
    WITHOUT_STRICT_ERRORS = 768,
    WITH_SESSION_ID = 776,
    FORGE_DIGITS_MAX = 3,
};

/*
 * What a mod loader puts behind the host name: "\0FML\0", "\0FML2\0", "\0FML3\0", and Forge
 * of 1.20.2 and later "\0FORGE" with the number of its network version, if any.
 */
static bool is_marker(int protocol, struct slice tail)
{
    static const char *const fml[] = {"\0FML\0", "\0FML2\0", "\0FML3\0"};
    static const size_t fml_lens[] = {5, 6, 6};
    static const char forge[] = "\0FORGE";
    size_t len = sizeof forge - 1;

    for (size_t i = 0; i < sizeof fml / sizeof fml[0]; i++)
        if (slice_equal(tail, slice_of(fml[i], fml_lens[i])))
            return true;
    if (protocol < WITH_CONFIGURATION || tail.len < len || tail.len > len + FORGE_DIGITS_MAX ||
        memcmp(tail.data, forge, len) != 0)
        return false;
    while (len < tail.len && isdigit(tail.data[len]))
        len++;
    return len == tail.len;
}

/*
 * The host name as the player typed it, and a mod loader's marker. Anything else behind a zero
 * would be somebody's forged forwarding data and is dropped.
 */
static void remember_host(struct session *session, struct slice host)
{
    const uint8_t *zero = memchr(host.data, '\0', host.len);
    struct slice tail = {0};

    free(session->host);
    session->host = host_normal(host);
    if (zero)
        tail = slice_of(zero, host.len - (size_t)(zero - host.data));
    if (!is_marker(session->protocol, tail))
        return;
    memcpy(session->marker, tail.data, tail.len);
    session->marker_len = tail.len;
}

bool login_is_within_limits(struct session *session)
{
    if (session->verdict != LIMITS_OK)
        session_say_goodbye(session, MESSAGE_TOO_MANY_CONNECTIONS, "connections_per_ip");
    else if (!limits_login(session->worker->limits, session->address_key, session_now(session)))
        session_say_goodbye(session, MESSAGE_TOO_MANY_LOGINS, "logins_per_ip");
    else
        return true;
    return false;
}

static void begin_login(struct session *session, bool transferred)
{
    session->up = PROTOCOL_LOGIN;
    session->down = PROTOCOL_LOGIN;
    session_move(session, SESSION_LOGIN);
    if (session->protocol < PROTOCOL_OLDEST)
        session_say_goodbye(session, MESSAGE_UNSUPPORTED_VERSION, "client is older than 1.7.2");
    else if (transferred && !session->worker->conf->accept_transfers)
        session_say_goodbye(session, MESSAGE_NO_TRANSFERS, "transfers are not accepted");
    else if (session->limited) /* else its address is told later */
        (void)login_is_within_limits(session);
}

/*
 * The typed name may be one that a community gave to one person alone. So what plugins get of it is
 * what the configuration says that it fits, if that is anything.
 */
void login_add_host(const struct session *session, struct event *event)
{
    const char *known = route_known_host(session);

    if (known)
        event_add_fact(event, "host", known);
}

/* Words of a plugin, or that it had none. */
static void refuse(struct session *session, struct event *event)
{
    struct buf encoded = {0};

    if (!event->words) {
        session_say_goodbye(session, MESSAGE_REFUSED, "a plugin refused the login");
        return;
    }
    text_write(event->words, session->protocol, session->down, &encoded);
    session_pass_goodbye(session, buf_slice(&encoded), "a plugin refused the login");
    buf_free(&encoded);
}

static bool is_to_log_in(const struct session *session, int32_t intent)
{
    return intent == INTENT_LOGIN ||
           (intent == INTENT_TRANSFER && session->protocol >= WITH_TRANSFER);
}

static void on_connection(struct session *session, struct event *event)
{
    int32_t intent = event->number;
    bool denied = event->result == EVENT_DENIED;

    if (is_to_log_in(session, intent)) {
        begin_login(session, intent == INTENT_TRANSFER);
        if (denied && session->state == SESSION_LOGIN)
            refuse(session, event);
    } else if (intent == INTENT_STATUS && session->verdict == LIMITS_OK && !denied) {
        session->up = PROTOCOL_STATUS;
        session->down = PROTOCOL_STATUS;
        session_move(session, SESSION_STATUS);
    } else if (denied) {
        session_close(session, "a plugin refused the connection");
    } else {
        session_close(session, intent == INTENT_STATUS ? "connections_per_ip" : "unknown intent");
    }
}

static void ask_to_enter(struct session *session, int32_t intent)
{
    static const char *const intents[] = {NULL, "status", "login", "transfer"};
    struct event *event = event_new(EVENT_CONNECTION, session);

    event->number = intent;
    if (event_wanted(session->worker, EVENT_CONNECTION) && intent > 0 &&
        intent <= INTENT_TRANSFER) {
        event_add_fact(event, "intent", intents[intent]);
        login_add_host(session, event);
    }
    event_ask(session, event, on_connection);
}

static void on_handshake(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    int32_t protocol = reader_varint(&reader);
    struct slice host = reader_string(&reader, HOST_CHARS_MAX + SESSION_MARKER_BYTES_MAX);
    int32_t intent;

    reader_u16(&reader); /* port */
    intent = reader_varint(&reader);
    if (!reader_done(&reader)) {
        session_malformed(session, "malformed handshake");
        return;
    }
    session->protocol = protocol;
    session->map = packet_map_of(protocol);
    remember_host(session, host);
    forge_begin(session);
    ask_to_enter(session, intent);
}

static void on_allowed(struct session *session, struct event *event)
{
    if (event->result == EVENT_DENIED) {
        session->logged_in = false;
        refuse(session, event);
        return;
    }
    session->logged_in = true;
    store_consent_find(session->worker->store, session->id, &session->profile.uuid,
                       session->worker->policy->id, login_found);
}

void login_identified(struct session *session)
{
    worker_seat(session->worker, session);
    session_move(session, SESSION_LOOKUP);
    event_ask(session, event_new(EVENT_LOGIN, session), on_allowed);
}

/* In offline mode the name alone: the key, signature and UUID that may follow prove nothing. */
static void on_login_start(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice name = reader_string(&reader, PROFILE_NAME_CHARS_MAX);

    if (session->worker->conf->auth == CONF_AUTH_ONLINE) {
        encrypt_begin(session, body);
        return;
    }
    if (!reader_ok(&reader) || !identity_name_valid(name)) {
        session_say_goodbye(session, MESSAGE_INVALID_NAME, "not a player's name");
        return;
    }
    if (session->worker->conf->auth == CONF_AUTH_FORWARDED) {
        upstream_ask(session);
        return;
    }
    memcpy(session->profile.name, name.data, name.len);
    session->profile.proof = CONSENT_IDENTITY_OFFLINE;
    identity_offline_uuid(name, &session->profile.uuid);
    login_identified(session);
}

static void put_login_success(const struct session *session, struct buf *packets)
{
    int protocol = session->protocol;
    size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_LOGIN_C_SUCCESS));
    char text[UUID_TEXT_BYTES];

    if (protocol >= WITH_BINARY_UUID) {
        wire_put_uuid(packets, &session->profile.uuid);
    } else {
        if (protocol >= WITH_UUID_DASHES)
            uuid_format(&session->profile.uuid, text);
        else
            uuid_format_plain(&session->profile.uuid, text);
        wire_put_cstr(packets, text);
    }
    wire_put_cstr(packets, session->profile.name);
    if (protocol >= WITH_PROPERTIES)
        profile_put_properties(&session->profile, packets);
    if (protocol >= WITH_STRICT_ERRORS && protocol < WITHOUT_STRICT_ERRORS)
        wire_put_bool(packets, false);
    if (protocol >= WITH_SESSION_ID)
        wire_put_uuid(packets, &session->profile.uuid);
    packet_end(packets, mark);
}

/* The threshold and the success in one write, although they are framed differently. */
static void send_welcome(struct session *session)
{
    struct buf packets = {0};
    struct buf frames = {0};
    size_t mark;

    if (session->protocol >= WITH_COMPRESSION) {
        mark = packet_begin(&packets, packet_map_id(session->map, PACKET_LOGIN_C_COMPRESS));
        wire_put_varint(&packets, SESSION_COMPRESSION_THRESHOLD);
        packet_end(&packets, mark);
        (void)session_frame(session, &packets, &frames);
        buf_clear(&packets);
        session->threshold = SESSION_COMPRESSION_THRESHOLD;
    }
    put_login_success(session, &packets);
    if (session_frame(session, &packets, &frames))
        conn_write(session->client, buf_slice(&frames));
    buf_free(&packets);
    buf_free(&frames);
}

void login_welcome(struct session *session)
{
    send_welcome(session);
    if (session->accepted)
        session_count(session);
    if (session->protocol >= WITH_CONFIGURATION) {
        session_move(session, SESSION_ACKNOWLEDGE);
        return;
    }
    session->up = PROTOCOL_PLAY;
    session->down = PROTOCOL_PLAY;
}

/*
 * Forge of 1.13 to 1.20.1 shakes hands with the server inside the login: the client's login ends
 * when the server's does, and until then their questions and answers pass.
 */
static bool shakes_hands_in_login(const struct session *session)
{
    static const char *const loaders[] = {"FML2", "FML3"};

    for (size_t i = 0; i < sizeof loaders / sizeof loaders[0]; i++)
        if (memmem(session->marker, session->marker_len, loaders[i], strlen(loaders[i])))
            return session->protocol < WITH_CONFIGURATION;
    return false;
}

static void go_on(struct session *session)
{
    bool has_servers = session->worker->conf->server_count > 0;

    if (session->accepted && has_servers && shakes_hands_in_login(session)) {
        route_begin(session);
        return;
    }
    if (!session->accepted && code_is_needed(session) && code_is_possible(session)) {
        code_say_goodbye(session, MESSAGE_ON_THE_PAGE, "mod loader: answers on the page");
        return;
    }
    login_welcome(session);
    if (session->protocol < WITH_CONFIGURATION)
        lounge_enter(session);
}

static void on_addition(void *owner, uint64_t id, int err, const struct consent_record *record);

/* What servers add is looked up, one after the other, before the player goes on. */
static void look_further(struct session *session)
{
    const struct worker *worker = session->worker;

    if (session->looked_up < worker->policies->added_count) {
        const struct policy_added *added = &worker->policies->added[session->looked_up++];

        store_consent_find(worker->store, session->id, &session->profile.uuid,
                           added->set->current->id, on_addition);
        return;
    }
    go_on(session);
    /* What the client sent while the store was asked. */
    conn_resume(session->client);
}

static void on_addition(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct session *session = worker_session(owner, id);

    if (!session || session->state != SESSION_LOOKUP)
        return;
    if (err < 0 && err != ERR_NOT_FOUND) {
        session_say_goodbye(session, MESSAGE_STORE_DOWN, "the store could not be asked");
        return;
    }
    if (err == 0)
        addition_found(session, record);
    look_further(session);
}

void login_found(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct worker *worker = owner;
    struct session *session = worker_session(worker, id);

    if (!session || session->state != SESSION_LOOKUP)
        return;
    if (err < 0 && err != ERR_NOT_FOUND) {
        session_say_goodbye(session, MESSAGE_STORE_DOWN, "the store could not be asked");
        return;
    }
    if (err == 0) {
        memcpy(session->language, record->language, sizeof session->language);
        standing_found(session, record);
    }
    additions_begin(session);
    look_further(session);
}

static void on_acknowledged(struct session *session)
{
    session->up = PROTOCOL_CONFIGURATION;
    session->down = PROTOCOL_CONFIGURATION;
    session_move(session, SESSION_SETTLE);
}

void login_packet(struct session *session, const struct packet_in *packet)
{
    bool start = packet->kind == PACKET_LOGIN_S_START && session->state == SESSION_LOGIN;
    bool answered =
        packet->kind == PACKET_LOGIN_S_PLUGIN_RESPONSE && session->state == SESSION_UPSTREAM;
    bool acknowledged =
        packet->kind == PACKET_LOGIN_S_ACKNOWLEDGED && session->state == SESSION_ACKNOWLEDGE;

    if (packet->kind == PACKET_HANDSHAKE_S_INTENTION)
        on_handshake(session, packet->body);
    else if (start)
        on_login_start(session, packet->body);
    else if (answered)
        upstream_answered(session, packet->body);
    else if (acknowledged && packet->body.len == 0)
        on_acknowledged(session);
    else
        session_malformed(session, "unexpected packet in login");
}
