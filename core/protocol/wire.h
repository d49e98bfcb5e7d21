/*
 * The protocol's primitive types, read and written. Source: the Minecraft Java protocol as
 * documented by minecraft.wiki; the same in every version from 1.7.2 on.
 *
 * A reader fails once and stays failed: later reads return zero, and the caller asks `reader_ok`
 * at the end. Strings and bytes that it returns are borrowed from the packet.
 */
#ifndef SEKISHO_PROTOCOL_WIRE_H
#define SEKISHO_PROTOCOL_WIRE_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    VARINT_BYTES_MAX = 5,
    WIRE_STRING_CHARS_MAX = 32767, /* UTF-16 units of any string; at most three bytes each */
};

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct reader reader_of(struct slice bytes);

/* True when nothing failed; `reader_done` also demands that every byte was read. */
bool reader_ok(const struct reader *reader);
bool reader_done(const struct reader *reader);
size_t reader_left(const struct reader *reader);

uint8_t reader_u8(struct reader *reader);
bool reader_bool(struct reader *reader); /* any byte but 0 and 1 fails */
uint16_t reader_u16(struct reader *reader);
int32_t reader_i32(struct reader *reader);
int64_t reader_i64(struct reader *reader);
float reader_f32(struct reader *reader);
double reader_f64(struct reader *reader);
int32_t reader_varint(struct reader *reader);
struct uuid reader_uuid(struct reader *reader);

/* `len` bytes, or the failed empty slice. */
struct slice reader_bytes(struct reader *reader, size_t len);

/* Bytes behind their number as a VarInt, at most `max`. */
struct slice reader_counted(struct reader *reader, size_t max);

/* All that is left. */
struct slice reader_rest(struct reader *reader);

/* A VarInt-prefixed UTF-8 string of at most `chars_max` UTF-16 units; bad UTF-8 fails. */
struct slice reader_string(struct reader *reader, size_t chars_max);

void wire_put_u8(struct buf *out, uint8_t value);
void wire_put_bool(struct buf *out, bool value);
void wire_put_u16(struct buf *out, uint16_t value);
void wire_put_i32(struct buf *out, int32_t value);
void wire_put_i64(struct buf *out, int64_t value);
void wire_put_f32(struct buf *out, float value);
void wire_put_f64(struct buf *out, double value);
void wire_put_varint(struct buf *out, int32_t value);
void wire_put_uuid(struct buf *out, const struct uuid *uuid);
void wire_put_string(struct buf *out, struct slice text);
void wire_put_cstr(struct buf *out, const char *text);

/* Bytes that a VarInt of this value takes: 1 to 5. */
size_t varint_size(int32_t value);

/*
 * Reads a VarInt from the front of `bytes`. Returns its size in bytes, ERR_AGAIN when it is not
 * whole yet, or ERR_MALFORMED when it is longer than `bytes_max` (the protocol's frame lengths
 * take 3, everything else 5).
 */
int varint_peek(struct slice bytes, size_t bytes_max, int32_t *out)
    __attribute__((warn_unused_result));

/* Writes a VarInt to `out`, which has room for VARINT_BYTES_MAX; returns its size. */
size_t varint_write(uint8_t *out, int32_t value);

#endif
