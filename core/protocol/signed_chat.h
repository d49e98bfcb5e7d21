/*
 * What a player says, 1.19 and later, without the signatures that prove who says it. Layouts:
 * minecraft-data, packets chat_message, chat_command (up to 765), chat_command_signed (766+).
 */
#ifndef SEKISHO_PROTOCOL_SIGNED_CHAT_H
#define SEKISHO_PROTOCOL_SIGNED_CHAT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Appends the body of such a packet as a client without a key sends it. What the client counts as
 * seen (761+) stays as it is; 760 lists senders and signatures instead, and the list is left out.
 * Returns 0, or ERR_MALFORMED, and `out` is worth nothing.
 */
int signed_chat_strip(int protocol, bool is_command, struct slice body, struct buf *out)
    __attribute__((warn_unused_result));

/* The same of an unsigned command, with another text in its place. */
int signed_chat_replace(int protocol, struct slice body, struct slice line, struct buf *out)
    __attribute__((warn_unused_result));

/* Whether the player signed the line, or a part of the command. False for what is malformed. */
bool signed_chat_is_signed(int protocol, bool is_command, struct slice body);

/* 761+: how many messages the client says with this packet to have seen; 0 where it says nothing.
 */
int32_t signed_chat_seen(int protocol, bool is_command, struct slice body);

#endif
