#include "base/clock.h"
#include "base/mem.h"
#include "store/calls.h"
#include "store/provision_rows.h"

enum { PAGE_STEPS = 32 };

/* One provision that is asked for, or approved. */
struct provide_call {
    struct request request;
    uint64_t id;
    struct store_wanted wanted; /* its texts are owned */
    int64_t number;             /* that is approved */
    char *by;                   /* owned; NULL: it is asked for */
    struct store_provided provided;
    store_provided_cb done;
};

/* A write may be tried twice. */
static int run_provide(struct sqlite *db, struct request *request)
{
    struct provide_call *call = (struct provide_call *)request;

    sqlite_provided_free(&call->provided);
    return sqlite_provide(db, &call->wanted, clock_wall_ms(), &call->provided);
}

static int run_approve(struct sqlite *db, struct request *request)
{
    struct provide_call *call = (struct provide_call *)request;

    sqlite_provided_free(&call->provided);
    return sqlite_provision_approve(db, call->number, call->by, clock_wall_ms(), &call->provided);
}

static bool answer_provide(void *owner, struct request *request)
{
    struct provide_call *call = (struct provide_call *)request;

    call->done(((struct store *)owner)->owner, call->id, request->err,
               request->err < 0 ? NULL : &call->provided);
    return false;
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void free_provide(struct request *request)
{
    struct provide_call *call = (struct provide_call *)request;
    struct store_wanted *wanted = &call->wanted;

    free_text(wanted->provision.to);
    free_text(wanted->provision.reason);
    free_text(wanted->provision.purpose);
    free_text(wanted->policy);
    free_text(wanted->policy_version);
    for (size_t i = 0; i < wanted->field_count; i++)
        free_text(wanted->fields[i]);
    free((void *)(uintptr_t)wanted->fields);
    json_decref((json_t *)(uintptr_t)wanted->in_hand);
    free(call->by);
    sqlite_provided_free(&call->provided);
    free(call);
}

static const char *copy_of(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

static const char **copy_fields(const struct store_wanted *wanted)
{
    const char **fields = mem_array(wanted->field_count, sizeof *fields);

    for (size_t i = 0; i < wanted->field_count; i++)
        fields[i] = mem_strdup(wanted->fields[i]);
    return fields;
}

void store_provide(struct store *store, uint64_t id, const struct store_wanted *wanted,
                   store_provided_cb done)
{
    struct provide_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, LANE_WRITES, run_provide, answer_provide, free_provide);
    call->id = id;
    call->wanted = *wanted;
    call->wanted.provision.to = mem_strdup(wanted->provision.to);
    call->wanted.provision.reason = mem_strdup(wanted->provision.reason);
    call->wanted.provision.purpose = mem_strdup(wanted->provision.purpose);
    call->wanted.policy = copy_of(wanted->policy);
    call->wanted.policy_version = copy_of(wanted->policy_version);
    call->wanted.fields = copy_fields(wanted);
    call->wanted.in_hand = json_deep_copy(wanted->in_hand);
    call->done = done;
    lanes_ask(store->lanes, &call->request);
}

void store_provision_approve(struct store *store, uint64_t id, int64_t number, const char *by,
                             store_provided_cb done)
{
    struct provide_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, LANE_WRITES, run_approve, answer_provide, free_provide);
    call->id = id;
    call->number = number;
    call->by = mem_strdup(by);
    call->done = done;
    lanes_ask(store->lanes, &call->request);
}

struct steps_call {
    struct request request; /* err: how many entries the page has */
    uint64_t id;
    int64_t after; /* listed up to here */
    store_provision_cb each;
    struct provision_row page[PAGE_STEPS];
};

static void empty_page(struct steps_call *call)
{
    for (int i = 0; i < PAGE_STEPS; i++)
        sqlite_provision_row_free(&call->page[i]);
}

static int run_steps(struct sqlite *db, struct request *request)
{
    struct steps_call *call = (struct steps_call *)request;

    return sqlite_provision_page(db, call->after, call->page, PAGE_STEPS);
}

static bool answer_steps(void *owner, struct request *request)
{
    struct steps_call *call = (struct steps_call *)request;
    void *caller = ((struct store *)owner)->owner;

    for (int i = 0; i < request->err; i++) {
        const struct provision_row *row = &call->page[i];
        struct store_provision_step step = {.seq = row->entry.seq,
                                            .at_ms = row->entry.at_ms,
                                            .facts = row->entry.facts,
                                            .name = row->name,
                                            .uuid = row->uuid};

        call->after = row->entry.seq;
        call->each(caller, call->id, 0, &step);
    }
    empty_page(call);
    if (request->err == PAGE_STEPS)
        return true;
    call->each(caller, call->id, request->err < 0 ? request->err : 0, NULL);
    return false;
}

static void free_steps(struct request *request)
{
    empty_page((struct steps_call *)request);
    free(request);
}

void store_provision_list(struct store *store, uint64_t id, store_provision_cb each)
{
    struct steps_call *call = mem_alloc(sizeof *call);

    call_begin(&call->request, LANE_READS, run_steps, answer_steps, free_steps);
    call->id = id;
    call->each = each;
    lanes_ask(store->lanes, &call->request);
}
