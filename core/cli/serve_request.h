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
 * erasure it is noted what servers have to be told. `decides` as in read_operator. Returns 0 or an
 * error with an entry in the desk's diag.
 */
int serve_request(struct desk *desk, const struct cli_options *options, const struct conf *conf,
                  bool decides) __attribute__((warn_unused_result));

/*
 * Who acts on the request in `desk->request` (--by) and why (--reason), for a step. Who `decides`
 * has to be named; else it is "operator" who is not. Both are borrowed from the options. Returns 0,
 * or ERR_INVALID with an entry in the desk's diag, as for a name of the player's, since the ledger
 * keeps it for good.
 */
int read_operator(struct desk *desk, const struct cli_options *options, bool decides,
                  struct store_request_step *step) __attribute__((warn_unused_result));

/* The same for a request that is made; a reason for one without a proof is a decision. */
int sign_request(struct desk *desk, const struct cli_options *options, struct data_request *request)
    __attribute__((warn_unused_result));

/* A request of this kind about a player, received now. */
struct data_request request_of(const struct store_person *person, enum data_request_kind kind,
                               const struct conf *conf);

/* FIELD VALUE [SERVER], from word `first` on, into a request; ERR_INVALID with an entry in `diag`.
 */
int read_correction(const struct cli_options *options, int first, const struct conf *conf,
                    struct data_request *request, struct diag *diag)
    __attribute__((warn_unused_result));

#endif
