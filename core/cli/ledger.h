/*
 * What `sekisho ledger` and its proofs share.
 */
#ifndef SEKISHO_CLI_LEDGER_H
#define SEKISHO_CLI_LEDGER_H

#include "cli/cli.h"
#include "crypto/sign.h"

/* The contents of a small file; NULL after an entry in `diag`. Returns owned. */
char *ledger_file(const char *path, struct diag *diag);

/* The key that was given, or that beside the store; ERR_NOT_FOUND without an entry: neither. */
int ledger_public_key(const struct cli_options *options, const struct conf *conf,
                      uint8_t out[static SIGN_PUBLIC_BYTES], struct diag *diag)
    __attribute__((warn_unused_result));

#endif
