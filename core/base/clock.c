#include "base/clock.h"

#include "base/err.h"

#include <ctype.h>
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

int64_t clock_thread_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
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

int64_t clock_month(int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    return INT64_C(12) * (parts.tm_year + 1900) + parts.tm_mon;
}

int64_t clock_month_begin(int64_t month)
{
    struct tm parts = {
        .tm_year = (int)(month / 12) - 1900, .tm_mon = (int)(month % 12), .tm_mday = 1};

    return (int64_t)timegm(&parts) * 1000;
}

int clock_parse(const char *text, int64_t *out_ms)
{
    char again[CLOCK_TEXT_BYTES];
    struct tm parts = {0};
    char *end = strptime(text, "%Y-%m-%dT%H:%M:%S.", &parts);

    if (!end || strlen(end) != 4)
        return ERR_MALFORMED;
    *out_ms = (int64_t)timegm(&parts) * 1000 + strtol(end, NULL, 10);
    clock_format(*out_ms, again);
    return strcmp(again, text) == 0 ? 0 : ERR_MALFORMED;
}

void clock_format_day(int64_t wall_ms, char text[static CLOCK_DAY_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    if (strftime(text, CLOCK_DAY_BYTES, "%Y-%m-%d", &parts) == 0)
        text[0] = 0;
}

int clock_parse_day(const char *text, int64_t *out_ms)
{
    char again[CLOCK_DAY_BYTES];
    struct tm parts = {0};
    char *end = strptime(text, "%Y-%m-%d", &parts);

    if (!end || *end)
        return ERR_MALFORMED;
    *out_ms = (int64_t)timegm(&parts) * 1000;
    clock_format_day(*out_ms, again);
    return strcmp(again, text) == 0 ? 0 : ERR_MALFORMED;
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
