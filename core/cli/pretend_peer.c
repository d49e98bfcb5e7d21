#include "cli/pretend_peer.h"

#include "protocol/packets.h"
#include "protocol/wire.h"

size_t pretend_begin(struct buf *packets, enum packet_kind kind)
{
    return packet_begin(packets, packet_id(kind, PRETEND_PROTOCOL));
}

void pretend_send(struct pretend_peer *peer, struct buf *packets)
{
    struct slice list = buf_slice(packets);
    struct buf frames = {0};
    struct slice packet;

    while (peer->conn && packet_next(&list, &packet))
        (void)!frame_write(peer->of->codec, packet, peer->threshold, &frames);
    if (peer->conn)
        conn_write(peer->conn, buf_slice(&frames));
    buf_free(&frames);
    buf_free(packets);
}

void pretend_hang_up(struct pretend_peer *peer)
{
    conn_close(peer->conn);
    peer->conn = NULL;
}

static size_t on_bytes(void *owner, struct slice bytes)
{
    struct pretend_peer *peer = owner;
    size_t used = 0;

    while (peer->conn && used < bytes.len) {
        struct slice rest = slice_of(bytes.data + used, bytes.len - used);
        struct frame frame;
        struct slice whole;
        struct buf body = {0};
        struct reader reader;
        int err = frame_read_head(rest, peer->threshold >= 0, PACKET_BYTES_MAX, &frame);
        int32_t id;

        if (err < 0 || rest.len < frame.whole_len ||
            frame_open(peer->of->codec, rest, &frame, FRAME_INFLATED_MAX, &whole) < 0)
            break;
        reader = reader_of(whole);
        id = reader_varint(&reader);
        buf_append_slice(&body, reader_rest(&reader)); /* the codec writes answers meanwhile */
        peer->of->heard++;
        peer->packet(peer, id, buf_slice(&body));
        buf_free(&body);
        used += frame.whole_len;
    }
    return peer->conn ? used : bytes.len;
}

static void on_drained(void *owner)
{
    (void)owner;
}

static void on_ended(void *owner, int err)
{
    struct pretend_peer *peer = owner;

    (void)err;
    peer->of->heard++;
    pretend_hang_up(peer);
    if (peer->is_client)
        ((struct pretend_client *)peer->owner)->gone = true;
}

const struct conn_events pretend_events = {
    .received = on_bytes, .drained = on_drained, .ended = on_ended};
