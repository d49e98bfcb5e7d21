#include "net/listener.h"

#include "base/mem.h"
#include "net/conn.h"

#include <stdlib.h>

enum { LISTEN_BACKLOG = 1024 };

struct listener {
    uv_tcp_t tcp;
    listener_cb connected;
    void *owner;
};

static void on_connection(uv_stream_t *stream, int status)
{
    void *handle = stream;
    struct listener *listener = handle;

    if (status == 0)
        listener->connected(listener->owner, listener);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

int listener_parse(const char *host, uint16_t port, struct sockaddr_storage *out)
{
    void *any = out;

    *out = (struct sockaddr_storage){0};
    if (uv_ip4_addr(host, port, any) == 0)
        return 0;
    return uv_ip6_addr(host, port, any);
}

int listener_open(uv_loop_t *loop, const struct sockaddr_storage *address, unsigned flags,
                  listener_cb connected, void *owner, struct listener **out)
{
    struct listener *listener = mem_alloc(sizeof *listener);
    int err;

    listener->connected = connected;
    listener->owner = owner;
    uv_tcp_init(loop, &listener->tcp);
    err = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)address, flags);
    if (err == 0)
        conn_set_options(&listener->tcp);
    if (err == 0)
        err = uv_listen((uv_stream_t *)&listener->tcp, LISTEN_BACKLOG, on_connection);
    if (err < 0) {
        listener_close(listener);
        return err;
    }
    *out = listener;
    return 0;
}

const char *listener_trouble(int err)
{
    switch (err) {
    case UV_EADDRINUSE:
        return "another program listens there; stop that one, or choose another port";
    case UV_EADDRNOTAVAIL:
        return "this machine does not have that address; write one of its own, or 0.0.0.0 for all";
    case UV_EACCES:
        return "this user may not listen on a port below 1024; choose another, or run: setcap "
               "cap_net_bind_service=+ep /path/to/sekisho";
    default: return uv_strerror(err);
    }
}

int listener_accept(struct listener *listener, uv_tcp_t *client)
{
    return uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)client);
}

void listener_address(const struct listener *listener, char text[static ADDRESS_TEXT_BYTES])
{
    struct sockaddr_storage address = {0};
    int len = sizeof address;

    uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&address, &len);
    address_text((const struct sockaddr *)&address, text);
}

void listener_close(struct listener *listener)
{
    if (listener)
        uv_close((uv_handle_t *)&listener->tcp, on_closed);
}
