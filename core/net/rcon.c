#include "net/rcon.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "net/dial.h"

#include <stdlib.h>
#include <string.h>

/*
 * A packet: its length without these four bytes, an id, a type, a text and two zeros; numbers are
 * little-endian.
 */
enum {
    NUMBER_BYTES = 4,
    HEAD_BYTES = 2 * NUMBER_BYTES, /* behind the length */
    END_BYTES = 2,
    TYPE_ANSWER = 0,
    TYPE_COMMAND = 2, /* and of the answer to a login */
    TYPE_LOGIN = 3,
    TYPE_NONE = 100, /* that nobody knows: its answer comes behind all of those before */
    ID_REFUSED = -1,
    ID_LOGIN = 1,
    ID_COMMAND = 2,
    ID_END = 3,
};

struct rcon {
    uv_timer_t deadline;
    struct conn_hub *hub;
    struct dial *dial;
    struct conn *conn;
    struct buf password, command; /* wiped as soon as they are sent */
    struct buf answer;
    int32_t awaited; /* the id of what is asked at the moment */
    rcon_cb done;    /* NULL once called or cancelled */
    void *owner;
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void end(struct rcon *rcon)
{
    rcon->done = NULL;
    dial_cancel(rcon->dial);
    conn_close(rcon->conn);
    buf_wipe(&rcon->password);
    buf_wipe(&rcon->command);
    uv_close((uv_handle_t *)&rcon->deadline, on_closed);
}

static void answer(struct rcon *rcon, int err)
{
    struct buf text = rcon->answer;
    struct rcon_result result = {.err = err, .answer = buf_slice(&text)};
    rcon_cb done = rcon->done;
    void *owner = rcon->owner;

    if (!done)
        return;
    rcon->answer = (struct buf){0};
    end(rcon);
    done(owner, &result);
    buf_wipe(&text);
}

static void put_number(struct buf *out, int32_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        buf_append_byte(out, (uint8_t)((uint32_t)number >> shift));
}

static int32_t read_number(const uint8_t *at)
{
    uint32_t number = 0;

    for (int i = NUMBER_BYTES - 1; i >= 0; i--)
        number = number << 8 | at[i];
    return (int32_t)number;
}

static void send_packet(struct rcon *rcon, int32_t id, int32_t type, struct slice text)
{
    struct buf packet = {0};

    /* At once: what a buffer outgrows is not wiped. */
    buf_reserve(&packet, NUMBER_BYTES + HEAD_BYTES + text.len + END_BYTES);
    put_number(&packet, (int32_t)(HEAD_BYTES + text.len + END_BYTES));
    put_number(&packet, id);
    put_number(&packet, type);
    buf_append_slice(&packet, text);
    buf_append(&packet, "\0", END_BYTES);
    rcon->awaited = id;
    conn_write(rcon->conn, buf_slice(&packet));
    buf_wipe(&packet);
}

int rcon_packet_read(struct slice bytes, struct rcon_packet *out)
{
    int32_t len;

    if (bytes.len < NUMBER_BYTES)
        return 0;
    len = read_number(bytes.data);
    if (len < HEAD_BYTES + END_BYTES || len > RCON_PACKET_BYTES_MAX)
        return ERR_MALFORMED;
    if (bytes.len - NUMBER_BYTES < (size_t)len)
        return 0;
    out->id = read_number(bytes.data + NUMBER_BYTES);
    out->type = read_number(bytes.data + NUMBER_BYTES + NUMBER_BYTES);
    out->text =
        slice_of(bytes.data + NUMBER_BYTES + HEAD_BYTES, (size_t)len - HEAD_BYTES - END_BYTES);
    return NUMBER_BYTES + len;
}

/* One at a time: Minecraft drops what comes behind the first packet of one read. */
static void take(struct rcon *rcon, const struct rcon_packet *packet)
{
    if (rcon->awaited == ID_LOGIN) {
        /* Valve's servers send an empty answer before. */
        if (packet->id == ID_LOGIN && packet->type == TYPE_ANSWER)
            return;
        if (packet->type != TYPE_COMMAND || (packet->id != ID_LOGIN && packet->id != ID_REFUSED))
            answer(rcon, ERR_MALFORMED);
        else if (packet->id == ID_REFUSED)
            answer(rcon, ERR_REFUSED);
        else
            send_packet(rcon, ID_COMMAND, TYPE_COMMAND, buf_slice(&rcon->command));
        return;
    }
    if (rcon->awaited == ID_END && packet->id == ID_END) {
        answer(rcon, 0);
        return;
    }
    if (packet->id != ID_COMMAND || packet->type != TYPE_ANSWER) {
        answer(rcon, ERR_MALFORMED);
        return;
    }
    buf_append_slice(&rcon->answer, packet->text);
    if (rcon->answer.len > RCON_ANSWER_BYTES_MAX)
        answer(rcon, ERR_TOO_LARGE);
    else if (rcon->awaited == ID_COMMAND)
        send_packet(rcon, ID_END, TYPE_NONE, slice_of("", 0));
}

static size_t on_received(void *owner, struct slice bytes)
{
    struct rcon *rcon = owner;
    size_t consumed = 0;

    while (rcon->done) {
        struct rcon_packet packet;
        int size = rcon_packet_read(slice_of(bytes.data + consumed, bytes.len - consumed), &packet);

        if (size == 0)
            break;
        if (size < 0) {
            answer(rcon, size);
            return bytes.len;
        }
        consumed += (size_t)size;
        take(rcon, &packet);
    }
    return consumed;
}

static void on_drained(void *owner)
{
    (void)owner;
}

/* Who answered the command has carried it out, whether or not it says a word more. */
static int err_at_end(const struct rcon *rcon, int err)
{
    return rcon->awaited == ID_END ? 0 : err;
}

static void on_ended(void *owner, int err)
{
    struct rcon *rcon = owner;

    (void)err;
    answer(rcon, err_at_end(rcon, ERR_CLOSED));
}

static const struct conn_events events = {
    .received = on_received,
    .drained = on_drained,
    .ended = on_ended,
};

static void on_dialled(void *owner, int err, struct conn *conn)
{
    struct rcon *rcon = owner;

    rcon->dial = NULL;
    rcon->conn = conn;
    if (err < 0) {
        answer(rcon, err);
        return;
    }
    send_packet(rcon, ID_LOGIN, TYPE_LOGIN, buf_slice(&rcon->password));
    buf_wipe(&rcon->password);
    if (conn_start(conn) < 0)
        answer(rcon, ERR_CLOSED);
}

static void on_deadline(uv_timer_t *timer)
{
    struct rcon *rcon = timer->data;

    answer(rcon, err_at_end(rcon, ERR_TIMEOUT));
}

static bool is_text(struct slice text)
{
    return text.len <= RCON_TEXT_BYTES_MAX && (text.len == 0 || !memchr(text.data, 0, text.len));
}

struct rcon *rcon_start(struct conn_hub *hub, const struct rcon_call *call, rcon_cb done,
                        void *owner)
{
    struct dial_target target = {
        .host = call->host, .port = call->port, .timeout_ms = call->timeout_ms};
    struct rcon *rcon;

    if (!is_text(call->password) || !is_text(call->command))
        return NULL;
    rcon = mem_alloc(sizeof *rcon);
    rcon->hub = hub;
    rcon->done = done;
    rcon->owner = owner;
    buf_append_slice(&rcon->password, call->password);
    buf_append_slice(&rcon->command, call->command);
    uv_timer_init(hub->loop, &rcon->deadline);
    rcon->deadline.data = rcon;
    uv_timer_start(&rcon->deadline, on_deadline, call->timeout_ms, 0);
    rcon->dial = dial_start(hub, &target, &events, rcon, on_dialled);
    return rcon;
}

void rcon_cancel(struct rcon *rcon)
{
    if (!rcon || !rcon->done)
        return;
    buf_wipe(&rcon->answer);
    end(rcon);
}
