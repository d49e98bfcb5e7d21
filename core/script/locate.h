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

#endif
