/*
 * How a player is introduced to a server: the PROXY header, the handshake, the login's start, and
 * the answer to a server that asks for modern forwarding. All of the player that is in there comes
 * from told.c, in the form that the server's rules allow.
 */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "identity/forwarding.h"
#include "net/proxy_header.h"
#include "protocol/wire.h"
#include "session/phases.h"

enum {
    INTENT_LOGIN = 2,
    CHANNEL_CHARS_MAX = 256,
    WITH_SIGNATURE = 759, /* of the player's chat key: 759 and 760 */
    WITH_UUID_OPTION = 760,
    WITHOUT_SIGNATURE = 761,
    WITH_CONFIGURATION = 764, /* and a plain UUID in login start */
};

static bool is_legacy(const struct conf_server *server)
{
    return server->forwarding == CONF_FORWARDING_LEGACY ||
           server->forwarding == CONF_FORWARDING_BUNGEEGUARD;
}

static struct slice secret_of(const struct backend *backend)
{
    return secrets_of_server(backend->session->worker->secrets, backend->server);
}

static void send_proxy_header(struct backend *backend)
{
    enum proxy_header_version version = backend_server(backend)->proxy_header;
    struct sockaddr_storage destination = {0};
    int len = sizeof destination;
    struct buf address = {0};
    struct buf header = {0};

    if (version == PROXY_HEADER_NONE)
        return;
    (void)!uv_tcp_getpeername(conn_handle(backend->conn), (struct sockaddr *)&destination, &len);
    told_address(backend, &address);
    proxy_header_write(version, buf_slice(&address), (const struct sockaddr *)&destination,
                       &header);
    conn_write(backend->conn, buf_slice(&header));
    buf_free(&address);
    buf_free(&header);
}

/* BungeeCord's form of an identity, behind the host name. */
static int put_legacy(const struct backend *backend, struct profile *told, struct buf *host)
{
    const struct session *session = backend->session;
    struct buf address = {0};
    struct forwarding forwarding;
    int err;

    told_address(backend, &address);
    forwarding = (struct forwarding){.profile = told, .address = buf_slice(&address)};
    forwarding_add_marker(told, slice_of(session->marker, session->marker_len));
    if (backend_server(backend)->forwarding == CONF_FORWARDING_BUNGEEGUARD)
        forwarding_add_token(told, secret_of(backend));
    err = forwarding_legacy(&forwarding, host);
    forwarding_wipe_token(told);
    buf_free(&address);
    return err;
}

static int put_host(const struct backend *backend, struct profile *told, struct buf *host)
{
    const struct session *session = backend->session;

    told_host(backend, host);
    if (is_legacy(backend_server(backend)))
        return put_legacy(backend, told, host);
    buf_append(host, session->marker, session->marker_len);
    return 0;
}

static void put_handshake(struct backend *backend, struct slice host, struct buf *packets)
{
    struct session *session = backend->session;
    size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_HANDSHAKE_S_INTENTION));

    told_protocol(backend);
    wire_put_varint(packets, session->protocol);
    wire_put_string(packets, host);
    wire_put_u16(packets, backend_server(backend)->address.port);
    wire_put_varint(packets, INTENT_LOGIN);
    packet_end(packets, mark);
}

/* Without the chat key of 759 and 760: it goes by modern forwarding, where a server checks it. */
static void put_login_start(const struct session *session, const struct profile *told,
                            struct buf *packets)
{
    int protocol = session->protocol;
    size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_LOGIN_S_START));

    wire_put_cstr(packets, told->name);
    if (protocol >= WITH_SIGNATURE && protocol < WITHOUT_SIGNATURE)
        wire_put_bool(packets, false);
    if (protocol >= WITH_UUID_OPTION && protocol < WITH_CONFIGURATION)
        wire_put_bool(packets, true);
    if (protocol >= WITH_UUID_OPTION)
        wire_put_uuid(packets, &told->uuid);
    packet_end(packets, mark);
}

/* What makes it impossible to introduce this player to this server; NULL: nothing. */
static const char *obstacle(const struct backend *backend)
{
    const struct session *session = backend->session;
    const struct conf_server *server = backend_server(backend);

    if (server->forwarding == CONF_FORWARDING_MODERN &&
        session->protocol < FORWARDING_WITH_LOGIN_PLUGIN)
        return "takes modern forwarding, which Minecraft before 1.13 cannot carry; its players "
               "need a server with forwarding = \"bungeeguard\" or \"legacy\"";
    /* Its chat session has a number that is not known, and would tell who it is. */
    if (session->protocol > PROTOCOL_NEWEST && session->profile.proof != CONSENT_IDENTITY_OFFLINE &&
        told_is_pseudonymous(backend))
        return "knows players by pseudonym, which this release of Minecraft might give away";
    /* Its packets of play pass unread, whatever the rules say. */
    if (session->protocol > PROTOCOL_NEWEST && server->third_party && !server->newer_releases)
        return "is others', and this release of Minecraft is newer than Sekisho knows; "
               "newer_releases = true lets it in";
    return NULL;
}

void introduction_begin(struct backend *backend)
{
    const char *why = obstacle(backend);
    struct profile told = {0};
    struct buf packets = {0};
    struct buf host = {0};

    if (why) {
        route_lost(backend, why);
        return;
    }
    told_profile(backend, &told);
    if (put_host(backend, &told, &host) < 0) {
        route_lost(backend, "cannot be told the player's properties: they are too large");
    } else {
        send_proxy_header(backend);
        put_handshake(backend, buf_slice(&host), &packets);
        put_login_start(backend->session, &told, &packets);
        backend_send(backend, &packets);
    }
    buf_wipe(&host);
    buf_wipe(&packets);
    profile_free(&told);
}

static void answer(struct backend *backend, int32_t id, const struct buf *data)
{
    struct session *session = backend->session;
    struct buf packets = {0};
    size_t mark =
        packet_begin(&packets, packet_map_id(session->map, PACKET_LOGIN_S_PLUGIN_RESPONSE));

    wire_put_varint(&packets, id);
    wire_put_bool(&packets, data);
    if (data)
        buf_append_slice(&packets, buf_slice(data));
    packet_end(&packets, mark);
    backend_send(backend, &packets);
    buf_free(&packets);
}

static int put_answer(const struct backend *backend, struct slice request, struct buf *out)
{
    const struct session *session = backend->session;
    const struct profile_key *key = told_key(backend);
    int version = forwarding_choose(request, session->protocol, key != NULL);
    struct profile told = {0};
    struct buf address = {0};
    struct forwarding forwarding;
    int err;

    if (version < 0)
        return version;
    told_profile(backend, &told);
    told_address(backend, &address);
    forwarding = (struct forwarding){.profile = &told, .address = buf_slice(&address), .key = key};
    err = forwarding_modern(secret_of(backend), (enum forwarding_version)version, &forwarding, out);
    buf_free(&address);
    profile_free(&told);
    return err;
}

static void answer_modern(struct backend *backend, int32_t id, struct slice request)
{
    const char *name = backend_server(backend)->name;
    struct buf data = {0};
    int err = put_answer(backend, request, &data);

    if (err == 0) {
        backend->introduced = true;
        answer(backend, id, &data);
    } else if (err == ERR_UNSUPPORTED) {
        log_error("server=%s asks for modern forwarding in a version that does not exist "
                  "(%zu bytes, first %d)",
                  name, request.len, request.len > 0 ? request.data[0] : 0);
        route_lost(backend, "asks for an unknown version of modern forwarding");
    } else {
        route_lost(backend, "cannot be told the player's properties: they are too large");
    }
    buf_free(&data);
}

bool introduction_asked(struct backend *backend, struct slice body)
{
    struct reader reader = reader_of(body);
    int32_t id = reader_varint(&reader);
    struct slice channel = reader_string(&reader, CHANNEL_CHARS_MAX);

    if (!reader_ok(&reader) || !slice_is(channel, FORWARDING_CHANNEL))
        return false;
    if (backend_server(backend)->forwarding == CONF_FORWARDING_MODERN) {
        answer_modern(backend, id, reader_rest(&reader));
        return true;
    }
    log_warn("server=%s asks for modern forwarding and gets none; write forwarding = \"modern\" "
             "for it, or switch velocity forwarding off in its own configuration",
             backend_server(backend)->name);
    answer(backend, id, NULL);
    return true;
}

bool introduction_is_done(const struct backend *backend)
{
    if (backend_server(backend)->forwarding != CONF_FORWARDING_MODERN || backend->introduced)
        return true;
    log_error("server=%s is to take modern forwarding and let a player in without it: whoever "
              "reaches it could enter under any name; set it up to accept velocity forwarding "
              "with the secret, see docs/configuration.md",
              backend_server(backend)->name);
    return false;
}
