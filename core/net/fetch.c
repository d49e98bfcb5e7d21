#include "net/fetch.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "net/cidr.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONNECT_MS = 4000, KEPT_CONNECTIONS = 64 };

struct transfer {
    struct transfer *previous, *next; /* among the fetcher's active ones, or idle ones */
    struct fetcher *fetcher;
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;
    size_t body_bytes_max;
    bool only_public;
    bool too_large;
    bool refused; /* an address that may not be asked */
    void *request;
};

/*
 * A socket of libcurl's on the loop. A connection's is there for as long as it is open: between two
 * requests libcurl wants it watched no more, and often the next one begins at once. Others (of the
 * resolver) go when libcurl says so, since it tells nobody when it closes them.
 */
struct watch {
    uv_poll_t poll;
    struct watch *previous, *next;
    struct fetcher *fetcher;
    curl_socket_t socket;
    bool stays; /* a connection's */
    bool used;  /* a request is under way on it */
};

struct fetcher {
    uv_timer_t timer; /* when libcurl wants to be called next */
    uv_loop_t *loop;
    CURLM *multi;
    fetch_cb done;
    void *owner;
    struct transfer *active;
    struct transfer *idle; /* finished, with a handle to use again */
    struct watch *watches;
    size_t handles; /* that libuv holds still */
    bool closing;
};

static size_t on_body(char *data, size_t size, size_t count, void *into)
{
    struct transfer *transfer = into;
    size_t len = size * count;

    if (transfer->body.len + len > transfer->body_bytes_max) {
        transfer->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_append(&transfer->body, data, len);
    return len;
}

static void handle_closed(struct fetcher *fetcher)
{
    if (--fetcher->handles > 0)
        return;
    free(fetcher);
    curl_global_cleanup();
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    struct fetcher *fetcher = watch->fetcher;

    free(watch);
    handle_closed(fetcher);
}

static void unwatch(struct watch *watch)
{
    struct fetcher *fetcher = watch->fetcher;

    if (watch->previous)
        watch->previous->next = watch->next;
    else
        fetcher->watches = watch->next;
    if (watch->next)
        watch->next->previous = watch->previous;
    uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static struct watch *watch_new(struct fetcher *fetcher, curl_socket_t socket)
{
    struct watch *watch = mem_alloc(sizeof *watch);

    watch->fetcher = fetcher;
    watch->socket = socket;
    watch->poll.data = watch;
    if (uv_poll_init_socket(fetcher->loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    fetcher->handles++;
    watch->next = fetcher->watches;
    if (watch->next)
        watch->next->previous = watch;
    fetcher->watches = watch;
    return watch;
}

static struct watch *watch_of(const struct fetcher *fetcher, curl_socket_t socket)
{
    struct watch *watch = fetcher->watches;

    while (watch && watch->socket != socket)
        watch = watch->next;
    return watch;
}

/* What a name stands for may be another thing each time; here it is what will be connected to. */
static curl_socket_t on_open_socket(void *into, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = into;
    struct watch *watch;
    curl_socket_t socket_fd;

    (void)purpose;
    if (transfer->only_public && !cidr_is_public(&address->addr)) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    socket_fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    watch = socket_fd >= 0 ? watch_new(transfer->fetcher, socket_fd) : NULL;
    if (watch)
        watch->stays = true;
    return socket_fd;
}

/* The socket leaves the loop before it is closed. */
static int on_close_socket(void *into, curl_socket_t socket)
{
    struct fetcher *fetcher = into;
    struct watch *watch = watch_of(fetcher, socket);

    if (watch)
        unwatch(watch);
    return close(socket);
}

/* Gives the results of finished transfers to the owner, who may begin new ones. */
static void deliver(struct fetcher *fetcher);

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct fetcher *fetcher = watch->fetcher;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    int running;

    /* The other side closed what was kept; libcurl finds out when it needs it. */
    if (!watch->used) {
        uv_poll_stop(poll);
        return;
    }
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(fetcher->multi, watch->socket, flags, &running);
    deliver(fetcher);
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *into, void *known)
{
    struct fetcher *fetcher = into;
    struct watch *watch = known ? known : watch_of(fetcher, socket);
    int events = 0;

    (void)easy;
    if (fetcher->closing)
        return 0;
    if (what == CURL_POLL_REMOVE) {
        if (watch)
            watch->used = false;
        if (watch && !watch->stays) {
            unwatch(watch);
            curl_multi_assign(fetcher->multi, socket, NULL);
        }
        return 0;
    }
    if (!watch)
        watch = watch_new(fetcher, socket);
    if (!watch)
        return -1;
    watch->used = true;
    curl_multi_assign(fetcher->multi, socket, watch);
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&watch->poll, events, on_poll) == 0 ? 0 : -1;
}

static void on_timer(uv_timer_t *timer)
{
    struct fetcher *fetcher = timer->data;
    int running;

    curl_multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    deliver(fetcher);
}

static int on_timeout_wanted(CURLM *multi, long timeout_ms, void *into)
{
    struct fetcher *fetcher = into;

    (void)multi;
    if (fetcher->closing)
        return 0;
    if (timeout_ms < 0)
        uv_timer_stop(&fetcher->timer);
    else
        uv_timer_start(&fetcher->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

struct fetcher *fetcher_new(uv_loop_t *loop, fetch_cb done, void *owner)
{
    struct fetcher *fetcher = mem_alloc(sizeof *fetcher);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    fetcher->multi = curl_multi_init();
    if (!fetcher->multi)
        abort();
    fetcher->loop = loop;
    fetcher->done = done;
    fetcher->owner = owner;
    fetcher->handles = 1;
    uv_timer_init(loop, &fetcher->timer);
    fetcher->timer.data = fetcher;
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    return fetcher;
}

/* What is the same for each request. Certificates are checked: that is libcurl's default. */
static CURL *easy_new(struct transfer *transfer)
{
    CURL *easy = curl_easy_init();

    if (!easy)
        abort();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->fetcher);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a name that does not resolve holds no stop */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "Sekisho");
    return easy;
}

static void link_to(struct transfer **list, struct transfer *transfer)
{
    transfer->previous = NULL;
    transfer->next = *list;
    if (transfer->next)
        transfer->next->previous = transfer;
    *list = transfer;
}

static void unlink_from(struct transfer **list, struct transfer *transfer)
{
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        *list = transfer->next;
    if (transfer->next)
        transfer->next->previous = transfer->previous;
}

static struct transfer *take_idle(struct fetcher *fetcher)
{
    struct transfer *transfer = fetcher->idle;

    if (transfer) {
        unlink_from(&fetcher->idle, transfer);
        return transfer;
    }
    transfer = mem_alloc(sizeof *transfer);
    transfer->fetcher = fetcher;
    transfer->easy = easy_new(transfer);
    return transfer;
}

static void put_idle(struct fetcher *fetcher, struct transfer *transfer)
{
    CURL *easy = transfer->easy;

    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    buf_free(&transfer->body);
    transfer->too_large = transfer->refused = false;
    transfer->request = NULL;
    link_to(&fetcher->idle, transfer);
}

static void set_headers(struct transfer *transfer, const char *const *headers)
{
    for (const char *const *header = headers; header && *header; header++) {
        transfer->headers = curl_slist_append(transfer->headers, *header);
        if (!transfer->headers)
            abort();
    }
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static void set_up(struct transfer *transfer, const struct fetch_ask *ask)
{
    if (ask->body.data) {
        curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE, (long)ask->body.len);
        curl_easy_setopt(transfer->easy, CURLOPT_COPYPOSTFIELDS, ask->body.data);
    }
    if (ask->method)
        curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST, ask->method);
    set_headers(transfer, ask->headers);
    transfer->body_bytes_max = ask->body_bytes_max ? ask->body_bytes_max : FETCH_BODY_BYTES_MAX;
    transfer->only_public = ask->only_public;
}

int fetcher_ask(struct fetcher *fetcher, const struct fetch_ask *ask, void *request)
{
    struct transfer *transfer = take_idle(fetcher);

    set_up(transfer, ask);
    transfer->request = request;
    if (curl_easy_setopt(transfer->easy, CURLOPT_URL, ask->url) != CURLE_OK ||
        curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)ask->timeout_ms) != CURLE_OK ||
        curl_multi_add_handle(fetcher->multi, transfer->easy) != CURLM_OK) {
        put_idle(fetcher, transfer);
        return ERR_INVALID;
    }
    link_to(&fetcher->active, transfer);
    return 0;
}

static int err_of(const struct transfer *transfer, CURLcode code)
{
    if (code == CURLE_OK)
        return 0;
    if (transfer->too_large)
        return ERR_TOO_LARGE;
    if (transfer->refused)
        return ERR_REFUSED;
    switch ((int)code) {
    case CURLE_OPERATION_TIMEDOUT: return ERR_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE: return ERR_CLOSED;
    default: return ERR_INVALID;
    }
}

static void finish(struct fetcher *fetcher, CURL *easy, CURLcode code)
{
    struct fetch_result result = {.reason = curl_easy_strerror(code)};
    struct transfer *transfer;
    void *address = NULL;
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &address);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    transfer = address;
    result.err = err_of(transfer, code);
    result.status = (int)status;
    result.body = buf_slice(&transfer->body);
    curl_multi_remove_handle(fetcher->multi, easy);
    unlink_from(&fetcher->active, transfer);
    fetcher->done(fetcher->owner, transfer->request, &result);
    put_idle(fetcher, transfer);
}

static void deliver(struct fetcher *fetcher)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(fetcher->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            finish(fetcher, message->easy_handle, message->data.result);
}

static void free_transfers(struct fetcher *fetcher, struct transfer *list, bool active)
{
    while (list) {
        struct transfer *next = list->next;

        if (active)
            curl_multi_remove_handle(fetcher->multi, list->easy);
        curl_easy_cleanup(list->easy);
        curl_slist_free_all(list->headers);
        buf_free(&list->body);
        free(list);
        list = next;
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

void fetcher_close(struct fetcher *fetcher)
{
    if (!fetcher || fetcher->closing)
        return;
    fetcher->closing = true;
    /* The sockets leave the loop before libcurl closes them. */
    while (fetcher->watches)
        unwatch(fetcher->watches);
    free_transfers(fetcher, fetcher->active, true);
    free_transfers(fetcher, fetcher->idle, false);
    curl_multi_cleanup(fetcher->multi);
    uv_close((uv_handle_t *)&fetcher->timer, on_timer_closed);
}
