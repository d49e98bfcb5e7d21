/*
 * A borrowed run of bytes: a view into memory that somebody else owns, never terminated by a zero.
 */
#ifndef SEKISHO_BASE_SLICE_H
#define SEKISHO_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *data;
    size_t len;
};

static inline struct slice slice_of(const void *data, size_t len)
{
    return (struct slice){.data = data, .len = len};
}

/* Borrows `text`; the terminating zero is not part of the slice. */
static inline struct slice slice_str(const char *text)
{
    return slice_of(text, strlen(text));
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_str(text));
}

/* What is behind the spaces in front. */
static inline struct slice slice_skip_spaces(struct slice text)
{
    while (text.len > 0 && text.data[0] == ' ')
        text = slice_of(text.data + 1, text.len - 1);
    return text;
}

/* The decimal number that it begins with, of five digits at most; 0: none. */
int slice_number(struct slice text);

/* True for well-formed UTF-8 (no surrogates, nothing over-long). */
bool slice_is_utf8(struct slice text);

#endif
