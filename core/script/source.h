/*
 * A text file as an admin's editor left it, read whole.
 */
#ifndef SEKISHO_SCRIPT_SOURCE_H
#define SEKISHO_SCRIPT_SOURCE_H

#include "base/diag.h"
#include "base/slice.h"

#include <stdbool.h>

enum { SOURCE_BYTES_MAX = 1024 * 1024 };

struct source {
    char *path;
    char *text; /* without the mark that some editors put in front; a zero behind */
    size_t len;
};

/* Returns 0 and fills `*out`, or ERR_INVALID with an entry in `diag`; source_free either way. */
int source_read(const char *path, struct diag *diag, struct source *out)
    __attribute__((warn_unused_result));
void source_free(struct source *source);

/* Whether there is a file or folder of this name, whether it can be read or not. */
bool source_exists(const char *path);

static inline struct slice source_slice(const struct source *source)
{
    return slice_of(source->text, source->len);
}

#endif
