/*
 * Proofs about the ledger, as files of JSON that a third party checks with the public key alone:
 * that records of a player are in it, or that it still begins as it did under an older head.
 */
#ifndef SEKISHO_CLI_PROOF_H
#define SEKISHO_CLI_PROOF_H

#include "cli/cli.h"

/* Subcommands: true when it was done; otherwise `diag` or the output says why. */
bool proof_make(const struct cli_options *options, const struct conf *conf, struct diag *diag);
bool proof_check(const struct cli_options *options, const struct conf *conf, struct diag *diag);

#endif
