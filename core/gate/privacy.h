/* The words of /privacy; see privacy.def. */
#ifndef SEKISHO_GATE_PRIVACY_H
#define SEKISHO_GATE_PRIVACY_H

enum privacy_word {
#define PRIVACY(id, word, function, proven) PRIVACY_##id,
#include "gate/privacy.def"
#undef PRIVACY
    PRIVACY_WORDS,
};

extern const char *const privacy_words[PRIVACY_WORDS];

#endif
