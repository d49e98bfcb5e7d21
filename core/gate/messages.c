#include "gate/messages.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct translation {
    const char *language;
    enum message message;
    const char *text;
};

static const char *const english[MESSAGES] = {
#define MESSAGE(id, english) [MESSAGE_##id] = english,
#include "gate/messages.def"
#undef MESSAGE
};

static const struct translation translations[] = {
#define MESSAGE(id, english)
#define TRANSLATION(language, id, text) {language, MESSAGE_##id, text},
#include "gate/messages.def"
#undef MESSAGE
};

/* "ja" speaks for "ja_jp", in any case. */
static int speaks(const char *language, const char *locale)
{
    size_t len = strlen(language);

    return strncasecmp(language, locale, len) == 0 && !isalpha((unsigned char)locale[len]);
}

const char *message_text(enum message message, const char *locale)
{
    for (size_t i = 0; locale && i < sizeof translations / sizeof translations[0]; i++)
        if (translations[i].message == message && speaks(translations[i].language, locale))
            return translations[i].text;
    return english[message];
}

const char *message_language(const char *tag)
{
    static const char *const names[][2] = {
#define LANGUAGE(language, name) {language, name},
#include "gate/languages.def"
#undef LANGUAGE
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], tag) == 0)
            return names[i][1];
    return tag;
}
