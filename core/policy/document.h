/*
 * A Markdown text as blocks of styled runs: what dialogs, books, chat and web pages are made from.
 */
#ifndef SEKISHO_POLICY_DOCUMENT_H
#define SEKISHO_POLICY_DOCUMENT_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    DOCUMENT_BULLET = -1,
    DOCUMENT_LIST_LEVEL_MAX = 8,       /* deeper lists stand where this one does */
    DOCUMENT_RUN_BYTES_MAX = 2 * 1024, /* so that any wire format can hold one */
};

/* What is longer than a run goes on in the next, with the same style and link. */
struct document_run {
    char *text; /* UTF-8; a line break inside a paragraph is "\n" */
    char *link; /* web address (see net/url.h) where the run leads; NULL: nowhere */
    bool bold, italic, code;
};

enum document_block_kind {
    DOCUMENT_PARAGRAPH = 1,
    DOCUMENT_HEADING,
    DOCUMENT_LIST_ITEM,
    DOCUMENT_QUOTE,
    DOCUMENT_CODE,
    DOCUMENT_RULE,
};

struct document_block {
    enum document_block_kind kind;
    int level;  /* heading: 1 to 6; list item: depth, 1 to DOCUMENT_LIST_LEVEL_MAX */
    int number; /* list item: its number in an ordered list, or DOCUMENT_BULLET */
    struct document_run *runs;
    size_t run_count;
};

struct document {
    struct document_block *blocks;
    size_t block_count;
};

/*
 * Parses CommonMark (tables and HTML become plain text, nothing is left out) in which web addresses
 * are links by themselves (see bare_url.h). Borrows `markdown`, which must be UTF-8 without front
 * matter. Returns an owned document; NULL for what the parser cannot take apart.
 */
struct document *document_parse(struct slice markdown);
void document_free(struct document *document);

#endif
