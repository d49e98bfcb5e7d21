#include "web/web.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "consent/code.h"
#include "crypto/random.h"
#include "session/events.h"
#include "web/guests.h"
#include "web/language.h"
#include "web/page.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS_MAX = 256,
    CONNECTION_MEMORY_BYTES = 32 * 1024,
    FORM_BUFFER_BYTES = 1024,
    FIELD_BYTES_MAX = 64,
    BODY_BYTES_MAX = 8 * 1024,
};

/* One request, from its first header to its last byte. */
struct visit {
    struct visit *next; /* of those that wait for the store */
    struct web *web;
    struct MHD_Connection *connection;
    struct MHD_PostProcessor *form;
    size_t body_bytes;
    uint64_t id; /* of the answer that is awaited; 0: none */
    bool recorded;
    int err;
    struct event *event; /* of the answer, told when it is on disk; owned, NULL: none */
    const struct policy_text *text;
    char code[FIELD_BYTES_MAX];
    char answer[FIELD_BYTES_MAX];
    char language[FIELD_BYTES_MAX];
    policy_purposes chosen;
};

struct web {
    struct worker *worker;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
    int open_handles;
    bool closed;
    uint64_t last_id;
    struct visit *waiting;
    struct guests guests;
};

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, char *html)
{
    static const struct {
        const char *name, *value;
    } headers[] = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Cache-Control", "no-store"},
        {"Connection", "close"}, /* a connection is for one request, see guests.h */
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; "
                                    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
    };
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(html), html, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        MHD_add_response_header(response, headers[i].name, headers[i].value);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* In the language that was chosen on the page, else in the browser's. */
static const struct policy_text *text_of_visitor(struct visit *visit)
{
    const struct policy *policy = visit->web->worker->policy;
    const char *header = MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
    const struct policy_text *text = policy_text_find(policy, slice_str(visit->language));

    return text ? text : language_text(policy, header);
}

static void take_field(char out[static FIELD_BYTES_MAX], uint64_t offset, const char *data,
                       size_t len)
{
    if (offset + len < FIELD_BYTES_MAX) {
        memcpy(out + offset, data, len);
        out[offset + len] = 0;
    }
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd calls it so */
static enum MHD_Result on_field(void *owner, enum MHD_ValueKind kind, const char *key,
                                const char *filename, const char *type, const char *encoding,
                                const char *data, uint64_t offset, size_t len)
{
    struct visit *visit = owner;
    char name[FIELD_BYTES_MAX] = "";

    (void)kind, (void)filename, (void)type, (void)encoding;
    if (strcmp(key, "code") == 0)
        take_field(visit->code, offset, data, len);
    else if (strcmp(key, "answer") == 0)
        take_field(visit->answer, offset, data, len);
    else if (strcmp(key, "language") == 0)
        take_field(visit->language, offset, data, len);
    else if (strcmp(key, "purpose") == 0 && offset == 0) {
        take_field(name, 0, data, len);
        visit->chosen |= policy_purposes_read(visit->web->worker->policy, name);
    }
    return MHD_YES;
}

static void fill_record(const struct visit *visit, const struct code_holder *holder,
                        struct consent_record *out)
{
    const struct worker *worker = visit->web->worker;
    const struct policy *policy = worker->policy;
    bool accepted = strcmp(visit->answer, "accept") == 0;

    *out = (struct consent_record){
        .player = holder->player,
        .decision = accepted ? CONSENT_ACCEPTED : CONSENT_DECLINED,
        .method = CONSENT_METHOD_WEB,
        .identity = holder->identity,
        .protocol = holder->protocol,
        .shown_at_ms = holder->shown_at_ms,
        .decided_at_ms = clock_wall_ms(),
    };
    memcpy(out->name, holder->name, sizeof out->name);
    memcpy(out->server, holder->server, sizeof out->server);
    snprintf(out->policy, sizeof out->policy, "%s", policy->id);
    snprintf(out->policy_version, sizeof out->policy_version, "%s", policy->version);
    snprintf(out->policy_sha256, sizeof out->policy_sha256, "%s", visit->text->sha256);
    snprintf(out->language, sizeof out->language, "%s", visit->text->language);
    snprintf(out->action, sizeof out->action, "button");
    memcpy(out->scope_sha256, worker->ruleset->scope_sha256, sizeof out->scope_sha256);
    random_hex(out->nonce, (CONSENT_NONCE_BYTES - 1) / 2);
    if (accepted)
        policy_purposes_write(policy, policy_required(policy) | visit->chosen, out->purposes,
                              sizeof out->purposes);
}

static void run_daemon(struct web *web);

/* The answer is on disk, or cannot be: the visitor is told. */
static void on_recorded(void *owner, uint64_t id, int err)
{
    struct worker *worker = owner;
    struct visit **at = worker->web ? &worker->web->waiting : NULL;

    while (at && *at && (*at)->id != id)
        at = &(*at)->next;
    if (!at || !*at)
        return;
    if (err == 0)
        event_tell(worker, (*at)->event);
    else
        event_free((*at)->event);
    (*at)->event = NULL;
    (*at)->recorded = true;
    (*at)->err = err;
    MHD_resume_connection((*at)->connection);
    *at = (*at)->next;
    run_daemon(worker->web);
}

static enum MHD_Result put_answer(struct visit *visit, const struct code_holder *holder)
{
    struct web *web = visit->web;
    struct consent_record record;

    fill_record(visit, holder, &record);
    codes_end(web->worker->codes, visit->code);
    visit->event = event_new_of(web->worker,
                                record.decision == CONSENT_ACCEPTED ? EVENT_CONSENT_GIVEN
                                                                    : EVENT_CONSENT_REFUSED,
                                &holder->player);
    event_add_consent(visit->event, &record);
    visit->id = ++web->last_id;
    visit->next = web->waiting;
    web->waiting = visit;
    MHD_suspend_connection(visit->connection);
    store_consent_put(web->worker->store, visit->id, &record, on_recorded);
    return MHD_YES;
}

static enum MHD_Result say_recorded(struct visit *visit)
{
    struct page page = {.policy = visit->web->worker->policy, .text = text_of_visitor(visit)};
    enum message sentence =
        strcmp(visit->answer, "accept") == 0 ? MESSAGE_JOIN_AGAIN : MESSAGE_DECLINED;

    if (visit->err < 0)
        return respond(visit->connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                       page_sentence(&page, MESSAGE_RECORD_FAILED));
    return respond(visit->connection, MHD_HTTP_OK, page_sentence(&page, sentence));
}

/* An answer is to what was shown last: the policy may have changed since. */
static bool was_shown(const struct code_holder *holder, const struct policy *policy,
                      const struct policy_text *text)
{
    return holder->shown_at_ms > 0 && strcmp(holder->shown_version, policy->version) == 0 &&
           strcmp(holder->shown_sha256, text->sha256) == 0;
}

static void note_shown(struct code_holder *holder, const struct policy *policy,
                       const struct policy_text *text)
{
    holder->shown_at_ms = clock_wall_ms();
    snprintf(holder->shown_version, sizeof holder->shown_version, "%s", policy->version);
    snprintf(holder->shown_sha256, sizeof holder->shown_sha256, "%s", text->sha256);
}

static enum MHD_Result on_post(struct visit *visit, const char *url)
{
    struct worker *worker = visit->web->worker;
    struct page page = {.policy = worker->policy, .text = text_of_visitor(visit)};
    struct code_holder *holder = codes_find(worker->codes, visit->code, uv_now(worker->loop));
    bool answers = strcmp(url, "/answer") == 0;

    visit->text = page.text;
    if (!answers && strcmp(url, "/policy") != 0)
        return respond(visit->connection, MHD_HTTP_NOT_FOUND, page_code(&page, MESSAGE_WEB_ENTER));
    if (!holder)
        return respond(visit->connection, MHD_HTTP_FORBIDDEN,
                       page_code(&page, MESSAGE_WEB_WRONG_CODE));
    if (answers && was_shown(holder, page.policy, page.text) &&
        (strcmp(visit->answer, "accept") == 0 || strcmp(visit->answer, "decline") == 0))
        return put_answer(visit, holder);
    note_shown(holder, page.policy, page.text);
    return respond(visit->connection, MHD_HTTP_OK, page_policy(&page, visit->code));
}

static struct visit *new_visit(struct web *web, struct MHD_Connection *connection, bool post)
{
    struct visit *visit = mem_alloc(sizeof *visit);

    visit->web = web;
    visit->connection = connection;
    if (post)
        visit->form = MHD_create_post_processor(connection, FORM_BUFFER_BYTES, on_field, visit);
    return visit;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd calls it so */
static enum MHD_Result on_request(void *owner, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_bytes, void **state)
{
    struct visit *visit = *state;
    bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    unsigned status = MHD_HTTP_OK;
    struct page page;

    (void)version;
    if (!visit) {
        *state = new_visit(owner, connection, post);
        return MHD_YES;
    }
    if (visit->recorded)
        return say_recorded(visit);
    if (*body_bytes > 0) {
        visit->body_bytes += *body_bytes;
        if (visit->form && visit->body_bytes <= BODY_BYTES_MAX)
            MHD_post_process(visit->form, body, *body_bytes);
        *body_bytes = 0;
        return MHD_YES;
    }
    if (visit->form && visit->body_bytes <= BODY_BYTES_MAX)
        return on_post(visit, url);
    page = (struct page){.policy = visit->web->worker->policy, .text = text_of_visitor(visit)};
    if (visit->form)
        status = MHD_HTTP_CONTENT_TOO_LARGE;
    else if (strcmp(url, "/") != 0)
        status = MHD_HTTP_NOT_FOUND;
    return respond(connection, status, page_code(&page, MESSAGE_WEB_ENTER));
}

static void on_request_ended(void *owner, struct MHD_Connection *connection, void **state,
                             enum MHD_RequestTerminationCode code)
{
    struct visit *visit = *state;

    (void)owner, (void)connection, (void)code;
    if (!visit)
        return;
    for (struct visit **at = &visit->web->waiting; *at; at = &(*at)->next) {
        if (*at == visit) {
            *at = visit->next;
            break;
        }
    }
    if (visit->form)
        MHD_destroy_post_processor(visit->form);
    event_free(visit->event);
    free(visit);
    *state = NULL;
}

static void on_timer(uv_timer_t *timer)
{
    run_daemon(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    run_daemon(poll->data);
}

/* Does what is due, and sets the clock for what comes. */
static void run_daemon(struct web *web)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    int64_t due_ms;
    bool waits;

    MHD_run(web->daemon);
    waits = MHD_get_timeout(web->daemon, &wait_ms) == MHD_YES;
    due_ms = guests_expire(&web->guests, uv_now(web->worker->loop));
    if (due_ms >= 0 && (!waits || (uint64_t)due_ms < wait_ms))
        wait_ms = (uint64_t)due_ms;
    if (waits || due_ms >= 0)
        uv_timer_start(&web->timer, on_timer, wait_ms, 0);
    else
        uv_timer_stop(&web->timer);
}

static void on_connection(void *owner, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct web *web = owner;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = guests_enter(&web->guests, connection, uv_now(web->worker->loop));
    } else {
        guests_leave(&web->guests, *context);
        *context = NULL;
    }
}

static struct MHD_Daemon *start_daemon(struct web *web, const struct conf_address *address)
{
    struct sockaddr_storage socket;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

    errno = EINVAL;
    if (listener_parse(address->host, address->port, &socket) < 0)
        return NULL;
    if (socket.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    return MHD_start_daemon(flags, address->port, NULL, NULL, on_request, web, MHD_OPTION_SOCK_ADDR,
                            (struct sockaddr *)&socket, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_NOTIFY_COMPLETED,
                            on_request_ended, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
                            web, MHD_OPTION_END);
}

int web_open(struct worker *worker, struct diag *diag)
{
    const struct conf_address *address = &worker->conf->web;
    const union MHD_DaemonInfo *info;
    struct web *web;

    if (!address->host)
        return 0;
    web = mem_alloc(sizeof *web);
    web->worker = worker;
    web->daemon = start_daemon(web, address);
    if (!web->daemon) {
        char text[CONF_ADDRESS_BYTES];
        int err = uv_translate_sys_error(errno);

        diag_add(diag, worker->conf->path, worker->conf->web_line,
                 "web.address: cannot listen on %s: %s", conf_address_text(address, text),
                 listener_trouble(err));
        free(web);
        return ERR_IO;
    }
    info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    uv_poll_init(worker->loop, &web->poll, info->epoll_fd);
    uv_timer_init(worker->loop, &web->timer);
    web->poll.data = web;
    web->timer.data = web;
    web->open_handles = 2;
    uv_poll_start(&web->poll, UV_READABLE, on_poll);
    worker->web = web;
    info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_BIND_PORT);
    printf(strchr(address->host, ':') ? "page: serving on [%s]:%u\n" : "page: serving on %s:%u\n",
           address->host, info->port);
    fflush(stdout);
    return 0;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct web *web = handle->data;

    if (--web->open_handles > 0)
        return;
    MHD_stop_daemon(web->daemon);
    free(web);
}

void web_close(struct worker *worker)
{
    struct web *web = worker->web;

    if (!web)
        return;
    worker->web = NULL;
    /* Those that wait for the store would wait for ever: libmicrohttpd wants them resumed. */
    for (struct visit *visit = web->waiting; visit; visit = visit->next)
        MHD_resume_connection(visit->connection);
    uv_close((uv_handle_t *)&web->poll, on_handle_closed);
    uv_close((uv_handle_t *)&web->timer, on_handle_closed);
}
