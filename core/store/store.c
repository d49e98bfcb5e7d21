#include "store/store.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_RECORDS = 128 };

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
        if (sqlite_upgrade(*writes) < 0)
            log_error("store: the records of an earlier version cannot be carried over; start "
                      "again once the database can be written");
        if (sqlite_settle(*writes, true) < 0)
            log_error("store: whether all who were erased are gone is not known yet; it is tried "
                      "again");
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
    if (sqlite_scopes(reads, &store->scopes) < 0)
        log_error("store: what earlier players accepted cannot be read; rules apply to them only "
                  "once it can");
    store->lanes = lanes_open(loop, reads, writes, store);
    *out = store;
    return 0;
}

static void on_closed(void *argument)
{
    struct store *store = argument;
    void (*closed)(void *owner) = store->closed;
    void *owner = store->owner;

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

void store_close(struct store *store, void (*closed)(void *owner))
{
    store->closed = closed;
    lanes_close(store->lanes, on_closed);
}

const uint8_t *store_secret(const struct store *store)
{
    return store->secret;
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

struct scope_put {
    struct request request;
    struct store_scope *scope; /* the store's */
};

static int run_scope_put(struct sqlite *db, struct request *request)
{
    struct store_scope *scope = ((struct scope_put *)request)->scope;

    return sqlite_scope_put(db, scope->sha256, scope->text);
}

static bool answer_scope_put(void *owner, struct request *request)
{
    (void)owner;
    ((struct scope_put *)request)->scope->kept = request->err == 0;
    return false;
}

static void keep_scope(struct store *store, struct store_scope *scope)
{
    struct scope_put *put = mem_alloc(sizeof *put);

    call_begin(&put->request, LANE_WRITES, run_scope_put, answer_scope_put, call_free);
    put->scope = scope;
    lanes_ask(store->lanes, &put->request);
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

struct consent_find;

struct consent_put {
    struct request request;
    struct consent_put *next;   /* of those that are under way, newest first */
    struct consent_find *asked; /* of this player meanwhile, newest first */
    uint64_t id;
    struct consent_record record;
    store_done_cb done;
};

static int run_consent_put(struct sqlite *db, struct request *request)
{
    return sqlite_consent_put(db, &((struct consent_put *)request)->record);
}

struct consent_find {
    struct request request;
    struct consent_find *next;
    uint64_t id;
    struct uuid player;
    char policy[CONSENT_VERSION_BYTES];
    struct consent_record record;
    store_consent_cb found;
};

/* An answer of the player's that is not on the disk yet; NULL: there is none. */
static struct consent_put *put_under_way(const struct store *store, const struct uuid *player)
{
    struct consent_put *put = store->puts;

    while (put && memcmp(put->record.player.bytes, player->bytes, UUID_BYTES) != 0)
        put = put->next;
    return put;
}

static void ask_find(struct store *store, struct consent_find *find)
{
    struct consent_put *put = put_under_way(store, &find->player);

    if (!put) {
        lanes_ask(store->lanes, &find->request);
        return;
    }
    find->next = put->asked;
    put->asked = find;
}

static bool answer_consent_put(void *owner, struct request *request)
{
    struct consent_put *put = (struct consent_put *)request;
    struct store *store = owner;
    struct consent_put **place = &store->puts;
    struct consent_find *find = put->asked;

    while (*place != put)
        place = &(*place)->next;
    *place = put->next;
    put->done(store->owner, put->id, request->err);
    while (find) {
        struct consent_find *next = find->next;

        if (store->closed)
            call_free(&find->request); /* whoever asked has gone */
        else
            ask_find(store, find);
        find = next;
    }
    return false;
}

void store_consent_put(struct store *store, uint64_t id, const struct consent_record *record,
                       store_done_cb done)
{
    struct consent_put *put = mem_alloc(sizeof *put);
    struct store_scope *scope = find_scope(store, record->scope_sha256);

    /* The disk may have had no room for it when it was new. */
    if (scope && !scope->kept)
        keep_scope(store, scope);
    call_begin(&put->request, LANE_WRITES, run_consent_put, answer_consent_put, call_free);
    put->id = id;
    put->record = *record;
    put->done = done;
    put->next = store->puts;
    store->puts = put;
    lanes_ask(store->lanes, &put->request);
}

static int run_consent_find(struct sqlite *db, struct request *request)
{
    struct consent_find *find = (struct consent_find *)request;

    return sqlite_consent_find(db, &find->player, find->policy, &find->record);
}

static bool answer_consent_find(void *owner, struct request *request)
{
    struct consent_find *find = (struct consent_find *)request;

    find->found(((struct store *)owner)->owner, find->id, request->err,
                request->err < 0 ? NULL : &find->record);
    return false;
}

void store_consent_find(struct store *store, uint64_t id, const struct uuid *player,
                        const char *policy, store_consent_cb done)
{
    struct consent_find *find = mem_alloc(sizeof *find);

    call_begin(&find->request, LANE_READS, run_consent_find, answer_consent_find, call_free);
    find->id = id;
    find->player = *player;
    snprintf(find->policy, sizeof find->policy, "%s", policy);
    find->found = done;
    ask_find(store, find);
}

struct consent_list {
    struct request request; /* err: how many records the page has */
    uint64_t id;
    char *player;  /* owned; NULL: all */
    int64_t after; /* listed up to here */
    store_list_cb each;
    struct consent_record page[PAGE_RECORDS];
};

static int run_consent_list(struct sqlite *db, struct request *request)
{
    struct consent_list *list = (struct consent_list *)request;

    return sqlite_consent_page(db, list->player, &list->after, list->page, PAGE_RECORDS);
}

/* A full page is followed by the next one. */
static bool answer_consent_list(void *owner, struct request *request)
{
    struct consent_list *list = (struct consent_list *)request;
    void *caller = ((struct store *)owner)->owner;

    for (int i = 0; i < request->err; i++)
        list->each(caller, list->id, 0, &list->page[i]);
    if (request->err == PAGE_RECORDS)
        return true;
    list->each(caller, list->id, request->err < 0 ? request->err : 0, NULL);
    return false;
}

static void free_consent_list(struct request *request)
{
    free(((struct consent_list *)request)->player);
    free(request);
}

void store_consent_list(struct store *store, uint64_t id, const char *player, store_list_cb each)
{
    struct consent_list *list = mem_alloc(sizeof *list);

    call_begin(&list->request, LANE_READS, run_consent_list, answer_consent_list,
               free_consent_list);
    list->id = id;
    list->player = player ? mem_strdup(player) : NULL;
    list->each = each;
    lanes_ask(store->lanes, &list->request);
}

void store_document_free(struct store_document *document)
{
    if (!document)
        return;
    free(document->sha256);
    free(document->policy);
    free(document->version);
    free(document->language);
    free(document->title);
    free(document->text);
    free(document);
}

struct document_request {
    struct request request;
    uint64_t id;
    char *sha256;                    /* looked for; owned */
    struct store_document *document; /* to put, or found; owned */
    store_document_cb found;
};

static int run_document_put(struct sqlite *db, struct request *request)
{
    return sqlite_document_put(db, ((struct document_request *)request)->document);
}

static int run_document_find(struct sqlite *db, struct request *request)
{
    struct document_request *find = (struct document_request *)request;

    return sqlite_document_find(db, find->sha256, &find->document);
}

static bool answer_document_find(void *owner, struct request *request)
{
    struct document_request *find = (struct document_request *)request;

    find->found(((struct store *)owner)->owner, find->id, request->err, find->document);
    return false;
}

static void free_document_request(struct request *request)
{
    struct document_request *document = (struct document_request *)request;

    free(document->sha256);
    store_document_free(document->document);
    free(document);
}

void store_document_put(struct store *store, const struct store_document *document)
{
    struct document_request *put = mem_alloc(sizeof *put);
    struct store_document *copy = mem_alloc(sizeof *copy);

    *copy = (struct store_document){.sha256 = mem_strdup(document->sha256),
                                    .policy = mem_strdup(document->policy),
                                    .version = mem_strdup(document->version),
                                    .language = mem_strdup(document->language),
                                    .title = mem_strdup(document->title),
                                    .text = mem_strdup(document->text)};
    call_begin(&put->request, LANE_WRITES, run_document_put, NULL, free_document_request);
    put->document = copy;
    lanes_ask(store->lanes, &put->request);
}

void store_document_find(struct store *store, uint64_t id, const char *sha256,
                         store_document_cb done)
{
    struct document_request *find = mem_alloc(sizeof *find);

    call_begin(&find->request, LANE_READS, run_document_find, answer_document_find,
               free_document_request);
    find->id = id;
    find->sha256 = mem_strdup(sha256);
    find->found = done;
    lanes_ask(store->lanes, &find->request);
}

struct observation_put {
    struct request request;
    struct store_observation observation; /* its texts are owned */
};

static int run_observe(struct sqlite *db, struct request *request)
{
    return sqlite_observe(db, &((struct observation_put *)request)->observation);
}

static void free_observation(struct request *request)
{
    struct store_observation *observation = &((struct observation_put *)request)->observation;

    free((void *)(uintptr_t)observation->server);
    free((void *)(uintptr_t)observation->field);
    free((void *)(uintptr_t)observation->purpose);
    free((void *)(uintptr_t)observation->policy_version);
    free((void *)(uintptr_t)observation->rules_hash);
    free((void *)(uintptr_t)observation->form);
    free((void *)(uintptr_t)observation->value.data);
    free(request);
}

void store_observe(struct store *store, const struct store_observation *observation)
{
    struct observation_put *put = mem_alloc(sizeof *put);
    struct store_observation *copy = &put->observation;

    call_begin(&put->request, LANE_WRITES, run_observe, NULL, free_observation);
    *copy = *observation;
    copy->server = mem_strdup(observation->server);
    copy->field = mem_strdup(observation->field);
    copy->purpose = mem_strdup(observation->purpose);
    copy->policy_version = mem_strdup(observation->policy_version);
    copy->rules_hash = mem_strdup(observation->rules_hash);
    copy->form = mem_strdup(observation->form ? observation->form : "");
    copy->value.data =
        (const uint8_t *)mem_strndup((const char *)observation->value.data, observation->value.len);
    lanes_ask(store->lanes, &put->request);
}

struct visit_put {
    struct request request;
    struct uuid player;
    char *server; /* owned */
};

static int run_visit(struct sqlite *db, struct request *request)
{
    struct visit_put *put = (struct visit_put *)request;

    return sqlite_visit(db, &put->player, put->server);
}

static void free_visit(struct request *request)
{
    free(((struct visit_put *)request)->server);
    free(request);
}

void store_visit(struct store *store, const struct uuid *player, const char *server)
{
    struct visit_put *put = mem_alloc(sizeof *put);

    call_begin(&put->request, LANE_WRITES, run_visit, NULL, free_visit);
    put->player = *player;
    put->server = mem_strdup(server);
    lanes_ask(store->lanes, &put->request);
}
