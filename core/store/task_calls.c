#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "store/calls.h"
#include "store/task_rows.h"

enum { PAGE_TASKS = STORE_TASKS_DUE };

struct task_list {
    struct request request; /* err: how many tasks the page has */
    uint64_t id;
    int64_t after;  /* listed up to here */
    int64_t due_ms; /* 0: all of them */
    store_task_cb each;
    struct store_task page[PAGE_TASKS];
};

static void empty_page(struct task_list *list)
{
    for (int i = 0; i < PAGE_TASKS; i++)
        sqlite_task_free(&list->page[i]);
}

static int run_list(struct sqlite *db, struct request *request)
{
    struct task_list *list = (struct task_list *)request;

    return sqlite_task_page(db, list->after, list->due_ms, list->page, PAGE_TASKS);
}

static bool answer_list(void *owner, struct request *request)
{
    struct task_list *list = (struct task_list *)request;
    void *caller = ((struct store *)owner)->owner;

    for (int i = 0; i < request->err; i++) {
        list->after = list->page[i].number;
        list->each(caller, list->id, 0, &list->page[i]);
    }
    empty_page(list);
    if (request->err == PAGE_TASKS && !list->due_ms)
        return true;
    list->each(caller, list->id, request->err < 0 ? request->err : 0, NULL);
    return false;
}

static void free_list(struct request *request)
{
    empty_page((struct task_list *)request);
    free(request);
}

static void ask_for_list(struct store *store, uint64_t id, int64_t due_ms, store_task_cb each)
{
    struct task_list *list = mem_alloc(sizeof *list);

    call_begin(&list->request, LANE_READS, run_list, answer_list, free_list);
    list->id = id;
    list->due_ms = due_ms;
    list->each = each;
    lanes_ask(store->lanes, &list->request);
}

void store_task_list(struct store *store, uint64_t id, store_task_cb each)
{
    ask_for_list(store, id, 0, each);
}

void store_task_due(struct store *store, uint64_t id, int64_t now_ms, store_task_cb each)
{
    ask_for_list(store, id, now_ms, each);
}

struct task_move {
    struct request request;
    uint64_t id;
    bool missed; /* nothing was to be changed: no failure of the store */
    struct store_task_step step;
    char *problem, *by, *reason; /* owned; NULL: none */
    store_done_cb done;
};

static int run_move(struct sqlite *db, struct request *request)
{
    struct task_move *move = (struct task_move *)request;
    int err = sqlite_task_move(db, &move->step);

    move->missed = err == ERR_NOT_FOUND;
    return move->missed ? 0 : err;
}

static bool answer_move(void *owner, struct request *request)
{
    struct task_move *move = (struct task_move *)request;

    move->done(((struct store *)owner)->owner, move->id,
               request->err == 0 && move->missed ? ERR_NOT_FOUND : request->err);
    return false;
}

static void free_move(struct request *request)
{
    struct task_move *move = (struct task_move *)request;

    free(move->problem);
    free(move->by);
    free(move->reason);
    free(move);
}

static char *copy_of(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

void store_task_move(struct store *store, uint64_t id, const struct store_task_step *step,
                     store_done_cb done)
{
    struct task_move *move = mem_alloc(sizeof *move);

    call_begin(&move->request, LANE_WRITES, run_move, answer_move, free_move);
    move->id = id;
    move->step = *step;
    move->step.problem = move->problem = copy_of(step->problem);
    move->step.by = move->by = copy_of(step->by);
    move->step.reason = move->reason = copy_of(step->reason);
    move->done = done;
    lanes_ask(store->lanes, &move->request);
}

struct task_prepare {
    struct request request;
    uint64_t id;
    bool missed; /* there is no such player */
    struct store_telling telling;
    struct store_task *tasks; /* those of it; owned */
    store_done_cb done;
};

static int run_prepare(struct sqlite *db, struct request *request)
{
    struct task_prepare *prepare = (struct task_prepare *)request;
    int err = sqlite_tasks_prepare(db, &prepare->telling, clock_wall_ms());

    prepare->missed = err == ERR_NOT_FOUND;
    return prepare->missed ? 0 : err;
}

static bool answer_prepare(void *owner, struct request *request)
{
    struct task_prepare *prepare = (struct task_prepare *)request;

    prepare->done(((struct store *)owner)->owner, prepare->id,
                  request->err == 0 && prepare->missed ? ERR_NOT_FOUND : request->err);
    return false;
}

static void free_prepare(struct request *request)
{
    struct task_prepare *prepare = (struct task_prepare *)request;

    for (size_t i = 0; i < prepare->telling.count; i++)
        sqlite_task_free(&prepare->tasks[i]);
    free(prepare->tasks);
    free(prepare);
}

static struct store_task *copy_tasks(const struct store_telling *telling)
{
    struct store_task *tasks = mem_array(telling->count, sizeof *tasks);

    for (size_t i = 0; i < telling->count; i++)
        tasks[i] = (struct store_task){.server = mem_strdup(telling->tasks[i].server),
                                       .name = mem_strdup(telling->tasks[i].name),
                                       .uuid = mem_strdup(telling->tasks[i].uuid),
                                       .pseudonym = telling->tasks[i].pseudonym};
    return tasks;
}

void store_tasks_prepare(struct store *store, uint64_t id, const struct store_telling *telling,
                         store_done_cb done)
{
    struct task_prepare *prepare = mem_alloc(sizeof *prepare);

    call_begin(&prepare->request, LANE_WRITES, run_prepare, answer_prepare, free_prepare);
    prepare->id = id;
    prepare->telling = *telling;
    prepare->telling.tasks = prepare->tasks = copy_tasks(telling);
    prepare->done = done;
    lanes_ask(store->lanes, &prepare->request);
}
