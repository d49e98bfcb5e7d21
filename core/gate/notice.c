#include "gate/notice.h"

#include "gate/dialog.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

enum {
    WITH_POSITION = 47,
    WITH_SENDER = 735,
    WITH_SYSTEM_CHAT = 759,
    WITH_OVERLAY_FLAG = 760,
    POSITION_SYSTEM = 1,
};

static const char leave_id[] = "sekisho:leave";

void notice_chat_encoded(struct slice text, int protocol, struct buf *packets)
{
    static const struct uuid nobody = {{0}};
    bool system = protocol >= WITH_SYSTEM_CHAT;
    size_t mark = packet_begin(
        packets, packet_id(system ? PACKET_PLAY_C_SYSTEM_CHAT : PACKET_PLAY_C_CHAT, protocol));

    buf_append_slice(packets, text);
    if (protocol >= WITH_OVERLAY_FLAG)
        wire_put_bool(packets, false);
    else if (system)
        wire_put_varint(packets, POSITION_SYSTEM);
    else if (protocol >= WITH_POSITION)
        wire_put_u8(packets, POSITION_SYSTEM);
    if (!system && protocol >= WITH_SENDER)
        wire_put_uuid(packets, &nobody);
    packet_end(packets, mark);
}

void notice_chat(const struct text *text, int protocol, struct buf *packets)
{
    struct buf encoded = {0};

    text_write(text, protocol, PROTOCOL_PLAY, &encoded);
    notice_chat_encoded(buf_slice(&encoded), protocol, packets);
    buf_free(&encoded);
}

void notice_dialog(const struct text *text, const char *leave, int protocol,
                   enum protocol_state state, struct buf *packets)
{
    struct dialog dialog = {.protocol = protocol, .title = "Sekisho"};
    struct dialog_button button = {.label = leave, .id = leave_id};
    size_t mark = dialog_begin(&dialog, state, 1, packets);

    dialog_body(&dialog, text, packets);
    dialog_end(&dialog, &button, 1, mark, packets);
}

bool notice_is_leave(struct slice click)
{
    struct reader reader = reader_of(click);

    return slice_is(reader_string(&reader, WIRE_STRING_CHARS_MAX), leave_id);
}
