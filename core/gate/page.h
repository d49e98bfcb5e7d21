/*
 * A page for a player who plays, as /privacy answers and plugins show it: a title, lines, and what
 * can be clicked, ticked and written. From 1.21.6 on a dialog over the running game, which closes
 * by itself; before, lines in the chat, since a book would have to take the place of something in
 * the player's hand.
 */
#ifndef SEKISHO_GATE_PAGE_H
#define SEKISHO_GATE_PAGE_H

#include "base/buf.h"
#include "protocol/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { PAGE_ACTIONS_MAX = 48, PAGE_BOXES_MAX = 32, PAGE_FIELDS_MAX = 6 };

/* Where clicks on a page go. */
struct page_kind {
    const char *command; /* that a click in the chat runs, without its slash: "privacy" */
    const char *click;   /* id of the custom click of a dialog: "sekisho:privacy" */
};

extern const struct page_kind page_of_privacy;
extern const struct page_kind page_of_plugin;

/* Clicking runs "/COMMAND WORDS". */
struct page_action {
    char *label;
    char *words;
    bool with_inputs; /* sends what was ticked and written: in a dialog */
    bool warns;       /* of something that cannot be taken back */
};

/* In the chat a click runs "/COMMAND WORDS" and changes it. */
struct page_box {
    uint8_t number;
    char *label;
    char *words;
    bool ticked;
};

/* In the chat a click begins the line "/COMMAND WORDS ", which the player ends. */
struct page_field {
    const char *key;
    const char *label;
    const char *written; /* what stands there; NULL: nothing */
    const char *words;
    int chars_max;
    int lines;
};

struct page {
    const struct page_kind *kind;
    bool is_kept; /* with what is ticked and written: else fields, and actions that send them, are
                     only in a dialog */
    const char *title; /* borrowed, as the next two */
    const char *close; /* label of the button that goes back to the game */
    const char *back;  /* and of the one to the beginning; NULL: this is it */
    /* At the gate, whose dialog it takes the place of: goes with every click. NULL: in the game. */
    const char *nonce;
    struct text **lines;
    size_t line_count;
    struct page_action actions[PAGE_ACTIONS_MAX];
    size_t action_count;
    struct page_box boxes[PAGE_BOXES_MAX];
    size_t box_count;
    struct page_field fields[PAGE_FIELDS_MAX];
    size_t field_count;
};

void page_add(struct page *page, struct text *line); /* takes it */
void page_say(struct page *page, const char *line);

/* "label: value". */
void page_tell(struct page *page, const char *label, const char *value);

/* Returns the action, borrowed until the next one. Takes `words`. What is over the maximum takes
 * the last one's place. */
struct page_action *page_act(struct page *page, const char *label, char *words);

/* Appends the packets that show it: in play, or with a nonce also in configuration. */
void page_put(const struct page *page, int protocol, enum protocol_state state,
              struct buf *packets);
void page_free(struct page *page);

#define PAGE_LEAVE "gate"

/* What a click on a page says. Slices are borrowed from the packet. */
struct page_click {
    struct slice words; /* PAGE_LEAVE: back to the gate */
    struct slice nonce; /* empty: it has none */
    bool has_boxes;
    uint32_t ticked; /* bit by number */
    struct slice written[PAGE_FIELDS_MAX];
};

/*
 * Reads a custom_click_action packet (771+; body without id, from an untrusted client). `keys` are
 * those of the fields, PAGE_FIELDS_MAX at most. False: it is not about a page of this kind.
 */
bool page_read_click(const struct page_kind *kind, struct slice body, const char *const *keys,
                     size_t key_count, struct page_click *out);

#endif
