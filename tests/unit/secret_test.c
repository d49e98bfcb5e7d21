#include "identity/secret.h"

#include "base/err.h"
#include "fixture.h"

#include <sys/stat.h>

static char *path_in(void **state, const char *name)
{
    return mem_format("%s/%s", (const char *)*state, name);
}

/* That a file with these bytes and this mode is refused with `part` in the reason. */
static void assert_refused(void **state, struct slice bytes, mode_t mode, const char *part)
{
    char *path = fixture_file(*state, "forwarding.secret", bytes);
    struct secret *secret = NULL;
    struct diag diag = {0};

    assert_int_equal(chmod(path, mode), 0);
    assert_int_equal(secret_open(path, SECRET_CREATE, &diag, &secret), ERR_INVALID);
    assert_null(secret);
    assert_int_equal(diag.count, 1);
    assert_string_equal(diag.entries[0].file, path);
    assert_true(fixture_told(&diag, -1, part));
    diag_free(&diag);
    assert_int_equal(remove(path), 0);
    free(path);
}

static void a_missing_secret_is_made_once(void **state)
{
    char *path = path_in(state, "new.secret");
    struct secret *secret = NULL;
    struct secret *again = NULL;
    struct diag diag = {0};
    struct stat stat_of;
    mode_t umask_before = umask(0);

    assert_int_equal(secret_open(path, SECRET_LOOK, &diag, &secret), ERR_NOT_FOUND);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(secret_open(path, SECRET_CREATE, &diag, &secret), 0);
    umask(umask_before);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_true(secret_bytes(secret).len >= 32);
    for (size_t i = 0; i < secret_bytes(secret).len; i++)
        assert_in_range(secret_bytes(secret).data[i], '!', '~');
    assert_int_equal(secret_open(path, SECRET_CREATE, &diag, &again), 0);
    assert_true(slice_equal(secret_bytes(secret), secret_bytes(again)));
    assert_int_equal(diag.count, 0);
    secret_free(secret);
    secret_free(again);
    free(path);
}

static void white_space_around_it_does_not_count(void **state)
{
    char *path = fixture_file(*state, "spaced.secret", slice_str(" \r\n\topen sesame \r\n\n"));
    struct secret *secret = NULL;
    struct diag diag = {0};

    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(secret_open(path, SECRET_LOOK, &diag, &secret), 0);
    assert_true(slice_is(secret_bytes(secret), "open sesame"));
    secret_free(secret);
    free(path);
}

static void what_is_unsafe_or_no_secret_is_refused(void **state)
{
    char large[SECRET_FILE_BYTES_MAX + 1];

    memset(large, 'x', sizeof large);
    assert_refused(state, slice_str("secret"), 0640, "chmod 600");
    assert_refused(state, slice_str("secret"), 0604, "chmod 600");
    assert_refused(state, slice_str("secret"), 0620, "chmod 600");
    assert_refused(state, slice_str("secret"), 0602, "chmod 600");
    assert_refused(state, slice_str(""), 0600, "empty");
    assert_refused(state, slice_str(" \n"), 0600, "empty");
    assert_refused(state, slice_str("1234567 "), 0600, "guessed");
    assert_refused(state, slice_of(large, sizeof large), 0600, "longer");
    assert_refused(state, slice_str("two\nlines"), 0600, "one line");
    assert_refused(state, slice_of("a\0bcdefgh", 9), 0600, "one line");
    assert_refused(state, slice_str("\xFF\xFE and more"), 0600, "one line");
}

static void what_is_no_file_is_refused(void **state)
{
    char *folder = path_in(state, "folder");
    char *pipe = path_in(state, "pipe");
    char *nowhere = path_in(state, "missing/forwarding.secret");
    struct secret *secret = NULL;
    struct diag diag = {0};

    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(secret_open(folder, SECRET_CREATE, &diag, &secret), ERR_INVALID);
    assert_int_equal(secret_open(pipe, SECRET_CREATE, &diag, &secret), ERR_INVALID);
    assert_int_equal(secret_open(nowhere, SECRET_CREATE, &diag, &secret), ERR_INVALID);
    assert_null(secret);
    assert_int_equal(diag.count, 3);
    assert_true(fixture_told(&diag, -1, "regular file"));
    assert_true(fixture_told(&diag, -1, "has no folder to be created in"));
    diag_free(&diag);
    free(folder);
    free(pipe);
    free(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_secret_is_made_once),
        cmocka_unit_test(white_space_around_it_does_not_count),
        cmocka_unit_test(what_is_unsafe_or_no_secret_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
    };

    return cmocka_run_group_tests_name("secret", tests, fixture_folder, fixture_no_folder);
}
