/*
 * /server, which Sekisho answers itself: what a player types never reaches the game server. The
 * command is made known to the client by its own means: the command tree from 1.13 on, completion
 * by tab before. Layouts: minecraft-data; "Command Data" at minecraft.wiki.
 */
#include "base/mem.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHAT_CHARS_MAX = 256,
    COMMAND_CHARS_MAX = 32767,
    COMPLETE_CHARS_MAX = 32767,
    WITH_COMMAND_PACKET = 759,
    WITH_ACKNOWLEDGED_COUNT = 761,
    SIGNATURE_BYTES = 256,
    SIGNATURES_MAX = 8,
    NODE_LITERAL = 0x05,                /* and executable */
    LARGE_BYTES = PACKET_BYTES_MAX / 2, /* what is larger passes as it is */
};

static const char word[] = "server";

static void list_servers(struct session *session)
{
    const struct conf *conf = session->worker->conf;
    struct text *line = text_new(message_text(MESSAGE_SERVERS, session_locale(session)));

    for (size_t i = 0; i < conf->server_count; i++) {
        const char *name = conf->servers[i].name;
        struct text *entry;

        text_add(line, text_new(" "));
        entry = text_add(line, text_new(name));
        if (i == session->backend->server) {
            char *here =
                mem_format(" (%s)", message_text(MESSAGE_SERVER_HERE, session_locale(session)));

            entry->bold = true;
            text_add(line, text_new(here));
            free(here);
        } else {
            char *command = mem_format("/%s %s", word, name);

            entry->underlined = true;
            text_set_click(entry, TEXT_CLICK_RUN_COMMAND, command);
            free(command);
        }
    }
    session_say(session, line);
}

static void go_to(struct session *session, struct slice name)
{
    const struct conf *conf = session->worker->conf;

    for (size_t i = 0; i < conf->server_count; i++) {
        if (!slice_is(name, conf->servers[i].name))
            continue;
        if (i == session->backend->server)
            list_servers(session);
        else
            route_switch(session, i);
        return;
    }
    session_say(session, text_new(message_text(MESSAGE_SERVER_UNKNOWN, session_locale(session))));
    list_servers(session);
}

/* A typed line without its slash. False when it is not Sekisho's. */
static bool run(struct session *session, struct slice line)
{
    size_t len = sizeof word - 1;

    if (line.len < len || memcmp(line.data, word, len) != 0)
        return false;
    if (line.len > len && line.data[len] != ' ')
        return false;
    while (len < line.len && line.data[len] == ' ')
        len++;
    while (line.len > len && line.data[line.len - 1] == ' ')
        line.len--;
    if (line.len == len)
        list_servers(session);
    else
        go_to(session, slice_of(line.data + len, line.len - len));
    return true;
}

/*
 * The client counts the signed messages that it has seen with each command; a server that is not
 * told of them kicks the player later. What a swallowed command said goes on by itself.
 */
static void acknowledge(struct session *session, struct reader *reader)
{
    struct buf packets = {0};
    int32_t signatures;
    int32_t seen;
    size_t mark;

    reader_bytes(reader, 2 * sizeof(int64_t)); /* time and salt */
    signatures = reader_varint(reader);
    for (int32_t i = 0; i < signatures && i < SIGNATURES_MAX; i++) {
        reader_string(reader, CHAT_CHARS_MAX);
        reader_bytes(reader, SIGNATURE_BYTES);
    }
    seen = reader_varint(reader);
    if (!reader_ok(reader) || seen <= 0)
        return;
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_S_CHAT_ACKNOWLEDGEMENT));
    wire_put_varint(&packets, seen);
    packet_end(&packets, mark);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}

bool command_typed(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice line = reader_string(&reader, COMMAND_CHARS_MAX);

    if (!reader_ok(&reader))
        return false;
    if (packet->kind == PACKET_PLAY_S_CHAT) {
        /* From 1.19 on chat is signed, and commands have a packet of their own. */
        if (session->protocol >= WITH_COMMAND_PACKET || line.len == 0 || line.data[0] != '/')
            return false;
        return run(session, slice_of(line.data + 1, line.len - 1));
    }
    if (!run(session, line))
        return false;
    if (session->protocol >= WITH_ACKNOWLEDGED_COUNT && reader_left(&reader) > 0)
        acknowledge(session, &reader);
    return true;
}

static bool begins_with(struct slice text, struct slice beginning)
{
    return text.len >= beginning.len && memcmp(text.data, beginning.data, beginning.len) == 0;
}

static void answer_completion(struct session *session, struct slice beginning)
{
    const struct conf *conf = session->worker->conf;
    size_t mark;
    struct buf packets = {0};
    struct buf names = {0};
    int32_t count = 0;

    for (size_t i = 0; i < conf->server_count; i++) {
        if (!begins_with(slice_str(conf->servers[i].name), beginning))
            continue;
        wire_put_cstr(&names, conf->servers[i].name);
        count++;
    }
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_TAB_COMPLETE));
    wire_put_varint(&packets, count);
    buf_append_slice(&packets, buf_slice(&names));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    buf_free(&names);
}

bool command_completed(struct session *session, const struct packet_in *packet)
{
    static const char with_space[] = "/server ";
    static const char without[] = "/server";
    struct reader reader = reader_of(packet->body);
    struct slice text = reader_string(&reader, COMPLETE_CHARS_MAX);

    if (!reader_ok(&reader))
        return false;
    if (begins_with(text, slice_str(with_space))) {
        size_t len = sizeof with_space - 1;

        answer_completion(session, slice_of(text.data + len, text.len - len));
        return true;
    }
    /* The server answers for its own commands; ours is added to what it says. */
    session->completing = text.len > 0 && begins_with(slice_str(without), text);
    return false;
}

bool command_add_completion(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    int32_t count = reader_varint(&reader);
    struct slice rest = reader_rest(&reader);
    struct buf packets = {0};
    size_t mark;

    session->completing = false;
    if (!reader_ok(&reader) || count < 0 || (size_t)count > rest.len || rest.len > LARGE_BYTES)
        return false;
    mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    wire_put_varint(&packets, count + 1);
    buf_append_slice(&packets, rest);
    wire_put_cstr(&packets, "/server");
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    return true;
}

static void put_literal(struct buf *out, const char *name, int32_t first_child, int32_t children)
{
    wire_put_u8(out, NODE_LITERAL);
    wire_put_varint(out, children);
    for (int32_t i = 0; i < children; i++)
        wire_put_varint(out, first_child + i);
    wire_put_cstr(out, name);
}

/*
 * The tree is a list of nodes that name each other by number, then the number of the root. With the
 * root in front, as servers write it, our nodes go behind all others, and only the root is changed.
 */
bool command_add_to_tree(struct session *session, const struct packet_in *packet)
{
    const struct conf *conf = session->worker->conf;
    struct reader reader = reader_of(packet->body);
    int32_t nodes = reader_varint(&reader);
    uint8_t root_flags = reader_u8(&reader);
    int32_t children = reader_varint(&reader);
    struct slice rest = reader_rest(&reader);
    struct buf packets = {0};
    size_t mark;

    if (!reader_ok(&reader) || rest.len == 0 || rest.len > LARGE_BYTES ||
        rest.data[rest.len - 1] != 0 || root_flags != 0 || nodes < 1 || children < 0 ||
        (size_t)children >= rest.len)
        return false;
    mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    wire_put_varint(&packets, nodes + 1 + (int32_t)conf->server_count);
    wire_put_u8(&packets, root_flags);
    wire_put_varint(&packets, children + 1);
    wire_put_varint(&packets, nodes);
    buf_append(&packets, rest.data, rest.len - 1);
    put_literal(&packets, word, nodes + 1, (int32_t)conf->server_count);
    for (size_t i = 0; i < conf->server_count; i++)
        put_literal(&packets, conf->servers[i].name, 0, 0);
    wire_put_varint(&packets, 0);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    return true;
}
