/*
 * Reads the text form of NBT that registries_table.inc is written in: names and strings in single
 * quotes without escapes; 1b, 1, 1l, 1f, 1d; {'a':1} and [1,2]. The text is our own: what is wrong
 * with it is a bug.
 */
#ifndef SEKISHO_GATE_SNBT_H
#define SEKISHO_GATE_SNBT_H

#include "base/buf.h"

/* Writes the fields of the compound `text`, without its head and end. */
void snbt_fields(struct buf *out, const char *text);

#endif
