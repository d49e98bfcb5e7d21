#include "session/errands.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "net/fetch.h"
#include "net/rcon.h"
#include "session/worker.h"
#include "store/tasks.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

enum {
    LOOK_EVERY_MS = 1000,
    AT_ONCE_MAX = STORE_TASKS_DUE,
    ATTEMPT_MS = 10 * 1000,
    CLAIM_MS = 15 * 1000, /* longer than an attempt can take */
    NAME_BYTES_MAX = 64,
    STATUS_OK = 200,
    STATUS_REDIRECT = 300,
    STATUS_TIMEOUT = 408,
    STATUS_TOO_MANY = 429,
    STATUS_SERVER_ERROR = 500,
};

/* One task that is being tried. */
struct errand {
    struct errand *next;
    struct errands *errands; /* NULL: all were closed while a file was read */
    int64_t task;
    int attempts; /* this one included */
    char *server, *name, *uuid;
    uv_work_t reading; /* of the secret, beside the loop */
    const struct conf_on_erasure *on_erasure;
    struct secret *secret;
    struct diag diag;
    struct rcon *rcon;
    bool is_reading;
};

struct errands {
    uv_timer_t tick;
    struct worker *worker;
    struct fetcher *fetcher;
    struct errand *first;
    size_t count;
    bool looking; /* the store was asked */
};

static void wipe_text(char *text)
{
    mem_wipe(text, strlen(text));
    free(text);
}

static void errand_free(struct errand *errand)
{
    wipe_text(errand->name);
    wipe_text(errand->uuid);
    free(errand->server);
    secret_free(errand->secret);
    diag_free(&errand->diag);
    free(errand);
}

static struct errand *errand_of(const struct errands *errands, int64_t task)
{
    struct errand *errand = errands->first;

    while (errand && errand->task != task)
        errand = errand->next;
    return errand;
}

static void drop(struct errand *errand)
{
    struct errand **at = &errand->errands->first;

    while (*at != errand)
        at = &(*at)->next;
    *at = errand->next;
    errand->errands->count--;
    errand_free(errand);
}

/* What could not be put down is tried once more when the claim runs out. */
static void on_settled(void *owner, uint64_t task, int err)
{
    struct worker *worker = owner;
    struct errand *errand = worker->errands ? errand_of(worker->errands, (int64_t)task) : NULL;

    if (err < 0 && err != ERR_NOT_FOUND)
        log_warn("task=%" PRIu64 ": what came of it could not be recorded: %s", task,
                 err_text(err));
    if (errand)
        drop(errand);
}

static void settle(struct errand *errand, const struct store_task_step *step)
{
    store_task_move(errand->errands->worker->store, (uint64_t)errand->task, step, on_settled);
}

static void told(struct errand *errand)
{
    struct store_task_step step = {
        .number = errand->task, .step = TASK_STEP_TOLD, .at_ms = clock_wall_ms()};

    log_info("task=%" PRId64 " server=%s was told of an erasure", errand->task, errand->server);
    settle(errand, &step);
}

/* `why` has nothing personal in it, and nothing that the server sent. */
static void stuck(struct errand *errand, const char *why)
{
    struct store_task_step step = {
        .number = errand->task, .step = TASK_STEP_STUCK, .at_ms = clock_wall_ms(), .problem = why};

    log_error("task=%" PRId64 " server=%s is not told of an erasure, and a person is needed: %s; "
              "see sekisho task list",
              errand->task, errand->server, why);
    settle(errand, &step);
}

static void again(struct errand *errand, const char *why)
{
    struct store_task_step step = {
        .number = errand->task, .step = TASK_STEP_AGAIN, .at_ms = clock_wall_ms(), .problem = why};
    int64_t rest_ms;
    uint32_t chance;

    if (errand->attempts >= TASK_ATTEMPTS_MAX) {
        stuck(errand, why);
        return;
    }
    random_bytes((uint8_t *)&chance, sizeof chance);
    rest_ms = task_rest_ms(errand->attempts, chance);
    step.next_at_ms = step.at_ms + rest_ms;
    log_warn("task=%" PRId64 " server=%s attempt %d: %s; again in %" PRId64 " s", errand->task,
             errand->server, errand->attempts, why, rest_ms / 1000);
    settle(errand, &step);
}

/* Vanilla's words of every version; others that do not know a command say the same. */
static bool is_unknown_command(struct slice answer)
{
    static const char *const words[] = {"Unknown command", "Unknown or incomplete command",
                                        "Incorrect argument for command"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (answer.len >= strlen(words[i]) && memcmp(answer.data, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static void on_rcon(void *owner, const struct rcon_result *result)
{
    struct errand *errand = owner;

    errand->rcon = NULL;
    if (result->err == 0 && is_unknown_command(result->answer))
        stuck(errand, "the server does not know the command; mend on_erasure.rcon.command");
    else if (result->err == 0)
        told(errand);
    else if (result->err == ERR_REFUSED)
        stuck(errand, "the server has another RCON password; mend on_erasure.rcon.password_file");
    else if (result->err == ERR_MALFORMED || result->err == ERR_TOO_LARGE)
        again(errand, "what answers there speaks no RCON");
    else
        again(errand, result->err == ERR_TIMEOUT ? "no answer came in time"
                                                 : "the server cannot be reached");
}

static void on_fetched(void *owner, void *request, const struct fetch_result *result)
{
    struct errand *errand = request;
    char why[64];

    (void)owner;
    snprintf(why, sizeof why, "the webhook answered with status %d", result->status);
    if (result->err < 0)
        again(errand, result->reason);
    else if (result->status >= STATUS_OK && result->status < STATUS_REDIRECT)
        told(errand);
    else if (result->status == STATUS_TIMEOUT || result->status == STATUS_TOO_MANY ||
             result->status >= STATUS_SERVER_ERROR)
        again(errand, why);
    else
        stuck(errand, why);
}

/* In a command a name may be nothing but a name: no selector, no second argument. */
static bool is_plain(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    return len > 0 && len <= NAME_BYTES_MAX && name[len] == 0;
}

static void put_command(const struct errand *errand, struct buf *out)
{
    const char *at = errand->on_erasure->command;
    const char *brace;

    /* conf/erasure.c has seen that nothing else stands in braces. */
    while ((brace = strchr(at, '{'))) {
        buf_append(out, at, (size_t)(brace - at));
        buf_append_str(out, brace[1] == 'n' ? errand->name : errand->uuid);
        at = brace + strlen("{name}");
    }
    buf_append_str(out, at);
}

static void tell_by_rcon(struct errand *errand)
{
    struct rcon_call call = {.host = errand->on_erasure->rcon.host,
                             .port = errand->on_erasure->rcon.port,
                             .password = secret_bytes(errand->secret),
                             .timeout_ms = ATTEMPT_MS};
    struct buf command = {0};

    if (strstr(errand->on_erasure->command, "{name}") && !is_plain(errand->name)) {
        stuck(errand, "the player's name cannot stand in a command; tell the server by hand, then "
                      "drop the task");
        return;
    }
    put_command(errand, &command);
    call.command = buf_slice(&command);
    errand->rcon = rcon_start(&errand->errands->worker->hub, &call, on_rcon, errand);
    buf_wipe(&command);
    if (!errand->rcon)
        stuck(errand, "the command or the password is too long for RCON");
}

/* The body has what a receiver needs to tell a copy from the first: the task's number and the
 * time. Returns owned. */
static char *webhook_body(const struct errand *errand)
{
    char now[CLOCK_TEXT_BYTES];
    json_t *json;
    char *text;

    clock_format(clock_wall_ms(), now);
    json = json_pack("{ss sI ss ss s{ss ss}}", "event", "player.erased", "task",
                     (json_int_t)errand->task, "server", errand->server, "at", now, "player",
                     "name", errand->name, "uuid", errand->uuid);
    text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text)
        abort();
    return text;
}

static void tell_by_webhook(struct errand *errand)
{
    char *body = webhook_body(errand);
    uint8_t mac[SHA256_BYTES];
    char mac_text[SHA256_TEXT_BYTES];
    char *signature;
    const char *headers[] = {"Content-Type: application/json", NULL, NULL};
    struct fetch_ask ask = {.url = errand->on_erasure->webhook,
                            .headers = headers,
                            .body = slice_str(body),
                            .timeout_ms = ATTEMPT_MS};
    int err;

    hmac_sha256(secret_bytes(errand->secret), ask.body, mac);
    hex_encode(slice_of(mac, sizeof mac), mac_text);
    signature = mem_format("X-Sekisho-Signature: sha256=%s", mac_text);
    headers[1] = signature;
    err = fetcher_ask(errand->errands->fetcher, &ask, errand);
    free(signature);
    wipe_text(body);
    if (err < 0)
        stuck(errand, "the webhook's address cannot be asked");
}

static void read_secret(uv_work_t *work)
{
    struct errand *errand = work->data;

    (void)!secret_open_on_erasure(errand->on_erasure, &errand->diag, &errand->secret);
}

static void on_secret(uv_work_t *work, int status)
{
    struct errand *errand = work->data;
    char *why;

    (void)status;
    errand->is_reading = false;
    if (!errand->errands) {
        errand_free(errand);
        return;
    }
    if (!errand->secret) {
        why = mem_format("%s: %s", errand->on_erasure->secret_file,
                         errand->diag.count > 0 ? errand->diag.entries[0].message : "not read");
        stuck(errand, why);
        free(why);
        return;
    }
    if (errand->on_erasure->webhook)
        tell_by_webhook(errand);
    else
        tell_by_rcon(errand);
    /* It was copied where it is needed. */
    secret_free(errand->secret);
    errand->secret = NULL;
}

static void on_claimed(void *owner, uint64_t task, int err)
{
    struct worker *worker = owner;
    struct errand *errand = worker->errands ? errand_of(worker->errands, (int64_t)task) : NULL;
    const struct conf_server *server;

    if (!errand)
        return;
    if (err < 0) { /* somebody else has it, or the disk is full: it is looked for again */
        drop(errand);
        return;
    }
    server = conf_server_find(worker->conf, errand->server);
    if (!server || !conf_is_told_of_erasures(server)) {
        stuck(errand, "the configuration does not say how; give the server an on_erasure, start "
                      "again and retry the task, or tell it by hand and drop the task");
        return;
    }
    errand->on_erasure = &server->on_erasure;
    errand->reading.data = errand;
    errand->is_reading = true;
    uv_queue_work(worker->loop, &errand->reading, read_secret, on_secret);
}

static void begin(struct errands *errands, const struct store_task *task)
{
    struct errand *errand = mem_alloc(sizeof *errand);
    struct store_task_step claim = {.number = task->number,
                                    .step = TASK_STEP_CLAIM,
                                    .attempts = task->attempts,
                                    .at_ms = clock_wall_ms()};

    claim.next_at_ms = claim.at_ms + CLAIM_MS;
    errand->errands = errands;
    errand->task = task->number;
    errand->attempts = task->attempts + 1;
    errand->server = mem_strdup(task->server);
    errand->name = mem_strdup(task->name);
    errand->uuid = mem_strdup(task->uuid);
    errand->next = errands->first;
    errands->first = errand;
    errands->count++;
    store_task_move(errands->worker->store, (uint64_t)errand->task, &claim, on_claimed);
}

static void on_due(void *owner, uint64_t id, int err, const struct store_task *task)
{
    struct worker *worker = owner;
    struct errands *errands = worker->errands;

    (void)id;
    (void)err; /* a store that cannot be read is told of where players meet it */
    if (!errands)
        return;
    if (!task)
        errands->looking = false;
    else if (errands->count < AT_ONCE_MAX && !errand_of(errands, task->number))
        begin(errands, task);
}

static void on_tick(uv_timer_t *tick)
{
    struct errands *errands = tick->data;

    if (errands->looking || errands->count >= AT_ONCE_MAX)
        return;
    errands->looking = true;
    store_task_due(errands->worker->store, 0, clock_wall_ms(), on_due);
}

struct errands *errands_new(struct worker *worker)
{
    struct errands *errands = mem_alloc(sizeof *errands);

    errands->worker = worker;
    errands->fetcher = fetcher_new(worker->loop, on_fetched, errands);
    uv_timer_init(worker->loop, &errands->tick);
    errands->tick.data = errands;
    uv_timer_start(&errands->tick, on_tick, 0, LOOK_EVERY_MS);
    return errands;
}

static void on_tick_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void errands_close(struct errands *errands)
{
    if (!errands)
        return;
    errands->worker->errands = NULL;
    fetcher_close(errands->fetcher);
    while (errands->first) {
        struct errand *errand = errands->first;

        errands->first = errand->next;
        rcon_cancel(errand->rcon);
        errand->errands = NULL;
        if (!errand->is_reading)
            errand_free(errand);
    }
    uv_close((uv_handle_t *)&errands->tick, on_tick_closed);
}
