/*
 * The calls of store.h by which a player's rights are served.
 */
#include "base/err.h"
#include "base/mem.h"
#include "store/calls.h"

#include <string.h>

enum { PAGE_HELD = 64, PAGE_REQUESTS = 16 };

struct person_call {
    struct request request;
    uint64_t id;
    char *who; /* owned */
    struct store_person person;
    store_person_cb found;
};

static int run_person(struct sqlite *db, struct request *request)
{
    struct person_call *call = (struct person_call *)request;

    return sqlite_person_find(db, call->who, &call->person);
}

static bool answer_person(void *owner, struct request *request)
{
    struct person_call *call = (struct person_call *)request;

    call->found(((struct store *)owner)->owner, call->id, request->err,
                request->err < 0 ? NULL : &call->person);
    return false;
}

static void free_person(struct request *request)
{
    free(((struct person_call *)request)->who);
    free(request);
}

void store_person_find(struct store *store, uint64_t id, const char *player, store_person_cb found)
{
    struct person_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, LANE_READS, run_person, answer_person, free_person);
    call->id = id;
    call->who = mem_strdup(player);
    call->found = found;
    lanes_ask(store->lanes, &call->request);
}

struct held_call {
    struct request request; /* err: how many values the page has */
    uint64_t id;
    struct uuid player;
    int64_t after; /* listed up to here */
    size_t part;   /* of held_parts */
    store_held_cb each;
    struct store_held page[PAGE_HELD];
};

/* What is held, part by part. */
static int (*const held_parts[])(struct sqlite *db, const struct uuid *player, int64_t *after,
                                 struct store_held *out, int max) = {
    sqlite_held_page, sqlite_inquiry_held_page, sqlite_plugin_held_page};

enum { HELD_PARTS = sizeof held_parts / sizeof held_parts[0] };

static int run_held(struct sqlite *db, struct request *request)
{
    struct held_call *call = (struct held_call *)request;

    return held_parts[call->part](db, &call->player, &call->after, call->page, PAGE_HELD);
}

/* An empty page ends a part. */
static bool answer_held(void *owner, struct request *request)
{
    struct held_call *call = (struct held_call *)request;
    void *caller = ((struct store *)owner)->owner;

    for (int i = 0; i < request->err; i++) {
        call->each(caller, call->id, 0, &call->page[i]);
        sqlite_held_free(&call->page[i]);
    }
    if (request->err == 0) {
        call->part++;
        call->after = 0;
    }
    if (request->err >= 0 && call->part < HELD_PARTS)
        return true;
    call->each(caller, call->id, request->err, NULL);
    return false;
}

void store_held_list(struct store *store, uint64_t id, const struct uuid *player,
                     store_held_cb each)
{
    struct held_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, LANE_READS, run_held, answer_held, call_free);
    call->id = id;
    call->player = *player;
    call->each = each;
    lanes_ask(store->lanes, &call->request);
}

struct counted_call {
    struct text_call call;
    struct uuid player;
};

static int run_counted(struct sqlite *db, struct request *request)
{
    struct counted_call *call = (struct counted_call *)request;

    return sqlite_counted(db, &call->player, text_call_out(&call->call));
}

static int run_visited(struct sqlite *db, struct request *request)
{
    struct counted_call *call = (struct counted_call *)request;

    return sqlite_visited(db, &call->player, text_call_out(&call->call));
}

static void ask_counted(struct store *store, uint64_t id, const struct uuid *player,
                        int (*run)(struct sqlite *, struct request *), store_text_cb done)
{
    struct counted_call *call = mem_alloc(sizeof *call);

    call_begin(&call->call.request, LANE_READS, run, text_call_answer, text_call_free);
    call->call.id = id;
    call->call.done = done;
    call->player = *player;
    lanes_ask(store->lanes, &call->call.request);
}

void store_counted(struct store *store, uint64_t id, const struct uuid *player, store_text_cb done)
{
    ask_counted(store, id, player, run_counted, done);
}

void store_visited(struct store *store, uint64_t id, const struct uuid *player, store_text_cb done)
{
    ask_counted(store, id, player, run_visited, done);
}

/* One request made, changed or looked for. */
struct request_call {
    struct request request;
    uint64_t id;
    int verdict; /* the request cannot be made or changed, and the store is well */
    struct data_request data;
    struct store_request_step step;
    struct uuid player; /* the step's */
    char *by, *reason;  /* the step's, owned */
    store_request_cb done;
};

/* What comes before anything was written is an answer, and no failure of the store. */
static int judge(struct request_call *call, int err)
{
    bool is_verdict = err == ERR_NOT_FOUND || err == ERR_REFUSED || err == ERR_TOO_LARGE ||
                      err == ERR_UNSUPPORTED;

    call->verdict = is_verdict ? err : 0;
    return is_verdict ? 0 : err;
}

static int run_put(struct sqlite *db, struct request *request)
{
    struct request_call *call = (struct request_call *)request;

    return judge(call, sqlite_request_put(db, &call->data));
}

static int run_move(struct sqlite *db, struct request *request)
{
    struct request_call *call = (struct request_call *)request;

    return judge(call, sqlite_request_move(db, &call->step, &call->data));
}

static int run_run(struct sqlite *db, struct request *request)
{
    struct request_call *call = (struct request_call *)request;

    return judge(call, sqlite_request_run(db, &call->step, &call->data));
}

static int run_find(struct sqlite *db, struct request *request)
{
    struct request_call *call = (struct request_call *)request;

    return sqlite_request_find(db, call->step.number, &call->data);
}

static bool answer_request(void *owner, struct request *request)
{
    struct request_call *call = (struct request_call *)request;
    int err = request->err < 0 ? request->err : call->verdict;

    call->done(((struct store *)owner)->owner, call->id, err, err < 0 ? NULL : &call->data);
    return false;
}

static void free_request(struct request *request)
{
    free(((struct request_call *)request)->by);
    free(((struct request_call *)request)->reason);
    free(request);
}

static struct request_call *request_call_new(enum lane_of lane, uint64_t id,
                                             int (*run)(struct sqlite *, struct request *),
                                             store_request_cb done)
{
    struct request_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, lane, run, answer_request, free_request);
    call->id = id;
    call->done = done;
    return call;
}

void store_request_put(struct store *store, uint64_t id, const struct data_request *request,
                       store_request_cb done)
{
    struct request_call *call = request_call_new(LANE_WRITES, id, run_put, done);

    call->data = *request;
    lanes_ask(store->lanes, &call->request);
}

void store_request_find(struct store *store, uint64_t id, int64_t number, store_request_cb found)
{
    struct request_call *call = request_call_new(LANE_READS, id, run_find, found);

    call->step.number = number;
    lanes_ask(store->lanes, &call->request);
}

static void keep_step(struct request_call *call, const struct store_request_step *step)
{
    call->step = *step;
    if (step->player) {
        call->player = *step->player;
        call->step.player = &call->player;
    }
    if (step->by)
        call->step.by = call->by = mem_strdup(step->by);
    if (step->reason)
        call->step.reason = call->reason = mem_strdup(step->reason);
}

void store_request_move(struct store *store, uint64_t id, const struct store_request_step *step,
                        store_request_cb done)
{
    struct request_call *call = request_call_new(LANE_WRITES, id, run_move, done);

    keep_step(call, step);
    lanes_ask(store->lanes, &call->request);
}

/* What it came to shows when it was settled. */
static bool answer_run(void *owner, struct request *request)
{
    struct request_call *call = (struct request_call *)request;

    if (request->err < 0 || call->verdict < 0)
        return answer_request(owner, request);
    request->lane = LANE_READS;
    request->run = run_find;
    request->answer = answer_request;
    return true;
}

void store_request_run(struct store *store, uint64_t id, const struct store_request_step *step,
                       store_request_cb done)
{
    struct request_call *call = request_call_new(LANE_WRITES, id, run_run, done);

    call->request.answer = answer_run;
    keep_step(call, step);
    lanes_ask(store->lanes, &call->request);
}

struct request_list {
    struct request request; /* err: how many requests the page has */
    uint64_t id;
    bool of_one;
    struct uuid player;
    int64_t after; /* listed up to here */
    store_request_cb each;
    struct data_request page[PAGE_REQUESTS];
};

static int run_request_list(struct sqlite *db, struct request *request)
{
    struct request_list *list = (struct request_list *)request;

    return sqlite_request_page(db, list->of_one ? &list->player : NULL, &list->after, list->page,
                               PAGE_REQUESTS);
}

static bool answer_request_list(void *owner, struct request *request)
{
    struct request_list *list = (struct request_list *)request;
    void *caller = ((struct store *)owner)->owner;

    for (int i = 0; i < request->err; i++)
        list->each(caller, list->id, 0, &list->page[i]);
    if (request->err == PAGE_REQUESTS)
        return true;
    list->each(caller, list->id, request->err < 0 ? request->err : 0, NULL);
    return false;
}

void store_request_list(struct store *store, uint64_t id, const struct uuid *player,
                        store_request_cb each)
{
    struct request_list *list = mem_alloc(sizeof *list);

    call_begin(&list->request, LANE_READS, run_request_list, answer_request_list, call_free);
    list->id = id;
    list->of_one = player != NULL;
    if (player)
        list->player = *player;
    list->each = each;
    lanes_ask(store->lanes, &list->request);
}

struct file_call {
    struct request request;
    uint64_t id;
    struct uuid player;
    uint8_t key[SEAL_KEY_BYTES];
    store_done_cb done;
};

static int run_search(struct sqlite *db, struct request *request)
{
    struct file_call *call = (struct file_call *)request;

    return sqlite_search(db, &call->player, call->key);
}

static int run_mask(struct sqlite *db, struct request *request)
{
    return sqlite_mask(db, &((struct file_call *)request)->player);
}

static int run_rewrite(struct sqlite *db, struct request *request)
{
    (void)request;
    sqlite_rewrite(db);
    return 0;
}

static bool answer_file(void *owner, struct request *request)
{
    struct file_call *call = (struct file_call *)request;

    call->done(((struct store *)owner)->owner, call->id, request->err);
    return false;
}

static void free_file(struct request *request)
{
    struct file_call *call = (struct file_call *)request;

    mem_wipe(call->key, sizeof call->key);
    free(call);
}

static struct file_call *file_call_new(enum lane_of lane, uint64_t id,
                                       int (*run)(struct sqlite *, struct request *),
                                       store_done_cb done)
{
    struct file_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, lane, run, answer_file, free_file);
    call->id = id;
    call->done = done;
    return call;
}

void store_mask(struct store *store, uint64_t id, const struct uuid *player, store_done_cb done)
{
    struct file_call *call = file_call_new(LANE_WRITES, id, run_mask, done);

    call->player = *player;
    lanes_ask(store->lanes, &call->request);
}

void store_search(struct store *store, uint64_t id, const struct uuid *player,
                  const uint8_t key[static SEAL_KEY_BYTES], store_done_cb done)
{
    struct file_call *call = file_call_new(LANE_READS, id, run_search, done);

    call->player = *player;
    memcpy(call->key, key, sizeof call->key);
    lanes_ask(store->lanes, &call->request);
}

void store_rewrite(struct store *store, uint64_t id, store_done_cb done)
{
    lanes_ask(store->lanes, &file_call_new(LANE_WRITES, id, run_rewrite, done)->request);
}
