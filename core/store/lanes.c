#include "store/lanes.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define CHORES_EVERY_NS (UINT64_C(30) * 1000 * 1000 * 1000)

enum { PATIENT_AT_ONCE = 64 /* requests that one of the others may have to wait for */ };

struct queue {
    struct request *first, *last;
};

/* A thread with a handle of its own, and what it was asked. */
struct lane {
    struct lanes *lanes;
    struct sqlite *db; /* the thread's, while it runs; NULL: there is no such lane */
    uv_thread_t thread;
    uv_cond_t wake;
    struct queue asked, patient;
    int64_t swept_at_ms; /* by the clock on the wall; 0: not yet */
    bool failing;        /* the thread's: the last request failed */
};

struct lanes {
    void *owner;
    void (*closed)(void *owner); /* set once they are to close */
    uv_async_t wake_loop;
    uv_mutex_t lock; /* over the queues and `stopping` */
    struct lane lane[LANES];
    struct queue answered;
    bool stopping;
    size_t under_way; /* the loop's: asked and not yet answered */
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

/* NULL: it is empty. */
static struct request *pop(struct queue *queue)
{
    struct request *first = queue->first;

    if (first)
        queue->first = first->next;
    if (!queue->first)
        queue->last = NULL;
    return first;
}

static int write_alone(struct sqlite *db, struct request *request)
{
    int err = sqlite_begin(db);

    if (err < 0)
        return err;
    err = request->run(db, request);
    if (err >= 0)
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
    for (struct request *request = first; request && err >= 0; request = request->next)
        err = request->err = request->run(db, request);
    if (err >= 0)
        err = sqlite_commit(db);
    if (err >= 0)
        return 0;
    sqlite_rollback(db);
    return ERR_AGAIN;
}

/* True once for each time that it changes. */
static bool note_state(struct lane *lane, bool failing)
{
    bool changed = failing != lane->failing;

    lane->failing = failing;
    return changed;
}

static void note_write(struct lane *lane, int err)
{
    if (!note_state(lane, err < 0))
        return;
    if (err < 0)
        log_error("store: records cannot be written (%s): nobody new can be let in until they can",
                  err == ERR_NOT_FOUND ? "the file was moved or deleted; start again"
                                       : err_text(err));
    else
        log_info("store: records can be written again");
}

/* Other errors are answers: not there, or not what was asked for. */
static void note_read(struct lane *lane, int err)
{
    bool failing = err == ERR_IO || err == ERR_DAMAGED;

    if (!note_state(lane, failing))
        return;
    if (failing)
        log_error("store: records cannot be read (%s): nobody can join until they can; where the "
                  "file is damaged, put a backup in its place and start again",
                  err_text(err));
    else
        log_info("store: records can be read again");
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
        note_write(lane, request->err);
    }
    (void)!sqlite_settle(lane->db, false); /* it is tried again with the chores */
}

static void do_chores(struct lane *lane)
{
    int64_t now = clock_wall_ms();

    if (sqlite_sweep(lane->db, now, now < lane->swept_at_ms || lane->swept_at_ms == 0) < 0)
        log_warn("store: expired values could not be erased; it is tried again");
    else
        lane->swept_at_ms = now;
    if (sqlite_sign(lane->db) < 0)
        log_warn("store: the ledger could not be signed; it is tried again");
    if (sqlite_settle(lane->db, true) < 0)
        log_warn("store: an erasure could not be brought to its end; it is tried again");
}

/*
 * Waits for requests. Returns all that there are, but of patient ones a few behind the others; NULL
 * when it is time for chores or to stop.
 */
static struct request *take_asked(struct lane *lane, bool *stopping)
{
    struct lanes *lanes = lane->lanes;
    struct queue taken;

    uv_mutex_lock(&lanes->lock);
    if (!lane->asked.first && !lane->patient.first && !lanes->stopping)
        uv_cond_timedwait(&lane->wake, &lanes->lock, CHORES_EVERY_NS);
    taken = lane->asked;
    lane->asked = (struct queue){0};
    for (int i = 0; i < PATIENT_AT_ONCE && lane->patient.first; i++)
        push(&taken, pop(&lane->patient));
    *stopping = lanes->stopping;
    uv_mutex_unlock(&lanes->lock);
    return taken.first;
}

static void give_back(struct lanes *lanes, struct request *first)
{
    if (!first)
        return;
    uv_mutex_lock(&lanes->lock);
    while (first) {
        struct request *next = first->next;

        push(&lanes->answered, first);
        first = next;
    }
    uv_mutex_unlock(&lanes->lock);
    uv_async_send(&lanes->wake_loop);
}

static void read_main(void *argument)
{
    struct lane *lane = argument;
    bool stopping = false;

    while (!stopping) {
        struct request *first = take_asked(lane, &stopping);

        for (struct request *request = first; request; request = request->next) {
            request->err = request->run(lane->db, request);
            note_read(lane, request->err);
        }
        give_back(lane->lanes, first);
    }
}

static void write_main(void *argument)
{
    struct lane *lane = argument;
    uint64_t done_at = 0;
    bool stopping = false;

    while (!stopping) {
        struct request *first;

        if (done_at == 0 || uv_hrtime() - done_at >= CHORES_EVERY_NS) {
            do_chores(lane);
            done_at = uv_hrtime();
        }
        first = take_asked(lane, &stopping);
        if (first)
            serve_writes(lane, first);
        give_back(lane->lanes, first);
    }
    do_chores(lane);
}

void lanes_ask(struct lanes *lanes, struct request *request)
{
    struct lane *lane = &lanes->lane[request->lane];

    assert(lane->db);
    lanes->under_way++;
    uv_mutex_lock(&lanes->lock);
    push(request->patient ? &lane->patient : &lane->asked, request);
    uv_mutex_unlock(&lanes->lock);
    uv_cond_signal(&lane->wake); /* who wakes finds the lock free */
}

static void on_wake_closed(uv_handle_t *handle)
{
    struct lanes *lanes = handle->data;
    void (*closed)(void *owner) = lanes->closed;
    void *owner = lanes->owner;

    uv_mutex_destroy(&lanes->lock);
    free(lanes);
    closed(owner);
}

static void lane_close(struct lane *lane)
{
    if (!lane->db)
        return;
    uv_mutex_lock(&lane->lanes->lock);
    uv_cond_signal(&lane->wake);
    uv_mutex_unlock(&lane->lanes->lock);
    uv_thread_join(&lane->thread);
    uv_cond_destroy(&lane->wake);
    sqlite_close(lane->db);
}

/* The last to close is the one that writes: it folds the write-ahead log into the database. */
static void finish_closing(struct lanes *lanes)
{
    uv_mutex_lock(&lanes->lock);
    lanes->stopping = true;
    uv_mutex_unlock(&lanes->lock);
    lane_close(&lanes->lane[LANE_READS]);
    lane_close(&lanes->lane[LANE_WRITES]);
    uv_close((uv_handle_t *)&lanes->wake_loop, on_wake_closed);
}

static void on_wake(uv_async_t *handle)
{
    struct lanes *lanes = handle->data;
    struct request *first;

    uv_mutex_lock(&lanes->lock);
    first = lanes->answered.first;
    lanes->answered = (struct queue){0};
    uv_mutex_unlock(&lanes->lock);
    while (first) {
        struct request *next = first->next;

        lanes->under_way--;
        if (first->answer && first->answer(lanes->owner, first))
            lanes_ask(lanes, first);
        else
            first->free_it(first);
        first = next;
    }
    if (lanes->closed && lanes->under_way == 0)
        finish_closing(lanes);
}

static void lane_open(struct lanes *lanes, enum lane_of which, struct sqlite *db,
                      void (*body)(void *lane))
{
    struct lane *lane = &lanes->lane[which];

    if (!db)
        return;
    lane->lanes = lanes;
    lane->db = db;
    uv_cond_init(&lane->wake);
    if (uv_thread_create(&lane->thread, body, lane) != 0)
        abort();
}

struct lanes *lanes_open(uv_loop_t *loop, struct sqlite *reads, struct sqlite *writes, void *owner)
{
    struct lanes *lanes = mem_alloc(sizeof *lanes);

    lanes->owner = owner;
    uv_mutex_init(&lanes->lock);
    uv_async_init(loop, &lanes->wake_loop, on_wake);
    lanes->wake_loop.data = lanes;
    lane_open(lanes, LANE_READS, reads, read_main);
    lane_open(lanes, LANE_WRITES, writes, write_main);
    return lanes;
}

void lanes_close(struct lanes *lanes, void (*closed)(void *owner))
{
    lanes->closed = closed;
    /* Answers that are due come first; without any, this wakes the loop to finish. */
    uv_async_send(&lanes->wake_loop);
}
