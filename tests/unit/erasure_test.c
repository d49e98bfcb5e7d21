/* Erasing a person: what is gone, what stands, and what a kill, a full disk or a backup do to it.
 */
#include "rights_scene.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

    begin(&scene, state);
    agree(&scene, 1, "Stays");
    scene_sql(&scene, "CREATE TABLE forgotten (note TEXT);"
                      "INSERT INTO forgotten SELECT 'of ' || player FROM person");
    assert_int_equal(ask_for(&scene, 1, DATA_REQUEST_ERASURE, ""), 0);
    assert_int_equal(move(&scene, 1, NULL, DATA_REQUEST_VERIFY), 0);
    assert_int_equal(run_request(&scene, 1), ERR_DAMAGED);
    assert_int_equal(find_person(&scene, "Stays"), 0);
    close_store(&scene);
    open_store(&scene); /* tries, too, and others are erased all the same */
    agree(&scene, 2, "Other");
    verified_and_run(&scene, 2, DATA_REQUEST_ERASURE);
    assert_int_equal(find_person(&scene, "Stays"), 0);
    scene_sql(&scene, "DELETE FROM forgotten");
    assert_int_equal(run_request(&scene, 1), 0);
    end(&scene);
}

static void what_others_wrote_of_somebody_does_not_keep_their_data(void **state)
{
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Named");
    scene_sql(&scene,
              "INSERT INTO tally (server, field, purpose, value, day, count, expires_at,"
              " players) SELECT 'lobby', 'client.brand', 'service',"
              " CAST('brand of ' || player AS BLOB), 1, 1, 99999999999999, 0 FROM person;"
              "INSERT INTO review (text, entry) SELECT 'note on ' || player, 1 FROM person");
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_int_equal(find_person(&scene, "Named"), ERR_NOT_FOUND);
    assert_null(file_with(&scene, slice_str("brand of ")));
    end(&scene);
}

static void what_others_have_that_names_somebody_is_masked(void **state)
{
    struct uuid player = player_of(1);
    char uuid[UUID_TEXT_BYTES], plain[UUID_PLAIN_BYTES];
    char *value;
    struct scene scene;

    begin(&scene, state);
    uuid_format(&player, uuid);
    uuid_format_plain(&player, plain);
    value = mem_format("friend of %s, %s", uuid, plain);
    agree(&scene, 1, "Named");
    agree(&scene, 2, "Other");
    observe(&scene, 2, "lobby", value);
    assert_int_equal(ask_for(&scene, 2, DATA_REQUEST_CORRECTION, value), 0);
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    scene.err = WAITING;
    store_mask(scene.store, 0, &player, on_done);
    wait_for_answer(&scene);
    assert_int_equal(scene.err, 0);
    assert_null(file_with(&scene, slice_str(uuid)));
    assert_null(file_with(&scene, slice_str(plain)));
    assert_int_equal(search_file(&scene, 1), 0);
    assert_string_equal(held_of(&scene, 2), "lobby:friend of 00000000-0000-0000-0000-000000000000, "
                                            "00000000000000000000000000000000 ");
    free(value);
    end(&scene);
}

static void words_that_stay_are_no_copies(void **state)
{
    struct uuid player = player_of(1);
    char uuid[UUID_TEXT_BYTES];
    struct scene scene;

    begin(&scene, state);
    uuid_format(&player, uuid);
    agree(&scene, 1, "Named");
    scene_sql(&scene, "INSERT INTO review (text, entry) SELECT player || ' and ' || player, 1"
                      " FROM person");
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_int_equal(search_file(&scene, 1), 0);
    close_store(&scene);
    scribble(&scene, slice_str(uuid));
    open_store(&scene);
    assert_int_equal(search_file(&scene, 1), ERR_DAMAGED);
    end(&scene);
}

static void a_note_in_the_ledger_that_names_somebody_does_not_keep_their_data(void **state)
{
    struct scene scene;

    begin(&scene, state);
    agree(&scene, 1, "Named");
    scene_sql(&scene, "UPDATE ledger SET entry = json_set(entry, '$.facts.note',"
                      " (SELECT player FROM person))");
    verified_and_run(&scene, 1, DATA_REQUEST_ERASURE);
    assert_int_equal(find_person(&scene, "Named"), ERR_NOT_FOUND);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(an_erased_player_stands_in_no_file_while_the_store_is_open),
        IN_FOLDER(copies_in_unused_parts_of_the_file_are_found_and_go),
        IN_FOLDER(whoever_was_erased_is_erased_again_from_a_backup),
        IN_FOLDER(nothing_is_destroyed_when_the_intent_cannot_be_written),
        IN_FOLDER(on_a_full_disk_nothing_is_destroyed),
        IN_FOLDER(killed_at_any_moment_an_erasure_is_whole_or_not_begun),
        IN_FOLDER(a_table_that_still_has_something_stops_the_erasure),
        IN_FOLDER(what_others_wrote_of_somebody_does_not_keep_their_data),
        IN_FOLDER(what_others_have_that_names_somebody_is_masked),
        IN_FOLDER(words_that_stay_are_no_copies),
        IN_FOLDER(a_note_in_the_ledger_that_names_somebody_does_not_keep_their_data),
    };

    return cmocka_run_group_tests_name("erasure", tests, NULL, NULL);
}
