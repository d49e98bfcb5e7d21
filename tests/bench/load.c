/*
 * The load of `make bench`: many players of 1.16.5 (protocol 754, offline mode), and the game
 * server that they reach, in one process and on one clock, so that what a proxy between them costs
 * is seen from both ends. bench.mjs starts it, and writes one command a line:
 *
 *   accept PORT PLAYERS               each joins through the gate, types /accept, and leaves
 *   joins PORT PLAYERS SECONDS HOST   so many at once join and leave again, time after time
 *   down PORT PLAYERS SECONDS FILE    the server sends each of them the frame in FILE, endlessly
 *   up PORT PLAYERS SECONDS FILE      and the players send it to the server
 *   echo PORT PLAYERS SECONDS RATE    so many packets a second from all of them, each sent back
 *   idle PORT PLAYERS                 they join and stay until
 *   leave
 *
 * The first line that it prints is the server's port; then each command is answered with one line
 * of JSON.
 */
#include "peers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    BLOCK_BYTES = 128 * 1024, /* at least: whole frames */
    FILE_BYTES_MAX = 1024 * 1024,
    PATIENCE_MS = 20000,
    WARM_MS = 200,
};

static void turn_for(struct load *load, double seconds)
{
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);

    while (now_ns() < end)
        peers_turn(load, 1);
}

static void join_all(struct load *load, int port, int players)
{
    uint64_t end = now_ns() + PATIENCE_MS * UINT64_C(1000000);

    if (players < 1 || players > PAIRS_MAX / 2)
        die("%d players are none, or too many", players);
    load->port = port > 0 ? (uint16_t)port : load->server_port;
    load->client_count = players;
    for (int i = 0; i < players; i++)
        peer_connect(load, i);
    while (load->joined < players) {
        peers_turn(load, 10);
        if (now_ns() > end)
            die("%d of %d players reached the server in time", load->joined, players);
    }
}

/* The players leave; it is the proxy that has to tell the server so. */
static void leave_all(struct load *load)
{
    uint64_t end = now_ns() + PATIENCE_MS * UINT64_C(1000000);

    load->scene = SCENE_NONE;
    for (int i = 0; i < load->client_count; i++)
        peer_close(load, load->clients[i]);
    load->client_count = 0;
    peers_turn(load, 10);
    while (load->server_count > 0) {
        peers_turn(load, 10);
        if (now_ns() > end)
            die("%d connections to the server outlived their players", load->server_count);
    }
}

static uint8_t *read_file(const char *path, size_t *len)
{
    uint8_t *data = malloc(FILE_BYTES_MAX);
    FILE *file = fopen(path, "rb");

    if (!file || !data)
        die("%s: %s", path, strerror(errno));
    *len = fread(data, 1, FILE_BYTES_MAX, file);
    fclose(file);
    if (*len == 0 || *len == FILE_BYTES_MAX)
        die("%s is no frame", path);
    return data;
}

static void fill_block(struct load *load, const char *path)
{
    size_t len;
    uint8_t *frame = read_file(path, &len);
    size_t count = (BLOCK_BYTES + len - 1) / len;

    free(load->block);
    load->block = malloc(count * len);
    load->block_len = count * len;
    for (size_t i = 0; load->block && i < count; i++)
        memcpy(load->block + i * len, frame, len);
    free(frame);
}

static void run_accept(struct load *load, int port, int players)
{
    load->scene = SCENE_ACCEPT;
    load->names = players;
    load->next_name = 0;
    join_all(load, port, players);
    leave_all(load);
    printf("{\"players\": %d}\n", players);
}

static void run_joins(struct load *load, int port, int players, double seconds)
{
    uint64_t joins;
    uint64_t begin;

    join_all(load, port, players);
    load->scene = SCENE_JOINS;
    for (int i = 0; i < players; i++) {
        peer_close(load, load->clients[i]);
        peer_connect(load, i);
    }
    turn_for(load, WARM_MS / 1e3);
    joins = load->joins;
    begin = now_ns();
    turn_for(load, seconds);
    printf("{\"joins\": %" PRIu64 ", \"seconds\": %.4f}\n", load->joins - joins,
           (double)(now_ns() - begin) / 1e9);
    leave_all(load);
}

/* Says also what came through in all, since that is what the proxy's CPU time was for. */
static void run_flood(struct load *load, int port, int players, double seconds, enum side from)
{
    enum side to = from == SIDE_SERVER ? SIDE_CLIENT : SIDE_SERVER;
    struct peer **senders = from == SIDE_SERVER ? load->servers : load->clients;
    struct count first = load->received[to];
    struct count begin, end;
    uint64_t begin_ns;

    join_all(load, port, players);
    load->scene = SCENE_FLOOD;
    for (int i = 0; i < PAIRS_MAX && i < (from == SIDE_SERVER ? PAIRS_MAX : players); i++)
        if (senders[i])
            peer_flood(load, senders[i]);
    turn_for(load, WARM_MS / 1e3);
    begin = load->received[to];
    begin_ns = now_ns();
    turn_for(load, seconds);
    end = load->received[to];
    printf("{\"bytes\": %" PRIu64 ", \"frames\": %" PRIu64 ", \"seconds\": %.4f, "
           "\"all_bytes\": %" PRIu64 "}\n",
           end.bytes - begin.bytes, end.frames - begin.frames, (double)(now_ns() - begin_ns) / 1e9,
           end.bytes - first.bytes);
    leave_all(load);
}

static int compare_samples(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* Each packet is due at its time, whether or not those before it came back. */
static void run_echo(struct load *load, int port, int players, double seconds, double rate)
{
    uint64_t due, end, every_ns = (uint64_t)(1e9 / rate);
    uint64_t sent = 0;

    join_all(load, port, players);
    load->scene = SCENE_ECHO;
    load->sample_count = 0;
    due = now_ns();
    end = due + (uint64_t)(seconds * 1e9);
    while (now_ns() < end) {
        for (; due <= now_ns(); due += every_ns) {
            struct peer *peer = load->clients[sent++ % (uint64_t)players];

            peer_send_keep_alive(peer, now_ns());
        }
        peers_turn(load, 1);
    }
    turn_for(load, WARM_MS / 1e3);
    qsort(load->samples, load->sample_count, sizeof *load->samples, compare_samples);
    if (load->sample_count == 0)
        die("nothing came back");
    printf("{\"sent\": %" PRIu64 ", \"received\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f}\n", sent,
           load->sample_count, load->samples[load->sample_count / 2] / 1e3,
           load->samples[load->sample_count * 99 / 100] / 1e3);
    leave_all(load);
}

static void run_command(struct load *load, const char *line)
{
    char verb[16] = "";
    char last[256] = "";
    int port = 0;
    int players = 0;
    double seconds = 0;

    if (sscanf(line, "%15s %d %d %lf %255s", verb, &port, &players, &seconds, last) < 1)
        return;
    if (strcmp(verb, "accept") == 0) {
        run_accept(load, port, players);
    } else if (strcmp(verb, "joins") == 0) {
        load->host = last;
        run_joins(load, port, players, seconds);
        load->host = "localhost";
    } else if (strcmp(verb, "down") == 0 || strcmp(verb, "up") == 0) {
        fill_block(load, last);
        run_flood(load, port, players, seconds,
                  strcmp(verb, "down") == 0 ? SIDE_SERVER : SIDE_CLIENT);
    } else if (strcmp(verb, "echo") == 0) {
        run_echo(load, port, players, seconds, strtod(last, NULL));
    } else if (strcmp(verb, "idle") == 0) {
        join_all(load, port, players);
        printf("{\"players\": %d}\n", players);
    } else if (strcmp(verb, "leave") == 0) {
        leave_all(load);
        printf("{}\n");
    } else {
        die("unknown command \"%s\"", verb);
    }
}

int main(int argc, char **argv)
{
    struct rlimit files;
    struct load *load = calloc(1, sizeof *load);
    char line[512];

    if (argc != 2 || !load)
        die("usage: load FRAME_OF_JOIN_GAME < COMMANDS");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    load->samples = malloc(SAMPLES_MAX * sizeof *load->samples);
    load->join_game = read_file(argv[1], &load->join_game_len);
    load->host = "localhost";
    load->names = 1;
    peers_open_server(load);
    printf("{\"port\": %u}\n", load->server_port);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        run_command(load, line);
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
