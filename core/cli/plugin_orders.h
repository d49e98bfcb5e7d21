/*
 * What people want of the plugins of a running Sekisho: `sekisho plugins ...`.
 */
#ifndef SEKISHO_CLI_PLUGIN_ORDERS_H
#define SEKISHO_CLI_PLUGIN_ORDERS_H

#include "cli/control.h"
#include "session/worker.h"

#include <stdio.h>

/* Answers a command about plugins: "plugins", "plugins json", "plugins reload NAME". False: it is
 * another. */
bool plugin_orders_obey(struct worker *worker, struct control_request *request,
                        const char *command);

/* Loads what changed; what was done, and what is wrong, to `out` and the log. Returns whether all
 * is well. */
bool plugin_orders_refresh(struct worker *worker, FILE *out);

#endif
