#include "protocol/nbt.h"

/* Bytes of the UTF-8 sequence that starts with `lead` (well-formed text only). */
static size_t sequence_len(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xE0)
        return 2;
    return lead < 0xF0 ? 3 : 4;
}

/* One UTF-16 unit as the three bytes of modified UTF-8. */
static void put_unit(struct buf *out, uint32_t unit)
{
    buf_append_byte(out, (uint8_t)(0xE0 | unit >> 12));
    buf_append_byte(out, (uint8_t)(0x80 | (unit >> 6 & 0x3F)));
    buf_append_byte(out, (uint8_t)(0x80 | (unit & 0x3F)));
}

/* Characters outside the basic plane become two surrogates, a zero becomes C0 80. */
static void put_modified_utf8(struct buf *out, struct slice text)
{
    size_t mark = out->len;
    size_t len;

    wire_put_u16(out, 0);
    for (size_t i = 0; i < text.len; i += sequence_len(text.data[i])) {
        size_t size = sequence_len(text.data[i]);
        const uint8_t *p = text.data + i;

        if (i + size > text.len || out->len - mark - 2 + 6 > NBT_STRING_BYTES_MAX)
            break;
        if (size == 4) {
            uint32_t code = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
                            (uint32_t)(p[2] & 0x3F) << 6 | (uint32_t)(p[3] & 0x3F);

            put_unit(out, 0xD800 + ((code - 0x10000) >> 10));
            put_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
        } else if (p[0] == 0) {
            buf_append(out, "\xC0\x80", 2);
        } else {
            buf_append(out, p, size);
        }
    }
    len = out->len - mark - 2;
    out->data[mark] = (uint8_t)(len >> 8);
    out->data[mark + 1] = (uint8_t)len;
}

/* The unit that three bytes hold; 0: there are none. */
static uint32_t unit_at(struct slice text, size_t at)
{
    const uint8_t *p = text.data + at;

    if (at + 3 > text.len || p[0] >> 4 != 0xE)
        return 0;
    return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (uint32_t)(p[2] & 0x3F);
}

static void put_code(struct buf *out, uint32_t code)
{
    const uint8_t bytes[] = {(uint8_t)(0xF0 | code >> 18), (uint8_t)(0x80 | (code >> 12 & 0x3F)),
                             (uint8_t)(0x80 | (code >> 6 & 0x3F)), (uint8_t)(0x80 | (code & 0x3F))};

    buf_append(out, bytes, sizeof bytes);
}

void nbt_read_text(struct slice modified, struct buf *out)
{
    size_t mark = out->len;

    for (size_t i = 0; i < modified.len;) {
        uint32_t high = unit_at(modified, i);
        uint32_t low = unit_at(modified, i + 3);

        if (high >> 10 == 0xD800 >> 10 && low >> 10 == 0xDC00 >> 10) {
            put_code(out, 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF));
            i += 6;
        } else if (modified.data[i] == 0xC0 && i + 1 < modified.len &&
                   modified.data[i + 1] == 0x80) {
            i += 2;
        } else {
            buf_append_byte(out, modified.data[i++]);
        }
    }
    if (out->len > mark && (!slice_is_utf8(slice_of(out->data + mark, out->len - mark)) ||
                            memchr(out->data + mark, 0, out->len - mark)))
        out->len = mark;
}

/* In a list, elements have neither tag nor name. */
static void put_head(struct buf *out, enum nbt_tag tag, const char *name)
{
    if (!name)
        return;
    wire_put_u8(out, (uint8_t)tag);
    put_modified_utf8(out, slice_str(name));
}

void nbt_root(struct buf *out, int protocol)
{
    wire_put_u8(out, NBT_COMPOUND);
    if (protocol < NBT_NAMELESS_PROTOCOL)
        wire_put_u16(out, 0);
}

void nbt_compound(struct buf *out, const char *name)
{
    put_head(out, NBT_COMPOUND, name);
}

void nbt_end(struct buf *out)
{
    wire_put_u8(out, NBT_END);
}

void nbt_list(struct buf *out, const char *name, enum nbt_tag element, int32_t count)
{
    put_head(out, NBT_LIST, name);
    wire_put_u8(out, (uint8_t)element);
    wire_put_i32(out, count);
}

void nbt_byte(struct buf *out, const char *name, int8_t value)
{
    put_head(out, NBT_BYTE, name);
    wire_put_u8(out, (uint8_t)value);
}

void nbt_int(struct buf *out, const char *name, int32_t value)
{
    put_head(out, NBT_INT, name);
    wire_put_i32(out, value);
}

void nbt_long(struct buf *out, const char *name, int64_t value)
{
    put_head(out, NBT_LONG, name);
    wire_put_i64(out, value);
}

void nbt_float(struct buf *out, const char *name, float value)
{
    put_head(out, NBT_FLOAT, name);
    wire_put_f32(out, value);
}

void nbt_double(struct buf *out, const char *name, double value)
{
    put_head(out, NBT_DOUBLE, name);
    wire_put_f64(out, value);
}

void nbt_string(struct buf *out, const char *name, struct slice text)
{
    put_head(out, NBT_STRING, name);
    put_modified_utf8(out, text);
}

void nbt_cstr(struct buf *out, const char *name, const char *text)
{
    nbt_string(out, name, slice_str(text));
}

/* Skips `count` things of `size` bytes each. */
static void skip_many(struct reader *reader, int32_t count, size_t size)
{
    if (count < 0 || (size_t)count > reader_left(reader) / size)
        reader->failed = true;
    else
        reader_bytes(reader, (size_t)count * size);
}

static void skip_payload(struct reader *reader, uint8_t tag, int depth);

static void skip_compound(struct reader *reader, int depth)
{
    while (reader_ok(reader)) {
        uint8_t tag = reader_u8(reader);

        if (tag == NBT_END)
            return;
        reader_bytes(reader, reader_u16(reader));
        skip_payload(reader, tag, depth);
    }
}

static void skip_list(struct reader *reader, int depth)
{
    uint8_t tag = reader_u8(reader);
    int32_t count = reader_i32(reader);

    /* An END list has no elements to bound its count by the bytes that are left. */
    if (tag == NBT_END && count > 0)
        reader->failed = true;
    for (int32_t i = 0; i < count && reader_ok(reader); i++)
        skip_payload(reader, tag, depth);
}

static void skip_payload(struct reader *reader, uint8_t tag, int depth)
{
    static const uint8_t sizes[] = {[NBT_BYTE] = 1, [NBT_SHORT] = 2, [NBT_INT] = 4,
                                    [NBT_LONG] = 8, [NBT_FLOAT] = 4, [NBT_DOUBLE] = 8};

    if (depth >= NBT_DEPTH_MAX)
        reader->failed = true;
    else if (tag >= NBT_BYTE && tag <= NBT_DOUBLE)
        reader_bytes(reader, sizes[tag]);
    else if (tag == NBT_STRING)
        reader_bytes(reader, reader_u16(reader));
    else if (tag == NBT_BYTE_ARRAY)
        skip_many(reader, reader_i32(reader), 1);
    else if (tag == NBT_INT_ARRAY)
        skip_many(reader, reader_i32(reader), 4);
    else if (tag == NBT_LONG_ARRAY)
        skip_many(reader, reader_i32(reader), 8);
    else if (tag == NBT_LIST)
        skip_list(reader, depth + 1);
    else if (tag == NBT_COMPOUND)
        skip_compound(reader, depth + 1);
    else
        reader->failed = true;
}

struct slice nbt_skip(struct reader *reader, int protocol)
{
    const uint8_t *start = reader->at;
    uint8_t tag = reader_u8(reader);

    if (tag != NBT_END) {
        if (protocol < NBT_NAMELESS_PROTOCOL)
            reader_bytes(reader, reader_u16(reader));
        skip_payload(reader, tag, 0);
    }
    if (!reader_ok(reader))
        return (struct slice){.data = start, .len = 0};
    return slice_of(start, (size_t)(reader->at - start));
}

bool nbt_next(struct reader *reader, struct nbt_entry *out)
{
    const uint8_t *start;

    out->tag = reader_u8(reader);
    if (!reader_ok(reader) || out->tag == NBT_END)
        return false;
    out->name = reader_bytes(reader, reader_u16(reader));
    start = reader->at;
    skip_payload(reader, out->tag, 0);
    if (!reader_ok(reader))
        return false;
    out->value = slice_of(start, (size_t)(reader->at - start));
    if (out->tag == NBT_STRING)
        out->value = slice_of(start + 2, out->value.len - 2);
    return true;
}
