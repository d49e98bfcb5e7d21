#include "protocol/packet.h"

#include "protocol/wire.h"

#include <assert.h>

size_t packet_begin(struct buf *out, int id)
{
    size_t mark = out->len;

    buf_reserve(out, PACKET_LENGTH_BYTES);
    out->len += PACKET_LENGTH_BYTES;
    wire_put_varint(out, id);
    return mark;
}

void packet_end(struct buf *out, size_t mark)
{
    size_t len = out->len - mark - PACKET_LENGTH_BYTES;

    assert(len <= PACKET_BYTES_MAX);
    out->data[mark] = (uint8_t)(len | 0x80);
    out->data[mark + 1] = (uint8_t)(len >> 7 | 0x80);
    out->data[mark + 2] = (uint8_t)(len >> 14);
}

void packet_append(struct buf *out, struct slice packet)
{
    size_t mark = out->len;

    buf_reserve(out, PACKET_LENGTH_BYTES);
    out->len += PACKET_LENGTH_BYTES;
    buf_append_slice(out, packet);
    packet_end(out, mark);
}

bool packet_next(struct slice *list, struct slice *packet)
{
    int32_t len;

    if (list->len == 0)
        return false;
    len = (list->data[0] & 0x7F) | (list->data[1] & 0x7F) << 7 | list->data[2] << 14;
    *packet = slice_of(list->data + PACKET_LENGTH_BYTES, (size_t)len);
    list->data += PACKET_LENGTH_BYTES + (size_t)len;
    list->len -= PACKET_LENGTH_BYTES + (size_t)len;
    return true;
}
