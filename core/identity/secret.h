/*
 * Secrets that stand in files of their own: the forwarding secret, by which a game server knows
 * this proxy, and those by which servers are told of erasures. Kept in memory of its own, wiped
 * when freed; never logged and never part of an error.
 */
#ifndef SEKISHO_IDENTITY_SECRET_H
#define SEKISHO_IDENTITY_SECRET_H

#include "base/diag.h"
#include "base/slice.h"
#include "conf/conf.h"

enum { SECRET_BYTES_MIN = 8, SECRET_FILE_BYTES_MAX = 1024 };

struct secret;

enum secret_mode {
    SECRET_CREATE = 1, /* what is missing is made: random, readable by its owner alone */
    SECRET_LOOK,       /* what is missing stays missing */
};

/*
 * Reads the file at `path`, without white space around its text. Returns 0 and an owned secret;
 * ERR_NOT_FOUND when SECRET_LOOK found no file; or ERR_INVALID with an entry in `diag`: the file is
 * open to others, shorter or longer than these bounds, no line of text or no file at all.
 */
int secret_open(const char *path, enum secret_mode mode, struct diag *diag, struct secret **out)
    __attribute__((warn_unused_result));

/*
 * The secret of a server's on_erasure, likewise; a file that is missing is ERR_NOT_FOUND with an
 * entry. May be called from any thread.
 */
int secret_open_on_erasure(const struct conf_on_erasure *on_erasure, struct diag *diag,
                           struct secret **out) __attribute__((warn_unused_result));

/* Whether those of all servers are there and good; entries name the place in the configuration. */
int secret_check_servers(const struct conf *conf, struct diag *diag)
    __attribute__((warn_unused_result));

/* Returns borrowed until secret_free; printable UTF-8, never empty. NULL gives the empty slice. */
struct slice secret_bytes(const struct secret *secret);

/* Accepts NULL. */
void secret_free(struct secret *secret);

#endif
