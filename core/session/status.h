/*
 * The server list's answer: description, players, versions, favicon. Sekisho answers it itself,
 * whether or not a backend is up.
 */
#ifndef SEKISHO_SESSION_STATUS_H
#define SEKISHO_SESSION_STATUS_H

#include "base/buf.h"
#include "conf/conf.h"
#include "protocol/text.h"

struct status;

/* Reads the favicon (config/favicon.png beside the configuration) if there is one; a file that is
 * no 64 x 64 PNG is left out with a warning. Returns owned, with nothing said yet. */
struct status *status_new(const struct conf *conf);
void status_free(struct status *status);

/* What is said of this place. Copies it. */
void status_describe(struct status *status, const char *description);

/* What an answer says in place of what is usual; what is not set stays usual. */
struct status_answer {
    struct text *description; /* owned */
    char *version;            /* owned; shown in place of the players' numbers */
    const char *favicon;      /* borrowed, of status_favicon */
    int online, max;          /* less than 0: usual */
    char *hover;              /* owned; lines that are seen while the mouse is on the numbers */
};

/* With all that it owns. Accepts NULL. */
void status_answer_free(struct status_answer *answer);

/* The picture of favicon-NAME.png beside the configuration, as it was at the start; NULL: none. */
const char *status_favicon(const struct status *status, const char *name);

/* Appends the JSON of a status response that says this. */
void status_write(const struct status *status, int protocol, int players,
                  const struct status_answer *answer, struct buf *out);

/* The JSON of the status response for a client of this protocol. Borrowed until the next call. */
struct slice status_json(struct status *status, int protocol, int players);

enum status_ping {
    STATUS_PING_NONE = 0, /* not a ping from before 1.7 */
    STATUS_PING_PARTIAL,  /* FE or FE 01, which may be all of it or not */
    STATUS_PING_BETA,     /* FE: up to 1.3 */
    STATUS_PING_LEGACY,   /* FE 01 [FA ...]: 1.4 to 1.6 */
};

/* What a connection's first bytes are. `complete`: no more have come for a while. */
enum status_ping status_ping_of(struct slice bytes, bool complete);

/* Appends the answer to a ping from before 1.7: a kick packet in UTF-16. */
void status_legacy(struct status *status, enum status_ping ping, int players, struct buf *out);

#endif
