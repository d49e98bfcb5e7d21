/*
 * A list of packets that wait to be sent, in one buffer: each is its length (always three bytes of
 * VarInt) and then id and body, uncompressed. Whoever owns the connection takes them apart and
 * frames each for the peer; encoders know nothing of compression or sockets.
 */
#ifndef SEKISHO_PROTOCOL_PACKET_H
#define SEKISHO_PROTOCOL_PACKET_H

#include "base/buf.h"

enum {
    PACKET_LENGTH_BYTES = 3,
    PACKET_BYTES_MAX = (1 << 21) - 1, /* what three bytes of VarInt can say */
};

/* Opens a packet with this id; what is appended to `out` until packet_end is its body. */
size_t packet_begin(struct buf *out, int id);
void packet_end(struct buf *out, size_t mark);

/* Appends a packet that is whole: id and body, at most PACKET_BYTES_MAX. */
void packet_append(struct buf *out, struct slice packet);

/* Takes the next packet (id and body, borrowed) from the front of `list`; false at the end. */
bool packet_next(struct slice *list, struct slice *packet);

#endif
