#include "identity/session_service.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "identity/account.h"
#include "net/fetch.h"
#include "net/url.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    AT_ONCE_MAX = 64,
    WAITING_MAX = 1024,
    ATTEMPTS_MAX = 3,
    ATTEMPT_MS = 5000,
    ALL_MS = 12000, /* of one question, in the queue and in all attempts */
    REST_MS = 200,  /* before the second attempt; twice that before the third */
    REST_TICK_MS = 50,
    OPEN_AFTER = 10, /* failures in a row */
    OPEN_MS = 5000,
    STATUS_OK = 200,
    STATUS_NOTHING = 204,
    STATUS_FORBIDDEN = 403,
    STATUS_TOO_MANY = 429,
    STATUS_SERVER_ERROR = 500,
};

struct inquiry {
    struct inquiry *previous, *next;
    struct session_service *service;
    uint64_t id; /* 0: forgotten */
    char name[PROFILE_NAME_CHARS_MAX + 1];
    char *url; /* personal */
    int attempts;
    uint64_t deadline_ms;
    uint64_t due_ms; /* while it rests */
};

struct inquiries {
    struct inquiry *first, *last;
    size_t count;
};

struct session_service {
    uv_timer_t tick; /* runs while questions wait or rest */
    uv_loop_t *loop;
    const char *url;
    struct fetcher *fetcher;
    session_service_cb answered;
    void *owner;
    struct inquiries waiting, asked, resting;
    int failures; /* in a row */
    bool probing; /* one question finds out whether the service is back */
    uint64_t open_until_ms;
};

static void add(struct inquiries *list, struct inquiry *inquiry)
{
    inquiry->next = NULL;
    inquiry->previous = list->last;
    if (list->last)
        list->last->next = inquiry;
    else
        list->first = inquiry;
    list->last = inquiry;
    list->count++;
}

static void take(struct inquiries *list, struct inquiry *inquiry)
{
    if (inquiry->previous)
        inquiry->previous->next = inquiry->next;
    else
        list->first = inquiry->next;
    if (inquiry->next)
        inquiry->next->previous = inquiry->previous;
    else
        list->last = inquiry->previous;
    list->count--;
}

/* NULL when the list is empty. */
static struct inquiry *take_first(struct inquiries *list)
{
    struct inquiry *inquiry = list->first;

    if (!inquiry)
        return NULL;
    list->first = inquiry->next;
    if (list->first)
        list->first->previous = NULL;
    else
        list->last = NULL;
    list->count--;
    return inquiry;
}

static void inquiry_free(struct inquiry *inquiry)
{
    mem_wipe(inquiry->url, strlen(inquiry->url));
    free(inquiry->url);
    free(inquiry);
}

static uint64_t now_ms(const struct session_service *service)
{
    return uv_now(service->loop);
}

/* Ends an inquiry that is in no list any more. */
static void answer(struct inquiry *inquiry, enum session_service_answer what,
                   struct profile *profile)
{
    struct session_service *service = inquiry->service;
    uint64_t id = inquiry->id;

    inquiry_free(inquiry);
    if (id)
        service->answered(service->owner, id, what, profile);
    else if (profile)
        profile_free(profile);
}

static bool is_open(const struct session_service *service)
{
    return service->failures >= OPEN_AFTER;
}

/* Whether one more may be asked now; says so to one alone after the service was down. */
static bool may_ask(struct session_service *service)
{
    if (!is_open(service))
        return true;
    if (service->probing || now_ms(service) < service->open_until_ms)
        return false;
    service->probing = true;
    return true;
}

static void refuse_all(struct inquiries *list)
{
    struct inquiry *inquiry;

    while ((inquiry = take_first(list)))
        answer(inquiry, SESSION_SERVICE_DOWN, NULL);
}

static void note_failure(struct session_service *service)
{
    bool was_open = is_open(service);

    service->failures++;
    service->probing = false;
    if (!is_open(service))
        return;
    service->open_until_ms = now_ms(service) + OPEN_MS;
    if (!was_open)
        log_error("session service: %d failures in a row; players are refused, and it is asked "
                  "again in %d s",
                  service->failures, OPEN_MS / 1000);
    refuse_all(&service->waiting);
    refuse_all(&service->resting);
}

static void note_success(struct session_service *service)
{
    if (is_open(service))
        log_info("session service: it answers again");
    service->failures = 0;
    service->probing = false;
}

static void pump(struct session_service *service);

/* Half of the rest is chance, so that players who failed together do not come together again. */
static uint64_t rest_ms(int attempts)
{
    uint64_t most = (uint64_t)REST_MS << (attempts - 1);
    uint32_t chance;

    random_bytes((uint8_t *)&chance, sizeof chance);
    return most / 2 + chance % (most / 2 + 1);
}

/* The service did not answer, or with words that mean "later". */
static void try_again(struct inquiry *inquiry, const char *why)
{
    struct session_service *service = inquiry->service;
    uint64_t rest = rest_ms(inquiry->attempts);

    log_warn("session service: attempt %d: %s", inquiry->attempts, why);
    note_failure(service);
    if (is_open(service) || inquiry->attempts == ATTEMPTS_MAX || !inquiry->id ||
        now_ms(service) + rest >= inquiry->deadline_ms) {
        answer(inquiry, SESSION_SERVICE_DOWN, NULL);
        return;
    }
    inquiry->due_ms = now_ms(service) + rest;
    add(&service->resting, inquiry);
}

static void give_up(struct inquiry *inquiry, const char *why)
{
    log_error("session service: %s; is session_server its address?", why);
    note_failure(inquiry->service);
    answer(inquiry, SESSION_SERVICE_DOWN, NULL);
}

static void on_profile(struct inquiry *inquiry, struct slice body)
{
    struct profile profile;

    if (account_read(body, inquiry->name, &profile) < 0) {
        give_up(inquiry, "the answer is no profile of the player who was asked for");
        return;
    }
    note_success(inquiry->service);
    answer(inquiry, SESSION_SERVICE_YES, &profile);
}

static void on_status(struct inquiry *inquiry, int status, struct slice body)
{
    char why[64];

    snprintf(why, sizeof why, "it answered with status %d", status);
    if (status == STATUS_OK && body.len > 0) {
        on_profile(inquiry, body);
    } else if (status == STATUS_OK || status == STATUS_NOTHING || status == STATUS_FORBIDDEN) {
        note_success(inquiry->service);
        answer(inquiry, SESSION_SERVICE_NO, NULL);
    } else if (status == STATUS_TOO_MANY || status >= STATUS_SERVER_ERROR) {
        try_again(inquiry, why);
    } else {
        give_up(inquiry, why);
    }
}

static void on_fetched(void *owner, void *request, const struct fetch_result *result)
{
    struct session_service *service = owner;
    struct inquiry *inquiry = request;

    take(&service->asked, inquiry);
    if (result->err == 0)
        on_status(inquiry, result->status, result->body);
    else if (result->err == ERR_CLOSED || result->err == ERR_TIMEOUT)
        try_again(inquiry, result->reason);
    else
        give_up(inquiry, result->err == ERR_TOO_LARGE ? "the answer is too long" : result->reason);
    pump(service);
}

static void begin(struct inquiry *inquiry)
{
    struct session_service *service = inquiry->service;
    uint64_t left = inquiry->deadline_ms - now_ms(service);
    struct fetch_ask ask = {.url = inquiry->url,
                            .timeout_ms = left < ATTEMPT_MS ? left : ATTEMPT_MS};

    inquiry->attempts++;
    add(&service->asked, inquiry);
    if (fetcher_ask(service->fetcher, &ask, inquiry) == 0)
        return;
    take(&service->asked, inquiry);
    give_up(inquiry, "it cannot be asked");
}

/* Its time went by in the queue. If it was the probe, another one may be. */
static void drop(struct inquiry *inquiry)
{
    inquiry->service->probing = false;
    answer(inquiry, SESSION_SERVICE_DOWN, NULL);
}

static void on_tick(uv_timer_t *tick)
{
    pump(tick->data);
}

/* Moves on all that can move: rests that are over, and the queue. */
static void pump(struct session_service *service)
{
    struct inquiry *next;

    for (struct inquiry *inquiry = service->resting.first; inquiry; inquiry = next) {
        next = inquiry->next;
        if (inquiry->due_ms > now_ms(service))
            continue;
        take(&service->resting, inquiry);
        add(&service->waiting, inquiry);
    }
    while (service->waiting.first) {
        struct inquiry *inquiry = service->waiting.first;
        bool late = now_ms(service) >= inquiry->deadline_ms;

        if (!late && service->asked.count >= AT_ONCE_MAX)
            break;
        inquiry = take_first(&service->waiting);
        if (late)
            drop(inquiry);
        else
            begin(inquiry);
    }
    if (service->waiting.count + service->resting.count == 0)
        uv_timer_stop(&service->tick);
    else if (!uv_is_active((uv_handle_t *)&service->tick))
        uv_timer_start(&service->tick, on_tick, REST_TICK_MS, REST_TICK_MS);
}

struct session_service *session_service_new(uv_loop_t *loop, const char *url,
                                            session_service_cb answered, void *owner)
{
    struct session_service *service = mem_alloc(sizeof *service);

    service->loop = loop;
    service->url = url;
    service->answered = answered;
    service->owner = owner;
    service->fetcher = fetcher_new(loop, on_fetched, service);
    uv_timer_init(loop, &service->tick);
    service->tick.data = service;
    return service;
}

static void put_argument(struct buf *url, const char *key, const char *value)
{
    buf_append_str(url, key);
    url_put_argument(url, value);
}

static char *url_of(const struct session_service *service, const struct session_question *question)
{
    struct buf url = {0};

    buf_append_str(&url, service->url);
    put_argument(&url, "/session/minecraft/hasJoined?username=", question->name);
    put_argument(&url, "&serverId=", question->hash);
    if (question->address)
        put_argument(&url, "&ip=", question->address);
    return buf_take_text(&url);
}

int session_service_ask(struct session_service *service, const struct session_question *question)
{
    struct inquiry *inquiry;

    if (service->waiting.count >= WAITING_MAX)
        return ERR_BUSY;
    if (!may_ask(service))
        return ERR_CLOSED;
    inquiry = mem_alloc(sizeof *inquiry);
    inquiry->service = service;
    inquiry->id = question->id;
    snprintf(inquiry->name, sizeof inquiry->name, "%s", question->name);
    inquiry->url = url_of(service, question);
    inquiry->deadline_ms = now_ms(service) + ALL_MS;
    add(&service->waiting, inquiry);
    pump(service);
    return 0;
}

/* From the queues; a question that is asked already only loses its asker. */
void session_service_forget(struct session_service *service, uint64_t id)
{
    struct inquiries *lists[] = {&service->waiting, &service->resting, &service->asked};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (struct inquiry *inquiry = lists[i]->first; inquiry; inquiry = inquiry->next) {
            if (inquiry->id != id)
                continue;
            inquiry->id = 0;
            if (lists[i] == &service->asked)
                return;
            take(lists[i], inquiry);
            inquiry_free(inquiry);
            service->probing = false;
            return;
        }
    }
}

static void free_all(struct inquiries *list)
{
    struct inquiry *inquiry;

    while ((inquiry = take_first(list)))
        inquiry_free(inquiry);
}

static void on_tick_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void session_service_close(struct session_service *service)
{
    if (!service)
        return;
    fetcher_close(service->fetcher);
    free_all(&service->waiting);
    free_all(&service->resting);
    free_all(&service->asked);
    uv_close((uv_handle_t *)&service->tick, on_tick_closed);
}
