#include "gate/tree.h"

#include "protocol/wire.h"

enum {
    NODE_LITERAL = 0x05,  /* and executable */
    NODE_ARGUMENT = 0x06, /* the same */
    PARSER_STRING = 5,
    WITH_PARSER_NUMBERS = 759,
};

int32_t tree_size(const struct tree_command *command)
{
    return 1 + (int32_t)command->count + (command->with_text ? 1 : 0) +
           (int32_t)command->more_count;
}

static void put_literal(const char *name, int32_t first_child, int32_t children, struct buf *out)
{
    wire_put_u8(out, NODE_LITERAL);
    wire_put_varint(out, children);
    for (int32_t i = 0; i < children; i++)
        wire_put_varint(out, first_child + i);
    wire_put_cstr(out, name);
}

void tree_put_literal(const char *name, int32_t child, struct buf *out)
{
    put_literal(name, child, child ? 1 : 0, out);
}

void tree_put_argument(int protocol, const char *name, enum tree_reach reach, struct buf *out)
{
    wire_put_u8(out, NODE_ARGUMENT);
    wire_put_varint(out, 0);
    wire_put_cstr(out, name);
    if (protocol >= WITH_PARSER_NUMBERS)
        wire_put_varint(out, PARSER_STRING);
    else
        wire_put_cstr(out, "brigadier:string");
    wire_put_varint(out, (int32_t)reach);
}

/* All words share the node of the text, behind which are those of more, that lead to it, too. */
void tree_put(int protocol, const struct tree_command *command, int32_t first, struct buf *out)
{
    int32_t count = (int32_t)command->count;
    int32_t text = command->with_text ? first + 1 + count : 0;
    int32_t more = (int32_t)command->more_count;

    put_literal(command->name, first + 1, count, out);
    for (size_t i = 0; i < command->count; i++)
        put_literal(command->words[i], text,
                    (text ? 1 : 0) + (command->takes_more >> i & 1 ? more : 0), out);
    if (command->with_text)
        tree_put_argument(protocol, "text", TREE_REST, out);
    for (int32_t i = 0; i < more; i++)
        tree_put_literal(command->more[i], text, out);
}
