/*
 * A server list asks: what it shows, by plugins if they want to say it, and how long the way is.
 */
#include "protocol/wire.h"
#include "session/phases.h"

enum { ANSWER_BYTES_MAX = WIRE_STRING_CHARS_MAX }; /* the least that characters can take */

static void send_status(struct session *session, enum packet_kind kind, struct slice body)
{
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(session->map, kind));

    buf_append_slice(&packets, body);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
}

static void tell_status(struct session *session, struct slice json)
{
    struct buf body = {0};

    wire_put_string(&body, json);
    send_status(session, PACKET_STATUS_C_RESPONSE, buf_slice(&body));
    buf_free(&body);
}

static void on_ping_answered(struct session *session, struct event *event)
{
    const struct worker *worker = session->worker;
    struct buf json = {0};

    if (event->result == EVENT_DENIED) {
        session_close(session, "a plugin refused the server list");
        return;
    }
    status_write(worker->status, session->protocol, worker->players, event->answer, &json);
    if (json.len <= ANSWER_BYTES_MAX)
        tell_status(session, buf_slice(&json));
    else
        tell_status(session, status_json(worker->status, session->protocol, worker->players));
    buf_free(&json);
}

static void on_status_request(struct session *session)
{
    struct worker *worker = session->worker;
    struct event *event;

    if (!event_wanted(worker, EVENT_PING)) {
        tell_status(session, status_json(worker->status, session->protocol, worker->players));
        return;
    }
    event = event_new(EVENT_PING, session);
    login_add_host(session, event);
    event_ask(session, event, on_ping_answered);
}

void listing_packet(struct session *session, const struct packet_in *packet)
{
    if (packet->kind == PACKET_STATUS_S_REQUEST && packet->body.len == 0) {
        on_status_request(session);
    } else if (packet->kind == PACKET_STATUS_S_PING && packet->body.len == 8) {
        send_status(session, PACKET_STATUS_C_PONG, packet->body);
        session_finish(session, "server list answered");
    } else {
        session_close(session, "malformed status request");
    }
}
