#include "net/dial.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { PORT_TEXT_BYTES = 6 };

struct dial {
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    uv_timer_t deadline;
    struct conn_hub *hub;
    const struct conn_events *events;
    void *owner;
    dial_cb done; /* NULL once answered or cancelled */
    struct addrinfo *addresses;
    const struct addrinfo *next; /* to be tried */
    struct conn *conn;           /* being connected */
    bool resolving, connecting, timer_closed;
};

/* The memory goes when nothing of libuv's points into it any more. */
static void release(struct dial *dial)
{
    if (dial->resolving || dial->connecting || !dial->timer_closed)
        return;
    uv_freeaddrinfo(dial->addresses);
    free(dial);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct dial *dial = handle->data;

    dial->timer_closed = true;
    release(dial);
}

static void answer(struct dial *dial, int err, struct conn *conn)
{
    dial_cb done = dial->done;

    if (!done)
        return;
    dial->done = NULL;
    uv_close((uv_handle_t *)&dial->deadline, on_timer_closed);
    done(dial->owner, err, conn);
}

static void try_next(struct dial *dial);

static void on_connect(uv_connect_t *request, int status)
{
    struct dial *dial = request->data;
    struct conn *conn = dial->conn;

    dial->connecting = false;
    dial->conn = NULL;
    if (!dial->done) {
        release(dial);
    } else if (status == 0) {
        conn_set_options(conn_handle(conn));
        answer(dial, 0, conn);
    } else {
        conn_close(conn);
        try_next(dial);
    }
}

/* False: there is no address left to be tried. */
static bool connect_next(struct dial *dial)
{
    while (dial->next) {
        const struct addrinfo *address = dial->next;

        dial->next = address->ai_next;
        dial->conn = conn_new(dial->hub, dial->events, dial->owner);
        dial->connect.data = dial;
        if (uv_tcp_connect(&dial->connect, conn_handle(dial->conn), address->ai_addr, on_connect) ==
            0) {
            dial->connecting = true;
            return true;
        }
        conn_close(dial->conn);
        dial->conn = NULL;
    }
    return false;
}

static void try_next(struct dial *dial)
{
    if (!connect_next(dial))
        answer(dial, ERR_CLOSED, NULL);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct dial *dial = request->data;

    dial->resolving = false;
    dial->addresses = addresses;
    if (!dial->done) {
        release(dial);
    } else if (status < 0) {
        answer(dial, ERR_NOT_FOUND, NULL);
    } else {
        dial->next = addresses;
        try_next(dial);
    }
}

static void abandon(struct dial *dial)
{
    if (dial->resolving)
        uv_cancel((uv_req_t *)&dial->resolve);
    /* Closing the handle ends the attempt: on_connect comes with UV_ECANCELED. */
    conn_close(dial->conn);
    dial->conn = NULL;
}

static void on_deadline(uv_timer_t *timer)
{
    struct dial *dial = timer->data;
    int err = dial->resolving || dial->connecting ? ERR_TIMEOUT : ERR_CLOSED;

    abandon(dial);
    answer(dial, err, NULL);
}

/* An address as it is written is known without asking anybody, and without a thread's help. */
static bool is_address(struct dial *dial, const char *host, const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM,
                             .ai_protocol = IPPROTO_TCP};

    if (getaddrinfo(host, port, &hints, &dial->addresses) != 0)
        return false;
    dial->next = dial->addresses;
    return true;
}

struct dial *dial_start(struct conn_hub *hub, const struct dial_target *target,
                        const struct conn_events *events, void *owner, dial_cb done)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    char port[PORT_TEXT_BYTES];
    struct dial *dial = mem_alloc(sizeof *dial);
    bool begun;

    dial->hub = hub;
    dial->events = events;
    dial->owner = owner;
    dial->done = done;
    dial->resolve.data = dial;
    dial->deadline.data = dial;
    uv_timer_init(hub->loop, &dial->deadline);
    snprintf(port, sizeof port, "%u", target->port);
    if (is_address(dial, target->host, port))
        begun = connect_next(dial);
    else
        begun = dial->resolving =
            uv_getaddrinfo(hub->loop, &dial->resolve, on_resolved, target->host, port, &hints) == 0;
    /* What cannot even be begun (a name that is too long) is answered at the next turn. */
    uv_timer_start(&dial->deadline, on_deadline, begun ? target->timeout_ms : 0, 0);
    return dial;
}

void dial_cancel(struct dial *dial)
{
    if (!dial || !dial->done)
        return;
    dial->done = NULL;
    abandon(dial);
    uv_close((uv_handle_t *)&dial->deadline, on_timer_closed);
}
