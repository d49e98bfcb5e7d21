/* What plugins keep of players: for what they agreed to, and no longer. */
#include "plugin_scene.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(how_long_a_players_own_value_is_shows_in_no_limit),
        IN_FOLDER(of_a_player_it_is_kept_for_what_they_agreed_to),
        IN_FOLDER(a_players_keys_are_listed_counted_and_deleted),
        IN_FOLDER(of_one_player_a_plugin_keeps_so_many_values),
        IN_FOLDER(it_ends_with_the_purpose_that_a_player_leaves_out),
        IN_FOLDER(it_ends_with_a_request_to_stop),
        IN_FOLDER(neither_key_nor_value_of_a_player_stands_in_the_files),
        IN_FOLDER(it_is_gone_with_an_erasure_wherever_the_plugin_put_it),
    };

    return cmocka_run_group_tests_name("plugin_personal", tests, NULL, NULL);
}
