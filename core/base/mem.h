/*
 * Memory. Every size that a peer can influence is checked against a named limit before it gets
 * here, so a failed allocation means that the machine itself is out of memory: these functions end
 * the process with a clear message and never return NULL.
 */
#ifndef SEKISHO_BASE_MEM_H
#define SEKISHO_BASE_MEM_H

#include <stddef.h>

/* Returns owned, zeroed memory for one object or an array; free() it. */
void *mem_alloc(size_t bytes) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *mem_array(size_t count, size_t bytes_each)
    __attribute__((malloc, returns_nonnull, warn_unused_result));

/* Resizes; takes `old` (may be NULL). The added part is not zeroed. */
void *mem_resize(void *old, size_t bytes) __attribute__((returns_nonnull, warn_unused_result));

/* Return owned copies; free() them. */
char *mem_strdup(const char *text) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_strndup(const char *text, size_t len)
    __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_format(const char *format, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull, warn_unused_result));

/* Overwrites memory that held a secret, in a way the compiler cannot drop. */
void mem_wipe(void *data, size_t bytes);

#endif
