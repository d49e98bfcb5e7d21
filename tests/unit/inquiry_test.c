/* Inquiries in the store, on a real database in a folder of the test's own. */
#include "store/store.h"

#include "base/clock.h"
#include "base/err.h"
#include "fixture.h"

#include <sqlite3.h>

enum { DAY_MS = 86400000, WAITING = 1 };

struct scene {
    char *path;
    char *url;
    uv_loop_t loop;
    struct store *store;
    int done; /* the answer to the last write; WAITING while there is none */
    bool listed;
    char all[256]; /* "number message|" of each */
};

static void on_closed(void *owner)
{
    (void)owner;
}

static void open_store(struct scene *scene)
{
    struct diag diag = {0};

    assert_int_equal(store_open(scene->url, STORE_SERVE, &scene->loop, scene, &diag, &scene->store),
                     0);
    assert_int_equal(diag.count, 0);
}

static void close_store(struct scene *scene)
{
    store_close(scene->store, on_closed);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
}

static void begin(struct scene *scene, void **state)
{
    *scene = (struct scene){.path = mem_format("%s/sekisho.db", (const char *)*state)};
    scene->url = mem_format("sqlite:%s", scene->path);
    assert_int_equal(uv_loop_init(&scene->loop), 0);
    open_store(scene);
}

static void end(struct scene *scene)
{
    close_store(scene);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    free(scene->url);
    free(scene->path);
}

static void on_done(void *owner, uint64_t id, int err)
{
    (void)id;
    ((struct scene *)owner)->done = err;
}

static int wait_done(struct scene *scene)
{
    while (scene->done == WAITING)
        uv_run(&scene->loop, UV_RUN_ONCE);
    return scene->done;
}

static void meet(struct scene *scene, uint8_t player)
{
    struct consent_record record = {.player = {.bytes = {player}},
                                    .name = "Asker",
                                    .decision = CONSENT_ACCEPTED,
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_VERIFIED};

    scene->done = WAITING;
    store_consent_put(scene->store, 0, &record, on_done);
    assert_int_equal(wait_done(scene), 0);
}

static int ask(struct scene *scene, uint8_t player, const char *message, int64_t expires_at_ms)
{
    struct store_inquiry inquiry = {.player = {.bytes = {player}},
                                    .email = "asker@example.net",
                                    .message = message,
                                    .asked_at_ms = clock_wall_ms(),
                                    .expires_at_ms = expires_at_ms};

    scene->done = WAITING;
    store_inquiry_put(scene->store, 0, &inquiry, on_done);
    return wait_done(scene);
}

static int answer(struct scene *scene, int64_t number)
{
    scene->done = WAITING;
    store_inquiry_answered(scene->store, 0, number, clock_wall_ms(), on_done);
    return wait_done(scene);
}

static void on_inquiry(void *owner, uint64_t id, int err, const struct store_inquiry *inquiry)
{
    struct scene *scene = owner;
    size_t len = strlen(scene->all);

    (void)id;
    assert_int_equal(err, 0);
    scene->listed = !inquiry;
    if (!inquiry)
        return;
    assert_string_equal(inquiry->player_name, "Asker");
    assert_string_equal(inquiry->email, "asker@example.net");
    assert_string_equal(inquiry->company, "");
    snprintf(scene->all + len, sizeof scene->all - len, "%lld %s%s|", (long long)inquiry->number,
             inquiry->message, inquiry->answered_at_ms ? " (answered)" : "");
}

static void assert_list(struct scene *scene, const char *expected)
{
    scene->all[0] = '\0';
    scene->listed = false;
    store_inquiry_list(scene->store, 0, on_inquiry);
    while (!scene->listed)
        uv_run(&scene->loop, UV_RUN_ONCE);
    assert_string_equal(scene->all, expected);
}

static void on_held(void *owner, uint64_t id, int err, const struct store_held *held)
{
    struct scene *scene = owner;
    size_t len = strlen(scene->all);

    (void)id;
    assert_int_equal(err, 0);
    scene->listed = !held;
    if (held)
        snprintf(scene->all + len, sizeof scene->all - len, "%s %s %.*s|", held->field,
                 held->purpose, (int)held->value.len, (const char *)held->value.data);
}

static int64_t later(void)
{
    return clock_wall_ms() + DAY_MS;
}

static void an_inquiry_is_kept_listed_and_answered(void **state)
{
    struct scene scene;

    begin(&scene, state);
    meet(&scene, 1);
    assert_int_equal(ask(&scene, 1, "where is my house", later()), 0);
    assert_int_equal(ask(&scene, 1, "and my dog", later()), 0);
    assert_int_equal(answer(&scene, 1), 0);
    assert_int_equal(answer(&scene, 3), ERR_NOT_FOUND);
    assert_list(&scene, "1 where is my house (answered)|2 and my dog|");
    end(&scene);
}

static void what_a_player_asked_is_held_of_them_and_of_nobody_else(void **state)
{
    struct scene scene;
    struct uuid players[2] = {{.bytes = {1}}, {.bytes = {2}}};

    begin(&scene, state);
    meet(&scene, 1);
    meet(&scene, 2);
    assert_int_equal(ask(&scene, 1, "one", later()), 0);
    assert_int_equal(ask(&scene, 1, "two", later()), 0);
    for (size_t i = 0; i < 2; i++) {
        scene.all[0] = '\0';
        scene.listed = false;
        store_held_list(scene.store, 0, &players[i], on_held);
        while (!scene.listed)
            uv_run(&scene.loop, UV_RUN_ONCE);
        assert_string_equal(scene.all, i == 1 ? ""
                                              : "inquiry.email inquiry asker@example.net|"
                                                "inquiry.message inquiry one|"
                                                "inquiry.email inquiry asker@example.net|"
                                                "inquiry.message inquiry two|");
    }
    end(&scene);
}

static void nobody_unknown_can_ask(void **state)
{
    struct scene scene;

    begin(&scene, state);
    assert_int_equal(ask(&scene, 1, "who am I", later()), ERR_NOT_FOUND);
    assert_list(&scene, "");
    end(&scene);
}

static void a_player_waits_for_so_many_answers_and_no_more(void **state)
{
    struct scene scene;

    begin(&scene, state);
    meet(&scene, 1);
    meet(&scene, 2);
    for (int i = 0; i < STORE_INQUIRIES_OPEN_MAX; i++)
        assert_int_equal(ask(&scene, 1, "again", later()), 0);
    assert_int_equal(ask(&scene, 1, "again", later()), ERR_REFUSED);
    assert_int_equal(ask(&scene, 2, "me, too", later()), 0);
    assert_int_equal(answer(&scene, 1), 0);
    assert_int_equal(ask(&scene, 1, "again", later()), 0);
    end(&scene);
}

static void an_inquiry_ends_with_its_time(void **state)
{
    struct scene scene;

    begin(&scene, state);
    meet(&scene, 1);
    assert_int_equal(ask(&scene, 1, "gone", clock_wall_ms() - 1), 0);
    assert_int_equal(ask(&scene, 1, "stays", later()), 0);
    close_store(&scene); /* which sweeps */
    open_store(&scene);
    assert_list(&scene, "2 stays|");
    end(&scene);
}

/* The key is all that has to be destroyed. */
static void what_was_asked_stands_nowhere_in_the_clear_and_ends_with_the_key(void **state)
{
    struct scene scene;
    sqlite3 *other;
    sqlite3_stmt *row;

    begin(&scene, state);
    meet(&scene, 1);
    assert_int_equal(ask(&scene, 1, "a secret of mine", later()), 0);
    assert_int_equal(sqlite3_open(scene.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(other,
                                        "SELECT instr(sealed, CAST('secret' AS BLOB)) FROM inquiry",
                                        -1, &row, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(row, 0), 0);
    sqlite3_finalize(row);
    sqlite3_busy_timeout(other, 5000);
    assert_int_equal(sqlite3_exec(other, "DELETE FROM person", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_list(&scene, "");
    end(&scene);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(an_inquiry_is_kept_listed_and_answered),
        IN_FOLDER(what_a_player_asked_is_held_of_them_and_of_nobody_else),
        IN_FOLDER(nobody_unknown_can_ask),
        IN_FOLDER(a_player_waits_for_so_many_answers_and_no_more),
        IN_FOLDER(an_inquiry_ends_with_its_time),
        IN_FOLDER(what_was_asked_stands_nowhere_in_the_clear_and_ends_with_the_key),
    };

    return cmocka_run_group_tests_name("inquiry", tests, NULL, NULL);
}
