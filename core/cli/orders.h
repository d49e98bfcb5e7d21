/*
 * What other commands tell a running Sekisho, or ask of it, by the control socket.
 */
#ifndef SEKISHO_CLI_ORDERS_H
#define SEKISHO_CLI_ORDERS_H

#include "cli/control.h"
#include "session/worker.h"

/* Answers the request; false: it is no such command, and still unanswered. */
bool orders_obey(struct worker *worker, struct control_request *request, const char *command);

#endif
