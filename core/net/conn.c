#include "net/conn.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <assert.h>
#include <netinet/tcp.h>
#include <stdlib.h>

enum { KEEPALIVE_SECONDS = 60 };

struct conn {
    uv_tcp_t tcp;
    union {
        uv_write_t write;
        uv_shutdown_t shutdown; /* begun when all is written */
    } request;
    struct conn_hub *hub;
    const struct conn_events *events;
    void *owner;
    struct buf kept;        /* received, not consumed */
    struct buf flying;      /* in libuv's hands */
    struct buf waiting;     /* queued behind it */
    struct cipher *decrypt; /* both NULL: plain bytes */
    struct cipher *encrypt;
    bool paused;
    bool above_high;
    bool delivering; /* inside received(): kept bytes are in use */
    bool turning;    /* became encrypted in there */
    bool finishing;
    bool failed;
    bool closing;
    bool gathering;    /* what waits was not tried yet */
    bool listed;       /* in the hub's list */
    struct conn *next; /* there */
};

static struct conn *conn_of(void *handle)
{
    return handle;
}

struct conn *conn_new(struct conn_hub *hub, const struct conn_events *events, void *owner)
{
    struct conn *conn = mem_alloc(sizeof *conn);

    conn->hub = hub;
    conn->events = events;
    conn->owner = owner;
    uv_tcp_init(hub->loop, &conn->tcp);
    hub->open++;
    return conn;
}

uv_tcp_t *conn_handle(struct conn *conn)
{
    return &conn->tcp;
}

static void conn_fail(struct conn *conn, int err)
{
    if (conn->failed || conn->closing)
        return;
    conn->failed = true;
    uv_read_stop((uv_stream_t *)&conn->tcp);
    conn->events->ended(conn->owner, err);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct conn *conn = conn_of(handle);

    (void)suggested;
    if (conn->kept.len > 0) {
        out->base = (char *)buf_reserve(&conn->kept, CONN_READ_BYTES);
        out->len = CONN_READ_BYTES;
    } else {
        out->base = (char *)conn->hub->read_buffer;
        out->len = CONN_READ_BYTES;
    }
}

static void send_gathered(struct conn *conn);

static void send_all_gathered(struct conn_hub *hub)
{
    while (hub->gathered) {
        struct conn *conn = hub->gathered;

        hub->gathered = conn->next;
        conn->listed = false;
        send_gathered(conn);
    }
}

/* Hands `bytes` to the owner and keeps what it leaves. They are either the kept bytes themselves
 * or lie in the shared buffer while nothing is kept. */
static void deliver(struct conn *conn, uint8_t *bytes, size_t len)
{
    struct conn_hub *hub = conn->hub;
    size_t used;

    hub->delivering++;
    conn->delivering = true;
    used = conn->events->received(conn->owner, slice_of(bytes, len));
    conn->delivering = false;
    if (conn->turning)
        cipher_run(conn->decrypt, bytes + used, len - used);
    conn->turning = false;
    if (bytes == conn->kept.data)
        buf_consume(&conn->kept, used);
    else
        buf_append(&conn->kept, bytes + used, len - used);
    if (conn->kept.len == 0 || conn->finishing)
        buf_free(&conn->kept);
    if (--hub->delivering == 0)
        send_all_gathered(hub);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct conn *conn = conn_of(stream);

    if (count == 0)
        return;
    if (count < 0) {
        conn_fail(conn, count == UV_EOF ? 0 : ERR_CLOSED);
        return;
    }
    if (conn->finishing)
        return;
    if (conn->decrypt)
        cipher_run(conn->decrypt, (uint8_t *)buffer->base, (size_t)count);
    if (conn->kept.len > 0) {
        conn->kept.len += (size_t)count;
        deliver(conn, conn->kept.data, conn->kept.len);
    } else {
        deliver(conn, (uint8_t *)buffer->base, (size_t)count);
    }
}

void conn_set_options(uv_tcp_t *tcp)
{
    uv_tcp_nodelay(tcp, 1);
    uv_tcp_keepalive(tcp, 1, KEEPALIVE_SECONDS);
}

int conn_start(struct conn *conn)
{
    return uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) == 0 ? 0 : ERR_CLOSED;
}

void conn_pause(struct conn *conn)
{
    if (conn->paused || conn->closing)
        return;
    conn->paused = true;
    uv_read_stop((uv_stream_t *)&conn->tcp);
}

void conn_resume(struct conn *conn)
{
    if (!conn->paused || conn->closing || conn->failed)
        return;
    conn->paused = false;
    /* Inside received() the bytes that are left are still being looked at. */
    if (conn->kept.len > 0 && !conn->delivering && !conn->finishing)
        deliver(conn, conn->kept.data, conn->kept.len);
    if (!conn->paused && !conn->closing && !conn->failed)
        uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read);
}

bool conn_paused(const struct conn *conn)
{
    return conn->paused;
}

void conn_encrypt(struct conn *conn, const uint8_t key[static CIPHER_KEY_BYTES])
{
    assert(!conn->decrypt);
    conn->decrypt = cipher_new(key, CIPHER_DECRYPT);
    conn->encrypt = cipher_new(key, CIPHER_ENCRYPT);
    if (conn->delivering)
        conn->turning = true;
    else
        cipher_run(conn->decrypt, conn->kept.data, conn->kept.len);
}

struct slice conn_kept(const struct conn *conn)
{
    return buf_slice(&conn->kept);
}

size_t conn_queued(const struct conn *conn)
{
    return conn->flying.len + conn->waiting.len;
}

int conn_round_trip_ms(const struct conn *conn)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)&conn->tcp, &fd) < 0 ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 || info.tcpi_rtt == 0)
        return -1;
    return (int)(info.tcpi_rtt / 1000);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct conn *conn = conn_of(request->handle);

    if (status < 0)
        conn_fail(conn, ERR_CLOSED);
}

static void shut_down(struct conn *conn)
{
    if (uv_shutdown(&conn->request.shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0)
        conn_fail(conn, ERR_CLOSED);
}

static void on_written(uv_write_t *request, int status);

static void send_waiting(struct conn *conn)
{
    uv_buf_t buffer;

    buf_free(&conn->flying);
    conn->flying = conn->waiting;
    conn->waiting = (struct buf){0};
    buffer = uv_buf_init((char *)conn->flying.data, (unsigned)conn->flying.len);
    if (uv_write(&conn->request.write, (uv_stream_t *)&conn->tcp, &buffer, 1, on_written) != 0) {
        buf_free(&conn->flying);
        conn_fail(conn, ERR_CLOSED);
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct conn *conn = conn_of(request->handle);

    buf_free(&conn->flying);
    if (conn->closing)
        return;
    if (status < 0) {
        conn_fail(conn, ERR_CLOSED);
        return;
    }
    if (conn->waiting.len > 0)
        send_waiting(conn);
    else if (conn->finishing)
        shut_down(conn);
    if (conn->above_high && conn_queued(conn) < CONN_LOW_BYTES && !conn->closing) {
        conn->above_high = false;
        conn->events->drained(conn->owner);
    }
}

/* What the socket takes at once; 0 when it is full. A failure shows in the queued write. */
static size_t try_write(struct conn *conn, struct slice bytes)
{
    union {
        const uint8_t *in;
        char *out;
    } base = {.in = bytes.data}; /* libuv's buffers are not const, but it does not write */
    uv_buf_t buffer = uv_buf_init(base.out, (unsigned)bytes.len);
    int written = uv_try_write((uv_stream_t *)&conn->tcp, &buffer, 1);

    return written > 0 ? (size_t)written : 0;
}

/*
 * The same for an encrypted connection, part by part until the socket is full. What was encrypted
 * and not taken waits. Returns the bytes that were encrypted.
 */
static size_t try_encrypted(struct conn *conn, struct slice bytes)
{
    uint8_t *scratch = conn->hub->write_buffer;
    size_t done = 0;

    while (done < bytes.len && conn->waiting.len == 0) {
        size_t part = bytes.len - done < CONN_WRITE_BYTES ? bytes.len - done : CONN_WRITE_BYTES;
        size_t sent;

        memcpy(scratch, bytes.data + done, part);
        cipher_run(conn->encrypt, scratch, part);
        sent = try_write(conn, slice_of(scratch, part));
        buf_append(&conn->waiting, scratch + sent, part - sent);
        done += part;
    }
    return done;
}

static void queue(struct conn *conn, struct slice bytes)
{
    buf_append_slice(&conn->waiting, bytes);
    if (conn->encrypt)
        cipher_run(conn->encrypt, conn->waiting.data + conn->waiting.len - bytes.len, bytes.len);
}

static void send_gathered(struct conn *conn)
{
    if (!conn->gathering)
        return;
    conn->gathering = false;
    buf_consume(&conn->waiting, try_write(conn, buf_slice(&conn->waiting)));
    if (conn->waiting.len == 0)
        buf_free(&conn->waiting);
    else if (!conn->closing && !conn->failed)
        send_waiting(conn);
}

/* False: they are too many to be worth a copy, or something is on its way already. */
static bool gather(struct conn *conn, struct slice bytes)
{
    struct conn_hub *hub = conn->hub;

    if (hub->delivering == 0 || conn->waiting.len + bytes.len > CONN_GATHER_BYTES ||
        (!conn->gathering && conn_queued(conn) > 0))
        return false;
    if (!conn->listed) {
        conn->next = hub->gathered;
        hub->gathered = conn;
    }
    conn->gathering = conn->listed = true;
    queue(conn, bytes);
    return true;
}

void conn_write(struct conn *conn, struct slice bytes)
{
    size_t taken = 0;

    if (conn->failed || conn->closing || conn->finishing || bytes.len == 0)
        return;
    if (gather(conn, bytes))
        return;
    send_gathered(conn);
    if (conn_queued(conn) == 0)
        taken = conn->encrypt ? try_encrypted(conn, bytes) : try_write(conn, bytes);
    if (taken == bytes.len && conn->waiting.len == 0)
        return;
    if (conn_queued(conn) + bytes.len - taken > CONN_HARD_BYTES) {
        conn_fail(conn, ERR_TOO_LARGE);
        return;
    }
    queue(conn, slice_of(bytes.data + taken, bytes.len - taken));
    if (conn_queued(conn) > CONN_HIGH_BYTES)
        conn->above_high = true;
    if (conn->flying.len == 0)
        send_waiting(conn);
}

void conn_finish(struct conn *conn)
{
    if (conn->finishing || conn->closing || conn->failed)
        return;
    send_gathered(conn);
    conn->finishing = true;
    conn_resume(conn);
    if (conn_queued(conn) == 0)
        shut_down(conn);
}

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = conn_of(handle);

    buf_free(&conn->kept);
    buf_free(&conn->flying);
    buf_free(&conn->waiting);
    cipher_free(conn->decrypt);
    cipher_free(conn->encrypt);
    free(conn);
}

void conn_close(struct conn *conn)
{
    if (!conn || conn->closing)
        return;
    conn->closing = true;
    send_gathered(conn);
    conn->hub->open--;
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
}
