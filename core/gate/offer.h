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
    const char *locale;            /* for the sentences around the text */
    const char *preface;           /* why it is shown; NULL: to a newcomer */
    const char *nonce;             /* hex */
    policy_purposes chosen;        /* optional purposes that are ticked */
    struct document *const *pages; /* shown as well, and none of the policy; borrowed */
    size_t page_count;
    int protocol;
    const char *page_command; /* that turns a page in the chat: "/policy" */
    bool is_answered;         /* the book is to be read again, and asks nothing */
};

/* 771+: show_dialog with the whole text, check boxes and buttons, in configuration or play. */
void offer_dialog(const struct offer *offer, enum protocol_state state, struct buf *packets);

/*
 * 47 to 770, in play: a written book into the hand (slot 0), opened on the screen. Its last pages
 * have the optional purposes and the answers, which run "/accept NONCE" and "/decline NONCE".
 */
void offer_book(const struct offer *offer, struct buf *packets);

/* 4 and up, in play: what to do, optional purposes, languages, and the two answers to click. */
void offer_chat(const struct offer *offer, struct buf *packets);

/* Of that only what a click has changed: the optional purposes and the answers. */
void offer_chat_choices(const struct offer *offer, struct buf *packets);

/*
 * 4 and 5, which have no book: a page of the text into the chat, counted from 1; beyond the last
 * is the last. The next page comes by clicking, which runs `page_command` with its number.
 */
void offer_chat_page(const struct offer *offer, int page, struct buf *packets);

/* The two answers as clickable texts, for the chat and the end of the book. Owned. */
struct text *offer_answers(const struct offer *offer, const char *between);

/* "[ ] Title", clicking which runs "/choose NAME". Owned; NULL when the purpose is not optional. */
struct text *offer_choice(const struct offer *offer, size_t purpose);

enum offer_click_kind {
    OFFER_CLICK_NONE = 0, /* not of this offer: ignore it */
    OFFER_CLICK_ACCEPT,
    OFFER_CLICK_DECLINE,
    OFFER_CLICK_LANGUAGE,
    OFFER_CLICK_RIGHTS,
};

struct offer_click {
    enum offer_click_kind kind;
    policy_purposes chosen;         /* ACCEPT: optional purposes that were ticked */
    const struct policy_text *text; /* LANGUAGE: the one that was asked for */
};

/* What a custom_click_action packet (771+; body without id, from an untrusted client) means. */
struct offer_click offer_read_click(const struct offer *offer, struct slice body);

#endif
