/* Tasks as the store keeps them, and how long they rest. */
#include "store/task_rows.h"

#include "base/err.h"
#include "fixture.h"
#include "store/intents.h"

static void rests_grow_to_an_hour_and_outlast_an_outage(void **state)
{
    int64_t least = 0;

    (void)state;
    assert_in_range(task_rest_ms(1, 0), 1000, 2000);
    assert_in_range(task_rest_ms(1, UINT32_MAX), 1000, 2000);
    for (int attempts = 1; attempts < TASK_ATTEMPTS_MAX; attempts++) {
        assert_true(task_rest_ms(attempts, 0) <= task_rest_ms(attempts + 1, 0));
        assert_in_range(task_rest_ms(attempts, (uint32_t)attempts * 123456789u), 1000,
                        TASK_REST_MS_MAX);
        least += task_rest_ms(attempts, 0);
    }
    assert_in_range(task_rest_ms(1000000, UINT32_MAX), TASK_REST_MS_MAX / 2, TASK_REST_MS_MAX);
    /* Two hours, however chance would have it. */
    assert_true(least > 2 * INT64_C(3600000));
}

static struct sqlite *begin(void **state)
{
    char *path = mem_format("%s/sekisho.db", (const char *)*state);
    struct consent_record record = {.player = {{1}}, .name = "Somebody"};
    struct diag diag = {0};
    struct sqlite *db;

    assert_int_equal(sqlite_open(path, STORE_SERVE, &diag, &db), 0);
    assert_int_equal(sqlite_begin(db), 0);
    assert_int_equal(sqlite_consent_put(db, &record), 0);
    free(path);
    return db;
}

static void visit(struct sqlite *db)
{
    static const char *const servers[] = {"a", "b", "a"};
    struct uuid player = {{1}};

    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
        assert_int_equal(sqlite_visit(db, &player, servers[i]), 0);
}

static void end(struct sqlite *db)
{
    sqlite_rollback(db);
    sqlite_close(db);
}

static void prepare(struct sqlite *db, int64_t request, size_t count)
{
    const struct store_task tasks[] = {{.server = "a", .name = "Somebody", .uuid = "1"},
                                       {.server = "b", .name = "Xyz", .uuid = "2"}};
    const struct store_telling telling = {
        .request = request, .player = {{1}}, .tasks = tasks, .count = count};

    visit(db);
    assert_int_equal(sqlite_tasks_prepare(db, &telling, 1000), 0);
}

static void put(struct sqlite *db, int64_t request, size_t count)
{
    struct store_person person;

    prepare(db, request, count);
    assert_int_equal(sqlite_person_find(db, "Somebody", &person), 0);
    assert_int_equal(sqlite_tasks_begin(db, person.subject, 1000), 0);
}

static int move(struct sqlite *db, int64_t number, enum task_step step, int attempts)
{
    struct store_task_step change = {.number = number,
                                     .step = step,
                                     .attempts = attempts,
                                     .at_ms = 2000,
                                     .next_at_ms = 5000,
                                     .problem = "no answer",
                                     .by = "Ann",
                                     .reason = "gone"};

    return sqlite_task_move(db, &change);
}

/* How many are due at that time; all of them are freed. */
static int due(struct sqlite *db, int64_t now_ms)
{
    struct store_task tasks[4];
    int count = sqlite_task_page(db, 0, now_ms, tasks, 4);

    for (int i = 0; i < count; i++)
        sqlite_task_free(&tasks[i]);
    return count;
}

static void one_claim_wins(void **state)
{
    struct sqlite *db = begin(state);

    put(db, 1, 1);
    assert_int_equal(due(db, 999), 0);
    assert_int_equal(due(db, 1000), 1);
    assert_int_equal(move(db, 1, TASK_STEP_CLAIM, 0), 0);
    assert_int_equal(move(db, 1, TASK_STEP_CLAIM, 0), ERR_NOT_FOUND);
    assert_int_equal(due(db, 4999), 0);
    assert_int_equal(due(db, 5000), 1);
    /* The clock went back by more than any rest takes: it is due, and not in a year. */
    assert_int_equal(due(db, 1), 0);
    assert_int_equal(due(db, 5000 - TASK_REST_MS_MAX - 1), 1);
    end(db);
}

static void what_it_took_goes_with_the_task(void **state)
{
    struct sqlite *db = begin(state);
    struct store_task tasks[4];

    put(db, 7, 2);
    assert_int_equal(move(db, 1, TASK_STEP_TOLD, 0), 0);
    assert_int_equal(move(db, 1, TASK_STEP_TOLD, 0), ERR_NOT_FOUND);
    assert_int_equal(move(db, 1, TASK_STEP_RETRY, 0), ERR_NOT_FOUND);
    assert_int_equal(move(db, 2, TASK_STEP_STUCK, 0), 0);
    assert_int_equal(due(db, 5000), 0);
    assert_int_equal(move(db, 2, TASK_STEP_RETRY, 0), 0);
    assert_int_equal(due(db, 5000), 1);
    assert_int_equal(move(db, 2, TASK_STEP_DROP, 0), 0);
    assert_int_equal(sqlite_task_page(db, 0, 0, tasks, 4), 2);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(tasks[i].name, "");
        assert_string_equal(tasks[i].uuid, "");
        assert_string_equal(tasks[i].problem, "");
        assert_int_equal(tasks[i].state, i == 0 ? TASK_DONE : TASK_DROPPED);
        sqlite_task_free(&tasks[i]);
    }
    end(db);
}

static void a_server_that_nobody_was_sent_to_is_not_told(void **state)
{
    const struct store_task tasks[] = {{.server = "a", .name = "Somebody", .uuid = "1"},
                                       {.server = "c", .name = "Somebody", .uuid = "1"}};
    const struct store_telling telling = {.player = {{1}}, .tasks = tasks, .count = 2};
    struct sqlite *db = begin(state);
    struct store_task found[4];
    struct store_person person;

    visit(db);
    assert_int_equal(sqlite_tasks_prepare(db, &telling, 1000), 0);
    assert_int_equal(sqlite_person_find(db, "Somebody", &person), 0);
    assert_int_equal(sqlite_tasks_begin(db, person.subject, 1000), 0);
    assert_int_equal(sqlite_task_page(db, 0, 0, found, 4), 1);
    assert_string_equal(found[0].server, "a");
    sqlite_task_free(&found[0]);
    end(db);
}

static void what_is_prepared_waits_for_the_erasure(void **state)
{
    const struct store_telling nobody = {.player = {{9}}};
    struct sqlite *db = begin(state);

    assert_int_equal(sqlite_tasks_prepare(db, &nobody, 1000), ERR_NOT_FOUND);
    prepare(db, 1, 2);
    assert_int_equal(due(db, INT64_MAX / 2), 0);
    assert_int_equal(move(db, 1, TASK_STEP_CLAIM, 0), ERR_NOT_FOUND);
    assert_int_equal(move(db, 1, TASK_STEP_RETRY, 0), ERR_NOT_FOUND);
    /* What is prepared anew takes its place. */
    put(db, 2, 1);
    assert_int_equal(due(db, 1000), 1);
    end(db);
}

/* The intent is on the disk, and then nothing more is. */
static void an_erasure_that_broke_off_still_tells(void **state)
{
    struct sqlite *db = begin(state);
    struct store_person person;
    char *path = mem_format("%s/sekisho.db", (const char *)*state);
    struct diag diag = {0};

    prepare(db, 1, 2);
    assert_int_equal(sqlite_person_find(db, "Somebody", &person), 0);
    assert_int_equal(sqlite_commit(db), 0);
    assert_int_equal(intents_add(db->intents, person.subject), 0);
    sqlite_close(db);
    assert_int_equal(sqlite_open(path, STORE_SERVE, &diag, &db), 0);
    assert_int_equal(sqlite_settle(db, true), 0);
    assert_int_equal(sqlite_person_find(db, "Somebody", &person), ERR_NOT_FOUND);
    assert_int_equal(due(db, INT64_MAX / 2), 2);
    sqlite_close(db);
    free(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rests_grow_to_an_hour_and_outlast_an_outage),
        cmocka_unit_test_setup_teardown(one_claim_wins, fixture_folder, fixture_no_folder),
        cmocka_unit_test_setup_teardown(a_server_that_nobody_was_sent_to_is_not_told,
                                        fixture_folder, fixture_no_folder),
        cmocka_unit_test_setup_teardown(what_is_prepared_waits_for_the_erasure, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(an_erasure_that_broke_off_still_tells, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(what_it_took_goes_with_the_task, fixture_folder,
                                        fixture_no_folder),
    };

    return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
