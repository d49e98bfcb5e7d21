/*
 * JSON values as NBT: objects become compounds, true and false bytes, whole numbers ints, others
 * doubles. Minecraft's own readers take any numeric tag for a number.
 */
#ifndef SEKISHO_PROTOCOL_NBT_JSON_H
#define SEKISHO_PROTOCOL_NBT_JSON_H

#include "protocol/nbt.h"

#include <jansson.h>

/* The tag that a value becomes; NBT_END for null, which is left out. */
enum nbt_tag nbt_json_tag(const json_t *json);

/* Appends a value as a tag (see nbt.h for `name`). A list's elements are of one kind: in a mixed
 * one, what is no compound becomes {"text": ...}, as text components want it. */
void nbt_json(struct buf *out, const char *name, const json_t *json);

#endif
