/*
 * A store with players who agreed, on a real database in a folder of the test's own, and what they
 * ask for.
 */
#ifndef SEKISHO_TESTS_UNIT_RIGHTS_SCENE_H
#define SEKISHO_TESTS_UNIT_RIGHTS_SCENE_H

#include "base/clock.h"
#include "base/err.h"
#include "fixture.h"
#include "store/store.h"

#include <sqlite3.h>

enum { WAITING = 1 };

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

struct scene {
    char *path, *url;
    uv_loop_t loop;
    struct store *store;
    int err; /* of the last answer; WAITING: none came yet */
    int count;
    int broken_off; /* requests of erased persons that are not done */
    struct data_request request;
    struct store_person person;
    struct buf values;
    enum consent_decision decision;
};

static inline void on_closed(void *owner)
{
    (void)owner;
}

static inline void open_store(struct scene *scene)
{
    struct diag diag = {0};

    assert_int_equal(uv_loop_init(&scene->loop), 0);
    assert_int_equal(store_open(scene->url, STORE_SERVE, &scene->loop, scene, &diag, &scene->store),
                     0);
    assert_int_equal(diag.count, 0);
}

static inline void close_store(struct scene *scene)
{
    store_close(scene->store, on_closed);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
}

static inline void begin(struct scene *scene, void **state)
{
    *scene = (struct scene){.path = mem_format("%s/data/sekisho.db", (const char *)*state)};
    scene->url = mem_format("sqlite:%s", scene->path);
    open_store(scene);
}

static inline void end(struct scene *scene)
{
    close_store(scene);
    buf_free(&scene->values);
    free(scene->url);
    free(scene->path);
}

static inline void wait_for_answer(struct scene *scene)
{
    while (scene->err == WAITING)
        uv_run(&scene->loop, UV_RUN_ONCE);
}

static inline void on_done(void *owner, uint64_t id, int err)
{
    (void)id;
    ((struct scene *)owner)->err = err;
}

static inline struct uuid player_of(uint16_t number)
{
    return (struct uuid){.bytes = {(uint8_t)number, 0x33, (uint8_t)(number >> 8)}};
}

static inline void agree(struct scene *scene, uint16_t player, const char *name)
{
    struct consent_record record = {.player = player_of(player),
                                    .decision = CONSENT_ACCEPTED,
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_VERIFIED,
                                    .decided_at_ms = clock_wall_ms()};

    snprintf(record.name, sizeof record.name, "%s", name);
    scene->err = WAITING;
    store_consent_put(scene->store, 0, &record, on_done);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
}

static inline void observe(struct scene *scene, uint16_t player, const char *server,
                           const char *value)
{
    struct store_observation observation = {.player = player_of(player),
                                            .server = server,
                                            .field = "client.brand",
                                            .purpose = "service",
                                            .policy_version = "1",
                                            .rules_hash = "x",
                                            .value = slice_str(value),
                                            .observed_at_ms = clock_wall_ms(),
                                            .expires_at_ms = clock_wall_ms() + day_ms};

    store_observe(scene->store, &observation);
}

static inline void on_request(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    if (request)
        scene->request = *request;
}

static inline int ask_for(struct scene *scene, uint16_t player, enum data_request_kind kind,
                          const char *value)
{
    struct data_request request = {.kind = kind,
                                   .player = player_of(player),
                                   .received_at_ms = 1000,
                                   .due_at_ms = 1000 + day_ms};

    if (kind == DATA_REQUEST_CORRECTION)
        snprintf(request.field, sizeof request.field, "client.brand");
    snprintf(request.value, sizeof request.value, "%s", value);
    scene->err = WAITING;
    store_request_put(scene->store, 0, &request, on_request);
    wait_for_answer(scene);
    return scene->err;
}

static inline int move(struct scene *scene, int64_t number, const struct uuid *player,
                       enum data_request_event event)
{
    struct store_request_step step = {.number = number,
                                      .player = player,
                                      .event = event,
                                      .proof = DATA_REQUEST_BY_CODE,
                                      .at_ms = 2000};

    scene->err = WAITING;
    store_request_move(scene->store, 0, &step, on_request);
    wait_for_answer(scene);
    return scene->err;
}

static inline void on_listed(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct scene *scene = owner;

    (void)id;
    scene->broken_off += request && request->erased && request->state != DATA_REQUEST_DONE;
    if (request)
        scene->count++;
    else
        scene->err = err;
}

static inline int count_requests(struct scene *scene, const struct uuid *player)
{
    scene->err = WAITING;
    scene->count = 0;
    store_request_list(scene->store, 0, player, on_listed);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
    return scene->count;
}

static inline void on_held(void *owner, uint64_t id, int err, const struct store_held *held)
{
    struct scene *scene = owner;

    (void)id;
    if (held)
        buf_append_format(&scene->values, "%s:%.*s ", held->server, (int)held->value.len,
                          (const char *)held->value.data);
    else
        scene->err = err;
}

static inline const char *held_of(struct scene *scene, uint16_t player)
{
    struct uuid uuid = player_of(player);

    buf_clear(&scene->values);
    scene->err = WAITING;
    store_held_list(scene->store, 0, &uuid, on_held);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
    return buf_text(&scene->values);
}

static inline void on_person(void *owner, uint64_t id, int err, const struct store_person *person)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    if (person)
        scene->person = *person;
}

static inline void on_consent(void *owner, uint64_t id, int err,
                              const struct consent_record *record)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    if (record)
        scene->decision = record->decision;
}

static inline int find_person(struct scene *scene, const char *who)
{
    scene->err = WAITING;
    store_person_find(scene->store, 0, who, on_person);
    wait_for_answer(scene);
    return scene->err;
}

static inline int run_request(struct scene *scene, int64_t number)
{
    struct store_request_step step = {.number = number, .by = "Ann", .at_ms = 3000};

    scene->err = WAITING;
    store_request_run(scene->store, 0, &step, on_request);
    wait_for_answer(scene);
    return scene->err;
}

static inline void verified_and_run(struct scene *scene, uint16_t player,
                                    enum data_request_kind kind)
{
    assert_int_equal(ask_for(scene, player, kind, ""), 0);
    assert_int_equal(move(scene, scene->request.number, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(run_request(scene, scene->request.number), 0);
    assert_int_equal(scene->request.state, DATA_REQUEST_DONE);
}

/* Whether these bytes stand in the file beside the database with this end of its name. */
static inline bool stands_in(const struct scene *scene, const char *end_of_name, struct slice bytes)
{
    int stem = (int)(strlen(scene->path) - strlen(".db"));
    char *path = mem_format("%.*s%s", stem, scene->path, end_of_name);
    FILE *file = fopen(path, "rb");
    struct buf all = {0};
    size_t len = 1;
    bool found;

    while (file && len > 0) {
        len = fread(buf_reserve(&all, 1 << 16), 1, 1 << 16, file);
        all.len += len;
    }
    found = all.len > 0 && memmem(all.data, all.len, bytes.data, bytes.len);
    buf_free(&all);
    if (file)
        fclose(file);
    free(path);
    return found;
}

/* In which of the files these bytes stand; NULL: in none. Returns static. */
static inline const char *file_with(const struct scene *scene, struct slice bytes)
{
    static const char *const ends[] = {".db", ".db-wal", ".db-shm", ".key", ".erased"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (stands_in(scene, ends[i], bytes))
            return ends[i];
    return NULL;
}

/* What another program does to the database meanwhile. */
static inline void scene_sql(const struct scene *scene, const char *sql)
{
    sqlite3 *other;

    assert_int_equal(sqlite3_open(scene->path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)

#endif
