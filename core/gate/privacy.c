#include "gate/privacy.h"

const char *const privacy_words[PRIVACY_WORDS] = {
#define PRIVACY(id, word, function, proven) word,
#include "gate/privacy.def"
#undef PRIVACY
};

const struct tree_command privacy_command = {
    .name = "privacy", .words = privacy_words, .count = PRIVACY_WORDS, .with_text = true};
