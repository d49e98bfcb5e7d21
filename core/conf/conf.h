/*
 * The operator's configuration, config/sekisho.lua, as an immutable snapshot. Keys, types and
 * ranges stand in the tables of conf.c. Loading reports every mistake at once, each with file,
 * line, key and remedy.
 */
#ifndef SEKISHO_CONF_CONF_H
#define SEKISHO_CONF_CONF_H

#include "base/diag.h"
#include "base/slice.h"
#include "net/cidr.h"
#include "net/proxy_header.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_auth {
    CONF_AUTH_NONE,
    CONF_AUTH_ONLINE,    /* the session service vouches for a player */
    CONF_AUTH_OFFLINE,   /* nobody does */
    CONF_AUTH_FORWARDED, /* another proxy does, by modern forwarding */
};

enum conf_forwarding {
    CONF_FORWARDING_NONE,
    CONF_FORWARDING_LEGACY,      /* BungeeCord's: identity inside the handshake's host name */
    CONF_FORWARDING_BUNGEEGUARD, /* the same with a secret token among the properties */
    CONF_FORWARDING_MODERN,      /* Velocity's: signed login plugin message */
};

/* host:port as written; IPv6 hosts stand in brackets there and without them here. */
struct conf_address {
    char *host;
    uint16_t port;
};

enum { CONF_ADDRESS_BYTES = 264 };

/* "host:port", IPv6 in brackets. Returns `out`. */
const char *conf_address_text(const struct conf_address *address,
                              char out[static CONF_ADDRESS_BYTES]);

struct conf_listener {
    struct conf_address address; /* a number */
    int line;
    bool proxy_protocol;  /* each connection begins with a PROXY header */
    struct cidr *trusted; /* from these networks alone; loopback where none are named */
    size_t trusted_count;
};

/*
 * How a server is told that a player was erased: by a command over RCON, or by a webhook. One of
 * them; neither: it is not told.
 */
struct conf_on_erasure {
    struct conf_address rcon; /* host NULL: none */
    char *command;            /* of RCON; {name} and {uuid} stand for the player's */
    char *webhook;            /* its address; NULL: none */
    char *secret_file;        /* the password of RCON, or the key that signs webhooks */
    int line;
};

struct conf_server {
    char *name;
    struct conf_address address;
    char *rules;  /* path of the rule file; NULL: nothing is kept or told */
    char *policy; /* folder of what it asks for besides the policy of all; NULL: nothing */
    bool has_shadow;
    char *shadow; /* of the rules that run beside them and change nothing; NULL: there are none */
    enum conf_forwarding forwarding;
    char *forwarding_secret_file; /* its own, else everybody's; NULL: its forwarding needs none */
    enum proxy_header_version proxy_header;
    char **hosts; /* that lead here first; lower case; may begin with "*." */
    size_t host_count;
    bool third_party;
    struct conf_on_erasure on_erasure;
    bool newer_releases; /* a third party's: open to releases whose play packets pass unread */
    int line;            /* where it stands in the file */
};

struct conf {
    char *path;
    struct conf_listener *listeners;
    size_t listener_count; /* at least 1 */
    enum conf_auth auth;
    char *session_server;           /* without a slash at the end */
    bool prevent_proxy_connections; /* the session service is told the player's address */
    bool accept_transfers;          /* players whom another server sent here */
    struct conf_server *servers;
    size_t server_count; /* 0: players wait in Sekisho's own limbo */
    size_t *try_order;   /* indices into servers */
    size_t try_count;
    char *forwarding_secret_file; /* of the proxy in front, and of servers without an own one */
    char *policy;                 /* folder */
    char *plugins;                /* folder */
    char *permissions;            /* file; NULL: the usual one, if it is there */
    char *store;                  /* "sqlite:PATH" or "postgresql://..." */
    int64_t gate_timeout_ms;
    int64_t requests_due_ms; /* within which what a player asked for is done */
    int connections_per_ip;  /* open at once from one address */
    int logins_per_ip;       /* within logins_window_ms */
    int64_t logins_window_ms;
    int64_t login_timeout_ms; /* from accept to the end of login */
    struct conf_address web;  /* of the acceptance page, a number; host NULL: there is none */
    int web_line;
    char *web_public_url;    /* how players reach it, without a slash at the end */
    char **private_commands; /* that carry private messages, the usual ones among them */
    size_t private_command_count;
    int statistics_k;           /* nothing is published of fewer players */
    char **statistics_purposes; /* values that are kept for these may become statistics */
    size_t statistics_purpose_count;
    int statistics_line;
    int64_t review_every_ms;  /* so often a person looks at the state of the operation */
    char *status_description; /* the server list's text; NULL: the policy's title */
    int status_max_players;
};

/*
 * Reads the file at `path`. Returns 0 and an owned snapshot in `*out`, or ERR_INVALID with at least
 * one entry in `diag`; then `*out` is NULL, or what could be read: owned, too, and good for looking
 * for mistakes in the files that it names, and for nothing else.
 */
int conf_load(const char *path, struct diag *diag, struct conf **out)
    __attribute__((warn_unused_result));
void conf_free(struct conf *conf);

/* The server of this name, or NULL. Returns borrowed until conf_free. */
const struct conf_server *conf_server_find(const struct conf *conf, const char *name);

/*
 * Whether players may come to a server past Sekisho, under any name: it is asked to check no
 * secret, and does not stand on this machine, where it can listen to this machine alone.
 */
bool conf_server_is_open(const struct conf_server *server);

/* Whether statistics may be made of what is kept for this purpose. */
bool conf_publishes(const struct conf *conf, const char *purpose);

/* Whether a server is told of erasures. */
static inline bool conf_is_told_of_erasures(const struct conf_server *server)
{
    return server->on_erasure.rcon.host || server->on_erasure.webhook;
}

/* Whether a command, without its slash, carries a private message. */
bool conf_is_private_command(const struct conf *conf, struct slice line);

/* The name that was meant, or NULL. Returns borrowed until conf_free. */
const char *conf_server_nearest(const struct conf *conf, const char *name);

#endif
