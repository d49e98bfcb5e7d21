#include "protocol/signed_chat.h"

#include "base/err.h"
#include "protocol/wire.h"

enum {
    WITH_SIGNATURES = 759,
    WITH_SEEN_LIST = 760,
    WITH_SESSION = 761,
    WITHOUT_SIGNED_COMMAND = 766, /* the plain one; the signed one is another packet */
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

/* What stands behind the line. */
static int strip_rest(int protocol, bool is_command, struct reader *reader, struct buf *out)
{
    buf_append_slice(out, reader_bytes(reader, 2 * sizeof(int64_t))); /* time and salt */
    if (is_command)
        put_unsigned_command(protocol, reader, out);
    else
        put_unsigned_message(protocol, reader, out);
    put_tail(protocol, reader, out);
    return reader_ok(reader) ? 0 : ERR_MALFORMED;
}

int signed_chat_strip(int protocol, bool is_command, struct slice body, struct buf *out)
{
    struct reader reader = reader_of(body);

    wire_put_string(out, reader_string(&reader, WIRE_STRING_CHARS_MAX));
    return strip_rest(protocol, is_command, &reader, out);
}

int signed_chat_replace(int protocol, struct slice body, struct slice line, struct buf *out)
{
    struct reader reader = reader_of(body);

    reader_string(&reader, WIRE_STRING_CHARS_MAX);
    wire_put_string(out, line);
    /* From 1.20.5 on an unsigned command is its text alone, before 1.19 all that is said. */
    if (protocol < WITH_SIGNATURES || protocol >= WITHOUT_SIGNED_COMMAND)
        return reader_ok(&reader) ? 0 : ERR_MALFORMED;
    return strip_rest(protocol, true, &reader, out);
}

bool signed_chat_is_signed(int protocol, bool is_command, struct slice body)
{
    struct reader reader = reader_of(body);

    reader_string(&reader, WIRE_STRING_CHARS_MAX);
    reader_bytes(&reader, 2 * sizeof(int64_t)); /* time and salt */
    if (!is_command && protocol >= WITH_SESSION)
        return reader_bool(&reader) && reader_ok(&reader);
    return reader_varint(&reader) > 0 && reader_ok(&reader); /* bytes, or signatures */
}

int32_t signed_chat_seen(int protocol, bool is_command, struct slice body)
{
    struct reader reader = reader_of(body);
    struct buf unsigned_part = {0};
    int32_t seen;

    if (protocol < WITH_SESSION)
        return 0;
    reader_string(&reader, WIRE_STRING_CHARS_MAX);
    if (reader_left(&reader) == 0)
        return 0;
    reader_bytes(&reader, 2 * sizeof(int64_t));
    if (is_command)
        put_unsigned_command(protocol, &reader, &unsigned_part);
    else
        put_unsigned_message(protocol, &reader, &unsigned_part);
    buf_free(&unsigned_part);
    seen = reader_varint(&reader);
    return reader_ok(&reader) && seen > 0 ? seen : 0;
}
