#include "cli/desk.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "consent/ledger.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <string.h>

static void on_closed(void *owner)
{
    (void)owner;
}

int desk_open(struct desk *desk, const char *url, enum store_mode mode, struct diag *diag)
{
    int err;

    *desk = (struct desk){.url = url, .diag = diag};
    uv_loop_init(&desk->loop);
    err = store_open(url, STORE_READ, &desk->loop, desk, diag, &desk->store);
    if (err == 0 && mode == STORE_SERVE) { /* which would make one */
        store_close(desk->store, on_closed);
        uv_run(&desk->loop, UV_RUN_DEFAULT);
        desk->store = NULL;
        err = store_open(url, mode, &desk->loop, desk, diag, &desk->store);
    }
    return err;
}

void desk_nothing_yet(struct desk *desk)
{
    diag_add(desk->diag, desk->url, 0, "there are no records yet: sekisho run makes the store");
}

void desk_close(struct desk *desk)
{
    if (desk->store)
        store_close(desk->store, on_closed);
    uv_run(&desk->loop, UV_RUN_DEFAULT);
    uv_loop_close(&desk->loop);
    desk->store = NULL;
}

static void begin(struct desk *desk)
{
    desk->answered = false;
    desk->err = 0;
}

static int wait_for_answer(struct desk *desk)
{
    while (!desk->answered)
        uv_run(&desk->loop, UV_RUN_ONCE);
    return desk->err;
}

static int complain(struct desk *desk, int err, const char *what)
{
    if (err < 0)
        diag_add(desk->diag, desk->url, 0, "%s: %s", what, err_text(err));
    return err;
}

static void on_person(void *owner, uint64_t id, int err, const struct store_person *person)
{
    struct desk *desk = owner;

    (void)id;
    desk->answered = true;
    desk->err = err;
    if (person)
        desk->person = *person;
}

int desk_find_person(struct desk *desk, const char *who, struct store_person *out)
{
    int err;

    begin(desk);
    store_person_find(desk->store, 0, who, on_person);
    err = wait_for_answer(desk);
    if (err == 0)
        *out = desk->person;
    else if (err == ERR_REFUSED)
        diag_add(desk->diag, desk->url, 0,
                 "several players have this name; take the UUID, which sekisho consent list shows");
    else if (err == ERR_NOT_FOUND)
        diag_add(desk->diag, desk->url, 0,
                 "nothing is held of such a player: they never answered the policy, or were "
                 "erased");
    else
        complain(desk, err, "the player could not be looked for");
    return err;
}

/* The end of a list, or an error; `item` is taken. */
static void take_item(struct desk *desk, int err, json_t *item)
{
    if (item) {
        json_array_append_new(desk->list, item);
        return;
    }
    desk->answered = true;
    desk->err = err;
}

static void begin_list(struct desk *desk)
{
    begin(desk);
    desk->list = json_array();
}

static json_t *finish_list(struct desk *desk, const char *what)
{
    if (complain(desk, wait_for_answer(desk), what) == 0)
        return desk->list;
    json_decref(desk->list);
    return NULL;
}

static void on_consent(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    (void)id;
    take_item(owner, err, record ? consent_json(record) : NULL);
}

json_t *desk_consents(struct desk *desk, const struct uuid *player)
{
    char text[UUID_TEXT_BYTES];

    uuid_format(player, text);
    begin_list(desk);
    store_consent_list(desk->store, 0, text, on_consent);
    return finish_list(desk, "the consents could not be read");
}

static json_t *time_json(int64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    return json_string(text);
}

static json_t *held_json(const struct store_held *held)
{
    json_t *json =
        json_pack("{ss ss ss ss so so}", "server", held->server, "field", held->field, "purpose",
                  held->purpose, "policy_version", held->policy_version, "observed_at",
                  time_json(held->observed_at_ms), "expires_at", time_json(held->expires_at_ms));
    json_t *value = json_stringn((const char *)held->value.data, held->value.len);
    char *hex;

    if (value) {
        json_object_set_new(json, "value", value);
    } else { /* no text in UTF-8 */
        hex = mem_alloc(2 * held->value.len + 1);
        hex_encode(held->value, hex);
        json_object_set_new(json, "value_hex", json_string(hex));
        free(hex);
    }
    if (held->corrected_at_ms)
        json_object_set_new(json, "corrected_at", time_json(held->corrected_at_ms));
    return json;
}

static void on_held(void *owner, uint64_t id, int err, const struct store_held *held)
{
    (void)id;
    take_item(owner, err, held ? held_json(held) : NULL);
}

json_t *desk_held(struct desk *desk, const struct uuid *player)
{
    begin_list(desk);
    store_held_list(desk->store, 0, player, on_held);
    return finish_list(desk, "what is held could not be read");
}

static void on_counted(void *owner, uint64_t id, int err, const char *text)
{
    struct desk *desk = owner;

    (void)id;
    desk->answered = true;
    desk->err = err;
    desk->list = text ? json_loads(text, 0, NULL) : NULL;
}

json_t *desk_counted(struct desk *desk, const struct uuid *player)
{
    begin(desk);
    store_counted(desk->store, 0, player, on_counted);
    return finish_list(desk, "the marks of counting could not be read");
}

json_t *desk_visited(struct desk *desk, const struct uuid *player)
{
    begin(desk);
    store_visited(desk->store, 0, player, on_counted);
    return finish_list(desk, "the servers could not be read");
}

static void on_listed(void *owner, uint64_t id, int err, const struct data_request *request)
{
    (void)id;
    take_item(owner, err, request ? data_request_json(request, clock_wall_ms()) : NULL);
}

json_t *desk_requests(struct desk *desk, const struct uuid *player)
{
    begin_list(desk);
    store_request_list(desk->store, 0, player, on_listed);
    return finish_list(desk, "the requests could not be read");
}

/* An entry as it stands, and what is sealed in it opened beside it. */
static json_t *entry_json(const struct store_entry *entry)
{
    json_t *json = json_pack("{sI ss}", "place", (json_int_t)entry->place, "entry", entry->line);
    uint8_t piece_key[SEAL_KEY_BYTES];
    struct ledger_entry read;
    struct buf plain = {0};

    if (ledger_entry_read(entry->line, &read) < 0)
        return json;
    if (entry->has_key && seal_piece_key(entry->key, buf_slice(&read.sealed), piece_key) == 0 &&
        unseal(piece_key, buf_slice(&read.sealed), &plain) == 0)
        json_object_set_new(json, "personal",
                            json_loadb((const char *)plain.data, plain.len, 0, NULL));
    buf_free(&plain);
    ledger_entry_free(&read);
    return json;
}

static void on_entry(void *owner, uint64_t id, int err, const struct store_entry *entry)
{
    (void)id;
    take_item(owner, err, entry ? entry_json(entry) : NULL);
}

json_t *desk_ledger(struct desk *desk, const struct uuid *player)
{
    char text[UUID_TEXT_BYTES];

    uuid_format(player, text);
    begin_list(desk);
    store_ledger_list(desk->store, 0, text, on_entry);
    return finish_list(desk, "the ledger could not be read");
}

static void on_document(void *owner, uint64_t id, int err, const struct store_document *document)
{
    struct desk *desk = owner;

    (void)id;
    desk->answered = true;
    desk->err = err;
    if (document)
        desk->list =
            json_pack("{ss ss ss ss ss ss}", "sha256", document->sha256, "policy", document->policy,
                      "version", document->version, "language", document->language, "title",
                      document->title, "text", document->text);
}

json_t *desk_document(struct desk *desk, const char *sha256)
{
    begin(desk);
    desk->list = NULL;
    store_document_find(desk->store, 0, sha256, on_document);
    (void)!wait_for_answer(desk);
    return desk->list;
}

static void on_request(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct desk *desk = owner;

    (void)id;
    desk->answered = true;
    desk->err = err;
    if (request)
        desk->request = *request;
}

static void complain_of_field(struct desk *desk)
{
    diag_add(desk->diag, desk->url, 0,
             "no value of this field is held there; sekisho player show says what is");
}

int desk_request_put(struct desk *desk, const struct data_request *request)
{
    int err;

    begin(desk);
    store_request_put(desk->store, 0, request, on_request);
    err = wait_for_answer(desk);
    if (err == ERR_TOO_LARGE)
        diag_add(desk->diag, desk->url, 0,
                 "this player has %d requests open already; see sekisho request list, and end one",
                 STORE_REQUESTS_OPEN_MAX);
    else if (err == ERR_UNSUPPORTED)
        complain_of_field(desk);
    else
        complain(desk, err, "the request could not be recorded");
    return err;
}

int desk_request_find(struct desk *desk, int64_t number)
{
    int err;

    begin(desk);
    store_request_find(desk->store, 0, number, on_request);
    err = wait_for_answer(desk);
    if (err == ERR_NOT_FOUND)
        diag_add(desk->diag, desk->url, 0,
                 "there is no request %" PRId64 "; see sekisho request list", number);
    else
        complain(desk, err, "the request could not be read");
    return err;
}

int desk_request_move(struct desk *desk, const struct store_request_step *step)
{
    int err = desk_request_find(desk, step->number);

    if (err < 0)
        return err;
    begin(desk);
    store_request_move(desk->store, 0, step, on_request);
    err = wait_for_answer(desk);
    if (err == ERR_REFUSED)
        diag_add(desk->diag, desk->url, 0, "request %" PRId64 " is %s, where that cannot happen",
                 step->number, data_request_state_name(desk->request.state));
    else
        complain(desk, err, "the request could not be changed");
    return err;
}

int desk_request_run(struct desk *desk, const struct store_request_step *step)
{
    int err = desk_request_find(desk, step->number);

    if (err < 0)
        return err;
    begin(desk);
    store_request_run(desk->store, 0, step, on_request);
    err = wait_for_answer(desk);
    if (err == ERR_REFUSED)
        diag_add(desk->diag, desk->url, 0, "request %" PRId64 " is %s, where that cannot happen",
                 step->number, data_request_state_name(desk->request.state));
    else if (err == ERR_NOT_FOUND)
        complain_of_field(desk);
    else if (err == ERR_DAMAGED)
        diag_add(desk->diag, desk->url, 0,
                 "something of the player would have been left, so nothing was changed; the line "
                 "above says where");
    else
        complain(
            desk, err,
            "the request could not be carried out (an erasure that was begun is taken up again "
            "when Sekisho starts)");
    return err;
}

static void on_keyed_entry(void *owner, uint64_t id, int err, const struct store_entry *entry)
{
    struct desk *desk = owner;

    (void)id;
    if (entry && entry->has_key) {
        memcpy(desk->key, entry->key, sizeof desk->key);
        desk->err = 0;
    }
    if (err < 0)
        desk->err = err;
    desk->answered = !entry;
}

int desk_key(struct desk *desk, const struct uuid *player, uint8_t out[static SEAL_KEY_BYTES])
{
    char text[UUID_TEXT_BYTES];
    int err;

    uuid_format(player, text);
    begin(desk);
    desk->err = ERR_NOT_FOUND;
    store_ledger_list(desk->store, 0, text, on_keyed_entry);
    err = wait_for_answer(desk);
    memcpy(out, desk->key, sizeof desk->key);
    mem_wipe(desk->key, sizeof desk->key);
    return err;
}

static void on_done(void *owner, uint64_t id, int err)
{
    struct desk *desk = owner;

    (void)id;
    desk->answered = true;
    desk->err = err;
}

static int search(struct desk *desk, const struct uuid *player,
                  const uint8_t key[static SEAL_KEY_BYTES])
{
    begin(desk);
    store_search(desk->store, 0, player, key, on_done);
    return wait_for_answer(desk);
}

static int mask(struct desk *desk, const struct uuid *player)
{
    begin(desk);
    store_mask(desk->store, 0, player, on_done);
    return wait_for_answer(desk);
}

int desk_scour(struct desk *desk, const struct uuid *player,
               const uint8_t key[static SEAL_KEY_BYTES])
{
    int err = mask(desk, player);

    if (err == 0)
        err = search(desk, player, key);
    if (err == ERR_DAMAGED) {
        fprintf(stderr, "unused parts of the database hold copies; it is made anew\n");
        begin(desk);
        store_rewrite(desk->store, 0, on_done);
        err = wait_for_answer(desk);
        if (err == 0)
            err = search(desk, player, key);
    }
    if (err == ERR_DAMAGED)
        diag_add(desk->diag, desk->url, 0,
                 "the file still holds copies of the UUID or the key of who was erased, while "
                 "another program reads it; end that one, and run sqlite3 FILE VACUUM");
    else
        complain(desk, err, "the file could not be searched");
    return err;
}
