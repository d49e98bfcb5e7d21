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
    bool is_notice;    /* which is the only button that it has */
};

struct dialog_button {
    const char *label;
    const char *id;       /* of the click: "sekisho:accept" */
    const char *nonce;    /* in the click's payload; NULL: it has none */
    const char *language; /* in the payload, too; NULL: none */
    const char *command;  /* the same */
    bool with_inputs;     /* what was ticked and written goes with the click */
};

/* Opens a show_dialog packet that will hold `bodies` texts; returns the mark for dialog_end. */
size_t dialog_begin(const struct dialog *dialog, enum protocol_state state, size_t bodies,
                    struct buf *packets);

/* One text; called as often as was said. */
void dialog_body(const struct dialog *dialog, const struct text *text, struct buf *packets);

/*
 * What is ticked or written; it comes back in the payload by its key: of a box as a byte, 0 or 1,
 * of a place to write in as a string.
 */
struct dialog_input {
    const char *key;
    const char *label;
    const char *written; /* what stands there at first; NULL: nothing */
    int chars_max;       /* that can be written; 0: it is a box */
    int lines;
    bool ticked;
};

/* Behind the texts. */
void dialog_inputs(const struct dialog_input *inputs, size_t count, struct buf *packets);

/* The key of the box with this number: "purpose_NUMBER". */
enum { DIALOG_KEY_BYTES = 16 };
void dialog_box_key(uint8_t number, char key[static DIALOG_KEY_BYTES]);

/* Without buttons, `dialog` has to have said that it is a notice. */
void dialog_end(const struct dialog *dialog, const struct dialog_button *buttons, size_t count,
                size_t mark, struct buf *packets);

/* Takes down whichever dialog is open. Nothing for versions that have none. */
void dialog_clear(int protocol, enum protocol_state state, struct buf *packets);

#endif
