/*
 * A request made and carried out by an operator, and what a running Sekisho has to know of it.
 */
#ifndef SEKISHO_CLI_SERVE_REQUEST_H
#define SEKISHO_CLI_SERVE_REQUEST_H

#include "cli/cli.h"
#include "cli/desk.h"

/*
 * Carries out the verified request in `desk->request`, tells the running Sekisho, and says on
 * stderr what came of it; a disclosure is printed to stdout before it is done, and before an
 * erasure it is noted what servers have to be told. Returns 0 or an error with an entry in the
 * desk's diag.
 */
int serve_request(struct desk *desk, const struct cli_options *options, const struct conf *conf)
    __attribute__((warn_unused_result));

/* A request of this kind about a player, received now. */
struct data_request request_of(const struct store_person *person, enum data_request_kind kind,
                               const struct conf *conf);

/* FIELD VALUE [SERVER] into a request; ERR_INVALID with an entry in `diag`. */
int read_correction(char **words, int count, const struct conf *conf, struct data_request *request,
                    struct diag *diag) __attribute__((warn_unused_result));

#endif
