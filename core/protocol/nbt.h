/*
 * NBT, Minecraft's tree of named binary tags. Source: minecraft.wiki "NBT format". Writing appends
 * tag by tag; inside a list, `name` is NULL. Reading is one bounded skip, for trees from peers.
 *
 * A tree in a packet has a root compound: named (empty name) up to 763, nameless from 764.
 */
#ifndef SEKISHO_PROTOCOL_NBT_H
#define SEKISHO_PROTOCOL_NBT_H

#include "base/buf.h"
#include "protocol/wire.h"

enum nbt_tag {
    NBT_END = 0,
    NBT_BYTE,
    NBT_SHORT,
    NBT_INT,
    NBT_LONG,
    NBT_FLOAT,
    NBT_DOUBLE,
    NBT_BYTE_ARRAY,
    NBT_STRING,
    NBT_LIST,
    NBT_COMPOUND,
    NBT_INT_ARRAY,
    NBT_LONG_ARRAY,
};

enum {
    NBT_NAMELESS_PROTOCOL = 764, /* from here on a packet's root has no name */
    NBT_DEPTH_MAX = 64,
    NBT_STRING_BYTES_MAX = 65535, /* in Java's modified UTF-8 */
};

/* Opens the root compound in the form of this version; close it with nbt_end. */
void nbt_root(struct buf *out, int protocol);

void nbt_compound(struct buf *out, const char *name);
void nbt_end(struct buf *out); /* of a compound; lists end by their count */
void nbt_list(struct buf *out, const char *name, enum nbt_tag element, int32_t count);
void nbt_byte(struct buf *out, const char *name, int8_t value);
void nbt_int(struct buf *out, const char *name, int32_t value);
void nbt_long(struct buf *out, const char *name, int64_t value);
void nbt_float(struct buf *out, const char *name, float value);
void nbt_double(struct buf *out, const char *name, double value);

/* UTF-8 in, modified UTF-8 out; what is over NBT_STRING_BYTES_MAX is cut at a character. */
void nbt_string(struct buf *out, const char *name, struct slice text);
void nbt_cstr(struct buf *out, const char *name, const char *text);

/* Appends a peer's string, modified UTF-8, as UTF-8 without zeros; nothing when it is neither. */
void nbt_read_text(struct slice modified, struct buf *out);

/* One entry of a compound from a peer. */
struct nbt_entry {
    uint8_t tag;
    struct slice name;
    struct slice value; /* the payload; a string's without its length */
};

/*
 * The next entry of a compound, nested ones whole. False at its end, and when it is malformed: ask
 * reader_ok.
 */
bool nbt_next(struct reader *reader, struct nbt_entry *out);

/*
 * Skips one tree from a peer, root included, in the form of this version; a lone END tag is a
 * valid empty tree. Fails the reader when it is malformed or deeper than NBT_DEPTH_MAX. Returns
 * the bytes of the tree, borrowed from the packet.
 */
struct slice nbt_skip(struct reader *reader, int protocol);

#endif
