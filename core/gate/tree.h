/*
 * Commands of Sekisho's own as nodes of a client's command tree (393+). Layout: minecraft-data,
 * packet declare_commands; "Command Data" at minecraft.wiki.
 */
#ifndef SEKISHO_GATE_TREE_H
#define SEKISHO_GATE_TREE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum tree_kind {
    TREE_NONE = 0,
    TREE_LITERALS, /* one of some words, which the client knows itself */
    TREE_WORD,
    TREE_INTEGER,
    TREE_TEXT, /* all the rest of the line */
};

struct tree_argument {
    const char *name; /* as the client shows it; LITERALS: shown nowhere */
    enum tree_kind kind;
    bool optional;            /* the line may end in front of it; so it may of all behind */
    bool asks;                /* WORD, TEXT: what it may be is asked of Sekisho while it is typed */
    int32_t min, max;         /* INTEGER; both included */
    const char *const *words; /* LITERALS */
    size_t word_count;
};

/* All borrowed. */
struct tree_command {
    const char *const *names; /* the first one, and others for the same */
    size_t name_count;
    const struct tree_argument *arguments;
    size_t argument_count;
    /*
     * Another command of the same name may hang from the root. Clients make one of the two, with
     * the arguments of both; so ours lie behind a redirection then, where the other's are not.
     */
    bool apart;
};

/* Commands being put together; {0} but for these two. */
struct tree {
    int protocol;
    int32_t next; /* number of the next node: 1 behind a root alone */
    int32_t branches;
    struct buf roots; /* the numbers of the nodes that hang from the root: so many branches */
    struct buf nodes;
};

void tree_add(struct tree *tree, const struct tree_command *command);

/* Appends the whole tree, for a `next` that began at 1: the packet's body. */
void tree_put(const struct tree *tree, struct buf *out);

void tree_free(struct tree *tree);

#endif
