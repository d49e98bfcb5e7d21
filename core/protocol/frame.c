#include "protocol/frame.h"

#include "base/err.h"
#include "base/mem.h"
#include "protocol/first_byte.h"
#include "protocol/wire.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

/* Players' lines are slower than this level is; higher ones cost more than they save. */
enum { DEFLATE_LEVEL = 4 };

struct codec {
    struct libdeflate_compressor *deflater;
    struct libdeflate_decompressor *inflater;
    z_stream peek; /* inflates the first bytes only, which libdeflate cannot */
    struct buf scratch;
};

struct codec *codec_new(void)
{
    struct codec *codec = mem_alloc(sizeof *codec);

    codec->deflater = libdeflate_alloc_compressor(DEFLATE_LEVEL);
    codec->inflater = libdeflate_alloc_decompressor();
    if (!codec->deflater || !codec->inflater || inflateInit(&codec->peek) != Z_OK)
        abort();
    return codec;
}

void codec_free(struct codec *codec)
{
    if (!codec)
        return;
    libdeflate_free_compressor(codec->deflater);
    libdeflate_free_decompressor(codec->inflater);
    inflateEnd(&codec->peek);
    buf_free(&codec->scratch);
    free(codec);
}

int frame_read_head(struct slice bytes, bool compressed, size_t len_max, struct frame *out)
{
    int32_t len;
    int32_t inflated = 0;
    int size = varint_peek(bytes, PACKET_LENGTH_BYTES, &len);
    int inner = 0;

    if (size < 0)
        return size;
    if (len == 0)
        return ERR_MALFORMED;
    if ((size_t)len > len_max)
        return ERR_TOO_LARGE;
    if (compressed) {
        inner = varint_peek(slice_of(bytes.data + size, bytes.len - (size_t)size), VARINT_BYTES_MAX,
                            &inflated);
        if (inner < 0)
            return inner;
        if (inner >= len || inflated < 0)
            return ERR_MALFORMED;
    }
    *out = (struct frame){.head_len = (size_t)size + (size_t)inner,
                          .whole_len = (size_t)size + (size_t)len,
                          .inflated_len = inflated};
    return 0;
}

/* The part of the payload that is there. */
static struct slice payload_of(struct slice bytes, const struct frame *frame)
{
    size_t end = bytes.len < frame->whole_len ? bytes.len : frame->whole_len;

    return slice_of(bytes.data + frame->head_len, end - frame->head_len);
}

int frame_open(struct codec *codec, struct slice bytes, const struct frame *frame,
               size_t inflated_max, struct slice *packet)
{
    struct slice payload = payload_of(bytes, frame);
    size_t inflated = (size_t)frame->inflated_len;
    size_t real_len;

    if (frame->inflated_len == 0) {
        *packet = payload;
        return 0;
    }
    if (inflated > inflated_max)
        return ERR_TOO_LARGE;
    buf_clear(&codec->scratch);
    buf_reserve(&codec->scratch, inflated);
    if (libdeflate_zlib_decompress(codec->inflater, payload.data, payload.len, codec->scratch.data,
                                   inflated, &real_len) != LIBDEFLATE_SUCCESS ||
        real_len != inflated)
        return ERR_MALFORMED;
    *packet = slice_of(codec->scratch.data, inflated);
    return 0;
}

static struct slice peek_inflated(struct codec *codec, struct slice payload, uint8_t *out,
                                  size_t max)
{
    z_stream *peek = &codec->peek;
    union {
        const uint8_t *in;
        uint8_t *out;
    } base = {.in = payload.data}; /* zlib's input pointer is not const; it does not write */
    int status;

    inflateReset(peek);
    peek->next_in = base.out;
    peek->avail_in = (unsigned)payload.len;
    peek->next_out = out;
    peek->avail_out = (unsigned)max;
    status = inflate(peek, Z_SYNC_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        return (struct slice){0};
    return slice_of(out, max - peek->avail_out);
}

int frame_peek(struct codec *codec, struct slice bytes, const struct frame *frame, uint8_t *out,
               size_t max, struct slice *first)
{
    struct slice payload = payload_of(bytes, frame);

    if (frame->inflated_len > 0)
        payload = peek_inflated(codec, payload, out, max);
    if (!payload.data)
        return ERR_MALFORMED;
    *first = slice_of(payload.data, payload.len < max ? payload.len : max);
    return 0;
}

int frame_peek_id(struct codec *codec, struct slice bytes, const struct frame *frame, int32_t *id)
{
    uint8_t first[VARINT_BYTES_MAX];
    bool whole = bytes.len >= frame->whole_len;
    struct slice head;
    int size = frame->inflated_len > 0 ? first_byte(payload_of(bytes, frame)) : -1;

    /* Nearly all ids are of one byte. */
    if (size >= 0 && size < 0x80) {
        *id = size;
        return 0;
    }
    size = frame_peek(codec, bytes, frame, first, sizeof first, &head);
    if (size < 0)
        return size;
    size = varint_peek(head, VARINT_BYTES_MAX, id);
    if (size == ERR_AGAIN && whole)
        return ERR_MALFORMED;
    return size < 0 ? size : 0;
}

static int write_plain(struct slice packet, int threshold, struct buf *out)
{
    bool compressed = threshold >= 0;

    if (packet.len + (compressed ? 1 : 0) > PACKET_BYTES_MAX)
        return ERR_TOO_LARGE;
    wire_put_varint(out, (int32_t)packet.len + (compressed ? 1 : 0));
    if (compressed)
        wire_put_varint(out, 0);
    buf_append_slice(out, packet);
    return 0;
}

/* Deflates to where the frame would start if its length took all three bytes, then closes up. */
static int write_deflated(struct codec *codec, struct slice packet, struct buf *out)
{
    size_t bound = libdeflate_zlib_compress_bound(codec->deflater, packet.len);
    size_t size_len = varint_size((int32_t)packet.len);
    uint8_t *start = buf_reserve(out, PACKET_LENGTH_BYTES + size_len + bound);
    uint8_t *payload = start + PACKET_LENGTH_BYTES + size_len;
    size_t len = libdeflate_zlib_compress(codec->deflater, packet.data, packet.len, payload, bound);
    size_t head_len;

    if (len == 0 || len + size_len > PACKET_BYTES_MAX)
        return ERR_TOO_LARGE;
    head_len = varint_write(start, (int32_t)(len + size_len));
    head_len += varint_write(start + head_len, (int32_t)packet.len);
    memmove(start + head_len, payload, len);
    out->len += head_len + len;
    return 0;
}

int frame_write(struct codec *codec, struct slice packet, int threshold, struct buf *out)
{
    if (threshold >= 0 && packet.len >= (size_t)threshold)
        return write_deflated(codec, packet, out);
    return write_plain(packet, threshold, out);
}

bool frame_fits(const struct frame *frame, int from, int to)
{
    if (from < 0 || to < 0)
        return from < 0 && to < 0;
    /* A peer refuses compressed packets that are smaller than its threshold; it takes larger ones
     * that are not compressed. */
    return frame->inflated_len == 0 || frame->inflated_len >= to;
}
