/* The newest head, which is kept beside the key: it follows the database, and stands above it. */
#include "rights_scene.h"
#include "store/kept.h"

#include <sys/stat.h>
#include <unistd.h>

static char *head_path(const struct scene *scene)
{
    return store_head_path(scene->url);
}

/* Over how many entries the newest head in the database is. */
static int64_t signed_in_database(const struct scene *scene)
{
    sqlite3 *handle;
    sqlite3_stmt *row;
    int64_t size;

    assert_int_equal(sqlite3_open(scene->path, &handle), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(handle, "SELECT ifnull(max(size), 0) FROM head", -1, &row, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    size = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(handle);
    return size;
}

static int64_t signed_in_file(const struct scene *scene)
{
    char *path = head_path(scene);
    struct kept kept;

    assert_int_equal(kept_read(path, &kept), 0);
    free(path);
    return kept.head.size;
}

/* Opening and closing signs what there is. */
static void agree_and_close(struct scene *scene, uint16_t player, const char *name)
{
    agree(scene, player, name);
    close_store(scene);
}

static void the_file_follows_the_database(void **state)
{
    struct scene scene;

    begin(&scene, state);
    agree_and_close(&scene, 1, "One");
    assert_int_equal(signed_in_file(&scene), 1);
    open_store(&scene);
    agree_and_close(&scene, 2, "Two");
    assert_int_equal(signed_in_file(&scene), 2);
    assert_int_equal(signed_in_database(&scene), 2);
    open_store(&scene);
    end(&scene);
}

static void a_file_that_a_crash_left_behind_is_brought_up_to_date(void **state)
{
    struct scene scene;
    struct kept kept;
    char *path;

    begin(&scene, state);
    path = head_path(&scene);
    agree_and_close(&scene, 1, "One");
    assert_int_equal(kept_read(path, &kept), 0);
    open_store(&scene);
    agree_and_close(&scene, 2, "Two");
    assert_int_equal(kept_write(path, &kept), 0);
    open_store(&scene);
    close_store(&scene);
    assert_int_equal(signed_in_file(&scene), 2);
    assert_int_equal(signed_in_database(&scene), 2);
    open_store(&scene);
    free(path);
    end(&scene);
}

static void the_file_keeps_its_owner(void **state)
{
    struct scene scene;
    struct stat after;
    char *path;

    if (geteuid() != 0)
        skip();
    begin(&scene, state);
    path = head_path(&scene);
    agree_and_close(&scene, 1, "One");
    assert_int_equal(chown(path, 12, 34), 0);
    open_store(&scene);
    agree_and_close(&scene, 2, "Two");
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_uid, 12);
    assert_int_equal(after.st_gid, 34);
    assert_int_equal(after.st_mode & 07777, 0600);
    open_store(&scene);
    free(path);
    end(&scene);
}

static int answer_to_acceptance(struct scene *scene)
{
    scene->err = WAITING;
    store_accept_restored(scene->store, 0, "Ann", "the disk broke", on_done);
    wait_for_answer(scene);
    return scene->err;
}

static void without_the_right_file_nothing_is_signed_until_somebody_says_so(void **state)
{
    struct scene scene;
    char *path;
    FILE *file;

    begin(&scene, state);
    path = head_path(&scene);
    agree_and_close(&scene, 1, "One");
    open_store(&scene);
    assert_int_equal(answer_to_acceptance(&scene), ERR_REFUSED);
    close_store(&scene);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("no head\n", file) >= 0);
    fclose(file);
    open_store(&scene);
    agree_and_close(&scene, 2, "Two");
    assert_int_equal(signed_in_database(&scene), 1);
    open_store(&scene);
    assert_int_equal(answer_to_acceptance(&scene), 0);
    close_store(&scene);
    assert_int_equal(signed_in_database(&scene), 3);
    assert_int_equal(signed_in_file(&scene), 3);
    open_store(&scene);
    free(path);
    end(&scene);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_file_follows_the_database),
        IN_FOLDER(a_file_that_a_crash_left_behind_is_brought_up_to_date),
        IN_FOLDER(the_file_keeps_its_owner),
        IN_FOLDER(without_the_right_file_nothing_is_signed_until_somebody_says_so),
    };

    return cmocka_run_group_tests_name("heads", tests, NULL, NULL);
}
