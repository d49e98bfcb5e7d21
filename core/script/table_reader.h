/*
 * Reads a table that a Lua file returned by a list of the keys that it may have. What is unknown,
 * of another type or out of range becomes an entry with file, line, key and remedy; reading goes
 * on, so that all mistakes are told at once.
 */
#ifndef SEKISHO_SCRIPT_TABLE_READER_H
#define SEKISHO_SCRIPT_TABLE_READER_H

#include "base/diag.h"
#include "script/script.h"

#include <stdbool.h>
#include <stdint.h>

enum { READER_PATH_BYTES = 256 };

struct table_reader {
    struct script *script;
    lua_State *lua;
    const char *file;
    struct diag *diag;
    char path[READER_PATH_BYTES]; /* of the value being read: "servers.lobby.address" */
};

enum reader_kind {
    READER_STRING = 1, /* char *; owned by the field; at most max bytes, unless that is 0 */
    READER_BOOL,       /* bool */
    READER_INT,        /* int, min to max */
    READER_DURATION,   /* int64_t milliseconds, min to max */
    READER_CUSTOM,     /* by `read` */
};

/* One key of a table. `offset` is into the struct that is filled. */
struct reader_key {
    const char *name;
    enum reader_kind kind;
    size_t offset;
    int64_t min, max;
    /* CUSTOM: the value is on the top of the stack, and stays there. */
    void (*read)(struct table_reader *reader, void *into);
};

/* Complains of each key that the file writes twice in one table. */
void reader_check_keys(struct table_reader *reader);

/* Reads the table on the top of the stack into `into`; the stack stays as it is. */
void reader_table(struct table_reader *reader, const struct reader_key *keys, size_t count,
                  void *into);

/* Calls `read` with every value of the table on the top, its key being text, in sorted order. */
void reader_each(struct table_reader *reader, void *into,
                 void (*read)(struct table_reader *reader, const char *key, void *into));

/* Calls `read` with every value of the list on the top. */
void reader_list(struct table_reader *reader, void *into,
                 void (*read)(struct table_reader *reader, void *into));

/* Adds an entry about the value being read: "PATH: MESSAGE". */
void reader_complain(struct table_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complains that the value on the top is of another type than `expected` ("a text"). */
void reader_wants(struct table_reader *reader, const char *expected);

/* The text on the top of the stack, or NULL after a complaint. Borrowed while it is there. */
const char *reader_text(struct table_reader *reader, const char *expected);

/* The line of the value being read. */
int reader_line(const struct table_reader *reader);

#endif
