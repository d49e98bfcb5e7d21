/*
 * The policy's text as components: whole blocks for screens that break lines themselves, and the
 * pages of a book, broken here because the game breaks Japanese anywhere.
 */
#ifndef SEKISHO_GATE_PROSE_H
#define SEKISHO_GATE_PROSE_H

#include "policy/document.h"
#include "protocol/text.h"

enum {
    PROSE_PAGE_WIDTH_PX = 114, /* of a book's page, in the default font */
    PROSE_PAGE_LINES = 14,
    PROSE_PIECE_BYTES = 1500, /* of text: a message ends with the run that passes this */
};

/* Links are light on a dark screen, dark on a book's paper. */
enum prose_ground { PROSE_ON_DARK, PROSE_ON_PAPER };

/*
 * `text` as the game can show it. A section sign is lost in every version, with the character
 * behind it (both are taken for a change of colour), and a control character is a box: they become
 * "Par." and a space. Returns owned.
 */
char *prose_plain(const char *text);

/* One block with its styles, links and list marks. Returns owned. */
struct text *prose_block(const struct document_block *block, enum prose_ground ground);

/*
 * As much of the block, from its run `*run` on, as a message in the chat may hold, and at least one
 * run. Moves `*run` behind it. Returns owned.
 */
struct text *prose_piece(const struct document_block *block, size_t *run, enum prose_ground ground);

/* Bytes of all the text in `text`. */
size_t prose_len(const struct text *text);

struct prose_pages {
    struct text **pages; /* owned */
    size_t count;
};

/*
 * The whole document as pages that no line leaves, and no JSON over what a client reads of one.
 * Lines break at spaces and between Japanese characters, never before a closing mark or after an
 * opening one (kinsoku); links go on in the next line. Nothing but spaces at line ends is left out.
 */
void prose_paginate(const struct document *document, struct prose_pages *out);

/* The lines that `text` takes on such a page, where the client breaks it. */
int prose_lines(const struct text *text);

/* Takes `page`. */
void prose_add_page(struct prose_pages *pages, struct text *page);

void prose_free(struct prose_pages *pages);

/* The width of a character in pixels, with the gap behind it. */
int prose_glyph_width(int32_t code, bool bold);

#endif
