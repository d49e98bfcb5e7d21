/*
 * Policy, rules and permissions replaced while players play: on SIGHUP, on `sekisho reload`, when
 * one of their files changed, and on the day on which another version of the policy comes into
 * effect. All files load and check, or nothing changes. Reading goes on beside the loop: a script
 * that takes long delays nobody. Plugins that changed are loaded anew behind it, each for itself.
 */
#ifndef SEKISHO_CLI_RELOADER_H
#define SEKISHO_CLI_RELOADER_H

#include "session/worker.h"

struct reloader;

/* Begins to listen for all of them. Borrows everything but what it returns. */
struct reloader *reloader_new(struct worker *worker, const char *conf_path);

/* Ends with the loop's next rounds; its memory goes then. Accepts NULL. */
void reloader_close(struct reloader *reloader);

#endif
