#include "gate/tree.h"

#include "protocol/wire.h"

enum {
    NODE_ROOT = 0,
    NODE_LITERAL = 1,
    NODE_ARGUMENT = 2,
    NODE_EXECUTABLE = 4, /* the line may end here */
    NODE_REDIRECTS = 8,
    NODE_SUGGESTIONS = 16,
    PARSER_INTEGER = 3,
    PARSER_STRING = 5,
    STRING_WORD = 0,
    STRING_GREEDY = 2,
    BOUND_MIN = 1,
    BOUND_MAX = 2,
    WITH_PARSER_NUMBERS = 759,
};

/* The nodes of the next argument, which each node of this one leads to. */
struct children {
    int32_t first;
    int32_t count;
    bool optional;
};

static int32_t nodes_of(const struct tree_argument *argument)
{
    return argument->kind == TREE_LITERALS ? (int32_t)argument->word_count : 1;
}

static void put_head(int flags, struct children children, struct buf *out)
{
    wire_put_u8(out, (uint8_t)(flags | (children.optional ? NODE_EXECUTABLE : 0)));
    wire_put_varint(out, children.count);
    for (int32_t i = 0; i < children.count; i++)
        wire_put_varint(out, children.first + i);
}

static void put_literal(const char *name, struct children children, struct buf *out)
{
    put_head(NODE_LITERAL, children, out);
    wire_put_cstr(out, name);
}

static void put_redirection(const char *name, bool executable, int32_t to, struct buf *out)
{
    put_head(NODE_LITERAL | NODE_REDIRECTS, (struct children){.optional = executable}, out);
    wire_put_varint(out, to);
    wire_put_cstr(out, name);
}

static void put_parser(int protocol, int number, const char *name, struct buf *out)
{
    if (protocol >= WITH_PARSER_NUMBERS)
        wire_put_varint(out, number);
    else
        wire_put_cstr(out, name);
}

static void put_integer(int protocol, const struct tree_argument *argument, struct buf *out)
{
    put_parser(protocol, PARSER_INTEGER, "brigadier:integer", out);
    wire_put_u8(out, BOUND_MIN | BOUND_MAX);
    wire_put_i32(out, argument->min);
    wire_put_i32(out, argument->max);
}

static void put_value(int protocol, const struct tree_argument *argument, struct children children,
                      struct buf *out)
{
    put_head(NODE_ARGUMENT | (argument->asks ? NODE_SUGGESTIONS : 0), children, out);
    wire_put_cstr(out, argument->name);
    if (argument->kind == TREE_INTEGER) {
        put_integer(protocol, argument, out);
    } else {
        put_parser(protocol, PARSER_STRING, "brigadier:string", out);
        wire_put_varint(out, argument->kind == TREE_TEXT ? STRING_GREEDY : STRING_WORD);
    }
    if (argument->asks)
        wire_put_cstr(out, "minecraft:ask_server");
}

static void put_argument(int protocol, const struct tree_argument *argument,
                         struct children children, struct buf *out)
{
    if (argument->kind != TREE_LITERALS)
        put_value(protocol, argument, children, out);
    else
        for (size_t i = 0; i < argument->word_count; i++)
            put_literal(argument->words[i], children, out);
}

/* What stands behind the argument before `index`, whose nodes begin at `first`. */
static struct children children_at(const struct tree_command *command, size_t index, int32_t first)
{
    if (index == command->argument_count)
        return (struct children){.optional = true};
    return (struct children){.first = first,
                             .count = nodes_of(&command->arguments[index]),
                             .optional = command->arguments[index].optional};
}

void tree_add(struct tree *tree, const struct tree_command *command)
{
    int32_t names = (int32_t)command->name_count;
    int32_t behind = tree->next + names;
    struct children children = children_at(command, 0, behind + command->apart);

    for (size_t i = 0; i < command->name_count; i++) {
        wire_put_varint(&tree->roots, tree->next + (int32_t)i);
        if (command->apart)
            put_redirection(command->names[i], children.optional, behind, &tree->nodes);
        else
            put_literal(command->names[i], children, &tree->nodes);
    }
    if (command->apart)
        put_literal(command->names[0], children, &tree->nodes);
    tree->branches += names;
    tree->next = behind + command->apart;
    for (size_t i = 0; i < command->argument_count; i++) {
        tree->next += nodes_of(&command->arguments[i]);
        put_argument(tree->protocol, &command->arguments[i],
                     children_at(command, i + 1, tree->next), &tree->nodes);
    }
}

void tree_put(const struct tree *tree, struct buf *out)
{
    wire_put_varint(out, tree->next);
    wire_put_u8(out, NODE_ROOT);
    wire_put_varint(out, tree->branches);
    buf_append_slice(out, buf_slice(&tree->roots));
    buf_append_slice(out, buf_slice(&tree->nodes));
    wire_put_varint(out, 0); /* the root's number */
}

void tree_free(struct tree *tree)
{
    buf_free(&tree->roots);
    buf_free(&tree->nodes);
}
