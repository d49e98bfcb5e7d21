/*
 * The page on which a player accepts who cannot be shown the policy in the game: HTTP on the event
 * loop (libmicrohttpd, driven from outside). TLS is the business of a web server in front of it.
 *
 *   GET  /         the form for a code
 *   POST /policy   code [language]            the policy, and the two answers
 *   POST /answer   code answer language [purpose ...]   records it; the code has ended then
 */
#ifndef SEKISHO_WEB_WEB_H
#define SEKISHO_WEB_WEB_H

#include "session/worker.h"

/*
 * Listens as the configuration says; a no-op where there is no page. The worker's store has to be
 * open, and its answers find the page through the worker. Returns 0, or ERR_IO with an entry in
 * `diag`.
 */
int web_open(struct worker *worker, struct diag *diag) __attribute__((warn_unused_result));

/* Stops listening and drops what is under way. Before the store is closed. */
void web_close(struct worker *worker);

#endif
