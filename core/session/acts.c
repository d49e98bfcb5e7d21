/*
 * What a server does to the client that its rules may refuse. A refused act goes no further than
 * this proxy: the client never learns of it, and a server that waits for an answer gets the one of
 * a client that declines. Refusals are counted by server and kind; what they were about stays here.
 * Layouts: minecraft-data, packets transfer, store_cookie, cookie_request, resource_pack_send,
 * add_resource_pack, custom_payload.
 */
#include "rules/acts.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/host.h"
#include "net/url.h"
#include "protocol/mods.h"
#include "protocol/settings.h"
#include "protocol/wire.h"
#include "session/screen.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    WITH_PACK_PACKET = 47, /* 1.7 has a plugin channel for it, and no answer */
    WITHOUT_PACK_HASH = 210,
    WITH_NAMESPACES = 393,
    WITH_PACK_UUID = 765,
    PACK_DECLINED = 1,
};

static const char default_namespace[] = "minecraft";
static const char common_list[] = "c:register";
static const char pack_channel[] = "MC|RPack";

static bool allow_name(const struct backend *backend, enum act act, struct slice name)
{
    const struct session *session = backend->session;

    return rules_allow_name(worker_rules(session->worker, backend->server),
                            grant_acts(session->grant, backend->server), act, name);
}

static bool allow_host(const struct backend *backend, enum act act, const char *host, int port)
{
    const struct session *session = backend->session;

    return rules_allow_host(worker_rules(session->worker, backend->server),
                            grant_acts(session->grant, backend->server), act, host, port);
}

static void refuse(struct session *session, const struct backend *backend, enum act act)
{
    struct tally *tally = &session->worker->refused[backend->server][act];
    uint64_t count;

    if (tally_due(tally, session_now(session), &count))
        log_info("server=%s refused=%" PRIu64 " kind=\"%s\"; its rules, or those that the players "
                 "accepted, do not allow it, see docs/rules.md",
                 backend_server(backend)->name, count, act_name(act));
}

bool acts_are_named(enum packet_kind kind)
{
    switch ((int)kind) {
    case PACKET_CONFIG_C_CUSTOM_PAYLOAD:
    case PACKET_CONFIG_C_STORE_COOKIE:
    case PACKET_CONFIG_S_COOKIE_RESPONSE:
    case PACKET_CONFIG_S_CUSTOM_PAYLOAD:
    case PACKET_PLAY_C_CUSTOM_PAYLOAD:
    case PACKET_PLAY_C_STORE_COOKIE:
    case PACKET_PLAY_S_COOKIE_RESPONSE:
    case PACKET_PLAY_S_CUSTOM_PAYLOAD: return true;
    default: return false;
    }
}

static enum act act_of(enum packet_kind kind)
{
    switch ((int)kind) {
    case PACKET_CONFIG_C_CUSTOM_PAYLOAD:
    case PACKET_PLAY_C_CUSTOM_PAYLOAD: return ACT_TO_CLIENT;
    case PACKET_CONFIG_S_CUSTOM_PAYLOAD:
    case PACKET_PLAY_S_CUSTOM_PAYLOAD: return ACT_TO_SERVER;
    case PACKET_CONFIG_C_STORE_COOKIE:
    case PACKET_PLAY_C_STORE_COOKIE: return ACT_STORE_COOKIE;
    default: return ACT_REQUEST_COOKIE;
    }
}

/* The game reads "name" and ":name" as "minecraft:name". `scratch` is for what has to be written.
 */
static struct slice full_name(const struct session *session, struct slice name, struct buf *scratch)
{
    const uint8_t *colon = name.len > 0 ? memchr(name.data, ':', name.len) : NULL;

    if (session->protocol < WITH_NAMESPACES || (colon && colon > name.data))
        return name;
    buf_append_str(scratch, default_namespace);
    if (!colon)
        buf_append_byte(scratch, ':');
    buf_append_slice(scratch, name);
    return buf_slice(scratch);
}

bool acts_allow(const struct backend *backend, enum act act, struct slice name)
{
    struct buf scratch = {0};
    bool allowed = allow_name(backend, act, full_name(backend->session, name, &scratch));

    buf_free(&scratch);
    return allowed;
}

/* Channels on which more than the name is judged. */
static bool is_special(const struct session *session, enum act act, struct slice channel)
{
    if (act != ACT_TO_SERVER && act != ACT_TO_CLIENT)
        return false;
    if (channels_are_listed(channel) || slice_is(channel, common_list))
        return true;
    if (act == ACT_TO_SERVER)
        return slice_is(channel, brand_channel(session->protocol)) || mods_are_listed(channel);
    return session->protocol < WITH_PACK_PACKET && slice_is(channel, pack_channel);
}

static enum verdict judge(struct session *session, enum act act, struct slice name)
{
    struct buf scratch = {0};
    struct slice full = full_name(session, name, &scratch);
    bool is_short = full.data != name.data;
    bool special = is_special(session, act, full);
    enum verdict verdict = VERDICT_DROP;

    /* No client shortens these, so nobody has to understand it. */
    if (special && !is_short)
        verdict = VERDICT_OPEN;
    else if (!special && allow_name(session->backend, act, full))
        verdict = VERDICT_PASS;
    buf_free(&scratch);
    return verdict;
}

/* The server whose login waits for this cookie, which the client was asked for; or NULL. */
static struct backend *waiting_for(struct session *session, struct slice key)
{
    struct backend *candidates[] = {session->wanted, session->backend};
    struct buf scratch = {0};
    struct slice full = full_name(session, key, &scratch);
    struct backend *found = NULL;

    for (size_t i = 0; i < 2 && !found; i++)
        if (candidates[i] && candidates[i]->cookie && slice_is(full, candidates[i]->cookie))
            found = candidates[i];
    buf_free(&scratch);
    return found;
}

enum verdict acts_judge(struct session *session, enum packet_kind kind, struct slice name)
{
    enum act act = act_of(kind);
    enum verdict verdict = judge(session, act, name);

    if (act == ACT_REQUEST_COOKIE &&
        (waiting_for(session, name) || screen_awaits_cookie(session, name)))
        return VERDICT_OPEN;
    if (verdict == VERDICT_DROP)
        refuse(session, session->backend, act);
    return verdict;
}

bool acts_matter(enum packet_kind kind)
{
    switch ((int)kind) {
    case PACKET_CONFIG_C_COOKIE_REQUEST:
    case PACKET_CONFIG_C_RESOURCE_PACK:
    case PACKET_CONFIG_C_TRANSFER:
    case PACKET_PLAY_C_COOKIE_REQUEST:
    case PACKET_PLAY_C_RESOURCE_PACK:
    case PACKET_PLAY_C_TRANSFER: return true;
    default: return false;
    }
}

static void malformed(struct session *session, const char *what)
{
    route_lost(session->backend, what);
}

static bool on_transfer(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice sent = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    int32_t port = reader_varint(&reader);
    struct slice host;
    int other_port;
    bool allowed = false;

    if (!reader_ok(&reader)) {
        malformed(session, "sent a malformed transfer");
        return true;
    }
    if (host_split(sent, &host, &other_port) && other_port == 0) {
        char *name = host_normal(host);

        allowed = allow_host(session->backend, ACT_TRANSFER, name, port);
        free(name);
    }
    if (!allowed)
        refuse(session, session->backend, ACT_TRANSFER);
    return !allowed;
}

static void answer(struct backend *backend, enum packet_kind kind, struct slice body)
{
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(backend->session->map, kind));

    buf_append_slice(&packets, body);
    packet_end(&packets, mark);
    backend_send(backend, &packets);
    buf_free(&packets);
}

/* The client answers on the channel that it is asked on, so both directions have to be allowed. */
bool acts_pass_query(struct backend *backend, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice channel;

    reader_varint(&reader); /* its number */
    channel = reader_string(&reader, ACTS_NAME_CHARS_MAX);
    if (reader_ok(&reader) && acts_allow(backend, ACT_TO_CLIENT, channel) &&
        acts_allow(backend, ACT_TO_SERVER, channel))
        return true;
    refuse(backend->session, backend, ACT_TO_CLIENT);
    return false;
}

/* The client is past its own login, so it is asked in the phase that it is in. */
bool acts_ask_cookie(struct backend *backend, struct slice body)
{
    struct session *session = backend->session;
    bool in_play = session->down == PROTOCOL_PLAY;
    bool has_packet = in_play ? session->protocol <= PROTOCOL_NEWEST && session->spawned
                              : session->down == PROTOCOL_CONFIGURATION;
    struct reader reader = reader_of(body);
    struct slice key = reader_string(&reader, ACTS_NAME_CHARS_MAX);
    struct buf packets = {0};
    struct buf full = {0};
    size_t mark;

    if (!reader_ok(&reader) || !acts_allow(backend, ACT_REQUEST_COOKIE, key)) {
        refuse(session, backend, ACT_REQUEST_COOKIE);
        return false;
    }
    if (!has_packet || session->reconfiguring)
        return false; /* between two phases, which is as good as without the cookie */
    key = full_name(session, key, &full);
    free(backend->cookie);
    backend->cookie = mem_strndup((const char *)key.data, key.len);
    buf_free(&full);
    mark = packet_begin(&packets,
                        packet_map_id(session->map, in_play ? PACKET_PLAY_C_COOKIE_REQUEST
                                                            : PACKET_CONFIG_C_COOKIE_REQUEST));
    buf_append_slice(&packets, body);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    return true;
}

/* To the login that waits for it, if one does. */
static bool on_cookie_response(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice key = reader_string(&reader, ACTS_NAME_CHARS_MAX);
    struct backend *backend = reader_ok(&reader) ? waiting_for(session, key) : NULL;

    if (!backend)
        return screen_cookie_answered(session, body);
    free(backend->cookie);
    backend->cookie = NULL;
    if (backend->phase == BACKEND_LOGIN)
        answer(backend, PACKET_LOGIN_S_COOKIE_RESPONSE, body);
    return true;
}

static bool on_cookie_request(struct session *session, const struct packet_in *packet)
{
    bool configuration = packet->kind == PACKET_CONFIG_C_COOKIE_REQUEST;
    struct reader reader = reader_of(packet->body);
    struct slice key = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    struct buf body = {0};

    if (!reader_ok(&reader)) {
        malformed(session, "sent a malformed cookie request");
        return true;
    }
    if (acts_allow(session->backend, ACT_REQUEST_COOKIE, key))
        return false;
    refuse(session, session->backend, ACT_REQUEST_COOKIE);
    wire_put_string(&body, key);
    wire_put_bool(&body, false);
    answer(session->backend,
           configuration ? PACKET_CONFIG_S_COOKIE_RESPONSE : PACKET_PLAY_S_COOKIE_RESPONSE,
           buf_slice(&body));
    buf_free(&body);
    return true;
}

static bool is_pack_allowed(const struct session *session, struct slice url)
{
    int port = 0;
    char *host = url_host(url, &port);
    bool allowed = host && allow_host(session->backend, ACT_RESOURCE_PACK, host, port);

    free(host);
    return allowed;
}

static bool on_resource_pack(struct session *session, const struct packet_in *packet)
{
    bool configuration = packet->kind == PACKET_CONFIG_C_RESOURCE_PACK;
    struct reader reader = reader_of(packet->body);
    struct uuid uuid = {0};
    struct buf body = {0};
    struct slice url;
    struct slice hash;

    if (session->protocol >= WITH_PACK_UUID)
        uuid = reader_uuid(&reader);
    url = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    hash = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    if (!reader_ok(&reader)) {
        malformed(session, "sent a malformed resource pack");
        return true;
    }
    if (is_pack_allowed(session, url))
        return false;
    refuse(session, session->backend, ACT_RESOURCE_PACK);
    if (session->protocol >= WITH_PACK_UUID)
        wire_put_uuid(&body, &uuid);
    if (session->protocol < WITHOUT_PACK_HASH)
        wire_put_string(&body, hash);
    wire_put_varint(&body, PACK_DECLINED);
    answer(session->backend,
           configuration ? PACKET_CONFIG_S_RESOURCE_PACK : PACKET_PLAY_S_RESOURCE_PACK,
           buf_slice(&body));
    buf_free(&body);
    return true;
}

/*
 * The list that Fabric and NeoForge share: a version, the phase it is about, and names. False when
 * it is malformed.
 */
static bool filter_common(const struct backend *backend, enum act act, struct slice data,
                          struct buf *out)
{
    struct reader reader = reader_of(data);
    int32_t version = reader_varint(&reader);
    struct slice phase = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    int32_t count = reader_varint(&reader);
    struct buf names = {0};
    int32_t kept = 0;

    for (int32_t i = 0; i < count && reader_ok(&reader); i++) {
        struct slice name = reader_string(&reader, WIRE_STRING_CHARS_MAX);

        if (!acts_allow(backend, act, name))
            continue;
        wire_put_string(&names, name);
        kept++;
    }
    wire_put_varint(out, version);
    wire_put_string(out, phase);
    wire_put_varint(out, kept);
    buf_append_slice(out, buf_slice(&names));
    buf_free(&names);
    return reader_done(&reader);
}

/* A list of channels, without those on which the one that reads it may not send. */
static bool on_list(struct session *session, const struct packet_in *packet, struct slice channel,
                    struct slice data)
{
    bool to_server = act_of(packet->kind) == ACT_TO_SERVER;
    enum act act = to_server ? ACT_TO_CLIENT : ACT_TO_SERVER;
    bool common = slice_is(channel, common_list);
    char *name = mem_strndup((const char *)channel.data, channel.len);
    struct buf list = {0};
    struct buf packets = {0};
    bool good = true;

    if (common)
        good = filter_common(session->backend, act, data, &list);
    else
        channels_filter(session->backend, data, act, &list);
    if (good && (common || list.len > 0)) {
        size_t mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));

        custom_payload_write(session->protocol, name, buf_slice(&list), &packets);
        packet_end(&packets, mark);
    }
    if (to_server)
        backend_send(session->backend, &packets);
    else
        session_send(session, &packets);
    free(name);
    buf_free(&list);
    buf_free(&packets);
    return true;
}

static bool on_payload(struct session *session, const struct packet_in *packet)
{
    struct slice channel;
    struct slice data;
    enum act act;
    bool allowed;

    if (custom_payload_read(session->protocol, packet->body, &channel, &data) < 0) {
        malformed(session, "sent a malformed plugin message");
        return true;
    }
    if (channels_are_listed(channel) || slice_is(channel, common_list))
        return on_list(session, packet, channel, data);
    if (mods_are_listed(channel))
        act = act_of(packet->kind);
    else if (slice_is(channel, pack_channel))
        act = ACT_RESOURCE_PACK;
    else
        return false;
    allowed = act == ACT_RESOURCE_PACK ? is_pack_allowed(session, data)
                                       : acts_allow(session->backend, act, channel);
    if (!allowed)
        refuse(session, session->backend, act);
    return !allowed;
}

bool acts_take(struct session *session, const struct packet_in *packet)
{
    switch ((int)packet->kind) {
    case PACKET_CONFIG_C_TRANSFER:
    case PACKET_PLAY_C_TRANSFER: return on_transfer(session, packet->body);
    case PACKET_CONFIG_C_COOKIE_REQUEST:
    case PACKET_PLAY_C_COOKIE_REQUEST: return on_cookie_request(session, packet);
    case PACKET_CONFIG_C_RESOURCE_PACK:
    case PACKET_PLAY_C_RESOURCE_PACK: return on_resource_pack(session, packet);
    case PACKET_CONFIG_S_COOKIE_RESPONSE:
    case PACKET_PLAY_S_COOKIE_RESPONSE: return on_cookie_response(session, packet->body);
    case PACKET_CONFIG_C_CUSTOM_PAYLOAD:
    case PACKET_CONFIG_S_CUSTOM_PAYLOAD:
    case PACKET_PLAY_C_CUSTOM_PAYLOAD:
    case PACKET_PLAY_S_CUSTOM_PAYLOAD: return on_payload(session, packet);
    default: return false;
    }
}

/* What the client said to mods before there was a server to hear it. Of what plugins want to hear,
 * payload_ask_held takes care. */
void acts_put_held(struct session *session, struct buf *packets)
{
    struct slice list = buf_slice(&session->held);
    struct buf asked = {0};
    struct slice packet;

    while (packet_next(&list, &packet)) {
        struct reader reader = reader_of(packet);
        struct slice channel;

        reader_varint(&reader);
        channel = reader_string(&reader, ACTS_NAME_CHARS_MAX);
        if (judge(session, ACT_TO_SERVER, channel) != VERDICT_PASS)
            refuse(session, session->backend, ACT_TO_SERVER);
        else if (payload_is_wanted(session, PACKET_PLAY_S_CUSTOM_PAYLOAD, channel))
            packet_append(&asked, packet);
        else
            packet_append(packets, packet);
    }
    buf_free(&session->held);
    session->held = asked;
}
