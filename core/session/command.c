/*
 * The commands that Sekisho answers itself: what a player types of them never reaches the game
 * server. They are made known to the client by its own means: the command tree from 1.13 on,
 * completion by tab before. Layouts: minecraft-data; "Command Data" at minecraft.wiki.
 */
#include "base/mem.h"
#include "gate/tree.h"
#include "protocol/signed_chat.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    COMMAND_CHARS_MAX = 32767,
    COMPLETE_CHARS_MAX = 32767,
    WITH_TREE = 393,
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

/* Names that may stand at the place of what was typed last. */
struct completion {
    struct buf names;
    int32_t count;
};

static void complete(struct completion *completion, const char *name, struct slice beginning)
{
    if (!begins_with(slice_str(name), beginning))
        return;
    wire_put_cstr(&completion->names, name);
    completion->count++;
}

/* What may stand behind "WORD ". */
static void complete_more(const struct session *session, const struct command *command, size_t word,
                          struct slice typed, struct completion *completion)
{
    struct slice first = slice_str(command->word(session, word));
    const char *name;

    if (typed.len <= first.len || !begins_with(typed, first) || typed.data[first.len] != ' ')
        return;
    for (size_t i = 0; (name = command->more(session, word, i)); i++)
        complete(completion, name, slice_of(typed.data + first.len + 1, typed.len - first.len - 1));
}

static void answer_completion(struct session *session, const struct command *command,
                              struct slice typed)
{
    struct completion completion = {{0}, 0};
    struct buf packets = {0};
    const char *name;
    size_t mark;

    for (size_t i = 0; (name = command->word(session, i)); i++) {
        complete(&completion, name, typed);
        if (command->more)
            complete_more(session, command, i, typed, &completion);
    }
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_TAB_COMPLETE));
    wire_put_varint(&packets, completion.count);
    buf_append_slice(&packets, buf_slice(&completion.names));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    buf_free(&completion.names);
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

/* A list that grows: what it holds is borrowed, and it is freed. */
struct names {
    const char **at;
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    names->at = mem_resize(names->at, (names->count + 1) * sizeof *names->at);
    names->at[names->count++] = name;
}

static struct names words_of(const struct session *session, const struct command *command)
{
    struct names words = {0};
    const char *name;

    while ((name = command->word(session, words.count)))
        add_name(&words, name);
    return words;
}

/* The same for each word that takes any. */
static struct names more_of(const struct session *session, const struct command *command,
                            size_t words, uint32_t *takers)
{
    struct names more = {0};
    const char *name;

    for (size_t word = 0; command->more && word < words; word++) {
        if (!command->more(session, word, 0))
            continue;
        *takers |= (uint32_t)1 << word;
        while ((name = command->more(session, word, more.count)))
            add_name(&more, name);
    }
    return more;
}

/* Its nodes, the first of which is `first`. Returns how many. */
static int32_t put_command(const struct session *session, const struct command *command,
                           int32_t first, struct buf *nodes)
{
    uint32_t takers = 0;
    struct names words = words_of(session, command);
    struct names more = more_of(session, command, words.count, &takers);
    struct tree_command shape = {.name = command->name,
                                 .words = words.at,
                                 .count = words.count,
                                 .with_text = command->with_text,
                                 .more = more.at,
                                 .more_count = more.count,
                                 .takes_more = takers};

    tree_put(session->protocol, &shape, first, nodes);
    free(words.at);
    free(more.at);
    return tree_size(&shape);
}

/* Our nodes, behind `first` others. Appends the number of each command's first to `children`. */
static int32_t put_commands(const struct session *session, int32_t first, struct buf *children,
                            struct buf *nodes)
{
    int32_t next = first;

    for (size_t i = 0; i < COMMANDS; i++) {
        wire_put_varint(children, next);
        next += put_command(session, commands[i], next, nodes);
    }
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

void command_put_tree(struct session *session)
{
    struct buf children = {0};
    struct buf nodes = {0};
    struct buf packets = {0};
    int32_t count = put_commands(session, 1, &children, &nodes);
    size_t mark;

    if (session->protocol >= WITH_TREE) {
        mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_COMMANDS));
        wire_put_varint(&packets, count);
        wire_put_u8(&packets, 0x00); /* the root, node 0 */
        wire_put_varint(&packets, COMMANDS);
        buf_append_slice(&packets, buf_slice(&children));
        buf_append_slice(&packets, buf_slice(&nodes));
        wire_put_varint(&packets, 0);
        packet_end(&packets, mark);
        session_send(session, &packets);
    }
    buf_free(&children);
    buf_free(&nodes);
    buf_free(&packets);
}
