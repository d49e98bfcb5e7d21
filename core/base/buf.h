/*
 * A growable run of bytes. `{0}` is a valid empty buffer; growing never fails (see mem.h), so
 * writers need no error path.
 */
#ifndef SEKISHO_BASE_BUF_H
#define SEKISHO_BASE_BUF_H

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
};

/* Makes room for `extra` bytes after the end; returns borrowed until the next growth. */
uint8_t *buf_reserve(struct buf *buf, size_t extra);

void buf_append(struct buf *buf, const void *data, size_t len);
void buf_append_slice(struct buf *buf, struct slice slice);
void buf_append_str(struct buf *buf, const char *text);
void buf_append_byte(struct buf *buf, uint8_t byte);
void buf_append_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes `len` bytes from the front. */
void buf_consume(struct buf *buf, size_t len);

/* Forgets the contents, keeps the memory. */
void buf_clear(struct buf *buf);

/* Gives the memory back; `buf` is empty and usable after. Accepts NULL and {0}. */
void buf_free(struct buf *buf);

/* The same of secrets and personal data: all that it ever held is overwritten before. */
void buf_wipe(struct buf *buf);

/* Ends the text with a zero (not counted in len) and returns it, borrowed until the next change. */
const char *buf_text(struct buf *buf);

/* Returns owned, zero-terminated contents and leaves `buf` empty. */
char *buf_take_text(struct buf *buf);

static inline struct slice buf_slice(const struct buf *buf)
{
    return slice_of(buf->data, buf->len);
}

#endif
