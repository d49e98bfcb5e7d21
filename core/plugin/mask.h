/*
 * What a plugin learnt of players in plain, so that its log lines and errors can be told without
 * it: "<chat.message>". The last ones alone; of what the plugin made of them, only what has parts
 * of their words in it.
 */
#ifndef SEKISHO_PLUGIN_MASK_H
#define SEKISHO_PLUGIN_MASK_H

#include "base/slice.h"

enum { MASK_TEXTS_MAX = 64, MASK_CHARS_MIN = 3 };

/* {0}: nothing was learnt. */
struct mask {
    struct mask_text {
        const char *name; /* what stands there instead; borrowed static text */
        char *text;
        size_t len;
    } texts[MASK_TEXTS_MAX];
    size_t next; /* the oldest */
};

/* Keeps a copy. What stands between zeros and line breaks is looked for by itself. */
void mask_learn(struct mask *mask, const char *name, struct slice text);

/* Learns from the other what of it stands in this text. */
void mask_learn_from(struct mask *mask, const struct mask *other, const char *text);

/*
 * The text without them and without parts of their words, from four bytes on, also where letters
 * are in another case, and as one line: nothing in it moves a terminal or looks like another line.
 * No more of it than a line of the log has. Returns owned.
 */
char *mask_apply(const struct mask *mask, const char *text);

void mask_free(struct mask *mask);

#endif
