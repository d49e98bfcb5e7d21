/* Frames from a peer: the first byte says whether they are compressed, the rest is the stream. */
#include "protocol/frame.h"
#include "protocol/packet.h"
#include "protocol/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct codec *codec = codec_new();
    struct slice rest = slice_of(data + 1, size > 0 ? size - 1 : 0);
    bool compressed = size > 0 && data[0] & 1;
    struct frame frame;

    while (rest.len > 0 && frame_read_head(rest, compressed, PACKET_BYTES_MAX, &frame) == 0) {
        struct slice packet;
        int32_t id, opened;
        int peeked = frame_peek_id(codec, rest, &frame, &id);

        if (frame.whole_len > rest.len)
            break;
        if (frame_open(codec, rest, &frame, 1 << 20, &packet) == 0) {
            struct buf again = {0};

            /* What is taken for one packet from its head is not another when it is opened. */
            if (varint_peek(packet, VARINT_BYTES_MAX, &opened) > 0 && (peeked < 0 || id != opened))
                abort();
            (void)!frame_write(codec, packet, compressed ? 256 : FRAME_UNCOMPRESSED, &again);
            buf_free(&again);
        }
        rest = slice_of(rest.data + frame.whole_len, rest.len - frame.whole_len);
    }
    codec_free(codec);
    return 0;
}
