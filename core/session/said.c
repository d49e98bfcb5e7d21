/*
 * What a player says, as events: a line of the chat, and a command that is not Sekisho's. It goes
 * on to the server when whoever was asked has answered.
 */
#include "base/mem.h"
#include "protocol/signed_chat.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <stdlib.h>

enum {
    WITH_COMMAND_PACKET = 759,
    WITH_CHAIN = 760,             /* each signature goes on from the one before */
    WITHOUT_SIGNED_COMMAND = 766, /* the plain one; the signed one is another packet */
    LINE_CHARS_MAX = 32767,
};

static bool is_command(const struct session *session, enum packet_kind kind, struct slice line)
{
    if (session->protocol >= WITH_COMMAND_PACKET)
        return kind != PACKET_PLAY_S_CHAT;
    return line.len > 0 && line.data[0] == '/';
}

static struct packet_in packet_of(enum packet_kind kind, struct slice whole)
{
    struct reader reader = reader_of(whole);

    reader_varint(&reader);
    return (struct packet_in){.kind = kind, .whole = whole, .body = reader_rest(&reader)};
}

/*
 * A server that holds the key puts out who skips a line, or says another than they signed. In 1.19
 * each line stands for itself.
 */
static bool is_fixed(const struct session *session, const struct packet_in *packet)
{
    bool is_plain =
        packet->kind == PACKET_PLAY_S_CHAT_COMMAND && session->protocol >= WITHOUT_SIGNED_COMMAND;

    return session->protocol >= WITH_CHAIN && !is_plain && !signatures_matter(session) &&
           signed_chat_is_signed(session->protocol, packet->kind != PACKET_PLAY_S_CHAT,
                                 packet->body);
}

/* Nobody but its writer and its reader hears of a private message. */
static bool is_private(const struct session *session, bool command, struct slice line)
{
    return command && conf_is_private_command(session->worker->conf, slice_skip_spaces(line));
}

static void pass_on(struct session *session, const struct packet_in *packet)
{
    struct buf packets = {0};

    kept_chat(session, packet);
    if (signatures_take_out(session, packet))
        return;
    packet_append(&packets, packet->whole);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}

/* As if it had been typed so. */
static void pass_replaced(struct session *session, const struct packet_in *packet,
                          const char *command)
{
    char *line = mem_format("%s%s", session->protocol < WITH_COMMAND_PACKET ? "/" : "", command);
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    struct packet_in replaced;
    struct slice whole;
    int err = signed_chat_replace(session->protocol, packet->body, slice_str(line), &packets);
    struct slice list;

    packet_end(&packets, mark);
    list = buf_slice(&packets);
    if (err < 0)
        session_malformed(session, "malformed command");
    if (err == 0 && packet_next(&list, &whole)) {
        replaced = packet_of(packet->kind, whole);
        pass_on(session, &replaced);
    }
    buf_free(&packets);
    free(line);
}

static void on_answered(struct session *session, struct event *event)
{
    struct packet_in packet = packet_of((enum packet_kind)event->number, buf_slice(&event->data));

    /* The player may be elsewhere by now. */
    if (session->state != SESSION_RELAY || session->up != PROTOCOL_PLAY ||
        session->backend->phase != BACKEND_LINKED || event->visit != session->visit)
        return;
    if (event->result == EVENT_DENIED) {
        command_swallowed(session, &packet);
        if (event->words)
            command_say(session, event->words);
        event->words = NULL;
    } else if (event->result == EVENT_REPLACED &&
               command_run(session, slice_str(event->replacement))) {
        command_swallowed(session, &packet); /* it was one of Sekisho's */
    } else if (event->result == EVENT_REPLACED) {
        pass_replaced(session, &packet, event->replacement);
    } else {
        pass_on(session, &packet);
    }
}

bool said_is_asked(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice line = reader_string(&reader, LINE_CHARS_MAX);
    bool command = is_command(session, packet->kind, line);
    enum event_kind kind = command ? EVENT_COMMAND : EVENT_CHAT;
    struct event *event;

    if (!event_wanted(session->worker, kind) || !reader_ok(&reader))
        return false;
    if (command && session->protocol < WITH_COMMAND_PACKET)
        line = slice_of(line.data + 1, line.len - 1);
    if (is_private(session, command, line))
        return false;
    event = event_new(kind, session);
    event->server = (int)session->backend->server;
    event->field = command ? FIELD_CHAT_COMMAND : FIELD_CHAT_MESSAGE;
    event->text = mem_strndup((const char *)line.data, line.len);
    event->fixed = is_fixed(session, packet);
    event->number = (int)packet->kind;
    buf_append_slice(&event->data, packet->whole);
    event_ask(session, event, on_answered);
    return true;
}
