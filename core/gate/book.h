/*
 * A written book in the player's first slot, opened on the screen, in play, where the hand is empty
 * or may be emptied. Clients of 771 and up have dialogs instead.
 */
#ifndef SEKISHO_GATE_BOOK_H
#define SEKISHO_GATE_BOOK_H

#include "gate/prose.h"

enum { BOOK_OLDEST = 47, BOOK_NEWEST = 770 };

/* All borrowed. The title is shown up to its 32nd UTF-16 unit, which is all that a client takes. */
struct book {
    const char *title;
    const char *author;
    const struct prose_pages *pages;
};

void book_put(const struct book *book, int protocol, struct buf *packets);

#endif
