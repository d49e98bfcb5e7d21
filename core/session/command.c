/*
 * The commands that Sekisho answers itself: what a player types of them never reaches the game
 * server. They are made known to the client by its own means: the command tree from 1.13 on,
 * completion by tab before. Layouts: minecraft-data; "Command Data" at minecraft.wiki.
 */
#include "base/mem.h"
#include "gate/tree.h"
#include "protocol/signed_chat.h"
#include "protocol/wire.h"
#include "session/screen.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    COMMAND_CHARS_MAX = 32767,
    COMPLETE_CHARS_MAX = 32767,
    WITH_COMMAND_PACKET = 759,
    LARGE_BYTES = PACKET_BYTES_MAX / 2, /* what is larger passes as it is */
};

static const struct command *const commands[] = {&servers_command, &privacy_says};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

void command_say(struct session *session, struct text *line)
{
    if (command_may_answer(session))
        session_say(session, line);
    else
        text_free(line);
}

/* Between two phases there is no packet for it, and before a world no screen. */
bool command_may_answer(const struct session *session)
{
    return session->down == PROTOCOL_PLAY && session->spawned && !session->reconfiguring &&
           !session->closing && session->state != SESSION_FINISH;
}

static struct slice without_spaces(struct slice text)
{
    text = slice_skip_spaces(text);
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

bool command_is(struct slice line, const char *name, struct slice *argument)
{
    size_t len = strlen(name);

    if (line.len < len || strncasecmp((const char *)line.data, name, len) != 0 ||
        (line.len > len && line.data[len] != ' '))
        return false;
    *argument = without_spaces(slice_of(line.data + len, line.len - len));
    return true;
}

/* A typed line without its slash. False when it is not Sekisho's. */
static bool run(struct session *session, struct slice line)
{
    struct slice argument;

    if (screen_typed(session, line))
        return true;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (command_is(line, commands[i]->name, &argument)) {
            commands[i]->run(session, argument);
            return true;
        }
    }
    return false;
}

/*
 * The client counts the signed messages that it has seen with each line; a server that is not
 * told of them kicks the player later. What a swallowed line said goes on by itself.
 */
void command_swallowed(struct session *session, const struct packet_in *packet)
{
    struct buf packets = {0};
    size_t mark;
    int32_t seen =
        signed_chat_seen(session->protocol, packet->kind != PACKET_PLAY_S_CHAT, packet->body);

    if (seen == 0 || session->backend->phase != BACKEND_LINKED)
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
    command_swallowed(session, packet);
    return true;
}

static bool begins_with(struct slice text, struct slice beginning)
{
    return text.len >= beginning.len && memcmp(text.data, beginning.data, beginning.len) == 0;
}

static void answer_completion(struct session *session, const struct command *command,
                              struct slice beginning)
{
    size_t mark;
    struct buf packets = {0};
    struct buf names = {0};
    int32_t count = 0;
    const char *name;

    for (size_t i = 0; (name = command->word(session, i)); i++) {
        if (!begins_with(slice_str(name), beginning))
            continue;
        wire_put_cstr(&names, name);
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

/* "/name", of which a beginning was typed: ours is added to what the server answers. */
static bool completes_to(struct slice typed, const char *name)
{
    return typed.len > 0 && typed.data[0] == '/' &&
           begins_with(slice_str(name), slice_of(typed.data + 1, typed.len - 1));
}

bool command_completed(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice text = reader_string(&reader, COMPLETE_CHARS_MAX);

    session->completing = 0;
    if (!reader_ok(&reader))
        return false;
    for (size_t i = 0; i < COMMANDS; i++) {
        size_t len = strlen(commands[i]->name);

        if (completes_to(text, commands[i]->name)) {
            session->completing |= 1u << i;
        } else if (text.len > len + 1 && text.data[0] == '/' && text.data[len + 1] == ' ' &&
                   memcmp(text.data + 1, commands[i]->name, len) == 0) {
            answer_completion(session, commands[i],
                              slice_of(text.data + len + 2, text.len - len - 2));
            return true;
        }
    }
    return false;
}

bool command_add_completion(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    int32_t count = reader_varint(&reader);
    struct slice rest = reader_rest(&reader);
    unsigned completing = session->completing;
    struct buf names = {0};
    struct buf packets = {0};
    size_t mark;

    session->completing = 0;
    if (!reader_ok(&reader) || count < 0 || (size_t)count > rest.len || rest.len > LARGE_BYTES)
        return false;
    for (size_t i = 0; i < COMMANDS; i++) {
        char *name = mem_format("/%s", commands[i]->name);

        if (completing >> i & 1) {
            wire_put_cstr(&names, name);
            count++;
        }
        free(name);
    }
    mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    wire_put_varint(&packets, count);
    buf_append_slice(&packets, rest);
    buf_append_slice(&packets, buf_slice(&names));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    buf_free(&names);
    return true;
}

/* Borrows `words`, which has room for all. */
static struct tree_command shape_of(const struct session *session, const struct command *command,
                                    const char **words)
{
    struct tree_command shape = {
        .name = command->name, .words = words, .with_text = command->with_text};

    while ((words[shape.count] = command->word(session, shape.count)))
        shape.count++;
    return shape;
}

static size_t most_words(const struct session *session)
{
    size_t most = 0;

    for (size_t i = 0; i < COMMANDS; i++) {
        size_t count = 0;

        while (commands[i]->word(session, count))
            count++;
        most = count > most ? count : most;
    }
    return most;
}

/* Our nodes, behind `first` others. Appends the number of each command's first to `children`. */
static int32_t put_commands(const struct session *session, int32_t first, struct buf *children,
                            struct buf *nodes)
{
    const char **words = mem_array(most_words(session) + 1, sizeof *words);
    int32_t next = first;

    for (size_t i = 0; i < COMMANDS; i++) {
        struct tree_command shape = shape_of(session, commands[i], words);

        wire_put_varint(children, next);
        tree_put(session->protocol, &shape, next, nodes);
        next += tree_size(&shape);
    }
    free(words);
    return next;
}

/*
 * The tree is a list of nodes that name each other by number, then the number of the root. With the
 * root in front, as servers write it, our nodes go behind all others, and only the root is changed.
 */
bool command_add_to_tree(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    int32_t count = reader_varint(&reader);
    uint8_t root_flags = reader_u8(&reader);
    int32_t children = reader_varint(&reader);
    struct slice rest = reader_rest(&reader);
    struct buf own_children = {0};
    struct buf own_nodes = {0};
    struct buf packets = {0};
    size_t mark;

    if (!reader_ok(&reader) || rest.len == 0 || rest.len > LARGE_BYTES ||
        rest.data[rest.len - 1] != 0 || root_flags != 0 || count < 1 || children < 0 ||
        (size_t)children >= rest.len || (size_t)count > rest.len + 3)
        return false;
    mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    wire_put_varint(&packets, put_commands(session, count, &own_children, &own_nodes));
    wire_put_u8(&packets, root_flags);
    wire_put_varint(&packets, children + COMMANDS);
    buf_append_slice(&packets, buf_slice(&own_children));
    buf_append(&packets, rest.data, rest.len - 1);
    buf_append_slice(&packets, buf_slice(&own_nodes));
    wire_put_varint(&packets, 0);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&own_children);
    buf_free(&own_nodes);
    buf_free(&packets);
    return true;
}
