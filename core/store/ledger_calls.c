/* The ledger, read whole: for who checks it, and who proves what is in it. */
#include "base/mem.h"
#include "store/calls.h"

enum { PAGE_ENTRIES = 256 };

struct ledger_list {
    struct request request; /* err: how many entries the page has */
    uint64_t id;
    char *player;  /* owned; NULL: all */
    int64_t after; /* listed up to here */
    store_entry_cb each;
    struct store_entry page[PAGE_ENTRIES];
};

static int run_list(struct sqlite *db, struct request *request)
{
    struct ledger_list *list = (struct ledger_list *)request;

    return sqlite_ledger_page(db, list->player, list->after, list->page, PAGE_ENTRIES);
}

static bool answer_list(void *owner, struct request *request)
{
    struct ledger_list *list = (struct ledger_list *)request;
    void *caller = ((struct store *)owner)->owner;

    for (int i = 0; i < request->err; i++) {
        list->each(caller, list->id, 0, &list->page[i]);
        list->after = list->page[i].place;
        free(list->page[i].line);
        mem_wipe(list->page[i].key, sizeof list->page[i].key);
    }
    if (request->err == PAGE_ENTRIES)
        return true;
    list->each(caller, list->id, request->err < 0 ? request->err : 0, NULL);
    return false;
}

static void free_list(struct request *request)
{
    free(((struct ledger_list *)request)->player);
    free(request);
}

void store_ledger_list(struct store *store, uint64_t id, const char *player, store_entry_cb each)
{
    struct ledger_list *list = mem_alloc(sizeof *list);

    call_begin(&list->request, LANE_READS, run_list, answer_list, free_list);
    list->id = id;
    list->player = player ? mem_strdup(player) : NULL;
    list->each = each;
    lanes_ask(store->lanes, &list->request);
}

struct heads {
    struct request request;
    uint64_t id;
    struct buf lines;
    store_heads_cb done;
};

static int run_heads(struct sqlite *db, struct request *request)
{
    return sqlite_heads(db, &((struct heads *)request)->lines);
}

static bool answer_heads(void *owner, struct request *request)
{
    struct heads *heads = (struct heads *)request;

    heads->done(((struct store *)owner)->owner, heads->id, request->err, buf_text(&heads->lines));
    return false;
}

static void free_heads(struct request *request)
{
    buf_free(&((struct heads *)request)->lines);
    free(request);
}

void store_heads(struct store *store, uint64_t id, store_heads_cb done)
{
    struct heads *heads = mem_alloc(sizeof *heads);

    call_begin(&heads->request, LANE_READS, run_heads, answer_heads, free_heads);
    heads->id = id;
    heads->done = done;
    lanes_ask(store->lanes, &heads->request);
}

struct acceptance {
    struct request request;
    uint64_t id;
    char *by, *reason; /* owned */
    store_done_cb done;
};

static int run_acceptance(struct sqlite *db, struct request *request)
{
    const struct acceptance *acceptance = (const struct acceptance *)request;

    return sqlite_accept_restored(db, acceptance->by, acceptance->reason);
}

static bool answer_acceptance(void *owner, struct request *request)
{
    struct acceptance *acceptance = (struct acceptance *)request;

    acceptance->done(((struct store *)owner)->owner, acceptance->id, request->err);
    return false;
}

static void free_acceptance(struct request *request)
{
    free(((struct acceptance *)request)->by);
    free(((struct acceptance *)request)->reason);
    free(request);
}

void store_accept_restored(struct store *store, uint64_t id, const char *by, const char *reason,
                           store_done_cb done)
{
    struct acceptance *acceptance = mem_alloc(sizeof *acceptance);

    call_begin(&acceptance->request, LANE_WRITES, run_acceptance, answer_acceptance,
               free_acceptance);
    acceptance->id = id;
    acceptance->by = mem_strdup(by);
    acceptance->reason = mem_strdup(reason);
    acceptance->done = done;
    lanes_ask(store->lanes, &acceptance->request);
}
