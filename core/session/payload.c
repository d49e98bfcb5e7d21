/*
 * Plugin messages between client and server, as events: those that the server's rules let pass, on
 * channels that a plugin listens to. They go on when that was answered.
 */
#include "base/err.h"
#include "base/mem.h"
#include "protocol/packet.h"
#include "session/phases.h"

#include <stdlib.h>

static enum event_kind event_of(enum packet_kind kind)
{
    switch ((int)kind) {
    case PACKET_CONFIG_S_CUSTOM_PAYLOAD:
    case PACKET_PLAY_S_CUSTOM_PAYLOAD: return EVENT_MESSAGE_CLIENT;
    case PACKET_CONFIG_C_CUSTOM_PAYLOAD:
    case PACKET_PLAY_C_CUSTOM_PAYLOAD: return EVENT_MESSAGE_SERVER;
    default: return EVENT_NONE;
    }
}

bool payload_is_wanted(const struct session *session, enum packet_kind kind, struct slice channel)
{
    enum event_kind event = event_of(kind);

    return event != EVENT_NONE && event_wanted_on(session->worker, event, channel);
}

static bool has_server(const struct session *session)
{
    return session->state == SESSION_RELAY && session->backend->phase == BACKEND_LINKED;
}

/* In the phase that the receiver is in by now. */
static void put(struct session *session, enum packet_kind kind, const char *channel,
                struct slice data, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_map_id(session->map, kind));

    custom_payload_write(session->protocol, channel, data, packets);
    packet_end(packets, mark);
}

static void to_server(struct session *session, const char *channel, struct slice data)
{
    struct buf packets = {0};

    put(session,
        session->up == PROTOCOL_PLAY ? PACKET_PLAY_S_CUSTOM_PAYLOAD
                                     : PACKET_CONFIG_S_CUSTOM_PAYLOAD,
        channel, data, &packets);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}

static void to_client(struct session *session, const char *channel, struct slice data)
{
    struct buf packets = {0};

    put(session,
        session->down == PROTOCOL_PLAY ? PACKET_PLAY_C_CUSTOM_PAYLOAD
                                       : PACKET_CONFIG_C_CUSTOM_PAYLOAD,
        channel, data, &packets);
    session_send(session, &packets);
    buf_free(&packets);
}

/* Numbers of play packets of a release that is not known yet are not known. */
static bool is_readable(const struct session *session, enum protocol_state phase)
{
    return phase == PROTOCOL_CONFIGURATION || session->protocol <= PROTOCOL_NEWEST;
}

static void pass_on(struct session *session, const struct event *event)
{
    const char *channel = event_fact(event, "channel");

    if (event->result == EVENT_DENIED || !has_server(session))
        return;
    if (event->kind == EVENT_MESSAGE_CLIENT && is_readable(session, session->up))
        to_server(session, channel, buf_slice(&event->data));
    else if (event->kind == EVENT_MESSAGE_SERVER && is_readable(session, session->down))
        to_client(session, channel, buf_slice(&event->data));
}

static void on_answered(struct session *session, struct event *event)
{
    /* The player may be elsewhere by now, or have come back. */
    if (event->visit != session->visit)
        return;
    pass_on(session, event);
    if (event->kind == EVENT_MESSAGE_SERVER) {
        session->unheard--;
        backend_go_on(session->backend);
    }
}

bool payload_is_asked(struct session *session, const struct packet_in *packet)
{
    struct event *event;
    struct slice channel;
    struct slice data;
    char *name;

    if (custom_payload_read(session->protocol, packet->body, &channel, &data) < 0 ||
        !payload_is_wanted(session, packet->kind, channel))
        return false;
    event = event_new(event_of(packet->kind), session);
    name = mem_strndup((const char *)channel.data, channel.len);
    event_add_fact(event, "channel", name);
    free(name);
    event->server = (int)session->backend->server;
    buf_append_slice(&event->data, data);
    if (event->kind == EVENT_MESSAGE_SERVER)
        session->unheard++;
    event_ask(session, event, on_answered);
    return true;
}

void payload_ask_held(struct session *session)
{
    struct buf held = session->held;
    struct slice list = buf_slice(&held);
    struct slice whole;

    session->held = (struct buf){0};
    while (packet_next(&list, &whole)) {
        struct reader reader = reader_of(whole);
        struct packet_in packet = {.kind = PACKET_PLAY_S_CUSTOM_PAYLOAD, .whole = whole};

        reader_varint(&reader);
        packet.body = reader_rest(&reader);
        (void)payload_is_asked(session, &packet);
    }
    buf_free(&held);
}

int payload_send(struct session *session, const char *channel, struct slice data)
{
    if (!has_server(session) || !is_readable(session, session->up))
        return ERR_CLOSED;
    if (!acts_allow(session->backend, ACT_TO_SERVER, slice_str(channel)))
        return ERR_REFUSED;
    if (conn_queued(session->backend->conn) > CONN_HIGH_BYTES)
        return ERR_FULL; /* past the hard limit the server would be given up */
    to_server(session, channel, data);
    return 0;
}
