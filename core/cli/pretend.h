/*
 * The two ends of what a plugin test plays: a client of Minecraft 1.12.2, and the game servers of
 * the configuration. Between them stands Sekisho itself, over real connections; both know no more
 * of it than the wire tells.
 */
#ifndef SEKISHO_CLI_PRETEND_H
#define SEKISHO_CLI_PRETEND_H

#include "net/conn.h"
#include "net/listener.h"
#include "protocol/frame.h"

#include <jansson.h>

enum { PRETEND_PROTOCOL = 340 };

/* Texts in their order. */
struct pretend_lines {
    char **list; /* owned */
    size_t count;
};

/* Something to click in the chat. */
struct pretend_click {
    struct pretend_click *next; /* older */
    char *label, *line;         /* what stands there, and what is typed by it; owned */
    bool begins;                /* the line, which the player ends */
};

void pretend_add_line(struct pretend_lines *lines, char *line); /* takes it */

struct pretend;

/* One end of a connection. */
struct pretend_peer {
    struct pretend *of;
    struct conn *conn; /* NULL: it has ended */
    int threshold;
    bool is_client;
    bool greeted; /* a server: the handshake came */
    bool playing;
    void (*packet)(struct pretend_peer *peer, int id, struct slice body);
    void *owner; /* a client's, or a server's */
};

struct pretend_client {
    struct pretend_client *next;
    struct pretend_peer peer;
    struct dial *dial;
    struct pretend_peer *server; /* where it plays */
    char *name, *locale, *host;
    char *address;  /* that it comes from */
    bool joined;    /* stands in a world */
    bool asks;      /* it is a server list, and does not log in */
    json_t *answer; /* to that; owned */
    char *goodbye;  /* why it was put out; NULL: it was not, or without words */
    bool gone;
    char *title, *subtitle, *action_bar, *boss_bar, *header, *footer; /* NULL: nothing */
    struct pretend_lines messages;                                    /* in the chat */
    struct pretend_lines said;    /* what its server heard of it */
    struct pretend_click *clicks; /* newest first */
    struct pretend_lines sounds;
    struct pretend_lines channels, payloads; /* messages for its mods */
};

/* A game server's side of one connection. */
struct pretend_guest {
    struct pretend_guest *next;
    struct pretend_peer peer;
    struct pretend_client *client;
};

struct pretend {
    struct conn_hub *hub;
    struct codec *codec;
    struct listener *listener;
    uint16_t server_port; /* of all servers */
    struct pretend_client *clients;
    struct pretend_guest *guests;
    struct pretend_client *acting; /* who joined last, or did something */
    uint64_t heard;                /* packets, of all */
};

/* Listens for the servers. */
int pretend_open(struct pretend *pretend, struct conn_hub *hub, struct codec *codec)
    __attribute__((warn_unused_result));
void pretend_close(struct pretend *pretend);

/* What a text component says. Returns owned; NULL: nothing. */
char *pretend_plain(const json_t *component);

/* Of a client whose texts are set: connects to Sekisho's port, and logs in or asks. */
void pretend_connect(struct pretend_client *client, uint16_t port);

/* As the player types it. */
void pretend_type(struct pretend_client *client, const char *line);
void pretend_message(struct pretend_client *client, const char *channel, struct slice data);
void pretend_leave(struct pretend_client *client);

/* Its server puts the player out. */
void pretend_kick(struct pretend_client *client, const char *words);

/* A client of this name. Returns borrowed from `pretend`. */
struct pretend_client *pretend_new(struct pretend *pretend, const char *name);

#endif
