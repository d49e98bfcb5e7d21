/* What plugins keep, on a real database in a folder of the test's own. */
#include "store/plugin_data.h"

#include "rights_scene.h"

static const int64_t never = 0;

struct plugin_scene {
    struct scene base;      /* is the store's owner */
    int64_t number, before; /* before a player's answer came */
};

/* A player who agreed to these purposes of the policy "community". */
static void answer_policy(struct scene *scene, uint16_t player, const char *name,
                          const char *purposes, enum consent_decision decision)
{
    struct consent_record record = {.player = player_of(player),
                                    .decision = decision,
                                    .policy = "community",
                                    .policy_version = "1",
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_VERIFIED,
                                    .decided_at_ms = clock_wall_ms()};

    snprintf(record.name, sizeof record.name, "%s", name);
    snprintf(record.purposes, sizeof record.purposes, "%s", purposes);
    scene->err = WAITING;
    store_consent_put(scene->store, 0, &record, on_done);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
}

static struct store_plugin_row row_of(const char *plugin, const char *key, const char *value)
{
    return (struct store_plugin_row){.plugin = plugin,
                                     .key = key,
                                     .value = slice_str(value),
                                     .written_at_ms = clock_wall_ms(),
                                     .expires_at_ms = never};
}

static struct store_plugin_row row_of_player(const struct uuid *player, const char *key,
                                             const char *value)
{
    struct store_plugin_row row = row_of("greeter", key, value);

    row.player = player;
    row.policy = "community";
    row.purpose = "service";
    row.expires_at_ms = row.written_at_ms + day_ms;
    return row;
}

static void on_nothing(void *owner, uint64_t id, int err)
{
    (void)owner;
    (void)id;
    assert_int_equal(err, 0);
}

static int put_row(struct scene *scene, const struct store_plugin_row *row)
{
    scene->err = WAITING;
    store_plugin_put(scene->store, 0, row, on_done);
    wait_for_answer(scene);
    return scene->err;
}

static int put(struct scene *scene, const char *plugin, const char *key, const char *value)
{
    struct store_plugin_row row = row_of(plugin, key, value);

    return put_row(scene, &row);
}

static int put_of(struct scene *scene, uint16_t number, const char *key, const char *value)
{
    struct uuid player = player_of(number);
    struct store_plugin_row row = row_of_player(&player, key, value);

    return put_row(scene, &row);
}

static void on_row(void *owner, uint64_t id, int err, const struct store_plugin_row *row)
{
    struct scene *scene = owner;
    bool is_list = id == 1;

    if (row)
        buf_append_format(&scene->values, "%s=%.*s%s%s ", row->key, (int)row->value.len,
                          (const char *)row->value.data, row->field[0] ? " " : "", row->field);
    if (!row || !is_list)
        scene->err = err;
}

/* "key=value ", or "" for none. */
static const char *get_row(struct scene *scene, const struct store_plugin_row *row)
{
    buf_clear(&scene->values);
    scene->err = WAITING;
    store_plugin_get(scene->store, 0, row, on_row);
    wait_for_answer(scene);
    assert_true(scene->err == 0 || scene->err == ERR_NOT_FOUND);
    return buf_text(&scene->values);
}

static const char *get(struct scene *scene, const char *plugin, const char *key)
{
    struct store_plugin_row row = row_of(plugin, key, "");

    return get_row(scene, &row);
}

static const char *get_of(struct scene *scene, uint16_t number, const char *key)
{
    struct uuid player = player_of(number);
    struct store_plugin_row row = row_of_player(&player, key, "");

    return get_row(scene, &row);
}

static const char *list_rows(struct scene *scene, const struct store_plugin_row *row,
                             const char *after, int max)
{
    buf_clear(&scene->values);
    scene->err = WAITING;
    store_plugin_list(scene->store, 1, row, after, max, on_row);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
    return buf_text(&scene->values);
}

static const char *list(struct scene *scene, const char *prefix, const char *after, int max)
{
    struct store_plugin_row row = row_of("greeter", prefix, "");

    return list_rows(scene, &row, after, max);
}

static int delete_row(struct scene *scene, const struct store_plugin_row *row)
{
    scene->err = WAITING;
    store_plugin_delete(scene->store, 0, row, on_done);
    wait_for_answer(scene);
    return scene->err;
}

static void on_number(void *owner, uint64_t id, int err, int64_t number)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    ((struct plugin_scene *)owner)->number = number;
}

static int add(struct plugin_scene *scene, const struct store_plugin_row *row, int64_t number)
{
    scene->base.err = WAITING;
    store_plugin_add(scene->base.store, 0, row, number, on_number);
    wait_for_answer(&scene->base);
    return scene->base.err;
}

static int64_t count(struct plugin_scene *scene, const struct store_plugin_row *row)
{
    scene->base.err = WAITING;
    store_plugin_count(scene->base.store, 0, row, on_number);
    wait_for_answer(&scene->base);
    assert_int_equal(scene->base.err, 0);
    return scene->number;
}

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

static void how_long_a_players_own_value_is_shows_in_no_limit(void **state)
{
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of_player(&player, "name", "");
    struct scene scene;
    char value[64] = "";

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    row.field = "player.name full";
    assert_int_equal(put_row(&scene, &row), 0);
    scene_sql(&scene, "UPDATE plugin_use SET bytes = 64 * 1024 * 1024");
    for (size_t i = 0; i < sizeof value - 1; i++) {
        value[i] = 'x';
        row.value = slice_str(value);
        assert_int_equal(put_row(&scene, &row), 0);
    }
    row.key = "more";
    assert_int_equal(put_row(&scene, &row), ERR_TOO_LARGE);
    row.value = slice_str("");
    assert_int_equal(put_row(&scene, &row), ERR_TOO_LARGE);
    end(&scene);
}

static void of_a_player_it_is_kept_for_what_they_agreed_to(void **state)
{
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of_player(&player, "wins", "3");
    struct scene scene;

    begin(&scene, state);
    assert_int_equal(put_of(&scene, 1, "wins", "3"), ERR_NOT_FOUND);
    answer_policy(&scene, 1, "Known", "service,playtime", CONSENT_ACCEPTED);
    assert_int_equal(put_of(&scene, 1, "wins", "3"), 0);
    row.purpose = "analytics";
    assert_int_equal(put_row(&scene, &row), ERR_REFUSED);
    row.purpose = "play"; /* a part of a word */
    assert_int_equal(put_row(&scene, &row), ERR_REFUSED);
    row.policy = "another";
    row.purpose = "service";
    assert_int_equal(put_row(&scene, &row), ERR_REFUSED);
    assert_string_equal(get_of(&scene, 1, "wins"), "wins=3 ");
    assert_string_equal(get(&scene, "greeter", "wins"), "");
    assert_string_equal(held_of(&scene, 1), "plugin greeter:3 ");
    assert_string_equal(held_of(&scene, 2), "");
    end(&scene);
}

static void a_players_keys_are_listed_counted_and_deleted(void **state)
{
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of_player(&player, "b:", "");
    struct plugin_scene scene;

    begin(&scene.base, state);
    answer_policy(&scene.base, 1, "Known", "service", CONSENT_ACCEPTED);
    answer_policy(&scene.base, 2, "Other", "service", CONSENT_ACCEPTED);
    assert_int_equal(put_of(&scene.base, 1, "b:2", "two"), 0);
    assert_int_equal(put_of(&scene.base, 1, "a", "no"), 0);
    assert_int_equal(put_of(&scene.base, 1, "b:1", "one"), 0);
    assert_int_equal(put_of(&scene.base, 2, "b:3", "three"), 0);
    assert_string_equal(list_rows(&scene.base, &row, "", 9), "b:1=one b:2=two ");
    assert_string_equal(list_rows(&scene.base, &row, "", 1), "b:1=one ");
    assert_string_equal(list_rows(&scene.base, &row, "b:1", 9), "b:2=two ");
    assert_int_equal(count(&scene, &row), 2);
    row.key = "b:1";
    assert_int_equal(delete_row(&scene.base, &row), 0);
    assert_int_equal(delete_row(&scene.base, &row), ERR_NOT_FOUND);
    row.key = "n";
    assert_int_equal(add(&scene, &row, 4), 0);
    assert_string_equal(get_of(&scene.base, 1, "n"), "n=4 ");
    row.field = "connection.ip";
    assert_int_equal(put_row(&scene.base, &row), 0);
    assert_string_equal(get_of(&scene.base, 1, "n"), "n= connection.ip ");
    assert_int_equal(add(&scene, &row, 4), ERR_INVALID);
    end(&scene.base);
}

static void of_one_player_a_plugin_keeps_so_many_values(void **state)
{
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of_player(&player, "", "");
    struct scene scene;
    char key[16];

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    for (int i = 1; i < STORE_PLUGIN_PLAYER_ROWS_MAX; i++) {
        snprintf(key, sizeof key, "%d", i);
        row.key = key;
        store_plugin_put(scene.store, 0, &row, on_nothing);
    }
    assert_int_equal(put_of(&scene, 1, "last", "x"), 0);
    assert_int_equal(put_of(&scene, 1, "one too many", "x"), ERR_TOO_LARGE);
    assert_int_equal(put_of(&scene, 1, "last", "y"), 0);
    end(&scene);
}

static void it_ends_with_the_purpose_that_a_player_leaves_out(void **state)
{
    struct uuid player = player_of(1);
    struct store_plugin_row row = row_of_player(&player, "time", "7");
    struct scene scene;

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service,playtime", CONSENT_ACCEPTED);
    row.purpose = "playtime";
    assert_int_equal(put_row(&scene, &row), 0);
    assert_int_equal(put_of(&scene, 1, "wins", "3"), 0);
    answer_policy(&scene, 1, "Known", "", CONSENT_DECLINED);
    assert_string_equal(get_of(&scene, 1, "time"), "time=7 ");
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    assert_string_equal(get_of(&scene, 1, "time"), "");
    assert_string_equal(get_of(&scene, 1, "wins"), "wins=3 ");
    answer_policy(&scene, 1, "Known", "service", CONSENT_WITHDRAWN);
    assert_string_equal(get_of(&scene, 1, "wins"), "");
    assert_int_equal(put_of(&scene, 1, "wins", "4"), ERR_REFUSED);
    assert_string_equal(held_of(&scene, 1), "");
    end(&scene);
}

static void it_ends_with_a_request_to_stop(void **state)
{
    struct scene scene;

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    assert_int_equal(put_of(&scene, 1, "wins", "3"), 0);
    verified_and_run(&scene, 1, DATA_REQUEST_STOP);
    assert_string_equal(held_of(&scene, 1), "");
    end(&scene);
}

/* Neither in the clear, nor for anybody who still has a copy of the key's table. */
static void neither_key_nor_value_of_a_player_stands_in_the_files(void **state)
{
    struct scene scene;

    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    assert_int_equal(put_of(&scene, 1, "canary-key", "canary-value"), 0);
    assert_int_equal(put(&scene, "greeter", "seen-key", "seen"), 0);
    assert_non_null(file_with(&scene, slice_str("seen-key")));
    assert_null(file_with(&scene, slice_str("canary")));
    end(&scene);
}

static void it_is_gone_with_an_erasure_wherever_the_plugin_put_it(void **state)
{
    struct uuid player = player_of(1);
    char text[UUID_TEXT_BYTES], plain[UUID_PLAIN_BYTES];
    struct scene scene;

    uuid_format(&player, text);
    uuid_format_plain(&player, plain);
    begin(&scene, state);
    answer_policy(&scene, 1, "Known", "service", CONSENT_ACCEPTED);
    answer_policy(&scene, 2, "Other", "service", CONSENT_ACCEPTED);
    assert_int_equal(put_of(&scene, 1, "wins", "3"), 0);
    assert_int_equal(put_of(&scene, 2, "wins", "4"), 0);
    assert_int_equal(put(&scene, "greeter", text, "1"), 0);
    assert_int_equal(put(&scene, "greeter", plain, "1"), 0);
    assert_int_equal(put(&scene, "greeter", "list", plain), 0);
    assert_int_equal(put(&scene, "greeter", "stays", "1"), 0);
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_string_equal(held_of(&scene, 2), "plugin greeter:4 ");
    assert_string_equal(list(&scene, "", "", 9), "stays=1 ");
    assert_null(file_with(&scene, slice_str(text)));
    assert_null(file_with(&scene, slice_str(plain)));
    scene_sql(&scene, "CREATE TEMP TABLE one (n CHECK (n = 1));"
                      "INSERT INTO one SELECT count(*) FROM plugin_personal;"
                      "INSERT INTO one SELECT held - 1 FROM plugin_use");
    end(&scene);
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
        IN_FOLDER(how_long_a_players_own_value_is_shows_in_no_limit),
        IN_FOLDER(of_a_player_it_is_kept_for_what_they_agreed_to),
        IN_FOLDER(a_players_keys_are_listed_counted_and_deleted),
        IN_FOLDER(of_one_player_a_plugin_keeps_so_many_values),
        IN_FOLDER(it_ends_with_the_purpose_that_a_player_leaves_out),
        IN_FOLDER(it_ends_with_a_request_to_stop),
        IN_FOLDER(neither_key_nor_value_of_a_player_stands_in_the_files),
        IN_FOLDER(it_is_gone_with_an_erasure_wherever_the_plugin_put_it),
        IN_FOLDER(a_clock_that_was_wrong_keeps_nothing_for_longer),
        IN_FOLDER(a_database_of_schema_4_gets_the_tables),
        IN_FOLDER(a_player_does_not_wait_for_all_that_plugins_asked_for),
    };

    return cmocka_run_group_tests_name("plugin_data", tests, NULL, NULL);
}
