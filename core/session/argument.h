/*
 * What stands behind a command, read by what the command takes.
 */
#ifndef SEKISHO_SESSION_ARGUMENT_H
#define SEKISHO_SESSION_ARGUMENT_H

#include "base/buf.h"
#include "gate/messages.h"
#include "session/commands.h"

/* What is wrong, as the player is told it. */
struct argument_fault {
    enum message message;
    const struct argument *argument; /* that it is about; NULL: none of them */
};

/*
 * Cuts the next word off the front of `line`: a space may be before it, and stands behind it unless
 * the line ends there. Empty: there is none.
 */
struct slice argument_next(struct slice *line);

/* The player of this name, as the asker's server knows them; NULL: there is none. */
struct session *argument_player(const struct session *asker, struct slice name);

/*
 * Reads `line` into `values`, one for each argument of the command. False: `fault` says what is
 * wrong. Values borrow from the line.
 */
bool arguments_read(const struct session *session, const struct command *command, struct slice line,
                    struct argument_value *values, struct argument_fault *fault);

/* Appends "/send <who> [server]". */
void arguments_usage(const struct command *command, struct buf *out);

/* Appends what an argument may be, as far as that is short: "n (1 to 5)". */
void argument_describe(const struct conf *conf, const struct argument *argument, struct buf *out);

#endif
