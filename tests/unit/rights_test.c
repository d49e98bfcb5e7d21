/* What players ask for, and what is held of them, as the store's callers see it. */
#include "base/clock.h"
#include "base/err.h"
#include "fixture.h"
#include "store/store.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

static void on_closed(void *owner)
{
    (void)owner;
}

static void open_store(struct scene *scene)
{
    struct diag diag = {0};

    assert_int_equal(uv_loop_init(&scene->loop), 0);
    assert_int_equal(store_open(scene->url, STORE_SERVE, &scene->loop, scene, &diag, &scene->store),
                     0);
    assert_int_equal(diag.count, 0);
}

static void close_store(struct scene *scene)
{
    store_close(scene->store, on_closed);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
}

static void begin(struct scene *scene, void **state)
{
    *scene = (struct scene){.path = mem_format("%s/data/sekisho.db", (const char *)*state)};
    scene->url = mem_format("sqlite:%s", scene->path);
    open_store(scene);
}

static void end(struct scene *scene)
{
    close_store(scene);
    buf_free(&scene->values);
    free(scene->url);
    free(scene->path);
}

static void wait_for_answer(struct scene *scene)
{
    while (scene->err == WAITING)
        uv_run(&scene->loop, UV_RUN_ONCE);
}

static void on_done(void *owner, uint64_t id, int err)
{
    (void)id;
    ((struct scene *)owner)->err = err;
}

static struct uuid player_of(uint16_t number)
{
    return (struct uuid){.bytes = {(uint8_t)number, 0x33, (uint8_t)(number >> 8)}};
}

static void agree(struct scene *scene, uint16_t player, const char *name)
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

static void observe(struct scene *scene, uint16_t player, const char *server, const char *value)
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

static void on_request(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    if (request)
        scene->request = *request;
}

static int ask_for(struct scene *scene, uint16_t player, enum data_request_kind kind,
                   const char *value)
{
    struct data_request request = {.kind = kind,
                                   .player = player_of(player),
                                   .received_at_ms = 1000,
                                   .due_at_ms = 1000 + day_ms};

    snprintf(request.value, sizeof request.value, "%s", value);
    scene->err = WAITING;
    store_request_put(scene->store, 0, &request, on_request);
    wait_for_answer(scene);
    return scene->err;
}

static int move(struct scene *scene, int64_t number, const struct uuid *player,
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

static void on_listed(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct scene *scene = owner;

    (void)id;
    scene->broken_off += request && request->erased && request->state != DATA_REQUEST_DONE;
    if (request)
        scene->count++;
    else
        scene->err = err;
}

static int count_requests(struct scene *scene, const struct uuid *player)
{
    scene->err = WAITING;
    scene->count = 0;
    store_request_list(scene->store, 0, player, on_listed);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
    return scene->count;
}

static void on_held(void *owner, uint64_t id, int err, const struct store_held *held)
{
    struct scene *scene = owner;

    (void)id;
    if (held)
        buf_append_format(&scene->values, "%s:%.*s ", held->server, (int)held->value.len,
                          (const char *)held->value.data);
    else
        scene->err = err;
}

static const char *held_of(struct scene *scene, uint16_t player)
{
    struct uuid uuid = player_of(player);

    buf_clear(&scene->values);
    scene->err = WAITING;
    store_held_list(scene->store, 0, &uuid, on_held);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
    return buf_text(&scene->values);
}

static void on_person(void *owner, uint64_t id, int err, const struct store_person *person)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    if (person)
        scene->person = *person;
}

static void on_consent(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    if (record)
        scene->decision = record->decision;
}

static int find_person(struct scene *scene, const char *who)
{
    scene->err = WAITING;
    store_person_find(scene->store, 0, who, on_person);
    wait_for_answer(scene);
    return scene->err;
}

static void a_request_is_received_verified_and_done(void **state)
{
    struct uuid other = player_of(2);
    struct scene scene;

    begin(&scene, state);
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), ERR_NOT_FOUND);
    agree(&scene, 1, "Asker");
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_DISCLOSURE, ""), 0);
    assert_int_equal(scene.request.number, 1);
    assert_int_equal(scene.request.state, DATA_REQUEST_RECEIVED);
    assert_string_equal(scene.request.name, "Asker");
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_RUN), ERR_REFUSED);
    assert_int_equal(move(&scene, 1, &other, DATA_REQUEST_CANCEL), ERR_NOT_FOUND);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(scene.request.proof, DATA_REQUEST_BY_CODE);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_RUN), 0);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_CANCEL), ERR_REFUSED);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_FINISH), 0);
    assert_int_equal(scene.request.state, DATA_REQUEST_DONE);
    assert_int_equal(move(&scene, 2, NULL, DATA_REQUEST_CANCEL), ERR_NOT_FOUND);
    end(&scene);
}

static void the_same_request_twice_is_one(void **state)
{
    struct uuid player = player_of(1);
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Asker");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), 0);
        assert_int_equal(scene.request.number, 1);
    }
    assert_int_equal(move(&scene, 1, &player, DATA_REQUEST_CANCEL), 0);
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), 0);
    assert_int_equal(scene.request.number, 2);
    assert_int_equal(count_requests(&scene, &player), 2);
    end(&scene);
}

static void one_player_cannot_have_endless_requests_open(void **state)
{
    struct scene scene;
    char value[16];

    begin(&scene, state);
    agree(&scene, 1, "Asker");
    agree(&scene, 2, "Other");
    for (int i = 0; i < STORE_REQUESTS_OPEN_MAX; i++) {
        snprintf(value, sizeof value, "%d", i);
        assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_CORRECTION, value), 0);
    }
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), ERR_TOO_LARGE);
    assert_int_equal(ask_for(&scene, 2, DATA_REQUEST_ERASURE, ""), 0);
    assert_int_equal(count_requests(&scene, NULL), STORE_REQUESTS_OPEN_MAX + 1);
    end(&scene);
}

static void what_is_held_is_listed_oldest_first_and_of_one_player_alone(void **state)
{
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Asker");
    agree(&scene, 2, "Other");
    observe(&scene, 1, "lobby", "vanilla");
    observe(&scene, 2, "lobby", "fabric");
    observe(&scene, 1, "survival", "forge");
    observe(&scene, 3, "survival", "nobody's");
    agree(&scene, 2, "Other"); /* behind the values */
    assert_string_equal(held_of(&scene, 1), "lobby:vanilla survival:forge ");
    assert_string_equal(held_of(&scene, 3), "");
    end(&scene);
}

static void a_long_list_comes_in_pages(void **state)
{
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Asker");
    for (int i = 0; i < 200; i++)
        observe(&scene, 1, "s", "v");
    agree(&scene, 1, "Asker");
    assert_int_equal(strlen(held_of(&scene, 1)), 200 * strlen("s:v "));
    end(&scene);
}

static void a_name_of_two_players_finds_neither(void **state)
{
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Twin");
    agree(&scene, 2, "Single");
    assert_int_equal(find_person(&scene, "tWIN"), 0);
    assert_int_equal(scene.person.player.bytes[0], 1);
    agree(&scene, 3, "TWIN");
    assert_int_equal(find_person(&scene, "Twin"), ERR_REFUSED);
    assert_int_equal(find_person(&scene, "Nobody"), ERR_NOT_FOUND);
    assert_int_equal(find_person(&scene, "09330000-0000-0000-0000-000000000000"), ERR_NOT_FOUND);
    assert_int_equal(find_person(&scene, "09330000000000000000000000000000"), ERR_NOT_FOUND);
    assert_int_equal(find_person(&scene, "01330000-0000-0000-0000-000000000000"), 0);
    assert_string_equal(scene.person.name, "Twin");
    end(&scene);
}

static int run_request(struct scene *scene, int64_t number)
{
    scene->err = WAITING;
    store_request_run(scene->store, 0, number, 3000, on_request);
    wait_for_answer(scene);
    return scene->err;
}

static void verified_and_run(struct scene *scene, uint16_t player, enum data_request_kind kind)
{
    assert_int_equal(ask_for(scene, player, kind, ""), 0);
    assert_int_equal(move(scene, scene->request.number, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(run_request(scene, scene->request.number), 0);
    assert_int_equal(scene->request.state, DATA_REQUEST_DONE);
}

/* Whether these bytes stand in the file beside the database with this end of its name. */
static bool stands_in(const struct scene *scene, const char *end_of_name, struct slice bytes)
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
static const char *file_with(const struct scene *scene, struct slice bytes)
{
    static const char *const ends[] = {".db", ".db-wal", ".db-shm", ".key", ".erased"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (stands_in(scene, ends[i], bytes))
            return ends[i];
    return NULL;
}

static void an_erased_player_stands_in_no_file_while_the_store_is_open(void **state)
{
    struct uuid player = player_of(1);
    char uuid[UUID_TEXT_BYTES];
    struct scene scene;

    begin(&scene, state);
    uuid_format(&player, uuid);
    agree(&scene, 1, "ErasedPlayer");
    agree(&scene, 2, "OtherPlayer");
    observe(&scene, 1, "lobby", "TheirValue");
    observe(&scene, 2, "lobby", "OtherValue");
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_CORRECTION, "TheirWord"), 0);
    assert_non_null(file_with(&scene, slice_str("ErasedPlayer")));
    assert_non_null(file_with(&scene, slice_str("TheirValue")));
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_true(scene.request.erased);
    assert_null(file_with(&scene, slice_str("ErasedPlayer")));
    assert_null(file_with(&scene, slice_str(uuid)));
    assert_null(file_with(&scene, slice_str("TheirValue")));
    assert_null(file_with(&scene, slice_str("TheirWord")));
    assert_non_null(file_with(&scene, slice_str("OtherValue")));
    assert_string_equal(file_with(&scene, slice_str("OtherPlayer")), ".db");
    /* The other request went with them, and cannot be carried out. */
    assert_int_equal(run_request(&scene, 1), ERR_REFUSED);
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), ERR_NOT_FOUND);
    end(&scene);
}

/* Puts bytes where nothing is: a row that was moved and then deleted may leave a copy there. */
static void scribble(const struct scene *scene, struct slice bytes)
{
    static const uint8_t nothing[1024];
    FILE *file = fopen(scene->path, "r+b");
    struct buf all = {0};
    uint8_t *place;

    assert_non_null(file);
    all.len = fread(buf_reserve(&all, 1 << 20), 1, 1 << 20, file);
    place = memmem(all.data, all.len, nothing, sizeof nothing);
    assert_non_null(place);
    assert_int_equal(fseek(file, place - all.data + 512, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    fclose(file);
    buf_free(&all);
}

static int search_file(struct scene *scene, uint16_t player)
{
    static const uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3, 4, 5};
    struct uuid uuid = player_of(player);

    scene->err = WAITING;
    store_search(scene->store, 0, &uuid, key, on_done);
    wait_for_answer(scene);
    return scene->err;
}

static void copies_in_unused_parts_of_the_file_are_found_and_go(void **state)
{
    struct uuid player = player_of(1);
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Moved");
    agree(&scene, 2, "Other");
    close_store(&scene);
    scribble(&scene, slice_of(player.bytes, sizeof player.bytes));
    open_store(&scene);
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_int_equal(search_file(&scene, 1), ERR_DAMAGED);
    assert_int_equal(search_file(&scene, 3), 0);
    scene.err = WAITING;
    store_rewrite(scene.store, 0, on_done);
    wait_for_answer(&scene);
    assert_int_equal(scene.err, 0);
    assert_int_equal(search_file(&scene, 1), 0);
    assert_int_equal(find_person(&scene, "Other"), 0);
    end(&scene);
}

static void whoever_was_erased_is_erased_again_from_a_backup(void **state)
{
    struct scene scene;
    char *copy;

    begin(&scene, state);
    agree(&scene, 1, "ErasedPlayer");
    close_store(&scene);
    copy = mem_format("cp '%s' '%s.backup'", scene.path, scene.path);
    assert_int_equal(system(copy), 0);
    free(copy);
    open_store(&scene);
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    close_store(&scene);
    copy = mem_format("mv '%s.backup' '%s'", scene.path, scene.path);
    assert_int_equal(system(copy), 0);
    free(copy);
    open_store(&scene);
    assert_int_equal(find_person(&scene, "ErasedPlayer"), ERR_NOT_FOUND);
    assert_null(file_with(&scene, slice_str("ErasedPlayer")));
    agree(&scene, 1, "ErasedPlayer"); /* who comes back is somebody new */
    close_store(&scene);
    open_store(&scene);
    assert_int_equal(find_person(&scene, "ErasedPlayer"), 0);
    end(&scene);
}

static void nothing_is_destroyed_when_the_intent_cannot_be_written(void **state)
{
    struct scene scene;
    char *intents;

    begin(&scene, state);
    intents = mem_format("%s/data/sekisho.erased", (const char *)*state);
    agree(&scene, 1, "Stays");
    assert_int_equal(mkdir(intents, 0700), 0);
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), 0);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(run_request(&scene, 1), ERR_IO);
    assert_int_equal(find_person(&scene, "Stays"), 0);
    assert_int_equal(rmdir(intents), 0);
    assert_int_equal(run_request(&scene, 1), 0);
    assert_int_equal(scene.request.state, DATA_REQUEST_DONE);
    assert_int_equal(find_person(&scene, "Stays"), ERR_NOT_FOUND);
    free(intents);
    end(&scene);
}

static void on_a_full_disk_nothing_is_destroyed(void **state)
{
    struct scene scene;
    char *intents;

    begin(&scene, state);
    intents = mem_format("%s/data/sekisho.erased", (const char *)*state);
    agree(&scene, 1, "Stays");
    assert_int_equal(symlink("/dev/full", intents), 0);
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), 0);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(run_request(&scene, 1), ERR_FULL);
    assert_int_equal(find_person(&scene, "Stays"), 0);
    free(intents);
    end(&scene);
}

enum { KILLS = 40, VICTIMS_MAX = 200 };

/* Another program that meets players and erases them, one after the other, and says so. */
static void meet_and_erase(struct scene *scene, int first, int out)
{
    open_store(scene);
    for (int i = first; i < first + VICTIMS_MAX; i++) {
        uint16_t player = (uint16_t)i;
        char name[24];

        snprintf(name, sizeof name, "Victim%dx", i);
        agree(scene, player, name);
        observe(scene, player, "lobby", name);
        dprintf(out, "+%d\n", i);
        verified_and_run(scene, player, DATA_REQUEST_ERASURE);
        dprintf(out, "-%d\n", i);
    }
    _exit(0);
}

/* Starts it and kills it; returns the last player that was met, and whether they were erased. */
static int kill_in_between(struct scene *scene, int first, useconds_t after_us, bool *erased)
{
    int last = first - 1;
    int pipes[2];
    char line[16];
    pid_t child;
    FILE *said;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        close(pipes[0]);
        meet_and_erase(scene, first, pipes[1]);
    }
    close(pipes[1]);
    said = fdopen(pipes[0], "r");
    assert_non_null(fgets(line, sizeof line, said)); /* it has begun */
    usleep(after_us);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    do {
        last = atoi(line + 1);
        *erased = line[0] == '-';
    } while (fgets(line, sizeof line, said));
    fclose(said);
    return last;
}

static void killed_at_any_moment_an_erasure_is_whole_or_not_begun(void **state)
{
    struct scene scene = {.path = mem_format("%s/data/sekisho.db", (const char *)*state)};
    int first = 0;

    scene.url = mem_format("sqlite:%s", scene.path);
    for (int i = 0; i < KILLS; i++) {
        bool erased = false;
        int last = kill_in_between(&scene, first, (useconds_t)(i * 1500), &erased);
        char name[24];
        int err;

        open_store(&scene);
        for (int victim = first; victim <= last; victim++) {
            snprintf(name, sizeof name, "Victim%dx", victim);
            err = find_person(&scene, name);
            if (victim < last || erased)
                assert_int_equal(err, ERR_NOT_FOUND);
            if (err == ERR_NOT_FOUND)
                assert_null(file_with(&scene, slice_str(name)));
            else
                assert_false(stands_in(&scene, ".erased", slice_str(scene.person.subject)));
        }
        count_requests(&scene, NULL);
        assert_int_equal(scene.broken_off, 0);
        close_store(&scene);
        first = last + 1;
    }
    free(scene.url);
    free(scene.path);
}

static void a_table_that_still_has_something_stops_the_erasure(void **state)
{
    struct scene scene;
    sqlite3 *other;

    begin(&scene, state);
    agree(&scene, 1, "Stays");
    assert_int_equal(sqlite3_open(scene.path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    assert_int_equal(sqlite3_exec(other,
                                  "CREATE TABLE forgotten (note TEXT);"
                                  "INSERT INTO forgotten SELECT 'of ' || player FROM person",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), 0);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(run_request(&scene, 1), ERR_DAMAGED);
    assert_int_equal(find_person(&scene, "Stays"), 0);
    close_store(&scene);
    open_store(&scene); /* tries, too, and others are erased all the same */
    agree(&scene, 2, "Other");
    verified_and_run(&scene, 2, DATA_REQUEST_ERASURE);
    assert_int_equal(find_person(&scene, "Stays"), 0);
    assert_int_equal(sqlite3_exec(other, "DELETE FROM forgotten", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(run_request(&scene, 1), 0);
    sqlite3_close(other);
    end(&scene);
}

static void what_others_wrote_of_somebody_does_not_keep_their_data(void **state)
{
    struct scene scene;
    sqlite3 *other;

    begin(&scene, state);
    agree(&scene, 1, "Named");
    assert_int_equal(sqlite3_open(scene.path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    assert_int_equal(
        sqlite3_exec(other,
                     "INSERT INTO tally (server, field, purpose, value, day, count, expires_at,"
                     " players) SELECT 'lobby', 'client.brand', 'service',"
                     " CAST('brand of ' || player AS BLOB), 1, 1, 99999999999999, 0 FROM person;"
                     "INSERT INTO review (text, entry) SELECT 'note on ' || player, 1 FROM person",
                     NULL, NULL, NULL),
        SQLITE_OK);
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_int_equal(find_person(&scene, "Named"), ERR_NOT_FOUND);
    sqlite3_close(other);
    assert_null(file_with(&scene, slice_str("brand of ")));
    end(&scene);
}

static void a_note_in_the_ledger_that_names_somebody_does_not_keep_their_data(void **state)
{
    struct scene scene;
    sqlite3 *other;

    begin(&scene, state);
    agree(&scene, 1, "Named");
    assert_int_equal(sqlite3_open(scene.path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    assert_int_equal(sqlite3_exec(other,
                                  "UPDATE ledger SET entry = json_set(entry, '$.facts.note',"
                                  " (SELECT player FROM person))",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(other);
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_int_equal(find_person(&scene, "Named"), ERR_NOT_FOUND);
    end(&scene);
}

static void stopping_withdraws_and_leaves_the_evidence(void **state)
{
    struct uuid player = player_of(1);
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Stopper");
    observe(&scene, 1, "lobby", "TheirValue");
    verified_and_run(&scene, 1, DATA_REQUEST_STOP);
    assert_string_equal(held_of(&scene, 1), "");
    assert_null(file_with(&scene, slice_str("TheirValue")));
    scene.err = WAITING;
    store_consent_find(scene.store, 0, &player, "", on_consent);
    wait_for_answer(&scene);
    assert_int_equal(scene.decision, CONSENT_WITHDRAWN);
    end(&scene);
}

static void a_correction_changes_the_latest_value_of_a_field(void **state)
{
    struct data_request request = {.kind = DATA_REQUEST_CORRECTION,
                                   .player = player_of(1),
                                   .proof = DATA_REQUEST_BY_SESSION,
                                   .field = "client.brand",
                                   .server = "lobby",
                                   .value = "right"};
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Corrector");
    observe(&scene, 1, "lobby", "old");
    observe(&scene, 1, "lobby", "wrong");
    observe(&scene, 1, "lobby", "wrong");
    observe(&scene, 1, "survival", "wrong");
    scene.err = WAITING;
    store_request_put(scene.store, 0, &request, on_request);
    wait_for_answer(&scene);
    assert_int_equal(scene.request.state, DATA_REQUEST_VERIFIED);
    assert_int_equal(run_request(&scene, 1), 0);
    assert_string_equal(held_of(&scene, 1), "lobby:old lobby:right lobby:right survival:wrong ");
    snprintf(request.field, sizeof request.field, "client.locale");
    store_request_put(scene.store, 0, &request, on_request);
    assert_int_equal(run_request(&scene, 2), ERR_NOT_FOUND);
    end(&scene);
}

static void a_request_from_the_future_is_overdue(void **state)
{
    struct data_request request = {
        .state = DATA_REQUEST_VERIFIED, .received_at_ms = 1000, .due_at_ms = 2000};

    (void)state;
    assert_false(data_request_is_overdue(&request, 1000));
    assert_false(data_request_is_overdue(&request, 1999));
    assert_true(data_request_is_overdue(&request, 2000));
    assert_true(data_request_is_overdue(&request, 999)); /* the clock was set back */
    request.state = DATA_REQUEST_DONE;
    assert_false(data_request_is_overdue(&request, 3000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)
        IN_FOLDER(a_request_is_received_verified_and_done),
        IN_FOLDER(the_same_request_twice_is_one),
        IN_FOLDER(one_player_cannot_have_endless_requests_open),
        IN_FOLDER(what_is_held_is_listed_oldest_first_and_of_one_player_alone),
        IN_FOLDER(a_long_list_comes_in_pages),
        IN_FOLDER(a_name_of_two_players_finds_neither),
        IN_FOLDER(an_erased_player_stands_in_no_file_while_the_store_is_open),
        IN_FOLDER(copies_in_unused_parts_of_the_file_are_found_and_go),
        IN_FOLDER(whoever_was_erased_is_erased_again_from_a_backup),
        IN_FOLDER(nothing_is_destroyed_when_the_intent_cannot_be_written),
        IN_FOLDER(on_a_full_disk_nothing_is_destroyed),
        IN_FOLDER(killed_at_any_moment_an_erasure_is_whole_or_not_begun),
        IN_FOLDER(a_table_that_still_has_something_stops_the_erasure),
        IN_FOLDER(what_others_wrote_of_somebody_does_not_keep_their_data),
        IN_FOLDER(a_note_in_the_ledger_that_names_somebody_does_not_keep_their_data),
        IN_FOLDER(stopping_withdraws_and_leaves_the_evidence),
        IN_FOLDER(a_correction_changes_the_latest_value_of_a_field),
        cmocka_unit_test(a_request_from_the_future_is_overdue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
