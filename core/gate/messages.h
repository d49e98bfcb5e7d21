/*
 * The sentences that Sekisho itself says to players, by language. The catalogue is messages.def:
 * English is complete, other languages fall back to it sentence by sentence.
 */
#ifndef SEKISHO_GATE_MESSAGES_H
#define SEKISHO_GATE_MESSAGES_H

enum message {
#define MESSAGE(id, english) MESSAGE_##id,
#include "gate/messages.def"
#undef MESSAGE
    MESSAGES,
};

/* For a client's locale ("ja_jp", any case, may be NULL). Returns borrowed static text. */
const char *message_text(enum message message, const char *locale);

/* What a language calls itself ("ja": 日本語), or its tag. Borrowed. */
const char *message_language(const char *tag);

#endif
