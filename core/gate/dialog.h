/*
 * The dialog screen of 1.21.6 (771) and later: a title, texts one below the other, buttons.
 * Source: minecraft.wiki, "Dialog". Every button answers by a custom click action.
 */
#ifndef SEKISHO_GATE_DIALOG_H
#define SEKISHO_GATE_DIALOG_H

#include "base/buf.h"
#include "protocol/text.h"

struct dialog {
    int protocol;
    const char *title;
    const char *close; /* label of a button that only closes it; NULL: it stays until we take it */
};

struct dialog_button {
    const char *label;
    const char *id;       /* of the click: "sekisho:accept" */
    const char *nonce;    /* in the click's payload; NULL: it has none */
    const char *language; /* in the payload, too; NULL: none */
    const char *command;  /* the same */
    bool with_inputs;     /* what was ticked and written goes with the click */
};

struct dialog_box {
    uint8_t number; /* its key in the payload is "purpose_NUMBER"; the value a byte, 0 or 1 */
    const char *label;
    bool ticked;
};

/* Opens a show_dialog packet that will hold `bodies` texts; returns the mark for dialog_end. */
size_t dialog_begin(const struct dialog *dialog, enum protocol_state state, size_t bodies,
                    struct buf *packets);

/* One text; called as often as was said. */
void dialog_body(const struct dialog *dialog, const struct text *text, struct buf *packets);

enum { DIALOG_KEY_BYTES = 16 };
void dialog_box_key(const struct dialog_box *box, char key[static DIALOG_KEY_BYTES]);

/* Check boxes, behind the texts. */
void dialog_boxes(const struct dialog_box *boxes, size_t count, struct buf *packets);

/* A place to write in; its key in the payload is `key`, and the value a string. */
struct dialog_field {
    const char *key;
    const char *label;
    int chars_max;
    int lines;
};

/* The same instead of boxes. */
void dialog_fields(const struct dialog_field *fields, size_t count, struct buf *packets);

void dialog_end(const struct dialog *dialog, const struct dialog_button *buttons, size_t count,
                size_t mark, struct buf *packets);

#endif
