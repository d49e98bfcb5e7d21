#include "store/store.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/sqlite.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_RECORDS = 128 };

#define SWEEP_EVERY_NS (UINT64_C(30) * 1000 * 1000 * 1000)

enum request_kind { REQUEST_PUT = 1, REQUEST_SCOPE, REQUEST_OBSERVE, REQUEST_FIND, REQUEST_LIST };

/* One call on its way to the thread and back. */
struct request {
    struct request *next;
    enum request_kind kind;
    uint64_t id;
    int err; /* for a page: how many records */
    union {
        store_done_cb done;
        store_consent_cb found;
        store_list_cb listed;
    } answer;
    struct consent_record *records;       /* owned; one, or a page */
    char *player;                         /* owned; whose records are listed */
    int64_t after;                        /* listed up to here */
    struct store_observation observation; /* its texts are owned */
    struct store_scope *scope;            /* the store's */
};

struct queue {
    struct request *first, *last;
};

/* A thread with a handle of its own, and what it was asked. */
struct lane {
    struct store *store;
    struct sqlite *db; /* the thread's, while it runs; NULL: there is no such lane */
    uv_thread_t thread;
    uv_cond_t wake;
    struct queue asked;
};

/*
 * Reads have a lane of their own: who only has to be known does not wait for a write that is stuck.
 * A reader begins anew with each request, so it sees all that was answered before.
 */
struct store {
    void *owner;
    void (*closed)(void *owner); /* set once it is to close */
    uint8_t secret[STORE_SECRET_BYTES];
    struct store_scope *scopes; /* the loop's; one that is there is not changed */
    uv_async_t wake_loop;
    uv_mutex_t lock; /* over the queues and `stopping` */
    struct lane reads, writes;
    struct queue answered;
    bool stopping;
    size_t under_way; /* the loop's: asked and not yet answered */
    bool failing;     /* the writing thread's: the last write failed */
};

static void push(struct queue *queue, struct request *request)
{
    request->next = NULL;
    if (queue->last)
        queue->last->next = request;
    else
        queue->first = request;
    queue->last = request;
}

static void request_free(struct request *request)
{
    free(request->records);
    free(request->player);
    free((void *)(uintptr_t)request->observation.server);
    free((void *)(uintptr_t)request->observation.field);
    free((void *)(uintptr_t)request->observation.purpose);
    free((void *)(uintptr_t)request->observation.policy_version);
    free((void *)(uintptr_t)request->observation.rules_hash);
    free((void *)(uintptr_t)request->observation.value.data);
    free(request);
}

static bool is_write(const struct request *request)
{
    return request->kind == REQUEST_PUT || request->kind == REQUEST_SCOPE ||
           request->kind == REQUEST_OBSERVE;
}

static int carry_out(struct sqlite *db, struct request *request)
{
    switch (request->kind) {
    case REQUEST_PUT: return sqlite_consent_put(db, request->records);
    case REQUEST_SCOPE: return sqlite_scope_put(db, request->scope->sha256, request->scope->text);
    case REQUEST_OBSERVE: return sqlite_observe(db, &request->observation);
    case REQUEST_FIND:
        return sqlite_consent_find(db, &request->observation.player, request->records);
    case REQUEST_LIST:
        return sqlite_consent_page(db, request->player, &request->after, request->records,
                                   PAGE_RECORDS);
    }
    return ERR_UNSUPPORTED;
}

static int write_alone(struct sqlite *db, struct request *request)
{
    int err = sqlite_begin(db);

    if (err < 0)
        return err;
    err = carry_out(db, request);
    if (err == 0)
        err = sqlite_commit(db);
    if (err < 0)
        sqlite_rollback(db);
    return err;
}

/*
 * All writes that waited, in one transaction. Returns 0; the error with which no transaction could
 * be begun; or ERR_AGAIN when it failed as a whole, and nothing was written.
 */
static int write_together(struct sqlite *db, struct request *first)
{
    int err = sqlite_begin(db);

    if (err < 0)
        return err;
    for (struct request *request = first; request && err == 0; request = request->next)
        err = request->err = carry_out(db, request);
    if (err == 0)
        err = sqlite_commit(db);
    if (err == 0)
        return 0;
    sqlite_rollback(db);
    return ERR_AGAIN;
}

static void note_state(struct store *store, const struct request *request)
{
    bool failing = request->err < 0;

    if (failing == store->failing)
        return;
    store->failing = failing;
    if (failing)
        log_error("store: records cannot be written (%s): nobody new can be let in until they can",
                  request->err == ERR_NOT_FOUND ? "the file was moved or deleted; start again"
                                                : err_text(request->err));
    else
        log_info("store: records can be written again");
}

/* When the whole fails, each is tried alone, so that one bad write does not take others along. */
static void serve_writes(struct lane *lane, struct request *first)
{
    int err = write_together(lane->db, first);

    for (struct request *request = first; request; request = request->next) {
        if (err == ERR_AGAIN)
            request->err = write_alone(lane->db, request);
        else if (err < 0)
            request->err = err;
        note_state(lane->store, request);
    }
}

static void sweep(struct lane *lane)
{
    if (sqlite_sweep(lane->db, clock_wall_ms()) < 0)
        log_warn("store: expired values could not be erased; it is tried again");
}

/* Waits for requests. Returns all that there are; NULL when it is time to sweep or to stop. */
static struct request *take_asked(struct lane *lane, bool *stopping)
{
    struct store *store = lane->store;
    struct request *first;

    uv_mutex_lock(&store->lock);
    if (!lane->asked.first && !store->stopping)
        uv_cond_timedwait(&lane->wake, &store->lock, SWEEP_EVERY_NS);
    first = lane->asked.first;
    lane->asked = (struct queue){0};
    *stopping = store->stopping;
    uv_mutex_unlock(&store->lock);
    return first;
}

static void give_back(struct store *store, struct request *first)
{
    if (!first)
        return;
    uv_mutex_lock(&store->lock);
    while (first) {
        struct request *next = first->next;

        push(&store->answered, first);
        first = next;
    }
    uv_mutex_unlock(&store->lock);
    uv_async_send(&store->wake_loop);
}

static void read_main(void *argument)
{
    struct lane *lane = argument;
    bool stopping = false;

    while (!stopping) {
        struct request *first = take_asked(lane, &stopping);

        for (struct request *request = first; request; request = request->next)
            request->err = carry_out(lane->db, request);
        give_back(lane->store, first);
    }
}

static void write_main(void *argument)
{
    struct lane *lane = argument;
    uint64_t swept_at = 0;
    bool stopping = false;

    while (!stopping) {
        struct request *first;

        if (swept_at == 0 || uv_hrtime() - swept_at >= SWEEP_EVERY_NS) {
            sweep(lane);
            swept_at = uv_hrtime();
        }
        first = take_asked(lane, &stopping);
        if (first)
            serve_writes(lane, first);
        give_back(lane->store, first);
    }
}

static void ask(struct store *store, struct request *request)
{
    struct lane *lane = is_write(request) ? &store->writes : &store->reads;

    assert(lane->db);
    store->under_way++;
    uv_mutex_lock(&store->lock);
    push(&lane->asked, request);
    uv_cond_signal(&lane->wake);
    uv_mutex_unlock(&store->lock);
}

/* A full page is followed by the next one. Returns whether the request is under way again. */
static bool answer_page(struct store *store, struct request *request)
{
    for (int i = 0; i < request->err; i++)
        request->answer.listed(store->owner, request->id, 0, &request->records[i]);
    if (request->err == PAGE_RECORDS) {
        ask(store, request);
        return true;
    }
    request->answer.listed(store->owner, request->id, request->err < 0 ? request->err : 0, NULL);
    return false;
}

static void answer(struct store *store, struct request *request)
{
    bool again = false;

    store->under_way--;
    if (request->kind == REQUEST_PUT)
        request->answer.done(store->owner, request->id, request->err);
    else if (request->kind == REQUEST_FIND)
        request->answer.found(store->owner, request->id, request->err,
                              request->err < 0 ? NULL : request->records);
    else if (request->kind == REQUEST_LIST)
        again = answer_page(store, request);
    else if (request->kind == REQUEST_SCOPE)
        request->scope->kept = request->err == 0;
    if (!again)
        request_free(request);
}

static void on_wake_closed(uv_handle_t *handle)
{
    struct store *store = handle->data;
    void (*closed)(void *owner) = store->closed;
    void *owner = store->owner;

    uv_mutex_destroy(&store->lock);
    mem_wipe(store->secret, sizeof store->secret);
    while (store->scopes) {
        struct store_scope *scope = store->scopes;

        store->scopes = scope->next;
        free(scope->text);
        free(scope);
    }
    free(store);
    closed(owner);
}

static void lane_close(struct lane *lane)
{
    if (!lane->db)
        return;
    uv_mutex_lock(&lane->store->lock);
    uv_cond_signal(&lane->wake);
    uv_mutex_unlock(&lane->store->lock);
    uv_thread_join(&lane->thread);
    uv_cond_destroy(&lane->wake);
    sqlite_close(lane->db);
}

/* The last to close is the one that writes: it folds the write-ahead log into the database. */
static void finish_closing(struct store *store)
{
    uv_mutex_lock(&store->lock);
    store->stopping = true;
    uv_mutex_unlock(&store->lock);
    lane_close(&store->reads);
    lane_close(&store->writes);
    uv_close((uv_handle_t *)&store->wake_loop, on_wake_closed);
}

static void on_wake(uv_async_t *handle)
{
    struct store *store = handle->data;
    struct request *first;

    uv_mutex_lock(&store->lock);
    first = store->answered.first;
    store->answered = (struct queue){0};
    uv_mutex_unlock(&store->lock);
    while (first) {
        struct request *next = first->next;

        answer(store, first);
        first = next;
    }
    if (store->closed && store->under_way == 0)
        finish_closing(store);
}

static void lane_open(struct lane *lane, struct store *store, struct sqlite *db,
                      void (*body)(void *lane))
{
    if (!db)
        return;
    lane->store = store;
    lane->db = db;
    uv_cond_init(&lane->wake);
    if (uv_thread_create(&lane->thread, body, lane) != 0)
        abort();
}

/* The handle to write with comes first: it makes what is missing. */
static int open_databases(const char *path, enum store_mode mode, struct diag *diag,
                          struct sqlite **reads, struct sqlite **writes)
{
    int err;

    *writes = NULL;
    if (mode == STORE_SERVE) {
        err = sqlite_open(path, STORE_SERVE, diag, writes);
        if (err < 0)
            return err;
    }
    err = sqlite_open(path, STORE_READ, diag, reads);
    if (err < 0)
        sqlite_close(*writes);
    return err;
}

int store_open(const char *url, enum store_mode mode, uv_loop_t *loop, void *owner,
               struct diag *diag, struct store **out)
{
    static const char prefix[] = "sqlite:";
    struct sqlite *reads, *writes;
    struct store *store;
    int err;

    if (strncmp(url, prefix, sizeof prefix - 1) != 0) {
        diag_add(diag, "store", 0, "only \"sqlite:PATH\" is supported by this version");
        return ERR_UNSUPPORTED;
    }
    err = open_databases(url + sizeof prefix - 1, mode, diag, &reads, &writes);
    if (err < 0)
        return err;
    store = mem_alloc(sizeof *store);
    store->owner = owner;
    if (writes && sqlite_secret(writes, store->secret) < 0)
        log_error("store: the installation's secret cannot be kept; stand-ins will change");
    if (reads && sqlite_scopes(reads, &store->scopes) < 0)
        log_error("store: what earlier players accepted cannot be read; rules apply to them only "
                  "once it can");
    uv_mutex_init(&store->lock);
    uv_async_init(loop, &store->wake_loop, on_wake);
    store->wake_loop.data = store;
    lane_open(&store->reads, store, reads, read_main);
    lane_open(&store->writes, store, writes, write_main);
    *out = store;
    return 0;
}

void store_close(struct store *store, void (*closed)(void *owner))
{
    store->closed = closed;
    /* Answers that are due come first; without any, this wakes the loop to finish. */
    uv_async_send(&store->wake_loop);
}

const uint8_t *store_secret(const struct store *store)
{
    return store->secret;
}

static struct request *request_new(enum request_kind kind, uint64_t id, size_t records)
{
    struct request *request = mem_alloc(sizeof *request);

    request->kind = kind;
    request->id = id;
    if (records > 0)
        request->records = mem_array(records, sizeof *request->records);
    return request;
}

static struct store_scope *find_scope(const struct store *store, const char *sha256)
{
    struct store_scope *scope = store->scopes;

    while (scope && strcmp(scope->sha256, sha256) != 0)
        scope = scope->next;
    return scope;
}

const char *store_scope(const struct store *store, const char *sha256)
{
    const struct store_scope *scope = find_scope(store, sha256);

    return scope ? scope->text : NULL;
}

static void keep_scope(struct store *store, struct store_scope *scope)
{
    struct request *request = request_new(REQUEST_SCOPE, 0, 0);

    request->scope = scope;
    ask(store, request);
}

void store_scope_put(struct store *store, const char *sha256, const char *text)
{
    struct store_scope *scope;

    if (find_scope(store, sha256))
        return;
    scope = mem_alloc(sizeof *scope);
    snprintf(scope->sha256, sizeof scope->sha256, "%s", sha256);
    scope->text = mem_strdup(text);
    scope->next = store->scopes;
    store->scopes = scope;
    keep_scope(store, scope);
}

void store_consent_put(struct store *store, uint64_t id, const struct consent_record *record,
                       store_done_cb done)
{
    struct request *request = request_new(REQUEST_PUT, id, 1);
    struct store_scope *scope = find_scope(store, record->scope_sha256);

    /* The disk may have had no room for it when it was new. */
    if (scope && !scope->kept)
        keep_scope(store, scope);
    *request->records = *record;
    request->answer.done = done;
    ask(store, request);
}

void store_consent_find(struct store *store, uint64_t id, const struct uuid *player,
                        store_consent_cb done)
{
    struct request *request = request_new(REQUEST_FIND, id, 1);

    request->observation.player = *player;
    request->answer.found = done;
    ask(store, request);
}

void store_consent_list(struct store *store, uint64_t id, const char *player, store_list_cb each)
{
    struct request *request = request_new(REQUEST_LIST, id, PAGE_RECORDS);

    request->player = player ? mem_strdup(player) : NULL;
    request->answer.listed = each;
    ask(store, request);
}

void store_observe(struct store *store, const struct store_observation *observation)
{
    struct request *request = request_new(REQUEST_OBSERVE, 0, 0);
    struct store_observation *copy = &request->observation;

    *copy = *observation;
    copy->server = mem_strdup(observation->server);
    copy->field = mem_strdup(observation->field);
    copy->purpose = mem_strdup(observation->purpose);
    copy->policy_version = mem_strdup(observation->policy_version);
    copy->rules_hash = mem_strdup(observation->rules_hash);
    copy->value.data =
        (const uint8_t *)mem_strndup((const char *)observation->value.data, observation->value.len);
    ask(store, request);
}
