/*
 * A Markdown text as blocks of styled runs: what dialogs, books, chat and web pages are made from.
 */
#ifndef SEKISHO_POLICY_DOCUMENT_H
#define SEKISHO_POLICY_DOCUMENT_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct document_run {
    char *text; /* UTF-8; a line break inside a paragraph is "\n" */
    char *link; /* where the run leads; NULL: nowhere */
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
    int level;  /* heading: 1 to 6; list item: depth from 1 */
    int number; /* list item: its number in an ordered list; 0 for a bullet */
    struct document_run *runs;
    size_t run_count;
};

struct document {
    struct document_block *blocks;
    size_t block_count;
};

/*
 * Parses CommonMark (tables and HTML become plain text, nothing is left out). Borrows `markdown`,
 * which must be UTF-8 without front matter. Returns an owned document.
 */
struct document *document_parse(struct slice markdown);
void document_free(struct document *document);

#endif
