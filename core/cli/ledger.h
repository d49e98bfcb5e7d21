/*
 * What `sekisho ledger` and its proofs share.
 */
#ifndef SEKISHO_CLI_LEDGER_H
#define SEKISHO_CLI_LEDGER_H

#include "cli/cli.h"
#include "consent/audit.h"

/* The contents of a small file; NULL after an entry in `diag`. Returns owned. */
char *ledger_file(const char *path, struct diag *diag);

/* The keys that were given, or that beside the store; ERR_NOT_FOUND without an entry: none. */
int ledger_public_keys(const struct cli_options *options, const struct conf *conf,
                       struct audit_keys *out, struct diag *diag)
    __attribute__((warn_unused_result));

/* Whether there is a store; false after an entry that says what makes one. */
bool ledger_is_there(const struct conf *conf, struct diag *diag);

/* The subcommand: true when everything holds; otherwise `diag` or the output says why. */
bool ledger_verify(const struct cli_options *options, const struct conf *conf, struct diag *diag);

#endif
