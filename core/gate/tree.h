/*
 * Commands of Sekisho's own as nodes of a client's command tree (393+). Layout: minecraft-data,
 * packet declare_commands; "Command Data" at minecraft.wiki.
 */
#ifndef SEKISHO_GATE_TREE_H
#define SEKISHO_GATE_TREE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * "/name", "/name WORD", and where there is a text, "/name WORD TEXT"; behind some words also
 * "/name WORD MORE TEXT". All borrowed.
 */
struct tree_command {
    const char *name;
    const char *const *words;
    size_t count;
    bool with_text;
    const char *const *more;
    size_t more_count;   /* only with_text */
    uint32_t takes_more; /* which words, bit by bit */
};

/* Nodes that it takes; the first is the one that hangs from the root. */
int32_t tree_size(const struct tree_command *command);

/* Appends them; `first` is the number of the first. */
void tree_put(int protocol, const struct tree_command *command, int32_t first, struct buf *out);

/* A word that may end the line. `child` 0: nothing goes behind it. */
void tree_put_literal(const char *name, int32_t child, struct buf *out);

/* One word, or all the rest of the line, as a value that is called `name`. */
enum tree_reach { TREE_WORD = 0, TREE_REST = 2 };
void tree_put_argument(int protocol, const char *name, enum tree_reach reach, struct buf *out);

#endif
