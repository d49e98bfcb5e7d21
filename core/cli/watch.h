/*
 * Notices that files in some folders changed: once, when it has been quiet for a moment.
 */
#ifndef SEKISHO_CLI_WATCH_H
#define SEKISHO_CLI_WATCH_H

#include <stdbool.h>
#include <uv.h>

struct watch;

struct watch *watch_new(uv_loop_t *loop, void (*changed)(void *owner), void *owner);

/* Watches the folder of this file, too. A folder that cannot be watched is logged. */
void watch_file(struct watch *watch, const char *path);

/*
 * Whether folders came in since this was last asked: what changed in them before was not noticed,
 * so whoever had read them already looks again.
 */
bool watch_grew(struct watch *watch);

/* Accepts NULL. */
void watch_close(struct watch *watch);

#endif
