/*
 * One line an event, to stderr: time, level, then a message with key=value pairs. Personal data is
 * not formatted into a line: it travels as `struct field_value`, which no format accepts, and names
 * of players, addresses and texts from peers are never passed here. Sessions are named by id.
 */
#ifndef SEKISHO_BASE_LOG_H
#define SEKISHO_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_write(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)

#endif
