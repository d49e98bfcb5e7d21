/*
 * One command on the console of a Minecraft server, over RCON: the protocol that Valve described
 * for Source, as Minecraft speaks it (minecraft.wiki, "RCON"). Nothing here logs, since a command
 * and its answer may hold personal data; the password goes over the wire as it is.
 *
 * Life: rcon_start -> its answer, or rcon_cancel.
 */
#ifndef SEKISHO_NET_RCON_H
#define SEKISHO_NET_RCON_H

#include "net/conn.h"

enum {
    RCON_TEXT_BYTES_MAX = 1446,        /* of a password or command: what Minecraft reads at once */
    RCON_PACKET_BYTES_MAX = 16 * 1024, /* of an answer: 4096 characters, of up to three bytes */
    RCON_ANSWER_BYTES_MAX = 64 * 1024,
};

/* All borrowed until rcon_start returns; the copies are wiped. */
struct rcon_call {
    const char *host;
    uint16_t port;
    struct slice password;
    struct slice command;
    uint64_t timeout_ms; /* over all of it */
};

struct rcon_result {
    /*
     * 0: the server carried the command out, and said `answer`. ERR_CLOSED (nobody there, or it
     * broke off), ERR_TIMEOUT, ERR_NOT_FOUND (no such host), ERR_REFUSED (another password),
     * ERR_MALFORMED (what came is no RCON), ERR_TOO_LARGE.
     */
    int err;
    struct slice answer; /* borrowed for the call; somebody else's bytes */
};

typedef void (*rcon_cb)(void *owner, const struct rcon_result *result);

struct rcon;

/* `done` is called once, later. Returns owned by itself until then, or NULL when a text is too
 * long or has a zero in it. */
struct rcon *rcon_start(struct conn_hub *hub, const struct rcon_call *call, rcon_cb done,
                        void *owner);

/* One packet of an answer. */
struct rcon_packet {
    int32_t id, type;
    struct slice text; /* borrowed from the bytes */
};

/* Returns how many bytes it takes from the front, 0 when more are needed, or ERR_MALFORMED. */
int rcon_packet_read(struct slice bytes, struct rcon_packet *out)
    __attribute__((warn_unused_result));

/* `done` will not be called. Accepts NULL. */
void rcon_cancel(struct rcon *rcon);

#endif
