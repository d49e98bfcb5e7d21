#include "base/clock.h"

#include "base/err.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t clock_wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_format(int64_t wall_ms, char text[static CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    size_t len;

    gmtime_r(&seconds, &parts);
    len = strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + len, CLOCK_TEXT_BYTES - len, ".%03dZ", (int)(wall_ms % 1000));
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month < 1 || month > 12 ? 0 : days[month - 1] + (month == 2 && leaps);
}

int clock_parse_day(const char *text, int64_t *out_ms)
{
    static const char shape[] = "0000-00-00";
    struct tm day = {0};
    int year, month;

    if (strlen(text) != sizeof shape - 1)
        return ERR_MALFORMED;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
            return ERR_MALFORMED;
    year = (int)strtol(text, NULL, 10);
    month = (int)strtol(text + 5, NULL, 10);
    day.tm_mday = (int)strtol(text + 8, NULL, 10);
    if (day.tm_mday < 1 || day.tm_mday > days_of(year, month))
        return ERR_MALFORMED;
    day.tm_year = year - 1900;
    day.tm_mon = month - 1;
    *out_ms = (int64_t)timegm(&day) * 1000;
    return 0;
}

void clock_format_day(int64_t wall_ms, char text[static CLOCK_DAY_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    if (strftime(text, CLOCK_DAY_BYTES, "%Y-%m-%d", &parts) == 0)
        text[0] = 0;
}

static const struct unit {
    const char *suffix;
    int64_t ms;
} units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
             {"h", 3600000}, {"d", 86400000}, {"y", 365 * INT64_C(86400000)}};

enum { UNITS = sizeof units / sizeof units[0] };

int clock_parse_duration(const char *text, int64_t *out_ms)
{
    static const long count_max = 1000000;
    char *end;
    long count;

    if (!isdigit((unsigned char)text[0]))
        return ERR_MALFORMED;
    count = strtol(text, &end, 10);
    if (count > count_max)
        return ERR_MALFORMED;
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(end, units[i].suffix) != 0)
            continue;
        *out_ms = count * units[i].ms;
        return 0;
    }
    return ERR_MALFORMED;
}

void clock_format_duration(int64_t ms, char text[static CLOCK_TEXT_BYTES])
{
    const struct unit *unit = &units[0];

    for (size_t i = 0; i < UNITS && ms > 0; i++)
        if (ms % units[i].ms == 0)
            unit = &units[i];
    snprintf(text, CLOCK_TEXT_BYTES, "%lld%s", (long long)(ms / unit->ms), unit->suffix);
}
