#include "plugin/mask.h"

#include "base/buf.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    PART_BYTES_MIN = 4,
    PIECE_BYTES_MAX = 512,  /* longer ones are looked for in pieces */
    SHOWN_BYTES_MAX = 2048, /* more than a line of the log, with a piece behind it */
};

static void forget(struct mask_text *known)
{
    if (known->text)
        mem_wipe(known->text, known->len);
    free(known->text);
    *known = (struct mask_text){0};
}

static bool knows(const struct mask *mask, const char *text, size_t len)
{
    for (size_t i = 0; i < MASK_TEXTS_MAX; i++)
        if (mask->texts[i].text && mask->texts[i].len == len &&
            memcmp(mask->texts[i].text, text, len) == 0)
            return true;
    return false;
}

static void learn_piece(struct mask *mask, const char *name, const char *text, size_t len)
{
    struct mask_text *known = &mask->texts[mask->next];

    if (len < MASK_CHARS_MIN || knows(mask, text, len))
        return;
    forget(known);
    *known = (struct mask_text){.name = name, .text = mem_strndup(text, len), .len = len};
    mask->next = (mask->next + 1) % MASK_TEXTS_MAX;
}

void mask_learn(struct mask *mask, const char *name, struct slice text)
{
    size_t begin = 0;

    for (size_t i = 0; i <= text.len; i++) {
        bool ends = i == text.len || text.data[i] < ' ';

        if (!ends && i - begin < PIECE_BYTES_MAX)
            continue;
        learn_piece(mask, name, (const char *)text.data + begin, i - begin);
        begin = ends ? i + 1 : i;
    }
}

void mask_learn_from(struct mask *mask, const struct mask *other, const char *text)
{
    for (size_t i = 0; i < MASK_TEXTS_MAX && other->texts[i].text; i++)
        if (strstr(text, other->texts[i].text))
            learn_piece(mask, other->texts[i].name, other->texts[i].text, other->texts[i].len);
}

/* Whole characters from here on, so that a byte or two of one is no part. */
static size_t part_at(const char *text, size_t len)
{
    size_t size = 0;

    while (size < len && (size < PART_BYTES_MIN || ((uint8_t)text[size] & 0xC0) == 0x80)) {
        if (text[size] == ' ')
            return 0; /* of words, which two lines have in common seldom enough */
        size++;
    }
    return size < PART_BYTES_MIN ? 0 : size;
}

/* How much of what begins here is known: the whole of it, or a part of a word; 0: nothing. */
static size_t known_at(const struct mask_text *known, const char *text, size_t len, size_t part)
{
    if (known->len <= len && strncasecmp(text, known->text, known->len) == 0)
        return known->len;
    for (size_t at = 0; part > 0 && at + part <= known->len; at++)
        if (strncasecmp(text, known->text + at, part) == 0)
            return part;
    return 0;
}

/* What covers each byte of the text: two that overlap are both hidden. */
static const char **cover(const struct mask *mask, const char *text, size_t len)
{
    const char **covers = mem_array(len + 1, sizeof *covers);

    for (size_t at = 0; at < len; at++) {
        size_t part = part_at(text + at, len - at);

        if (((uint8_t)text[at] & 0xC0) == 0x80)
            continue;
        for (size_t i = 0; i < MASK_TEXTS_MAX && mask->texts[i].text; i++) {
            size_t size = known_at(&mask->texts[i], text + at, len - at, part);

            for (size_t j = 0; j < size; j++)
                covers[at + j] = mask->texts[i].name;
        }
    }
    return covers;
}

char *mask_apply(const struct mask *mask, const char *text)
{
    size_t len = strnlen(text, SHOWN_BYTES_MAX);
    const char **covers = cover(mask, text, len);
    struct buf out = {0};

    for (size_t i = 0; i < len; i++) {
        if (!covers[i])
            buf_append_byte(&out, iscntrl((unsigned char)text[i]) ? ' ' : (uint8_t)text[i]);
        else if (i == 0 || covers[i] != covers[i - 1])
            buf_append_format(&out, "<%s>", covers[i]);
    }
    free(covers);
    return buf_take_text(&out);
}

void mask_free(struct mask *mask)
{
    for (size_t i = 0; i < MASK_TEXTS_MAX; i++)
        forget(&mask->texts[i]);
}
