/*
 * A sentence of Sekisho's own for a player, as finished packets.
 */
#ifndef SEKISHO_GATE_NOTICE_H
#define SEKISHO_GATE_NOTICE_H

#include "protocol/text.h"

/* A line in the chat, in play. */
void notice_chat(const struct text *text, int protocol, struct buf *packets);

/* The same with a text that is encoded for this protocol already, as a server's disconnect is. */
void notice_chat_encoded(struct slice text, int protocol, struct buf *packets);

/* 771+: a screen with the text and one button, which leaves; see notice_is_leave. */
void notice_dialog(const struct text *text, const char *leave, int protocol,
                   enum protocol_state state, struct buf *packets);

/* True for the custom click of the button of notice_dialog (body without packet id). */
bool notice_is_leave(struct slice click);

#endif
