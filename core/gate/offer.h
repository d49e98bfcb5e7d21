/*
 * The policy as it is put before one player: which text, in which dialect of the protocol, bound to
 * a nonce that the answer has to carry. Renderers append finished packets (protocol/packet.h).
 */
#ifndef SEKISHO_GATE_OFFER_H
#define SEKISHO_GATE_OFFER_H

#include "base/buf.h"
#include "policy/policy.h"
#include "protocol/state.h"

#include <stdbool.h>

struct offer {
    const struct policy *policy;
    const struct policy_text *text;
    const char *locale; /* the player's own; for the sentences around the text */
    const char *nonce;  /* hex */
    int protocol;
};

/* 771+: show_dialog with the whole text and the buttons, in configuration or play. */
void offer_dialog(const struct offer *offer, enum protocol_state state, struct buf *packets);

/*
 * 47 to 770, in play: a written book into the hand (slot 0), opened on the screen. Its links carry
 * the nonce as "/accept NONCE" and "/decline NONCE".
 */
void offer_book(const struct offer *offer, struct buf *packets);

/* 4 and up, in play: what to do, and the two answers as clickable lines. */
void offer_chat(const struct offer *offer, struct buf *packets);

/* 4 and 5, which have no book: the whole text into the chat, page `page` from 0. Returns the
 * number of pages. Turning pages is a clickable "/policy N". */
int offer_chat_page(const struct offer *offer, int page, struct buf *packets);

enum offer_answer {
    OFFER_ANSWER_NONE = 0, /* not an answer to this offer: ignore it */
    OFFER_ANSWER_ACCEPT,
    OFFER_ANSWER_DECLINE,
};

/* What a custom_click_action packet (771+; body without id, from an untrusted client) answers. */
enum offer_answer offer_read_click(const char *nonce, struct slice body);

#endif
