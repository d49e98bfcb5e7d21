/*
 * The socket by which `sekisho reload` and its like reach a running Sekisho: one line asked, an
 * answer in text, on this machine and for the same user alone.
 */
#ifndef SEKISHO_CLI_CONTROL_H
#define SEKISHO_CLI_CONTROL_H

#include <stdbool.h>
#include <uv.h>

struct control;
struct control_request;

/* Answers with control_answer, now or later, exactly once. `command` is borrowed for the call. */
typedef void (*control_handler)(void *owner, struct control_request *request, const char *command);

/* For those who name the same configuration. Returns owned, or NULL after logging why: all else
 * works without it. */
struct control *control_open(uv_loop_t *loop, const char *conf_path, control_handler handler,
                             void *owner);

/* Accepts NULL. Who has not asked yet is hung up on; who waits can still be answered. */
void control_close(struct control *control);

void control_answer(struct control_request *request, bool ok, const char *text);

/*
 * The other side: asks a running Sekisho. Returns 0 with whether it was done and an owned answer;
 * ERR_NOT_FOUND when none runs with this configuration; ERR_CLOSED when it ended meanwhile. Blocks.
 */
int control_call(const char *conf_path, const char *command, bool *ok, char **answer)
    __attribute__((warn_unused_result));

/*
 * The same, and prints the answer to stdout, or to stderr when it is a failure. Blocks.
 * Returns the exit status.
 */
int control_ask(const char *conf_path, const char *command);

/* The same, to be told elsewhere: its text, owned; NULL where no Sekisho answers or it cannot. */
char *control_fetch(const char *conf_path, const char *command);

#endif
