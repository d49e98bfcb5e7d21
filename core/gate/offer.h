/*
 * The policy as it is put before one player: which text, in which dialect of the protocol, bound to
 * a nonce that the answer has to carry. Renderers append finished packets (protocol/packet.h).
 */
#ifndef SEKISHO_GATE_OFFER_H
#define SEKISHO_GATE_OFFER_H

#include "base/buf.h"
#include "policy/policy.h"
#include "protocol/text.h"

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
 * 47 to 770, in play: a written book into the hand (slot 0), opened on the screen. Its last page
 * answers by running "/accept NONCE" and "/decline NONCE".
 */
void offer_book(const struct offer *offer, struct buf *packets);

/* 4 and up, in play: what to do, and the two answers as clickable lines. */
void offer_chat(const struct offer *offer, struct buf *packets);

/*
 * 4 and 5, which have no book: a page of the text into the chat, counted from 1; beyond the last
 * is the last. The next page comes by clicking, which runs "/policy PAGE".
 */
void offer_chat_page(const struct offer *offer, int page, struct buf *packets);

enum offer_answer {
    OFFER_ANSWER_NONE = 0, /* no answer to this offer: ignore it */
    OFFER_ANSWER_ACCEPT,
    OFFER_ANSWER_DECLINE,
};

/* The two answers as clickable texts in one line, for the chat and the end of the book. Owned. */
struct text *offer_answers(const struct offer *offer, const char *between);

/* What a custom_click_action packet (771+; body without id, from an untrusted client) answers. */
enum offer_answer offer_read_click(const char *nonce, struct slice body);

#endif
