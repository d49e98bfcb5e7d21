#include "protocol/encryption.h"

#include "base/err.h"

enum {
    WITH_VARINT_LENGTHS = 47,
    WITH_SIGNED_TOKEN = 759,
    WITHOUT_SIGNED_TOKEN = 761,
    WITH_AUTHENTICATE = 766,
};

static void put_bytes(int protocol, struct slice bytes, struct buf *out)
{
    if (protocol >= WITH_VARINT_LENGTHS)
        wire_put_varint(out, (int32_t)bytes.len);
    else
        wire_put_u16(out, (uint16_t)bytes.len);
    buf_append_slice(out, bytes);
}

void encryption_request_write(int protocol, struct slice public_der, struct slice token,
                              struct buf *out)
{
    wire_put_cstr(out, ""); /* the server's id, which nothing uses any more */
    put_bytes(protocol, public_der, out);
    put_bytes(protocol, token, out);
    if (protocol >= WITH_AUTHENTICATE)
        wire_put_bool(out, true);
}

/* Between 1 and `max` bytes behind their length. */
static struct slice read_bytes(int protocol, struct reader *reader, size_t max)
{
    int32_t len = protocol >= WITH_VARINT_LENGTHS ? reader_varint(reader) : reader_u16(reader);

    if (len < 1 || (size_t)len > max) {
        reader->failed = true;
        return (struct slice){0};
    }
    return reader_bytes(reader, (size_t)len);
}

int encryption_response_read(int protocol, struct slice body, struct encryption_response *out)
{
    struct reader reader = reader_of(body);

    *out = (struct encryption_response){0};
    out->secret = read_bytes(protocol, &reader, ENCRYPTION_SEALED_BYTES_MAX);
    if (protocol >= WITH_SIGNED_TOKEN && protocol < WITHOUT_SIGNED_TOKEN)
        out->is_signed = !reader_bool(&reader);
    if (out->is_signed) {
        out->salt = reader_i64(&reader);
        out->signature = read_bytes(protocol, &reader, ENCRYPTION_SIGNATURE_BYTES_MAX);
    } else {
        out->token = read_bytes(protocol, &reader, ENCRYPTION_SEALED_BYTES_MAX);
    }
    return reader_done(&reader) ? 0 : ERR_MALFORMED;
}

void encryption_signed_write(struct slice token, int64_t salt, struct buf *out)
{
    buf_append_slice(out, token);
    wire_put_i64(out, salt);
}
