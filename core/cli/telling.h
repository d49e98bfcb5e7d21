/*
 * Before a person is erased: what the servers that knew them have to be told, noted in the store
 * while it is still known.
 */
#ifndef SEKISHO_CLI_TELLING_H
#define SEKISHO_CLI_TELLING_H

#include "base/uuid.h"
#include "conf/conf.h"

/*
 * Finds out by rules and consents as whom each server with an `on_erasure` knows the player, and
 * prepares tasks for it, which begin with the erasure (`request`; 0: without one). Nobody has to be
 * told of who never accepted. Blocks. Returns 0, or an error with entries in `diag`: then whoever
 * would erase had better mend that first.
 */
int telling_prepare(const struct conf *conf, int64_t request, const struct uuid *player,
                    struct diag *diag) __attribute__((warn_unused_result));

#endif
