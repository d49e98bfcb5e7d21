/*
 * The commands that Sekisho answers itself, in the command tree of a client from 1.13 on: a server
 * sends its own, and they are hung into it. What the player may not use is left out.
 *
 * The tree of a server is not kept: it can have some ten thousand bytes for each player. Commands
 * that come or go later can be typed at once, and are shown from the next tree on, at the latest
 * when the player comes to another server.
 */
#include "base/mem.h"
#include "gate/tree.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <stdlib.h>
#include <string.h>

enum {
    WITH_COMMAND_TREE = 393,
    LARGE_BYTES = PACKET_BYTES_MAX / 2, /* what is larger passes as it is */
    OWN_BYTES_MAX = 128 * 1024, /* and one command with many choices; the rest can still be typed */
};

/* The words of a server or choice; owned. */
static const char **words_of(const struct conf *conf, const struct argument *argument,
                             size_t *count)
{
    const char **words;

    *count = 0;
    while (argument_word(conf, argument, *count))
        ++*count;
    words = mem_array(*count + 1, sizeof *words);
    for (size_t i = 0; i < *count; i++)
        words[i] = argument_word(conf, argument, i);
    return words;
}

/* `words` is owned by the caller, who frees it. */
static struct tree_argument shape_of(const struct conf *conf, const struct argument *argument,
                                     const char ***words)
{
    struct tree_argument shape = {.name = argument->name,
                                  .kind = TREE_WORD,
                                  .optional = argument->optional,
                                  .min = argument->min,
                                  .max = argument->max};

    switch (argument->kind) {
    case ARGUMENT_INTEGER: shape.kind = TREE_INTEGER; break;
    case ARGUMENT_TEXT:
        shape.kind = TREE_TEXT;
        shape.asks = argument->completes;
        break;
    case ARGUMENT_PLAYER:
    case ARGUMENT_PERSON: shape.asks = true; break;
    case ARGUMENT_SERVER:
    case ARGUMENT_CHOICE:
        shape.kind = TREE_LITERALS;
        *words = words_of(conf, argument, &shape.word_count);
        shape.words = *words;
        break;
    case ARGUMENT_NONE:
    case ARGUMENT_WORD: shape.asks = argument->completes; break;
    }
    return shape;
}

/*
 * Whether a node may have this name: it is looked for as it would be written. To read the nodes one
 * would have to know the arguments that each version and each mod has.
 */
static bool may_name(struct slice nodes, const char *name)
{
    struct buf written = {0};
    bool found;

    wire_put_cstr(&written, name);
    found = memmem(nodes.data, nodes.len, written.data, written.len) != NULL;
    buf_free(&written);
    return found;
}

/* `foreign`: nodes of the server's, among which it is hung. */
static void add(const struct conf *conf, const struct command *command, struct slice foreign,
                struct tree *tree)
{
    const char *names[1 + COMMAND_ALIASES_MAX] = {command->name};
    struct tree_argument arguments[COMMAND_ARGUMENTS_MAX];
    const char **words[COMMAND_ARGUMENTS_MAX] = {NULL};
    bool apart = false;

    for (size_t i = 0; i < command->alias_count; i++)
        names[1 + i] = command->aliases[i];
    for (size_t i = 0; i < command->argument_count; i++)
        arguments[i] = shape_of(conf, &command->arguments[i], &words[i]);
    for (size_t i = 0; i <= command->alias_count && !apart; i++)
        apart = may_name(foreign, names[i]);
    tree_add(tree, &(struct tree_command){.names = names,
                                          .name_count = 1 + command->alias_count,
                                          .arguments = arguments,
                                          .argument_count = command->argument_count,
                                          .apart = apart});
    for (size_t i = 0; i < command->argument_count; i++)
        free(words[i]);
}

/* But for those of these places. */
static void add_all(const struct session *session, unsigned but, struct slice foreign,
                    struct tree *tree)
{
    const struct command *command;

    for (size_t i = 0; (command = commands_at(session->worker->commands, i)); i++)
        if (command_is_for(session, command) && !(command->places & but) &&
            tree->nodes.len < OWN_BYTES_MAX)
            add(session->worker->conf, command, foreign, tree);
}

/* A tree is a list of nodes that name each other by number, then the number of the root. */
struct foreign {
    int32_t count;
    int32_t branches;  /* that hang from the root */
    struct slice rest; /* behind their number: theirs, then all other nodes */
};

/* With the root in front, as servers write it. */
static bool read_foreign(struct slice body, struct foreign *out)
{
    struct reader reader = reader_of(body);
    uint8_t root_flags;

    out->count = reader_varint(&reader);
    root_flags = reader_u8(&reader);
    out->branches = reader_varint(&reader);
    out->rest = reader_rest(&reader);
    if (!reader_ok(&reader) || out->rest.len == 0 || out->rest.len > LARGE_BYTES)
        return false;
    return out->rest.data[out->rest.len - 1] == 0 && root_flags == 0 && out->count >= 1 &&
           out->branches >= 0 && (size_t)out->branches < out->rest.len &&
           (size_t)out->count <= out->rest.len + 3;
}

/* Our nodes go behind all others, and only the root is changed. */
bool command_add_to_tree(struct session *session, const struct packet_in *packet)
{
    struct tree tree = {.protocol = session->protocol};
    struct buf packets = {0};
    struct foreign foreign;
    size_t mark;

    if (!read_foreign(packet->body, &foreign))
        return false;
    tree.next = foreign.count;
    add_all(session, 0, foreign.rest, &tree);
    mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    wire_put_varint(&packets, tree.next);
    wire_put_u8(&packets, 0); /* the root */
    wire_put_varint(&packets, foreign.branches + tree.branches);
    buf_append_slice(&packets, buf_slice(&tree.roots));
    buf_append(&packets, foreign.rest.data, foreign.rest.len - 1);
    buf_append_slice(&packets, buf_slice(&tree.nodes));
    wire_put_varint(&packets, 0); /* its number */
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    tree_free(&tree);
    return true;
}

/* The limbo's tree, which the player has, and more: the way may lead back to the gate. */
void command_tell_tree(struct session *session)
{
    struct tree tree = {.protocol = session->protocol, .next = 1};
    struct buf packets = {0};
    int32_t known;
    size_t mark;

    limbo_add_commands(&tree);
    known = tree.next;
    add_all(session, COMMAND_AT_GATE, slice_of("", 0), &tree);
    if (session->protocol >= WITH_COMMAND_TREE && tree.next > known) {
        mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_COMMANDS));
        tree_put(&tree, &packets);
        packet_end(&packets, mark);
        session_send(session, &packets);
    }
    buf_free(&packets);
    tree_free(&tree);
}
