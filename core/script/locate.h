/*
 * The line of a key in the table that a Lua text returns. Lua keeps no lines for data; this finds
 * them again by reading the text, for messages only.
 */
#ifndef SEKISHO_SCRIPT_LOCATE_H
#define SEKISHO_SCRIPT_LOCATE_H

#include "base/slice.h"

/*
 * `path` is keys joined by dots, from the returned table inwards. Returns the line (from 1) of the
 * deepest part of the path that is written as `key =` or `["key"] =`; that of `return` when none
 * is.
 */
int locate_key(struct slice source, const char *path);

/* A key that stands in one table at two lines. Lua takes the last one and says nothing. */
struct locate_repeat {
    struct slice key; /* borrowed from the source */
    int line, first_line;
};

/*
 * Calls `found` with each such key in the returned table and those within, up to a function, in
 * which an assignment is no key. Of very large tables not all keys are looked at.
 */
void locate_repeats(struct slice source,
                    void (*found)(void *owner, const struct locate_repeat *repeat), void *owner);

#endif
