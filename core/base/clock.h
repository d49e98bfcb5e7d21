/*
 * Wall-clock time as milliseconds since 1970 (UTC), and durations as admins write them. Time-outs
 * use the event loop's monotonic clock, not this one.
 */
#ifndef SEKISHO_BASE_CLOCK_H
#define SEKISHO_BASE_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT_BYTES = 32 };

int64_t clock_wall_ms(void);

/* Time that this thread worked: another process that has the processor is not its fault. */
int64_t clock_thread_ns(void);

enum { CLOCK_DAY_MS = 24 * 60 * 60 * 1000, CLOCK_DAY_BYTES = sizeof "2026-01-31" };

/* RFC 3339 in UTC with milliseconds, as 2026-01-31T09:00:00.000Z. */
void clock_format(int64_t wall_ms, char text[static CLOCK_TEXT_BYTES]);

/* Months since the year 0 in UTC: 12 * year + month, which counts from 0. */
int64_t clock_month(int64_t wall_ms);

/* When a month begins. */
int64_t clock_month_begin(int64_t month);

/* Reads what clock_format writes. Returns 0 or ERR_MALFORMED. */
int clock_parse(const char *text, int64_t *out_ms) __attribute__((warn_unused_result));

/* Reads a day of the calendar, "2026-01-31", as its first moment in UTC. Returns 0 or
 * ERR_MALFORMED. */
int clock_parse_day(const char *text, int64_t *out_ms) __attribute__((warn_unused_result));

/* The day, in UTC, that a moment from 1970 to 9999 is in. */
void clock_format_day(int64_t wall_ms, char text[static CLOCK_DAY_BYTES]);

/* Reads "500ms", "30s", "10m", "12h", "180d", "2y" (365 days). Returns 0 or ERR_MALFORMED. */
int clock_parse_duration(const char *text, int64_t *out_ms) __attribute__((warn_unused_result));

/* The same writing, in the largest unit that needs no fraction: "7d". */
void clock_format_duration(int64_t ms, char text[static CLOCK_TEXT_BYTES]);

#endif
