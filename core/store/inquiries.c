/*
 * Inquiries: what players write to those who run the servers. The texts are sealed under the
 * player's key, so that they end with it, whoever has a copy of the file.
 */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/calls.h"
#include "store/persons.h"

#include <string.h>

/* The key of a text in what is sealed, its field, and where it stands. */
static const struct {
    const char *key, *field;
    size_t offset;
} texts[] = {
    {"company", "inquiry.company", offsetof(struct store_inquiry, company)},
    {"name", "inquiry.name", offsetof(struct store_inquiry, name)},
    {"email", "inquiry.email", offsetof(struct store_inquiry, email)},
    {"account", "inquiry.account", offsetof(struct store_inquiry, account)},
    {"message", "inquiry.message", offsetof(struct store_inquiry, message)},
};

enum { TEXTS = sizeof texts / sizeof texts[0] };

static const char **text_of(struct store_inquiry *inquiry, size_t which)
{
    return (const char **)(void *)((char *)inquiry + texts[which].offset);
}

/* Texts are wiped before their memory goes. */
static void free_text(char *text)
{
    if (text)
        mem_wipe(text, strlen(text));
    free(text);
}

void inquiry_free_texts(struct store_inquiry *inquiry)
{
    for (size_t i = 0; i < TEXTS; i++) {
        const char **text = text_of(inquiry, i);

        free_text((char *)(uintptr_t)*text);
        *text = NULL;
    }
}

static struct store_inquiry copy_of(const struct store_inquiry *inquiry)
{
    struct store_inquiry copy = *inquiry;

    for (size_t i = 0; i < TEXTS; i++) {
        const char **text = text_of(&copy, i);

        *text = mem_strdup(*text ? *text : "");
    }
    return copy;
}

/* Returns 0, or ERR_REFUSED where as many as may wait do. */
static int check_open(struct sqlite *db, const char *subject)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_INQUIRIES_OPEN, &row);

    if (err < 0)
        return err;
    sql_text(row, 1, subject);
    err = sql_step(db, row);
    if (err <= 0)
        return err;
    err = sqlite3_column_int64(row, 0) < STORE_INQUIRIES_OPEN_MAX ? 0 : ERR_REFUSED;
    sql_reset(row);
    return err;
}

static void seal_texts(const struct person_row *person, const struct store_inquiry *inquiry,
                       struct buf *sealed)
{
    struct store_inquiry copy = *inquiry;
    json_t *json = json_object();
    char *plain;

    for (size_t i = 0; i < TEXTS; i++)
        json_object_set_new(json, texts[i].key, json_string(*text_of(&copy, i)));
    plain = json_dumps(json, JSON_COMPACT);
    if (!plain)
        abort();
    seal(person->key, slice_str(plain), sealed);
    free_text(plain);
    json_decref(json);
}

int sqlite_inquiry_put(struct sqlite *db, const struct store_inquiry *inquiry)
{
    struct person_row person;
    struct buf sealed = {0};
    sqlite3_stmt *put;
    int err = person_of_player(db, &inquiry->player, &person, NULL);

    if (err == 0)
        err = check_open(db, person.subject);
    if (err == 0)
        err = sql_prepare(db, SQL_INQUIRY_PUT, &put);
    if (err == 0) {
        seal_texts(&person, inquiry, &sealed);
        sql_text(put, 1, person.subject);
        sql_bytes(put, 2, buf_slice(&sealed));
        sqlite3_bind_int64(put, 3, inquiry->asked_at_ms);
        sqlite3_bind_int64(put, 4, inquiry->expires_at_ms);
        err = sql_run(db, put);
    }
    buf_free(&sealed);
    mem_wipe(&person, sizeof person);
    return err;
}

/* Texts that cannot be read are NULL: the key is not the one that they were sealed under. */
static void read_inquiry(sqlite3_stmt *row, struct store_inquiry *out)
{
    bool has_key = sqlite3_column_bytes(row, 3) == SEAL_KEY_BYTES;
    json_t *json = chain_open_sealed(
        has_key ? sqlite3_column_blob(row, 3) : NULL,
        slice_of(sqlite3_column_blob(row, 4), (size_t)sqlite3_column_bytes(row, 4)));

    *out = (struct store_inquiry){.number = sqlite3_column_int64(row, 0),
                                  .asked_at_ms = sqlite3_column_int64(row, 5),
                                  .expires_at_ms = sqlite3_column_int64(row, 6),
                                  .answered_at_ms = sqlite3_column_int64(row, 7)};
    if (uuid_parse(sql_column_str(row, 1), &out->player) < 0)
        log_error("store: an inquiry has no valid player");
    sql_column_text(row, 2, out->player_name, sizeof out->player_name);
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = json_string_value(json_object_get(json, texts[i].key));

        *text_of(out, i) = text ? mem_strdup(text) : NULL;
    }
    json_decref(json);
}

int sqlite_inquiries(struct sqlite *db, struct inquiries *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_INQUIRIES, &row);

    *out = (struct inquiries){0};
    if (err < 0)
        return err;
    while ((err = sql_step(db, row)) > 0) {
        out->items = mem_resize(out->items, (out->count + 1) * sizeof *out->items);
        read_inquiry(row, &out->items[out->count++]);
    }
    return err;
}

/* Returns how many texts there were. */
static int hold_texts(struct store_inquiry *inquiry, struct store_held *out)
{
    int count = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = *text_of(inquiry, i);

        if (!text || !text[0])
            continue;
        out[count++] = (struct store_held){
            .server = mem_strdup(""),
            .field = mem_strdup(texts[i].field),
            .purpose = mem_strdup("inquiry"),
            .policy_version = mem_strdup(""),
            .value = slice_of(mem_strdup(text), strlen(text)),
            .observed_at_ms = inquiry->asked_at_ms,
            .expires_at_ms = inquiry->expires_at_ms,
        };
    }
    return count;
}

int sqlite_inquiry_held_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                             struct store_held *out, int max)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_INQUIRIES_OF, &row);
    int found = 0;

    if (err < 0)
        return err;
    sql_uuid(row, 1, player);
    sqlite3_bind_int64(row, 2, *after);
    while (found + TEXTS <= max && (err = sql_step(db, row)) > 0) {
        struct store_inquiry inquiry;

        read_inquiry(row, &inquiry);
        *after = inquiry.number;
        found += hold_texts(&inquiry, out + found);
        inquiry_free_texts(&inquiry);
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}

int sqlite_inquiry_answered(struct sqlite *db, int64_t number, int64_t at_ms)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_INQUIRY_ANSWERED, &put);

    if (err < 0)
        return err;
    sqlite3_bind_int64(put, 1, number);
    sqlite3_bind_int64(put, 2, at_ms);
    err = sql_step(db, put);
    if (err > 0)
        sql_reset(put);
    return err == 0 ? ERR_NOT_FOUND : err < 0 ? err : 0;
}

struct inquiry_put {
    struct request request;
    uint64_t id;
    struct store_inquiry inquiry; /* its texts are owned */
    store_done_cb done;
};

static int run_put(struct sqlite *db, struct request *request)
{
    return sqlite_inquiry_put(db, &((struct inquiry_put *)request)->inquiry);
}

static int run_answered(struct sqlite *db, struct request *request)
{
    const struct store_inquiry *inquiry = &((struct inquiry_put *)request)->inquiry;

    return sqlite_inquiry_answered(db, inquiry->number, inquiry->answered_at_ms);
}

static bool answer_put(void *owner, struct request *request)
{
    struct inquiry_put *put = (struct inquiry_put *)request;

    put->done(((struct store *)owner)->owner, put->id, request->err);
    return false;
}

static void free_put(struct request *request)
{
    inquiry_free_texts(&((struct inquiry_put *)request)->inquiry);
    free(request);
}

static void ask_write(struct store *store, uint64_t id, const struct store_inquiry *inquiry,
                      int (*run)(struct sqlite *db, struct request *request), store_done_cb done)
{
    struct inquiry_put *put = mem_alloc(sizeof *put);

    call_begin(&put->request, LANE_WRITES, run, answer_put, free_put);
    put->id = id;
    put->inquiry = copy_of(inquiry);
    put->done = done;
    lanes_ask(store->lanes, &put->request);
}

void store_inquiry_put(struct store *store, uint64_t id, const struct store_inquiry *inquiry,
                       store_done_cb done)
{
    ask_write(store, id, inquiry, run_put, done);
}

void store_inquiry_answered(struct store *store, uint64_t id, int64_t number, int64_t at_ms,
                            store_done_cb done)
{
    struct store_inquiry inquiry = {.number = number, .answered_at_ms = at_ms};

    ask_write(store, id, &inquiry, run_answered, done);
}

struct inquiry_list {
    struct request request;
    uint64_t id;
    struct inquiries found;
    store_inquiry_cb each;
};

static int run_list(struct sqlite *db, struct request *request)
{
    return sqlite_inquiries(db, &((struct inquiry_list *)request)->found);
}

static bool answer_list(void *owner, struct request *request)
{
    struct inquiry_list *list = (struct inquiry_list *)request;
    void *caller = ((struct store *)owner)->owner;

    for (size_t i = 0; i < list->found.count; i++)
        list->each(caller, list->id, 0, &list->found.items[i]);
    list->each(caller, list->id, request->err, NULL);
    return false;
}

static void free_list(struct request *request)
{
    struct inquiry_list *list = (struct inquiry_list *)request;

    for (size_t i = 0; i < list->found.count; i++)
        inquiry_free_texts(&list->found.items[i]);
    free(list->found.items);
    free(request);
}

void store_inquiry_list(struct store *store, uint64_t id, store_inquiry_cb each)
{
    struct inquiry_list *list = mem_alloc(sizeof *list);

    call_begin(&list->request, LANE_READS, run_list, answer_list, free_list);
    list->id = id;
    list->each = each;
    lanes_ask(store->lanes, &list->request);
}
