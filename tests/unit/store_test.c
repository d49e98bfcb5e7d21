/* The store as its callers see it, on a real database in a folder of the test's own. */
#include "store/store.h"

#include "base/err.h"
#include "fixture.h"

#include <sqlite3.h>
#include <sys/stat.h>

struct scene {
    char *path;
    char *url;
    uv_loop_t loop;
    struct store *store;
    sqlite3 *other; /* another program, at the same database */
    int puts[8];    /* the answers to writes by id, 1 while there is none */
    int finds;      /* answers to reads that came */
    int found;      /* the last one's err */
    int finds_at_put;
    enum consent_decision decision; /* of the record that was found last */
};

static void on_closed(void *owner)
{
    (void)owner;
}

static void run_sql(sqlite3 *handle, const char *sql)
{
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void begin(struct scene *scene, void **state)
{
    struct diag diag = {0};

    *scene = (struct scene){.path = mem_format("%s/data/sekisho.db", (const char *)*state)};
    scene->url = mem_format("sqlite:%s", scene->path);
    for (size_t i = 0; i < sizeof scene->puts / sizeof scene->puts[0]; i++)
        scene->puts[i] = 1;
    assert_int_equal(uv_loop_init(&scene->loop), 0);
    assert_int_equal(store_open(scene->url, STORE_SERVE, &scene->loop, scene, &diag, &scene->store),
                     0);
    assert_int_equal(diag.count, 0);
    assert_int_equal(sqlite3_open(scene->path, &scene->other), SQLITE_OK);
    sqlite3_busy_timeout(scene->other, 5000); /* the store sweeps as it begins */
}

static void end(struct scene *scene)
{
    store_close(scene->store, on_closed);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    sqlite3_close(scene->other);
    free(scene->url);
    free(scene->path);
}

static struct consent_record record_of(uint8_t player, const char *name)
{
    struct consent_record record = {.player = {.bytes = {player}},
                                    .decision = CONSENT_ACCEPTED,
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_OFFLINE};

    snprintf(record.name, sizeof record.name, "%s", name);
    return record;
}

static void on_put(void *owner, uint64_t id, int err)
{
    struct scene *scene = owner;

    scene->puts[id] = err;
    scene->finds_at_put = scene->finds;
}

static void put(struct scene *scene, uint64_t id, const char *name)
{
    struct consent_record record = record_of((uint8_t)id, name);

    store_consent_put(scene->store, id, &record, on_put);
}

static void on_found(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct scene *scene = owner;

    scene->finds++;
    scene->found = err;
    if (!record)
        return;
    assert_int_equal(record->player.bytes[0], id);
    scene->decision = record->decision;
}

static void find(struct scene *scene, uint64_t player)
{
    struct uuid uuid = {.bytes = {(uint8_t)player}};

    store_consent_find(scene->store, player, &uuid, "policy", on_found);
}

static void wait_for_find(struct scene *scene)
{
    int before = scene->finds;

    while (scene->finds == before)
        uv_run(&scene->loop, UV_RUN_ONCE);
}

static void wait_for_puts(struct scene *scene, uint64_t first, uint64_t last)
{
    for (uint64_t id = first; id <= last; id++)
        while (scene->puts[id] == 1)
            uv_run(&scene->loop, UV_RUN_ONCE);
}

static void reads_do_not_wait_for_a_write_that_is_stuck(void **state)
{
    struct scene scene;

    begin(&scene, state);
    put(&scene, 1, "Known");
    wait_for_puts(&scene, 1, 1);
    run_sql(scene.other, "BEGIN IMMEDIATE");
    put(&scene, 2, "Newcomer");
    /* The first may overtake a write that was only just asked for; the others come behind it. */
    for (int i = 0; i < 3; i++) {
        find(&scene, 1);
        wait_for_find(&scene);
        assert_int_equal(scene.found, 0);
    }
    assert_int_equal(scene.puts[2], 1);
    run_sql(scene.other, "ROLLBACK");
    wait_for_puts(&scene, 2, 2);
    assert_int_equal(scene.puts[2], 0);
    assert_int_equal(scene.finds_at_put, 3);
    end(&scene);
}

static void who_withdraws_is_found_so_at_once(void **state)
{
    struct scene scene;
    struct consent_record record = record_of(1, "Known");

    begin(&scene, state);
    put(&scene, 1, "Known");
    put(&scene, 2, "Another");
    wait_for_puts(&scene, 1, 2);
    run_sql(scene.other, "BEGIN IMMEDIATE");
    scene.puts[1] = 1;
    record.decision = CONSENT_WITHDRAWN;
    store_consent_put(scene.store, 1, &record, on_put);
    find(&scene, 1); /* waits for what it would contradict */
    find(&scene, 2); /* and nobody else does */
    wait_for_find(&scene);
    assert_int_equal(scene.decision, CONSENT_ACCEPTED);
    assert_int_equal(scene.puts[1], 1);
    run_sql(scene.other, "ROLLBACK");
    wait_for_find(&scene);
    assert_int_equal(scene.puts[1], 0);
    assert_int_equal(scene.decision, CONSENT_WITHDRAWN);
    end(&scene);
}

static void a_lock_that_does_not_end_fails_the_write_and_nothing_else(void **state)
{
    struct scene scene;

    begin(&scene, state);
    run_sql(scene.other, "BEGIN IMMEDIATE");
    put(&scene, 1, "Newcomer");
    wait_for_puts(&scene, 1, 1);
    assert_int_equal(scene.puts[1], ERR_BUSY);
    run_sql(scene.other, "ROLLBACK");
    put(&scene, 1, "Newcomer");
    scene.puts[1] = 1;
    wait_for_puts(&scene, 1, 1);
    assert_int_equal(scene.puts[1], 0);
    end(&scene);
}

static void what_was_answered_is_seen_by_the_next_read(void **state)
{
    struct scene scene;

    begin(&scene, state);
    for (uint64_t id = 1; id < 8; id++) {
        find(&scene, id);
        wait_for_find(&scene);
        assert_int_equal(scene.found, ERR_NOT_FOUND);
        put(&scene, id, "Newcomer");
        wait_for_puts(&scene, id, id);
        assert_int_equal(scene.puts[id], 0);
        find(&scene, id);
        wait_for_find(&scene);
        assert_int_equal(scene.found, 0);
    }
    end(&scene);
}

static void a_write_that_fails_takes_no_other_along(void **state)
{
    struct scene scene;

    begin(&scene, state);
    run_sql(scene.other, "CREATE TRIGGER bad BEFORE INSERT ON person WHEN new.name = 'Bad' "
                         "BEGIN SELECT raise(ABORT, 'no'); END");
    for (uint64_t id = 1; id < 8; id++)
        put(&scene, id, id == 4 ? "Bad" : "Good");
    wait_for_puts(&scene, 1, 7);
    for (uint64_t id = 1; id < 8; id++)
        assert_int_equal(scene.puts[id], id == 4 ? ERR_IO : 0);
    end(&scene);
}

/* What opening the file says; the store of one that opens is closed again. */
static int open_file(const char *path, enum store_mode mode, struct diag *diag)
{
    char *url = mem_format("sqlite:%s", path);
    struct store *store;
    uv_loop_t loop;
    int err;

    uv_loop_init(&loop);
    err = store_open(url, mode, &loop, NULL, diag, &store);
    if (err == 0)
        store_close(store, on_closed);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    free(url);
    return err;
}

static void assert_refused(const char *path, enum store_mode mode, const char *part)
{
    struct diag diag = {0};

    assert_true(open_file(path, mode, &diag) < 0);
    assert_int_equal(diag.count, 1);
    assert_string_equal(diag.entries[0].file, path);
    assert_true(fixture_told(&diag, -1, part));
    diag_free(&diag);
}

static void assert_both_refuse(const char *path, const char *part)
{
    assert_refused(path, STORE_SERVE, part);
    assert_refused(path, STORE_READ, part);
}

static void database_of(const char *path, const char *sql)
{
    sqlite3 *handle;

    remove(path);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    run_sql(handle, sql);
    sqlite3_close(handle);
}

static void what_is_no_database_of_ours_is_named_and_left_alone(void **state)
{
    const char *folder = *state;
    char *path = fixture_file(folder, "x.db", slice_str("These are notes, and no database.\n"));
    char *inside = mem_format("%s/sekisho.db", path);
    struct stat before, after;

    assert_both_refuse(path, "this is no database");
    assert_refused(inside, STORE_SERVE, "Not a directory");
    assert_both_refuse(folder, "this is a folder");
    database_of(path, "CREATE TABLE homes (x)");
    assert_int_equal(stat(path, &before), 0);
    assert_both_refuse(path, "another program");
    database_of(path, "CREATE TABLE homes (x); PRAGMA user_version = 1");
    assert_both_refuse(path, "another program");
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    database_of(path, "CREATE TABLE consent (x); PRAGMA user_version = 99");
    assert_both_refuse(path, "schema version 99");
    free(inside);
    free(path);
}

static void a_damaged_database_is_called_so(void **state)
{
    char *path = mem_format("%s/x.db", (const char *)*state);
    struct diag diag = {0};
    FILE *file;

    assert_int_equal(open_file(path, STORE_SERVE, &diag), 0);
    file = fopen(path, "r+b");
    assert_non_null(file);
    /* The page of the schema, behind the header. */
    fseek(file, 100, SEEK_SET);
    for (int i = 0; i < 200; i++)
        fputc(0xA5, file);
    fclose(file);
    assert_both_refuse(path, "damaged");
    free(path);
}

static void a_new_database_takes_shape_when_it_is_served(void **state)
{
    char *path = mem_format("%s/deep/er/x.db", (const char *)*state);
    char *empty = fixture_file(*state, "empty.db", slice_str(""));
    struct diag diag = {0};
    struct stat stat_of;

    assert_int_equal(open_file(path, STORE_READ, &diag), ERR_NOT_FOUND);
    assert_int_equal(open_file(empty, STORE_READ, &diag), ERR_NOT_FOUND);
    assert_int_equal(stat(empty, &stat_of), 0);
    assert_int_equal(stat_of.st_size, 0);
    for (enum store_mode mode = STORE_SERVE; mode <= STORE_READ; mode++) {
        assert_int_equal(open_file(path, mode, &diag), 0);
        assert_int_equal(open_file(empty, mode, &diag), 0);
    }
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(diag.count, 0);
    free(empty);
    free(path);
}

static void a_new_database_that_another_program_holds_is_refused(void **state)
{
    char *path = mem_format("%s/x.db", (const char *)*state);
    sqlite3 *other;

    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    run_sql(other, "BEGIN EXCLUSIVE");
    assert_refused(path, STORE_SERVE, "another program holds");
    run_sql(other, "ROLLBACK");
    sqlite3_close(other);
    free(path);
}

/* Started while a long write of another program runs: it serves, and writes when that has ended. */
static void a_lock_at_the_start_is_waited_out(void **state)
{
    struct scene scene;
    struct diag diag = {0};

    begin(&scene, state);
    store_close(scene.store, on_closed);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    run_sql(scene.other, "BEGIN IMMEDIATE");
    assert_int_equal(store_open(scene.url, STORE_SERVE, &scene.loop, &scene, &diag, &scene.store),
                     0);
    find(&scene, 1);
    wait_for_find(&scene);
    assert_int_equal(scene.found, ERR_NOT_FOUND);
    run_sql(scene.other, "ROLLBACK");
    put(&scene, 1, "Newcomer");
    wait_for_puts(&scene, 1, 1);
    assert_int_equal(scene.puts[1], 0);
    end(&scene);
}

static void on_listed(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct scene *scene = owner;

    (void)id;
    if (!record) {
        scene->puts[0] = err;
        return;
    }
    scene->finds++;
    assert_int_equal(record->seq, scene->finds);
    assert_string_equal(record->name, scene->finds == 1 ? "Before" : "After");
    assert_string_equal(record->purposes, "service,analytics");
    assert_int_equal(record->decided_at_ms, 1767225600123);
    assert_int_equal(record->decision, CONSENT_ACCEPTED);
}

/* As schema 1 was, with two consents of one person, and one value. */
static const char of_schema_1[] =
    "CREATE TABLE consent (id INTEGER PRIMARY KEY, player TEXT NOT NULL, name TEXT NOT NULL,"
    " decision TEXT NOT NULL, policy_version TEXT NOT NULL, policy_sha256 TEXT NOT NULL,"
    " language TEXT NOT NULL, method TEXT NOT NULL, identity TEXT NOT NULL,"
    " purposes TEXT NOT NULL, server TEXT NOT NULL, protocol INTEGER NOT NULL,"
    " shown_at INTEGER NOT NULL, decided_at INTEGER NOT NULL, nonce TEXT NOT NULL,"
    " action TEXT NOT NULL);"
    "CREATE TABLE observation (id INTEGER PRIMARY KEY, player TEXT NOT NULL, server TEXT NOT NULL,"
    " field TEXT NOT NULL, purpose TEXT NOT NULL, value BLOB NOT NULL,"
    " policy_version TEXT NOT NULL, rules_hash TEXT NOT NULL, observed_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL);"
    "CREATE INDEX observation_player ON observation (player);"
    "CREATE INDEX observation_end ON observation (expires_at);"
    "CREATE TABLE tally (server TEXT NOT NULL, field TEXT NOT NULL, purpose TEXT NOT NULL,"
    " value BLOB NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL, PRIMARY KEY (server, field, purpose, value, day)) WITHOUT ROWID;"
    "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version = 1;"
    "INSERT INTO consent VALUES (4, '03000000-0000-0000-0000-000000000000', 'Before', 'accepted',"
    " '1', 'aa', 'en', 'book', 'verified', 'service,analytics', 'lobby', 47, 1, 1767225600123, '',"
    " 'click'), (9, '03000000-0000-0000-0000-000000000000', 'After', 'accepted', '1', 'aa', 'en',"
    " 'book', 'verified', 'service,analytics', 'lobby', 47, 1, 1767225600123, '', 'click');"
    "INSERT INTO observation VALUES (1, '03000000-0000-0000-0000-000000000000', 'lobby',"
    " 'client.brand', 'service', 'vanilla', '1', 'h', 1, 99999999999999);";

static void what_an_earlier_version_recorded_becomes_part_of_the_ledger(void **state)
{
    char *path = mem_format("%s/data/sekisho.db", (const char *)*state);
    char *folder = mem_format("%s/data", (const char *)*state);
    struct scene scene;
    sqlite3_stmt *row;

    assert_int_equal(mkdir(folder, 0700), 0);
    database_of(path, of_schema_1);
    begin(&scene, state);
    store_consent_list(scene.store, 0, "after", on_listed);
    wait_for_puts(&scene, 0, 0);
    assert_int_equal(scene.puts[0], 0);
    assert_int_equal(scene.finds, 2);
    find(&scene, 3);
    wait_for_find(&scene);
    assert_int_equal(scene.found, 0);
    assert_int_equal(
        sqlite3_prepare_v2(scene.other,
                           "SELECT o.value, (SELECT count(*) FROM sqlite_master"
                           " WHERE tbl_name IN ('consent_2', 'observation_2')) FROM observation o"
                           " JOIN person p ON p.subject = o.subject",
                           -1, &row, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(row, 0), "vanilla");
    assert_int_equal(sqlite3_column_int(row, 1), 0);
    sqlite3_finalize(row);
    end(&scene);
    free(folder);
    free(path);
}

static bool holds(const char *path, const char *end, const char *word)
{
    char *name = mem_format("%s%s", path, end);
    FILE *file = fopen(name, "rb");
    static char bytes[1024 * 1024];
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;

    if (file)
        fclose(file);
    free(name);
    return memmem(bytes, len, word, strlen(word)) != NULL;
}

static void on_count(sqlite3 *handle, const char *sql, int expected)
{
    sqlite3_stmt *row;

    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(row, 0), expected);
    sqlite3_finalize(row);
}

#define OBSERVATION                                                                                \
    "INSERT INTO observation (subject, server, field, purpose, value, policy_version, rules_hash," \
    " observed_at, expires_at) VALUES ('s', 'game', 'client.brand', 'service', "
#define TALLY "INSERT INTO tally VALUES ('game', 'client.brand', 'service', "

/* What expired while nobody looked is gone when it is opened; a clock that was wrong keeps nothing.
 */
static void what_has_expired_is_erased(void **state)
{
    struct diag diag = {0};
    struct scene scene;

    begin(&scene, state);
    put(&scene, 1, "Somebody");
    wait_for_puts(&scene, 1, 1);
    run_sql(scene.other, OBSERVATION "'canaryexpired', '1', 'x', 1000, 2000)");
    run_sql(scene.other, OBSERVATION "'lasting', '1', 'x', 1000, 4102444800000)");
    /* Observed in 2100, for a week. */
    run_sql(scene.other, OBSERVATION "'future', '1', 'x', 4102444800000, 4103049600000)");
    run_sql(scene.other, TALLY "'canarytally', 1, 1, 2000, 0)");
    run_sql(scene.other, TALLY "'future', 47482, 1, 4103049600000, 0)");
    assert_true(holds(scene.path, "-wal", "canaryexpired"));
    store_close(scene.store, on_closed);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    assert_int_equal(store_open(scene.url, STORE_SERVE, &scene.loop, &scene, &diag, &scene.store),
                     0);
    put(&scene, 2, "Another");
    wait_for_puts(&scene, 2, 2);
    on_count(scene.other, "SELECT count(*) FROM observation", 2);
    on_count(scene.other,
             "SELECT count(*) FROM observation WHERE value = 'future' AND observed_at <="
             " unixepoch() * 1000 + 1000 AND expires_at - observed_at = 604800000",
             1);
    on_count(scene.other, "SELECT count(*) FROM tally", 0);
    assert_false(holds(scene.path, "", "canary"));
    assert_false(holds(scene.path, "-wal", "canary"));
    end(&scene);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(reads_do_not_wait_for_a_write_that_is_stuck),
        IN_FOLDER(who_withdraws_is_found_so_at_once),
        IN_FOLDER(a_lock_that_does_not_end_fails_the_write_and_nothing_else),
        IN_FOLDER(what_was_answered_is_seen_by_the_next_read),
        IN_FOLDER(a_write_that_fails_takes_no_other_along),
        IN_FOLDER(what_is_no_database_of_ours_is_named_and_left_alone),
        IN_FOLDER(a_damaged_database_is_called_so),
        IN_FOLDER(a_new_database_takes_shape_when_it_is_served),
        IN_FOLDER(a_new_database_that_another_program_holds_is_refused),
        IN_FOLDER(a_lock_at_the_start_is_waited_out),
        IN_FOLDER(what_an_earlier_version_recorded_becomes_part_of_the_ledger),
        IN_FOLDER(what_has_expired_is_erased),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
