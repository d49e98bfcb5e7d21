/* The words of /privacy; see privacy.def. */
#ifndef SEKISHO_GATE_PRIVACY_H
#define SEKISHO_GATE_PRIVACY_H

#include "gate/tree.h"

#include <stddef.h>

enum privacy_word {
#define PRIVACY(id, word, function, proven) PRIVACY_##id,
#include "gate/privacy.def"
#undef PRIVACY
    PRIVACY_WORDS,
};

static const char *const privacy_words[PRIVACY_WORDS] = {
#define PRIVACY(id, word, function, proven) word,
#include "gate/privacy.def"
#undef PRIVACY
};

static const struct tree_command privacy_command = {
    .name = "privacy", .words = privacy_words, .count = PRIVACY_WORDS, .with_text = true};

#endif
