/*
 * Frames: how packets are cut out of the byte stream. A frame is a VarInt length (at most three
 * bytes) and that many bytes; once compression is on (a threshold was agreed), these begin with the
 * inflated size as a VarInt, 0 meaning "not compressed". Source: minecraft.wiki, "Packet format";
 * compression exists from 47 (1.8) on.
 */
#ifndef SEKISHO_PROTOCOL_FRAME_H
#define SEKISHO_PROTOCOL_FRAME_H

#include "base/buf.h"
#include "protocol/packet.h"

#include <stdbool.h>

enum {
    FRAME_UNCOMPRESSED = -1,              /* the threshold of a connection without compression */
    FRAME_INFLATED_MAX = 8 * 1024 * 1024, /* one packet from a server */
    FRAME_INFLATED_CLIENT_MAX = 2 * 1024 * 1024,
    FRAME_PEEK_BYTES = 512, /* of a frame that are enough to see the packet's id */
};

struct frame {
    size_t head_len;      /* the length VarInt and, with compression, the inflated size */
    size_t whole_len;     /* all of it, as it stands on the wire */
    int32_t inflated_len; /* 0: the payload is not compressed */
};

/*
 * Reads a frame's head from the front of `bytes`, whose payload need not be there yet. Returns 0,
 * ERR_AGAIN, ERR_MALFORMED, or ERR_TOO_LARGE when the frame is longer than `len_max`.
 */
int frame_read_head(struct slice bytes, bool compressed, size_t len_max, struct frame *out)
    __attribute__((warn_unused_result));

/* What inflates and deflates on one loop: state that is kept and used again, and a scratch. */
struct codec;

struct codec *codec_new(void); /* returns owned */
void codec_free(struct codec *codec);

/*
 * The id and body of a whole frame. Borrowed from `bytes`, or from the codec until its next use.
 * Returns 0, ERR_MALFORMED (also when the true size is not the claimed one) or ERR_TOO_LARGE.
 */
int frame_open(struct codec *codec, struct slice bytes, const struct frame *frame,
               size_t inflated_max, struct slice *packet) __attribute__((warn_unused_result));

/*
 * The packet's id alone, from as much of the frame as is there (`bytes`). Returns 0, ERR_AGAIN when
 * more bytes could tell, or ERR_MALFORMED.
 */
int frame_peek_id(struct codec *codec, struct slice bytes, const struct frame *frame, int32_t *id)
    __attribute__((warn_unused_result));

/*
 * The packet's first bytes (id and body), at most `max` of them, from as much of the frame as is
 * there. Borrowed from `bytes` or in `out`, which has room for `max`. Returns 0 or ERR_MALFORMED.
 */
int frame_peek(struct codec *codec, struct slice bytes, const struct frame *frame, uint8_t *out,
               size_t max, struct slice *first) __attribute__((warn_unused_result));

/*
 * Appends a packet (id and body) as a frame for a peer with this threshold. Returns 0, or
 * ERR_TOO_LARGE for what no frame can hold, and then appends nothing.
 */
int frame_write(struct codec *codec, struct slice packet, int threshold, struct buf *out)
    __attribute__((warn_unused_result));

/*
 * True when a frame from a peer with threshold `from` may go to one with threshold `to` as the
 * bytes that came.
 */
bool frame_fits(const struct frame *frame, int from, int to);

#endif
