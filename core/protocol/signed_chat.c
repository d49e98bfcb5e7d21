#include "protocol/signed_chat.h"

#include "base/err.h"
#include "protocol/wire.h"

enum {
    WITH_SEEN_LIST = 760,
    WITH_SESSION = 761,
    SIGNATURE_BYTES = 256,
    NAME_CHARS_MAX = 256,
};

/* Up to 760 a signature says how long it is. */
static void skip_signature(int protocol, struct reader *reader)
{
    if (protocol < WITH_SESSION)
        reader_counted(reader, SIZE_MAX);
    else
        reader_bytes(reader, SIGNATURE_BYTES);
}

static void put_unsigned_message(int protocol, struct reader *reader, struct buf *out)
{
    if (protocol >= WITH_SESSION) {
        if (reader_bool(reader))
            skip_signature(protocol, reader);
        wire_put_bool(out, false);
    } else {
        skip_signature(protocol, reader);
        wire_put_varint(out, 0);
    }
}

static void put_unsigned_command(int protocol, struct reader *reader, struct buf *out)
{
    int32_t count = reader_varint(reader);

    for (int32_t i = 0; i < count && reader_ok(reader); i++) {
        reader_string(reader, NAME_CHARS_MAX);
        skip_signature(protocol, reader);
    }
    wire_put_varint(out, 0);
}

/* What follows the signatures. */
static void put_tail(int protocol, struct reader *reader, struct buf *out)
{
    if (protocol >= WITH_SESSION) {
        buf_append_slice(out, reader_rest(reader));
        return;
    }
    reader_bool(reader);
    wire_put_bool(out, false); /* no preview was signed */
    if (protocol < WITH_SEEN_LIST)
        return;
    wire_put_varint(out, 0);
    wire_put_bool(out, false);
}

int signed_chat_strip(int protocol, bool is_command, struct slice body, struct buf *out)
{
    struct reader reader = reader_of(body);

    wire_put_string(out, reader_string(&reader, WIRE_STRING_CHARS_MAX));
    buf_append_slice(out, reader_bytes(&reader, 2 * sizeof(int64_t))); /* time and salt */
    if (is_command)
        put_unsigned_command(protocol, &reader, out);
    else
        put_unsigned_message(protocol, &reader, out);
    put_tail(protocol, &reader, out);
    return reader_ok(&reader) ? 0 : ERR_MALFORMED;
}
