/*
 * What several unit tests share: a folder of a test's own, which goes with all that is in it, and
 * questions to a diag.
 */
#ifndef SEKISHO_TESTS_UNIT_FIXTURE_H
#define SEKISHO_TESTS_UNIT_FIXTURE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static inline int fixture_remove_one(const char *path, const struct stat *stat, int type,
                                     struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* cmocka's set-up and tear-down: the state is the folder's path. */
static inline int fixture_folder(void **state)
{
    const char *base = getenv("TMPDIR");
    char *path = mem_format("%s/sekisho-unit-XXXXXX", base ? base : "/tmp");

    *state = path;
    return mkdtemp(path) ? 0 : -1;
}

static inline int fixture_no_folder(void **state)
{
    int err = nftw(*state, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return err;
}

/* Writes a file into the folder. Returns its path, owned. */
static inline char *fixture_file(const char *folder, const char *name, struct slice contents)
{
    char *path = mem_format("%s/%s", folder, name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(contents.data, 1, contents.len, file), contents.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* The same, for those who know the path. */
static inline void fixture_write(const char *folder, const char *name, const char *text)
{
    free(fixture_file(folder, name, slice_str(text)));
}

/* Whether there is an entry at this line (negative: any line) with `part` in its message. */
static inline bool fixture_told(const struct diag *diag, int line, const char *part)
{
    for (size_t i = 0; i < diag->count; i++)
        if ((line < 0 || diag->entries[i].line == line) && strstr(diag->entries[i].message, part))
            return true;
    diag_print(diag, stderr);
    return false;
}

#endif
