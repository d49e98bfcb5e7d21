#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_LINE_BYTES = 1024 };

/* A line stays one, and a terminal does nothing but show it. */
static void flatten(char *line)
{
    for (unsigned char *at = (unsigned char *)line; *at; at++) {
        if (*at < ' ' || *at == 0x7f)
            *at = ' ';
        else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* U+0080 to U+009F, in UTF-8 */
            at[0] = at[1] = ' ';
    }
}

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char line[LOG_LINE_BYTES];
    char stamp[CLOCK_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    flatten(line);
    clock_format(clock_wall_ms(), stamp);
    fprintf(stderr, "%s %s %s\n", stamp, names[level], line);
}
