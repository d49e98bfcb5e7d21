#include "cli/markdown.h"

#include <stdbool.h>
#include <string.h>

void markdown_text(const char *text, FILE *out)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        /* Control characters of Latin-1, which UTF-8 writes as C2 80 to C2 9F. */
        bool is_wide = at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F;

        if (*at < ' ' || *at == 0x7F || is_wide) {
            fputc('?', out);
        } else {
            if (strchr("\\`*_[]<>|&#~", *at))
                fputc('\\', out);
            fputc(*at, out);
        }
        at += is_wide;
    }
}
