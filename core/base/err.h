/*
 * Error codes that travel through the program. A function that can fail returns 0 or one of these
 * (always negative); the text for people is made where the context is known, not here.
 */
#ifndef SEKISHO_BASE_ERR_H
#define SEKISHO_BASE_ERR_H

enum err {
    ERR_NONE = 0,
    ERR_AGAIN = -1,       /* more bytes or a later moment are needed; nothing was consumed */
    ERR_MALFORMED = -2,   /* bytes that break their format */
    ERR_TOO_LARGE = -3,   /* a named limit was exceeded */
    ERR_UNSUPPORTED = -4, /* well formed, but not something we do */
    ERR_NOT_FOUND = -5,
    ERR_IO = -6,   /* file, socket or database failed */
    ERR_FULL = -7, /* disk or queue has no room */
    ERR_READ_ONLY = -8,
    ERR_CLOSED = -9, /* the other side is gone */
    ERR_TIMEOUT = -10,
    ERR_INVALID = -11, /* configuration, policy or rules that do not check; the diag says more */
    ERR_REFUSED = -12, /* a rule, limit or peer said no */
    ERR_BUSY = -13,    /* somebody else holds it */
    ERR_DAMAGED = -14, /* a file whose contents cannot be trusted */
};

/* A short English phrase for a code, for log lines. Returns borrowed static text. */
const char *err_text(int err);

#endif
