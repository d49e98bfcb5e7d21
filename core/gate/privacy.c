#include "gate/privacy.h"

const char *const privacy_words[PRIVACY_WORDS] = {
#define PRIVACY(id, word, function, proven) word,
#include "gate/privacy.def"
#undef PRIVACY
};
