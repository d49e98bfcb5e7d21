#include "policy/bare_url.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* What RFC 3986 has in an address. */
static bool is_url_char(uint8_t c)
{
    return c > ' ' && c < 0x7F && !strchr("\"<>\\^`{|}", c);
}

static size_t scheme_len(struct slice text)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);

        if (text.len > len && strncasecmp((const char *)text.data, schemes[i], len) == 0 &&
            isalnum(text.data[len]))
            return len;
    }
    return 0;
}

/* How many more of one bracket are closed than were opened. */
static int closed_too_often(struct slice url, uint8_t open, uint8_t close)
{
    int surplus = 0;

    for (size_t i = 0; i < url.len; i++)
        surplus += (url.data[i] == close) - (url.data[i] == open);
    return surplus;
}

/* A closing bracket is part of the address only where the opening one is. */
static struct slice without_end_marks(struct slice url)
{
    int round = closed_too_often(url, '(', ')');
    int square = closed_too_often(url, '[', ']');

    for (; url.len > 0; url.len--) {
        uint8_t last = url.data[url.len - 1];

        if (last == ')' && round > 0)
            round--;
        else if (last == ']' && square > 0)
            square--;
        else if (!strchr("?!.,:;*_~'", last))
            break;
    }
    return url;
}

struct slice bare_url_find(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct slice rest = slice_of(text.data + i, text.len - i);
        struct slice url = {.data = rest.data};

        if ((i > 0 && isalnum(text.data[i - 1])) || (text.data[i] | 0x20) != 'h' ||
            scheme_len(rest) == 0)
            continue;
        while (url.len < rest.len && is_url_char(rest.data[url.len]))
            url.len++;
        return without_end_marks(url);
    }
    return slice_of(text.data + text.len, 0);
}
