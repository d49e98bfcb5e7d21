/* What players ask for, and what is held of them, as the store's callers see it. */
#include "rights_scene.h"

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
    observe(&scene, 1, "lobby", "brand");
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
    snprintf(request.value, sizeof request.value, "late");
    scene.err = WAITING;
    store_request_put(scene.store, 0, &request, on_request);
    wait_for_answer(&scene);
    scene_sql(&scene, "DELETE FROM observation");
    assert_int_equal(run_request(&scene, 2), ERR_NOT_FOUND);
    snprintf(request.value, sizeof request.value, "later");
    scene.err = WAITING;
    store_request_put(scene.store, 0, &request, on_request);
    wait_for_answer(&scene);
    assert_int_equal(scene.err, ERR_UNSUPPORTED);
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
        IN_FOLDER(a_request_is_received_verified_and_done),
        IN_FOLDER(the_same_request_twice_is_one),
        IN_FOLDER(one_player_cannot_have_endless_requests_open),
        IN_FOLDER(what_is_held_is_listed_oldest_first_and_of_one_player_alone),
        IN_FOLDER(a_long_list_comes_in_pages),
        IN_FOLDER(a_name_of_two_players_finds_neither),
        IN_FOLDER(stopping_withdraws_and_leaves_the_evidence),
        IN_FOLDER(a_correction_changes_the_latest_value_of_a_field),
        cmocka_unit_test(a_request_from_the_future_is_overdue),
    };

    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
