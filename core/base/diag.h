/*
 * What a loader found wrong: every mistake in one go, each with its place and its remedy, printed
 * as FILE:LINE: MESSAGE. Loading either ends with an empty list or changes nothing.
 */
#ifndef SEKISHO_BASE_DIAG_H
#define SEKISHO_BASE_DIAG_H

#include <stddef.h>
#include <stdio.h>

struct diag_entry {
    char *file;
    int line; /* 0: about the whole file */
    char *message;
};

struct diag {
    struct diag_entry *entries;
    size_t count; /* of all mistakes; the first DIAG_ENTRIES_MAX are told */
};

enum { DIAG_ENTRIES_MAX = 100 };

/* Copies all it is given. The message names what is wrong and what to do about it. */
void diag_add(struct diag *diag, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "FILE:LINE: MESSAGE", or without a line where it is of the whole file. Returns owned. */
char *diag_text(const struct diag_entry *entry);

void diag_print(const struct diag *diag, FILE *out);

/* The same as errors in the log. */
void diag_log(const struct diag *diag);
void diag_free(struct diag *diag);

/*
 * The candidate nearest to `word`, for "did you mean"; NULL when none is within two edits (one, for
 * words of one or two letters). Returns borrowed from `candidates`.
 */
const char *diag_nearest(const char *word, const char *const *candidates, size_t count);

/* The same among `count` structs of `size` bytes whose first member is the candidate, a char *. */
const char *diag_nearest_in(const char *word, const void *structs, size_t count, size_t size);

enum { DIAG_ADVICE_BYTES = 128 };

/*
 * The end of a message about a word that is unknown: `did you mean "NEAREST"?`, or `otherwise` when
 * `nearest` is NULL. Returns `out`.
 */
const char *diag_advice(char out[static DIAG_ADVICE_BYTES], const char *nearest,
                        const char *otherwise);

#endif
