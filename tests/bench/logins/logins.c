/*
 * Players who log in to a proxy in online mode, and the session service that vouches for each: both
 * in one event loop, so fast that the proxy is what there is to measure. A player speaks 1.21
 * (protocol 767) up to the login success, hangs up and comes again under the next name.
 *
 *   logins                  prints "service PORT", then for each line "PORT COUNT AT_ONCE" on
 *                           standard input lets so many players in, and prints "done"
 *
 * Encrypting the shared secret is the client's work and is done once; the token, another one in
 * each login, is encrypted each time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PROTOCOL = 767,
    KEY_BYTES = 128,
    KEY_DER_BYTES = 162,
    TOKEN_BYTES = 4,
    READ_BYTES = 8192,
    EVENTS_MAX = 256,
    TURN_MS = 10000,         /* nothing happened for so long: something is broken */
    SUCCESS_BYTES_MAX = 100, /* more is a goodbye in words */
};

enum phase { PHASE_NONE = 0, PHASE_SERVICE, PHASE_LOGIN, PHASE_ENCRYPTED };

struct peer {
    int fd;
    enum phase phase;
    size_t have;
    uint8_t bytes[READ_BYTES];
};

struct bench {
    int epoll, listener;
    uint16_t port;
    long started, done, count;
    long names; /* of all runs: no name comes twice */
    EVP_PKEY *key;
    EVP_PKEY_CTX *sealer;
    uint8_t sealed_secret[KEY_BYTES];
};

_Noreturn static void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn static void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "logins: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    exit(EXIT_FAILURE);
}

static void watch(struct bench *bench, int fd, void *peer)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};

    if (epoll_ctl(bench->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll: %s", strerror(errno));
}

static struct peer *peer_new(struct bench *bench, int fd, enum phase phase)
{
    struct peer *peer = calloc(1, sizeof *peer);
    int on = 1;

    if (!peer)
        die("out of memory");
    peer->fd = fd;
    peer->phase = phase;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(bench, fd, peer);
    return peer;
}

static void peer_free(struct peer *peer)
{
    close(peer->fd);
    free(peer);
}

static void send_all(struct peer *peer, const uint8_t *bytes, size_t len)
{
    if (send(peer->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        die("a message was not taken at once");
}

static size_t put_varint(uint8_t *out, unsigned value)
{
    size_t size = 0;

    for (; value > 0x7F; value >>= 7)
        out[size++] = (uint8_t)(value | 0x80);
    out[size++] = (uint8_t)value;
    return size;
}

/* Handshake and login start. */
static void start(struct bench *bench)
{
    static const uint8_t handshake[] = {16,
                                        0,
                                        (PROTOCOL & 0x7F) | 0x80,
                                        PROTOCOL >> 7,
                                        9,
                                        'l',
                                        'o',
                                        'c',
                                        'a',
                                        'l',
                                        'h',
                                        'o',
                                        's',
                                        't',
                                        0,
                                        0,
                                        2};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(bench->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint8_t bytes[128];
    char name[17];
    int name_len = snprintf(name, sizeof name, "Bench_%ld", bench->names++);
    size_t len = sizeof handshake;

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect: %s", strerror(errno));
    memcpy(bytes, handshake, len);
    bytes[len++] = (uint8_t)(2 + name_len + 16);
    bytes[len++] = 0;
    bytes[len++] = (uint8_t)name_len;
    memcpy(bytes + len, name, (size_t)name_len);
    len += (size_t)name_len;
    memset(bytes + len, 1, 16); /* the UUID that it claims */
    len += 16;
    bench->started++;
    send_all(peer_new(bench, fd, PHASE_LOGIN), bytes, len);
}

static void seal(struct bench *bench, const uint8_t *plain, size_t len, uint8_t *out)
{
    size_t out_len = KEY_BYTES;

    if (EVP_PKEY_encrypt(bench->sealer, out, &out_len, plain, len) <= 0 || out_len != KEY_BYTES)
        die("RSA does not encrypt");
}

static void learn_key(struct bench *bench, const uint8_t *der)
{
    static const uint8_t secret[16] = {1, 2, 3};

    bench->key = d2i_PUBKEY(NULL, &der, KEY_DER_BYTES);
    bench->sealer = bench->key ? EVP_PKEY_CTX_new(bench->key, NULL) : NULL;
    if (!bench->sealer || EVP_PKEY_encrypt_init(bench->sealer) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(bench->sealer, RSA_PKCS1_PADDING) <= 0)
        die("no key in the request");
    seal(bench, secret, sizeof secret, bench->sealed_secret);
}

/* The request ends in key, token and a flag; it is short enough to come in one piece. */
static void answer_request(struct bench *bench, struct peer *peer)
{
    const uint8_t *key = peer->bytes + peer->have - 1 - 1 - TOKEN_BYTES - KEY_DER_BYTES;
    uint8_t bytes[2 * KEY_BYTES + 16];
    size_t len = put_varint(bytes, 1 + 2 * (2 + KEY_BYTES));

    if (peer->have < KEY_DER_BYTES + TOKEN_BYTES + 2)
        die("refused before the encryption");
    if (!bench->key)
        learn_key(bench, key);
    bytes[len++] = 1;
    len += put_varint(bytes + len, KEY_BYTES);
    memcpy(bytes + len, bench->sealed_secret, KEY_BYTES);
    len += KEY_BYTES;
    len += put_varint(bytes + len, KEY_BYTES);
    seal(bench, key + KEY_DER_BYTES + 1, TOKEN_BYTES, bytes + len);
    len += KEY_BYTES;
    peer->phase = PHASE_ENCRYPTED;
    peer->have = 0;
    send_all(peer, bytes, len);
}

static void finish(struct bench *bench, struct peer *peer)
{
    if (peer->have > SUCCESS_BYTES_MAX)
        die("refused with words");
    peer_free(peer);
    bench->done++;
    if (bench->started < bench->count)
        start(bench);
}

/* Says yes to everybody, under a UUID of their own. */
static void vouch(struct peer *peer)
{
    static long count;
    const char *name;
    char body[128];
    char answer[256];
    int name_len;
    int len;

    peer->bytes[peer->have] = 0;
    if (!strstr((char *)peer->bytes, "\r\n\r\n"))
        return;
    name = strstr((char *)peer->bytes, "username=");
    name = name ? name + strlen("username=") : "";
    name_len = (int)strcspn(name, "& ");
    len = snprintf(body, sizeof body, "{\"id\":\"%032lx\",\"name\":\"%.*s\",\"properties\":[]}",
                   ++count, name_len, name);
    len = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len,
                   body);
    peer->have = 0;
    send_all(peer, (uint8_t *)answer, (size_t)len);
}

static void on_bytes(struct bench *bench, struct peer *peer)
{
    ssize_t len = recv(peer->fd, peer->bytes + peer->have, READ_BYTES - 1 - peer->have, 0);

    if (len <= 0 && peer->phase != PHASE_SERVICE)
        die("a player was put out");
    if (len <= 0) {
        peer_free(peer);
        return;
    }
    peer->have += (size_t)len;
    if (peer->phase == PHASE_SERVICE)
        vouch(peer);
    else if (peer->phase == PHASE_LOGIN)
        answer_request(bench, peer);
    else
        finish(bench, peer);
}

static void turn(struct bench *bench)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(bench->epoll, events, EVENTS_MAX, TURN_MS);

    if (count == 0)
        die("nothing happens any more");
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            on_bytes(bench, events[i].data.ptr);
        else
            peer_new(bench, accept(bench->listener, NULL, NULL), PHASE_SERVICE);
    }
}

static void run(struct bench *bench, long count, long at_once)
{
    bench->count = count;
    bench->started = bench->done = 0;
    while (bench->started < at_once && bench->started < count)
        start(bench);
    while (bench->done < count)
        turn(bench);
    printf("done\n");
}

static void open_service(struct bench *bench)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    bench->epoll = epoll_create1(EPOLL_CLOEXEC);
    bench->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(bench->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(bench->listener, EVENTS_MAX) != 0 ||
        getsockname(bench->listener, (struct sockaddr *)&address, &len) != 0)
        die("the session service cannot listen: %s", strerror(errno));
    watch(bench, bench->listener, NULL);
    printf("service %u\n", ntohs(address.sin_port));
}

int main(void)
{
    struct bench bench = {0};
    char line[128];
    unsigned port;
    long count;
    long at_once;

    setvbuf(stdout, NULL, _IOLBF, 0);
    open_service(&bench);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%u %ld %ld", &port, &count, &at_once) != 3)
            die("a line has to be PORT COUNT AT_ONCE");
        bench.port = (uint16_t)port;
        run(&bench, count, at_once);
    }
    return EXIT_SUCCESS;
}
