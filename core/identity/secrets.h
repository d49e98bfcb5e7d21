/*
 * The forwarding secrets that a configuration needs: those that game servers know Sekisho by, and
 * the one that Sekisho knows a proxy in front of it by. Each file is read once; where nothing needs
 * a secret, none is touched.
 */
#ifndef SEKISHO_IDENTITY_SECRETS_H
#define SEKISHO_IDENTITY_SECRETS_H

#include "conf/conf.h"
#include "identity/secret.h"

struct secrets;

/*
 * Returns 0 and an owned set, or ERR_INVALID with entries in `diag`: what secret_open refuses, and
 * what secrets_check does. With SECRET_LOOK files may be missing.
 */
int secrets_open(const struct conf *conf, enum secret_mode mode, struct diag *diag,
                 struct secrets **out) __attribute__((warn_unused_result));

/*
 * Whoever has a secret can pass for Sekisho with all who go by it: a server that `conf` marks
 * `third_party` may have it in common with nobody. The servers of `conf` are those that the set was
 * opened for. Adds an entry for each such server.
 */
void secrets_check(const struct secrets *secrets, const struct conf *conf, struct diag *diag);

/* Returns borrowed until secrets_free. */
struct slice secrets_of_server(const struct secrets *secrets, size_t server);
struct slice secrets_of_upstream(const struct secrets *secrets);

/* A line for each file. */
void secrets_print(const struct secrets *secrets, FILE *out);

/* Accepts NULL. */
void secrets_free(struct secrets *secrets);

#endif
