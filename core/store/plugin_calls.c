#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "store/calls.h"
#include "store/plugin_rows.h"

#include <assert.h>

/* A plugin reads or writes. */
struct plugin_call {
    struct request request;
    uint64_t id;
    struct uuid player;
    struct store_plugin_row row; /* its texts are owned; `player` is the one above, or NULL */
    int verdict;                 /* why not, while the store is well */
    int64_t number;              /* to add */
    int64_t answer;
    char *after; /* owned */
    int max;
    struct plugin_rows found;
    store_done_cb done;
    store_number_cb number_done;
    store_plugin_cb each;
};

/* What comes before anything was written is an answer, and no failure of the store. */
static int judge(struct plugin_call *call, int err)
{
    bool is_verdict =
        err == ERR_NOT_FOUND || err == ERR_REFUSED || err == ERR_TOO_LARGE || err == ERR_INVALID;

    call->verdict = is_verdict ? err : 0;
    return is_verdict ? 0 : err;
}

static int run_put(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    return judge(call, sqlite_plugin_put(db, &call->row));
}

static int run_add(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    return judge(call, sqlite_plugin_add(db, &call->row, call->number, &call->answer));
}

static int run_delete(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    return judge(call, sqlite_plugin_delete(db, &call->row, clock_wall_ms()));
}

static int run_drop(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    return sqlite_plugin_drop(db, call->row.plugin, &call->answer);
}

static int run_get(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    call->found.items = mem_alloc(sizeof *call->found.items);
    call->found.count = 1;
    return sqlite_plugin_get(db, &call->row, clock_wall_ms(), call->found.items);
}

static int run_list(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    return sqlite_plugin_list(db, &call->row, call->after, call->max, clock_wall_ms(),
                              &call->found);
}

static int run_count(struct sqlite *db, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    return sqlite_plugin_count(db, &call->row, clock_wall_ms(), &call->answer);
}

static int err_of(const struct plugin_call *call)
{
    return call->request.err < 0 ? call->request.err : call->verdict;
}

static bool answer_done(void *owner, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    call->done(((struct store *)owner)->owner, call->id, err_of(call));
    return false;
}

static bool answer_number(void *owner, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    call->number_done(((struct store *)owner)->owner, call->id, err_of(call), call->answer);
    return false;
}

/* The row as the caller asked for it, with what was found. */
static void complete(struct plugin_call *call, struct store_plugin_row *row)
{
    row->plugin = mem_strdup(call->row.plugin);
    row->player = call->row.player;
}

static bool answer_found(void *owner, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;
    struct store_plugin_row *row = call->found.items;

    if (request->err >= 0)
        complete(call, row);
    call->each(((struct store *)owner)->owner, call->id, request->err,
               request->err < 0 ? NULL : row);
    return false;
}

static bool answer_list(void *owner, struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;
    void *caller = ((struct store *)owner)->owner;

    for (size_t i = 0; request->err >= 0 && i < call->found.count; i++) {
        complete(call, &call->found.items[i]);
        call->each(caller, call->id, 0, &call->found.items[i]);
    }
    call->each(caller, call->id, request->err, NULL);
    return false;
}

static void free_call(struct request *request)
{
    struct plugin_call *call = (struct plugin_call *)request;

    plugin_rows_free(&call->found);
    plugin_row_free(&call->row);
    free(call->after);
    free(call);
}

static const char *copy_of(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

static struct plugin_call *call_new(enum lane_of lane, uint64_t id,
                                    const struct store_plugin_row *row,
                                    int (*run)(struct sqlite *db, struct request *request),
                                    bool (*answer)(void *owner, struct request *request))
{
    struct plugin_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, lane, run, answer, free_call);
    call->id = id;
    call->row = *row;
    if (row->player) {
        call->player = *row->player;
        call->row.player = &call->player;
    }
    call->row.plugin = mem_strdup(row->plugin);
    call->row.key = mem_strdup(row->key);
    if (row->value.data)
        call->row.value.data =
            (const uint8_t *)mem_strndup((const char *)row->value.data, row->value.len);
    call->row.field = mem_strdup(row->field ? row->field : "");
    call->row.policy = copy_of(row->policy);
    call->row.purpose = copy_of(row->purpose);
    return call;
}

void store_plugin_put(struct store *store, uint64_t id, const struct store_plugin_row *row,
                      store_done_cb done)
{
    struct plugin_call *call = call_new(LANE_WRITES, id, row, run_put, answer_done);

    call->done = done;
    lanes_ask(store->lanes, &call->request);
}

void store_plugin_add(struct store *store, uint64_t id, const struct store_plugin_row *row,
                      int64_t number, store_number_cb done)
{
    struct plugin_call *call = call_new(LANE_WRITES, id, row, run_add, answer_number);

    call->number = number;
    call->number_done = done;
    lanes_ask(store->lanes, &call->request);
}

void store_plugin_get(struct store *store, uint64_t id, const struct store_plugin_row *row,
                      store_plugin_cb found)
{
    struct plugin_call *call = call_new(LANE_READS, id, row, run_get, answer_found);

    call->each = found;
    lanes_ask(store->lanes, &call->request);
}

void store_plugin_delete(struct store *store, uint64_t id, const struct store_plugin_row *row,
                         store_done_cb done)
{
    struct plugin_call *call = call_new(LANE_WRITES, id, row, run_delete, answer_done);

    call->done = done;
    lanes_ask(store->lanes, &call->request);
}

void store_plugin_drop(struct store *store, uint64_t id, const char *plugin, store_number_cb done)
{
    const struct store_plugin_row row = {.plugin = plugin, .key = ""};
    struct plugin_call *call = call_new(LANE_WRITES, id, &row, run_drop, answer_number);

    call->number_done = done;
    lanes_ask(store->lanes, &call->request);
}

void store_plugin_count(struct store *store, uint64_t id, const struct store_plugin_row *row,
                        store_number_cb done)
{
    struct plugin_call *call = call_new(LANE_READS, id, row, run_count, answer_number);

    call->number_done = done;
    lanes_ask(store->lanes, &call->request);
}

void store_plugin_list(struct store *store, uint64_t id, const struct store_plugin_row *row,
                       const char *after, int max, store_plugin_cb each)
{
    struct plugin_call *call = call_new(LANE_READS, id, row, run_list, answer_list);

    assert(max > 0 && max <= STORE_PLUGIN_PAGE_MAX);
    call->after = mem_strdup(after);
    call->max = max;
    call->each = each;
    lanes_ask(store->lanes, &call->request);
}
