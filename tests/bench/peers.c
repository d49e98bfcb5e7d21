#include "peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PROTOCOL = 754,
    THRESHOLD = 256,
    EVENTS = 64,
};

/* Numbers of 751 to 754. */
enum {
    LOGIN_C_SUCCESS = 0x02,
    LOGIN_C_COMPRESS = 0x03,
    PLAY_C_DISCONNECT = 0x19,
    PLAY_C_KEEP_ALIVE = 0x1F,
    PLAY_C_OPEN_BOOK = 0x2C,
    PLAY_S_CHAT = 0x03,
    PLAY_S_SETTINGS = 0x05,
    PLAY_S_CUSTOM_PAYLOAD = 0x0B,
    PLAY_S_KEEP_ALIVE = 0x10,
    PLAY_S_POSITION = 0x12,
};

/* What the server says in keep-alives: the player stands in its world; it knows the settings. No
 * time on the clock and no id of a proxy's own is so small. */
enum { WORD_WELCOME = 1, WORD_JOINED = 2, WORDS };

/* A packet that is written field by field, as a frame. */
struct writer {
    uint8_t data[FRAME_HEAD_BYTES];
    size_t len;
};

_Noreturn void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Bytes that the number takes; 0 when more are needed. */
static size_t read_varint(const uint8_t *data, size_t len, uint32_t *out)
{
    uint32_t value = 0;

    for (size_t i = 0; i < len && i < 5; i++) {
        value |= (uint32_t)(data[i] & 0x7F) << (7 * i);
        if (!(data[i] & 0x80)) {
            *out = value;
            return i + 1;
        }
    }
    if (len >= 5)
        die("a number without an end");
    return 0;
}

static void put(struct writer *out, const void *data, size_t len)
{
    if (out->len + len > sizeof out->data)
        die("a packet is longer than %d bytes", FRAME_HEAD_BYTES);
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

static void put_byte(struct writer *out, int byte)
{
    put(out, &(uint8_t){(uint8_t)byte}, 1);
}

/* Up to 16383: two bytes. */
static void put_varint(struct writer *out, int value)
{
    if (value > 0x7F)
        put_byte(out, (value & 0x7F) | 0x80);
    put_byte(out, value > 0x7F ? value >> 7 : value);
}

static void put_string(struct writer *out, const char *text)
{
    put_varint(out, (int)strlen(text));
    put(out, text, strlen(text));
}

void peer_close(struct load *load, struct peer *peer)
{
    /* A reset leaves no port waiting: there are only so many of them. */
    struct linger reset = {.l_onoff = 1};

    if (peer->fd < 0)
        return;
    if (peer->side == SIDE_CLIENT)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(peer->fd);
    peer->fd = -1;
    if (peer->joined)
        load->joined--;
    if (peer->side == SIDE_SERVER)
        load->server_count--;
    for (int i = 0; peer->side == SIDE_SERVER && i < PAIRS_MAX; i++)
        if (load->servers[i] == peer)
            load->servers[i] = NULL;
    /* Events of this turn may still point at it. */
    peer->next = load->dead;
    load->dead = peer;
}

/* Small packets go into a socket that is empty, or they do not go. */
static void send_whole(struct peer *peer, const void *data, size_t len)
{
    ssize_t sent = send(peer->fd, data, len, MSG_NOSIGNAL);

    if (sent >= 0 && (size_t)sent < len)
        die("a socket did not take %zu bytes at once", len);
}

static void send_packet(struct peer *peer, const struct writer *packet)
{
    struct writer frame = {0};

    put_varint(&frame, (int)packet->len + (peer->compressed ? 1 : 0));
    if (peer->compressed)
        put_byte(&frame, 0);
    put(&frame, packet->data, packet->len);
    send_whole(peer, frame.data, frame.len);
}

void peer_send_keep_alive(struct peer *peer, uint64_t value)
{
    struct writer packet = {0};

    put_byte(&packet, peer->side == SIDE_CLIENT ? PLAY_S_KEEP_ALIVE : PLAY_C_KEEP_ALIVE);
    put(&packet, &value, sizeof value); /* comes back as it is: any order of bytes will do */
    send_packet(peer, &packet);
}

static void send_login(const struct load *load, struct peer *peer)
{
    struct writer handshake = {0};
    struct writer start = {0};
    char name[17];

    put_byte(&handshake, 0);
    put_varint(&handshake, PROTOCOL);
    put_string(&handshake, load->host);
    put(&handshake, &(uint16_t){htons(load->port)}, 2);
    put_varint(&handshake, 2);
    send_packet(peer, &handshake);
    snprintf(name, sizeof name, "Bench_%d", peer->number);
    put_byte(&start, 0);
    put_string(&start, name);
    send_packet(peer, &start);
    peer->phase = PHASE_LOGIN;
}

/* What a vanilla client tells after every join game: brand, settings, where it stands. */
static void send_arrival(struct peer *peer)
{
    static const uint8_t settings[] = {10, 0, 1, 0x7F, 1};
    static const uint8_t nowhere[25] = {0};
    struct writer packet = {0};

    put_byte(&packet, PLAY_S_CUSTOM_PAYLOAD);
    put_string(&packet, "minecraft:brand");
    put_string(&packet, "vanilla");
    send_packet(peer, &packet);
    packet = (struct writer){0};
    put_byte(&packet, PLAY_S_SETTINGS);
    put_string(&packet, "en_us");
    put(&packet, settings, sizeof settings);
    send_packet(peer, &packet);
    packet = (struct writer){0};
    put_byte(&packet, PLAY_S_POSITION);
    put(&packet, nowhere, sizeof nowhere);
    send_packet(peer, &packet);
}

static void watch(const struct load *load, struct peer *peer, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = peer};

    if (epoll_ctl(load->epoll, how, peer->fd, &event) < 0)
        die("epoll_ctl: %s", strerror(errno));
}

void peer_connect(struct load *load, int slot)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(load->port)};
    struct peer *peer = calloc(1, sizeof *peer);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer->side = SIDE_CLIENT;
    peer->phase = PHASE_CONNECT;
    peer->number = load->next_name++ % load->names;
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->fd < 0)
        die("socket: %s", strerror(errno));
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        die("connect: %s", strerror(errno));
    load->clients[slot] = peer;
    watch(load, peer, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void accept_players(struct load *load)
{
    for (;;) {
        int fd = accept4(load->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct peer *peer;
        int slot = 0;

        if (fd < 0)
            return;
        while (slot < PAIRS_MAX && load->servers[slot])
            slot++;
        if (slot == PAIRS_MAX)
            die("more than %d connections reached the server", PAIRS_MAX);
        peer = calloc(1, sizeof *peer);
        *peer = (struct peer){.fd = fd, .side = SIDE_SERVER, .phase = PHASE_HANDSHAKE};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        load->servers[slot] = peer;
        load->server_count++;
        watch(load, peer, EPOLL_CTL_ADD, EPOLLIN);
    }
}

/* The server's half of the login, up to the join game. */
static void let_in(const struct load *load, struct peer *peer)
{
    struct writer packet = {0};
    uint8_t uuid[16] = {1};

    put_byte(&packet, LOGIN_C_COMPRESS);
    put_varint(&packet, THRESHOLD);
    send_packet(peer, &packet);
    peer->compressed = true;
    packet = (struct writer){0};
    put_byte(&packet, LOGIN_C_SUCCESS);
    put(&packet, uuid, sizeof uuid);
    put_string(&packet, "Bench");
    send_packet(peer, &packet);
    send_whole(peer, load->join_game, load->join_game_len);
    peer->phase = PHASE_PLAY;
    peer_send_keep_alive(peer, WORD_WELCOME);
}

static void on_joined(struct load *load, struct peer *peer)
{
    if (peer->joined)
        return;
    peer->joined = true;
    load->joined++;
    load->joins++;
    if (load->scene != SCENE_JOINS)
        return;
    for (int i = 0; i < load->client_count; i++) {
        if (load->clients[i] == peer) {
            peer_close(load, peer);
            peer_connect(load, i);
            return;
        }
    }
}

static void client_keep_alive(struct load *load, struct peer *peer, const uint8_t *body)
{
    uint64_t value;

    memcpy(&value, body, sizeof value);
    if (value == WORD_WELCOME) {
        /* A proxy may pass nothing on before the server was answered what it asked. */
        peer_send_keep_alive(peer, value);
        send_arrival(peer);
    } else if (value == WORD_JOINED)
        on_joined(load, peer);
    else if (load->scene == SCENE_ECHO && load->sample_count < SAMPLES_MAX)
        load->samples[load->sample_count++] = (uint32_t)(now_ns() - value);
}

static void client_packet(struct load *load, struct peer *peer, int id, const uint8_t *body,
                          size_t len)
{
    struct writer chat = {0};

    if (peer->phase == PHASE_LOGIN && id == LOGIN_C_COMPRESS) {
        peer->compressed = true;
    } else if (peer->phase == PHASE_LOGIN && id == LOGIN_C_SUCCESS) {
        peer->phase = PHASE_PLAY;
        if (load->scene == SCENE_ACCEPT)
            send_arrival(peer); /* in the limbo, whose join game is compressed */
    } else if (id == PLAY_C_DISCONNECT || peer->phase == PHASE_LOGIN) {
        die("a player was sent away: %.*s", (int)len, (const char *)body);
    } else if (id == PLAY_C_OPEN_BOOK) {
        put_byte(&chat, PLAY_S_CHAT);
        put_string(&chat, "/accept");
        send_packet(peer, &chat);
    } else if (id == PLAY_C_KEEP_ALIVE && len == 8) {
        client_keep_alive(load, peer, body);
    }
}

static void server_packet(struct load *load, struct peer *peer, int id, const uint8_t *body,
                          size_t len)
{
    uint64_t value;

    if (peer->phase == PHASE_HANDSHAKE) {
        peer->phase = PHASE_LOGIN;
    } else if (peer->phase == PHASE_LOGIN) {
        let_in(load, peer);
    } else if (id == PLAY_S_SETTINGS) {
        peer_send_keep_alive(peer, WORD_JOINED);
    } else if (id == PLAY_S_KEEP_ALIVE && len == sizeof value) {
        memcpy(&value, body, sizeof value);
        if (value >= WORDS)
            peer_send_keep_alive(peer, value);
    }
}

/* One frame, of which the first `len` bytes behind its length are there. */
static void take_frame(struct load *load, struct peer *peer, const uint8_t *data, size_t len)
{
    if (peer->compressed && data[0] != 0)
        return; /* a compressed packet: nothing that anybody waits for */
    if (peer->compressed) {
        data++;
        len--;
    }
    if (len == 0)
        return;
    if (peer->side == SIDE_CLIENT)
        client_packet(load, peer, data[0], data + 1, len - 1);
    else
        server_packet(load, peer, data[0], data + 1, len - 1);
}

/* Looks at the next frame's head, in `data` or put together from what came before. Returns how many
 * bytes of `data` it took. */
static size_t take_head(struct load *load, struct peer *peer, const uint8_t *data, size_t len)
{
    size_t had = peer->have;
    uint32_t frame_len;
    size_t size, whole, want;

    if (had > 0) {
        peer->have += len < sizeof peer->head - had ? len : sizeof peer->head - had;
        memcpy(peer->head + had, data, peer->have - had);
        data = peer->head;
        len = peer->have;
    }
    size = read_varint(data, len, &frame_len);
    whole = size + frame_len;
    want = whole < sizeof peer->head ? whole : sizeof peer->head;
    if (size == 0 || len < want) {
        memmove(peer->head, data, len);
        peer->have = len;
        return len - had;
    }
    peer->have = 0;
    peer->skip = whole - want;
    load->received[peer->side].frames++;
    take_frame(load, peer, data + size, want - size);
    return want - had;
}

static void take_bytes(struct load *load, struct peer *peer, const uint8_t *data, size_t len)
{
    load->received[peer->side].bytes += len;
    while (len > 0 && peer->fd >= 0) {
        size_t used = peer->skip < len ? peer->skip : len;

        peer->skip -= used;
        if (used == 0)
            used = take_head(load, peer, data, len);
        data += used;
        len -= used;
    }
}

static void on_ended(struct load *load, struct peer *peer, const char *why)
{
    if (peer->side == SIDE_CLIENT)
        die("player %d lost the connection: %s", peer->number, why);
    peer_close(load, peer);
}

static void on_readable(struct load *load, struct peer *peer)
{
    ssize_t len = recv(peer->fd, load->read, sizeof load->read, 0);

    if (len > 0)
        take_bytes(load, peer, load->read, (size_t)len);
    else if (len == 0)
        on_ended(load, peer, "it was closed");
    else if (errno != EAGAIN)
        on_ended(load, peer, strerror(errno));
}

static void on_writable(struct load *load, struct peer *peer)
{
    ssize_t sent;

    if (peer->phase == PHASE_CONNECT) {
        watch(load, peer, EPOLL_CTL_MOD, EPOLLIN);
        send_login(load, peer);
        return;
    }
    sent = send(peer->fd, load->block + peer->sent, load->block_len - peer->sent, MSG_NOSIGNAL);
    if (sent > 0)
        peer->sent = (peer->sent + (size_t)sent) % load->block_len;
}

void peers_turn(struct load *load, int wait_ms)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(load->epoll, events, EVENTS, wait_ms);

    for (int i = 0; i < count; i++) {
        struct peer *peer = events[i].data.ptr;

        if (!peer) {
            accept_players(load);
            continue;
        }
        if (peer->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
            on_readable(load, peer);
        if (peer->fd >= 0 && (events[i].events & EPOLLOUT))
            on_writable(load, peer);
    }
    while (load->dead) {
        struct peer *next = load->dead->next;

        free(load->dead);
        load->dead = next;
    }
}

void peer_flood(const struct load *load, struct peer *peer)
{
    watch(load, peer, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void peers_open_server(struct load *load)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLIN};
    socklen_t len = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(load->listener, (struct sockaddr *)&address, len) < 0 ||
        listen(load->listener, PAIRS_MAX) < 0 ||
        getsockname(load->listener, (struct sockaddr *)&address, &len) < 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->listener, &event) < 0)
        die("no server socket: %s", strerror(errno));
    load->server_port = ntohs(address.sin_port);
}
