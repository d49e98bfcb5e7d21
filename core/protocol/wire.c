#include "protocol/wire.h"

#include "base/err.h"

#include <string.h>

struct reader reader_of(struct slice bytes)
{
    return (struct reader){.at = bytes.data, .end = bytes.data + bytes.len};
}

bool reader_ok(const struct reader *reader)
{
    return !reader->failed;
}

bool reader_done(const struct reader *reader)
{
    return !reader->failed && reader->at == reader->end;
}

size_t reader_left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static void reader_fail(struct reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

struct slice reader_bytes(struct reader *reader, size_t len)
{
    struct slice bytes = {.data = reader->at, .len = len};

    if (reader->failed || reader_left(reader) < len) {
        reader_fail(reader);
        return (struct slice){.data = reader->end, .len = 0};
    }
    reader->at += len;
    return bytes;
}

struct slice reader_rest(struct reader *reader)
{
    return reader_bytes(reader, reader_left(reader));
}

/* A big-endian unsigned integer of `bytes` bytes, the protocol's order everywhere. */
static uint64_t reader_uint(struct reader *reader, size_t bytes)
{
    struct slice raw = reader_bytes(reader, bytes);
    uint64_t value = 0;

    for (size_t i = 0; i < raw.len; i++)
        value = value << 8 | raw.data[i];
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)reader_uint(reader, 1);
}

bool reader_bool(struct reader *reader)
{
    uint8_t value = reader_u8(reader);

    if (value > 1)
        reader_fail(reader);
    return value == 1;
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)reader_uint(reader, 2);
}

int32_t reader_i32(struct reader *reader)
{
    return (int32_t)(uint32_t)reader_uint(reader, 4);
}

int64_t reader_i64(struct reader *reader)
{
    return (int64_t)reader_uint(reader, 8);
}

float reader_f32(struct reader *reader)
{
    uint32_t bits = (uint32_t)reader_uint(reader, 4);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

double reader_f64(struct reader *reader)
{
    uint64_t bits = reader_uint(reader, 8);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

int32_t reader_varint(struct reader *reader)
{
    struct slice left = {.data = reader->at, .len = reader_left(reader)};
    int32_t value = 0;
    int size = varint_peek(left, VARINT_BYTES_MAX, &value);

    if (reader->failed || size < 0) {
        reader_fail(reader);
        return 0;
    }
    reader->at += size;
    return value;
}

struct uuid reader_uuid(struct reader *reader)
{
    struct slice raw = reader_bytes(reader, UUID_BYTES);
    struct uuid uuid = {0};

    if (raw.len == UUID_BYTES)
        memcpy(uuid.bytes, raw.data, UUID_BYTES);
    return uuid;
}

/* UTF-16 units of well-formed UTF-8: one for each sequence, two where it takes four bytes. */
static size_t utf16_units(struct slice text)
{
    size_t units = 0;

    for (size_t i = 0; i < text.len; i++)
        units += (size_t)((text.data[i] & 0xC0) != 0x80) + (size_t)(text.data[i] >= 0xF0);
    return units;
}

struct slice reader_counted(struct reader *reader, size_t max)
{
    int32_t len = reader_varint(reader);

    if (len < 0 || (size_t)len > max) {
        reader_fail(reader);
        return (struct slice){.data = reader->end, .len = 0};
    }
    return reader_bytes(reader, (size_t)len);
}

struct slice reader_string(struct reader *reader, size_t chars_max)
{
    struct slice text = reader_counted(reader, chars_max * 3);

    if (!slice_is_utf8(text) || utf16_units(text) > chars_max) {
        reader_fail(reader);
        return (struct slice){.data = reader->end, .len = 0};
    }
    return text;
}

static void put_uint(struct buf *out, uint64_t value, int bytes)
{
    uint8_t *at = buf_reserve(out, (size_t)bytes);

    for (int i = bytes - 1; i >= 0; i--) {
        at[i] = (uint8_t)value;
        value >>= 8;
    }
    out->len += (size_t)bytes;
}

void wire_put_u8(struct buf *out, uint8_t value)
{
    buf_append_byte(out, value);
}

void wire_put_bool(struct buf *out, bool value)
{
    buf_append_byte(out, value ? 1 : 0);
}

void wire_put_u16(struct buf *out, uint16_t value)
{
    put_uint(out, value, 2);
}

void wire_put_i32(struct buf *out, int32_t value)
{
    put_uint(out, (uint32_t)value, 4);
}

void wire_put_i64(struct buf *out, int64_t value)
{
    put_uint(out, (uint64_t)value, 8);
}

void wire_put_f32(struct buf *out, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_uint(out, bits, 4);
}

void wire_put_f64(struct buf *out, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_uint(out, bits, 8);
}

void wire_put_varint(struct buf *out, int32_t value)
{
    out->len += varint_write(buf_reserve(out, VARINT_BYTES_MAX), value);
}

void wire_put_uuid(struct buf *out, const struct uuid *uuid)
{
    buf_append(out, uuid->bytes, UUID_BYTES);
}

void wire_put_string(struct buf *out, struct slice text)
{
    wire_put_varint(out, (int32_t)text.len);
    buf_append_slice(out, text);
}

void wire_put_cstr(struct buf *out, const char *text)
{
    wire_put_string(out, slice_str(text));
}

size_t varint_size(int32_t value)
{
    size_t size = 1;

    for (uint32_t rest = (uint32_t)value >> 7; rest; rest >>= 7)
        size++;
    return size;
}

int varint_peek(struct slice bytes, size_t bytes_max, int32_t *out)
{
    uint32_t value = 0;

    for (size_t i = 0; i < bytes_max; i++) {
        if (i == bytes.len)
            return ERR_AGAIN;
        value |= (uint32_t)(bytes.data[i] & 0x7F) << (7 * i);
        if (bytes.data[i] < 0x80) {
            *out = (int32_t)value;
            return (int)i + 1;
        }
    }
    return ERR_MALFORMED;
}

size_t varint_write(uint8_t *out, int32_t value)
{
    uint32_t rest = (uint32_t)value;
    size_t size = 0;

    while (rest >= 0x80) {
        out[size++] = (uint8_t)(rest | 0x80);
        rest >>= 7;
    }
    out[size++] = (uint8_t)rest;
    return size;
}
