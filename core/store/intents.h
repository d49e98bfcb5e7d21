/*
 * The file beside the store that says whose erasure was begun: one line a subject, only ever
 * appended to, durable before anything is destroyed. A store that was broken off in between, or
 * that was put back from a backup, is brought in line with it.
 */
#ifndef SEKISHO_STORE_INTENTS_H
#define SEKISHO_STORE_INTENTS_H

/* Returns 0 once it is on the disk, or an error; then nothing may be destroyed. */
int intents_add(const char *path, const char *subject) __attribute__((warn_unused_result));

/* Calls `each` with every subject, and returns its first error. No file: none. */
int intents_each(const char *path, int (*each)(void *owner, const char *subject), void *owner)
    __attribute__((warn_unused_result));

/* Makes it last that the file of this path is in its folder. */
int folder_sync(const char *path) __attribute__((warn_unused_result));

#endif
