/* What plugins keep that is nobody's, how much, and for how long. */
#include "plugin_scene.h"

static void values_are_kept_for_one_plugin_over_a_restart(void **state)
{
    struct scene scene;

    begin(&scene, state);
    assert_int_equal(put(&scene, "greeter", "words", "hello"), 0);
    assert_int_equal(put(&scene, "greeter", "words", "good day"), 0);
    assert_int_equal(put(&scene, "other", "words", "mine"), 0);
    close_store(&scene);
    open_store(&scene);
    assert_string_equal(get(&scene, "greeter", "words"), "words=good day ");
    assert_string_equal(get(&scene, "other", "words"), "words=mine ");
    assert_string_equal(get(&scene, "third", "words"), "");
    end(&scene);
}

static void keys_are_listed_by_prefix_in_pages_and_deleted(void **state)
{
    static const char *const keys[] = {"b:2", "a", "b:1", "b:3", "c", "b:\xE3\x81\x82"};
    struct store_plugin_row row = row_of("greeter", "b:1", "");
    struct plugin_scene scene;

    begin(&scene.base, state);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(put(&scene.base, "greeter", keys[i], "x"), 0);
    assert_int_equal(put(&scene.base, "other", "b:4", "x"), 0);
    assert_string_equal(list(&scene.base, "b:", "", 2), "b:1=x b:2=x ");
    assert_string_equal(list(&scene.base, "b:", "b:2", 2), "b:3=x b:\xE3\x81\x82=x ");
    assert_string_equal(list(&scene.base, "", "b:3", 9), "b:\xE3\x81\x82=x c=x ");
    assert_int_equal(delete_row(&scene.base, &row), 0);
    assert_int_equal(delete_row(&scene.base, &row), ERR_NOT_FOUND);
    row.key = "b:";
    assert_int_equal(count(&scene, &row), 3);
    row.key = "";
    assert_int_equal(count(&scene, &row), 5);
    end(&scene.base);
}

/* One that is as large as it may be, and four times as many as a page has. */
static void a_page_of_large_values_is_a_short_one(void **state)
{
    char *large = mem_alloc(STORE_PLUGIN_VALUE_BYTES_MAX + 1);
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of("greeter", "", "");
    struct store_plugin_row own = row_of_player(&player, "", "");
    struct plugin_scene scene;
    char key[16];

    memset(large, 'x', STORE_PLUGIN_VALUE_BYTES_MAX);
    begin(&scene.base, state);
    answer_policy(&scene.base, 1, "Known", "service", CONSENT_ACCEPTED);
    for (int i = 0; i < 64; i++) {
        snprintf(key, sizeof key, "%02d", i);
        assert_int_equal(put(&scene.base, "greeter", key, large), 0);
        assert_int_equal(put_of(&scene.base, 1, key, large), 0);
    }
    assert_int_equal(strlen(list_rows(&scene.base, &row, "", 64)),
                     16 * (STORE_PLUGIN_VALUE_BYTES_MAX + 4));
    assert_int_equal(strlen(list_rows(&scene.base, &own, "15", 64)),
                     16 * (STORE_PLUGIN_VALUE_BYTES_MAX + 4));
    assert_int_equal(memcmp(buf_text(&scene.base.values), "16=", 3), 0);
    assert_int_equal(count(&scene, &row), 64);
    assert_int_equal(count(&scene, &own), 64);
    end(&scene.base);
    free(large);
}

static int64_t drop(struct plugin_scene *scene, const char *plugin)
{
    scene->base.err = WAITING;
    store_plugin_drop(scene->base.store, 0, plugin, on_number);
    wait_for_answer(&scene->base);
    assert_int_equal(scene->base.err, 0);
    return scene->number;
}

static void all_of_one_plugin_can_be_dropped(void **state)
{
    struct plugin_scene scene;

    begin(&scene.base, state);
    answer_policy(&scene.base, 1, "Known", "service", CONSENT_ACCEPTED);
    assert_int_equal(put(&scene.base, "greeter", "a", "1"), 0);
    assert_int_equal(put(&scene.base, "greeter", "b", "2"), 0);
    assert_int_equal(put(&scene.base, "other", "a", "3"), 0);
    assert_int_equal(put_of(&scene.base, 1, "wins", "4"), 0);
    assert_int_equal(drop(&scene, "greeter"), 3);
    assert_int_equal(drop(&scene, "greeter"), 0);
    assert_string_equal(get(&scene.base, "greeter", "a"), "");
    assert_string_equal(get_of(&scene.base, 1, "wins"), "");
    assert_string_equal(get(&scene.base, "other", "a"), "a=3 ");
    end(&scene.base);
}

static void what_has_expired_is_not_seen_and_goes(void **state)
{
    struct store_plugin_row row = row_of("greeter", "short", "x");
    struct plugin_scene scene;

    begin(&scene.base, state);
    row.expires_at_ms = clock_wall_ms() - 1;
    assert_int_equal(put_row(&scene.base, &row), 0);
    assert_int_equal(put(&scene.base, "greeter", "long", "x"), 0);
    assert_string_equal(get(&scene.base, "greeter", "short"), "");
    assert_string_equal(list(&scene.base, "", "", 9), "long=x ");
    close_store(&scene.base); /* which sweeps */
    open_store(&scene.base);
    scene_sql(&scene.base, "CREATE TEMP TABLE one (n CHECK (n = 1));"
                           "INSERT INTO one SELECT count(*) FROM plugin_value;"
                           "INSERT INTO one SELECT held FROM plugin_use");
    end(&scene.base);
}

static void numbers_are_added_to_and_nothing_else_is(void **state)
{
    struct store_plugin_row row = row_of("greeter", "visits", "");
    struct plugin_scene scene;

    begin(&scene.base, state);
    assert_int_equal(add(&scene, &row, 5), 0);
    assert_int_equal(add(&scene, &row, -7), 0);
    assert_int_equal(scene.number, -2);
    assert_string_equal(get(&scene.base, "greeter", "visits"), "visits=-2 ");
    assert_int_equal(put(&scene.base, "greeter", "visits", "9223372036854775807"), 0);
    assert_int_equal(add(&scene, &row, 1), ERR_INVALID);
    assert_int_equal(put(&scene.base, "greeter", "visits", "\"2\""), 0);
    assert_int_equal(add(&scene, &row, 1), ERR_INVALID);
    assert_string_equal(get(&scene.base, "greeter", "visits"), "visits=\"2\" ");
    end(&scene.base);
}

static void many_that_add_at_once_lose_nothing(void **state)
{
    struct store_plugin_row row = row_of("greeter", "visits", "");
    struct plugin_scene scene = {.number = 0};

    begin(&scene.base, state);
    for (int i = 0; i < 100; i++)
        store_plugin_add(scene.base.store, 0, &row, 1, on_number);
    while (scene.number < 100) /* they are answered a part after the other */
        uv_run(&scene.base.loop, UV_RUN_ONCE);
    assert_int_equal(add(&scene, &row, 1), 0);
    assert_int_equal(scene.number, 101);
    end(&scene.base);
}

static void a_plugin_may_hold_so_much_and_no_more(void **state)
{
    char *large = mem_alloc(STORE_PLUGIN_VALUE_BYTES_MAX + 2);
    struct scene scene;

    memset(large, 'x', STORE_PLUGIN_VALUE_BYTES_MAX + 1);
    begin(&scene, state);
    assert_int_equal(put(&scene, "greeter", "k", large), ERR_TOO_LARGE);
    assert_int_equal(put(&scene, "greeter",
                         large + STORE_PLUGIN_VALUE_BYTES_MAX - STORE_PLUGIN_KEY_BYTES_MAX, ""),
                     ERR_TOO_LARGE);
    large[STORE_PLUGIN_VALUE_BYTES_MAX] = '\0';
    assert_int_equal(put(&scene, "greeter", "k", large), 0);
    scene_sql(&scene, "UPDATE plugin_use SET bytes = bytes + 64 * 1024 * 1023 - 1");
    assert_int_equal(put(&scene, "greeter", "k", large), 0); /* in the place of the old one */
    assert_int_equal(put(&scene, "greeter", "l", "x"), ERR_TOO_LARGE);
    assert_int_equal(put(&scene, "greeter", "k", "x"), 0);
    assert_int_equal(put(&scene, "greeter", "l", "x"), 0);
    scene_sql(&scene, "UPDATE plugin_use SET bytes = 0, held = 1000000");
    assert_int_equal(put(&scene, "greeter", "m", "x"), ERR_TOO_LARGE);
    assert_int_equal(put(&scene, "greeter", "l", "y"), 0);
    assert_int_equal(put(&scene, "other", "m", "x"), 0);
    end(&scene);
    free(large);
}

static void a_clock_that_was_wrong_keeps_nothing_for_longer(void **state)
{
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of_player(&player, "wins", "3");
    struct scene scene;

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    row.written_at_ms = clock_wall_ms() + 1000 * day_ms;
    row.expires_at_ms = row.written_at_ms + day_ms;
    assert_int_equal(put_row(&scene, &row), 0);
    close_store(&scene);
    open_store(&scene);
    assert_string_equal(get_of(&scene, 1, "wins"), "wins=3 ");
    end(&scene);
    begin(&scene, state);
    scene_sql(&scene, "CREATE TEMP TABLE one (n CHECK (n = 1));"
                      "INSERT INTO one SELECT expires_at <= (unixepoch() + 86401) * 1000"
                      " FROM plugin_personal");
    end(&scene);
}

static void a_database_of_schema_4_gets_the_tables(void **state)
{
    struct scene scene;

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    close_store(&scene);
    scene_sql(&scene, "DROP TABLE plugin_value; DROP TABLE plugin_personal; DROP TABLE plugin_use;"
                      "PRAGMA user_version = 4");
    open_store(&scene);
    assert_int_equal(find_person(&scene, "Known"), 0);
    assert_int_equal(put_of(&scene, 1, "wins", "3"), 0);
    assert_string_equal(get_of(&scene, 1, "wins"), "wins=3 ");
    end(&scene);
}

static void on_one_of_many(void *owner, uint64_t id, int err)
{
    struct plugin_scene *scene = owner;

    (void)id;
    assert_int_equal(err, 0);
    scene->number++;
    if (scene->base.err == WAITING)
        scene->before++;
}

/* Lets the store go on, which waited for the database until all was asked for. */
static void on_all_asked_for(uv_timer_t *timer)
{
    sqlite3 *other = timer->data;

    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    uv_close((uv_handle_t *)timer, NULL);
}

static void a_player_does_not_wait_for_all_that_plugins_asked_for(void **state)
{
    enum { MANY = 2000 };
    struct plugin_scene scene = {.number = 0};
    uv_timer_t asked;
    sqlite3 *other;

    begin(&scene.base, state);
    assert_int_equal(sqlite3_open(scene.base.path, &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 10000); /* the store may still be opening it */
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    uv_timer_init(&scene.base.loop, &asked);
    asked.data = other;
    uv_timer_start(&asked, on_all_asked_for, 0, 0);
    for (int i = 0; i < MANY; i++) {
        struct store_plugin_row row = row_of("greeter", "key", "1");

        store_plugin_put(scene.base.store, 0, &row, on_one_of_many);
    }
    answer_policy(&scene.base, 1, "Known", "service", CONSENT_ACCEPTED);
    assert_in_range(scene.before, 0, MANY / 2);
    sqlite3_close(other);
    end(&scene.base);
    assert_int_equal(scene.number, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(values_are_kept_for_one_plugin_over_a_restart),
        IN_FOLDER(keys_are_listed_by_prefix_in_pages_and_deleted),
        IN_FOLDER(a_page_of_large_values_is_a_short_one),
        IN_FOLDER(all_of_one_plugin_can_be_dropped),
        IN_FOLDER(what_has_expired_is_not_seen_and_goes),
        IN_FOLDER(numbers_are_added_to_and_nothing_else_is),
        IN_FOLDER(many_that_add_at_once_lose_nothing),
        IN_FOLDER(a_plugin_may_hold_so_much_and_no_more),
        IN_FOLDER(a_clock_that_was_wrong_keeps_nothing_for_longer),
        IN_FOLDER(a_database_of_schema_4_gets_the_tables),
        IN_FOLDER(a_player_does_not_wait_for_all_that_plugins_asked_for),
    };

    return cmocka_run_group_tests_name("plugin_data", tests, NULL, NULL);
}
