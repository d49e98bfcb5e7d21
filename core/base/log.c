#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_LINE_BYTES = 1024 };

void log_write(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char line[LOG_LINE_BYTES];
    char stamp[CLOCK_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    clock_format(clock_wall_ms(), stamp);
    fprintf(stderr, "%s %s %s\n", stamp, names[level], line);
}
