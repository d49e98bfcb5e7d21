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

static int parse_literal(const char *host, uint16_t port, struct sockaddr_storage *out)
{
    void *any = out;

    if (uv_ip4_addr(host, port, any) == 0)
        return 0;
    return uv_ip6_addr(host, port, any);
}

int listener_open(uv_loop_t *loop, const char *host, uint16_t port, listener_cb connected,
                  void *owner, struct listener **out)
{
    struct sockaddr_storage address = {0};
    struct listener *listener;
    int err = parse_literal(host, port, &address);

    if (err < 0)
        return err;
    listener = mem_alloc(sizeof *listener);
    listener->connected = connected;
    listener->owner = owner;
    uv_tcp_init(loop, &listener->tcp);
    err = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&address, 0);
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
