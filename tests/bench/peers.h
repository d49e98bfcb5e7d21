/*
 * The players of the load, and the game server that they reach: both ends of every connection, in
 * one event loop. They speak just enough of 1.16.5 (protocol 754, offline mode): whatever has to be
 * understood fits uncompressed into FRAME_HEAD_BYTES, everything else is counted and skipped.
 *
 * A player who reached the server is greeted with WORD_WELCOME, says what a vanilla client says
 * after a join game, and has joined when the server heard that.
 */
#ifndef SEKISHO_BENCH_PEERS_H
#define SEKISHO_BENCH_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_HEAD_BYTES = 64,
    READ_BYTES = 256 * 1024,
    PAIRS_MAX = 2000,
    SAMPLES_MAX = 1 << 20,
};

enum side { SIDE_NONE = 0, SIDE_CLIENT, SIDE_SERVER, SIDES };
enum phase { PHASE_NONE = 0, PHASE_CONNECT, PHASE_HANDSHAKE, PHASE_LOGIN, PHASE_PLAY };
enum scene { SCENE_NONE = 0, SCENE_ACCEPT, SCENE_JOINS, SCENE_FLOOD, SCENE_ECHO };

/* One end of a connection. */
struct peer {
    struct peer *next; /* among those to be freed after the turn */
    int fd;            /* -1: closed */
    enum side side;
    enum phase phase;
    bool compressed;
    bool joined;
    int number;                     /* of the player */
    uint8_t head[FRAME_HEAD_BYTES]; /* of a frame that came in parts */
    size_t have;
    size_t skip; /* bytes of a frame whose head was read */
    size_t sent; /* of the block, in a flood */
};

struct count {
    uint64_t bytes, frames;
};

struct load {
    int epoll, listener;
    uint16_t server_port, port; /* the server's own; where the players go */
    const char *host;           /* that they say they go to */
    enum scene scene;
    struct peer *clients[PAIRS_MAX];
    struct peer *servers[PAIRS_MAX]; /* NULL where one left */
    int client_count, server_count, joined;
    int names, next_name; /* players are named by number, below `names` */
    uint64_t joins;
    struct count received[SIDES];
    uint8_t *join_game; /* a frame */
    size_t join_game_len;
    uint8_t *block;
    size_t block_len;
    uint32_t *samples; /* nanoseconds */
    size_t sample_count;
    struct peer *dead;
    uint8_t read[READ_BYTES];
};

/* Says why on standard error, and ends the process. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

uint64_t now_ns(void); /* monotonic */

/* Opens the game server on a port of the kernel's choice, which goes into `load`. */
void peers_open_server(struct load *load);

/* A player, in load->clients[slot], begins to connect and to log in. */
void peer_connect(struct load *load, int slot);

/* Sends the player's or the server's keep-alive, which the other side sends back in SCENE_ECHO. */
void peer_send_keep_alive(struct peer *peer, uint64_t value);

/* From now on writes the block, over and over. */
void peer_flood(const struct load *load, struct peer *peer);

/* Idempotent; the memory goes at the end of the turn. */
void peer_close(struct load *load, struct peer *peer);

/* One turn of the event loop. A player whose connection is lost ends the process. */
void peers_turn(struct load *load, int wait_ms);

#endif
