/* The socket for orders, when Sekisho ends. */
#include "cli/control.h"

#include "crypto/hash.h"
#include "fixture.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static void never(void *owner, struct control_request *request, const char *command)
{
    (void)owner;
    (void)request;
    fail_msg("nobody asked: %s", command);
}

static int connect_to(const char *conf_path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *real = realpath(conf_path, NULL);
    char hash[SHA256_TEXT_BYTES];
    int len;

    sha256_hex(slice_str(real), hash);
    len = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "sekisho %s", hash);
    free(real);
    assert_return_code(
        connect(fd, (struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)),
        0);
    return fd;
}

static void who_has_not_asked_yet_is_not_waited_for(void **state)
{
    char *path = fixture_file(*state, "sekisho.lua", slice_str("return {}"));
    struct control *control;
    uv_loop_t loop;
    int first;
    int second;

    assert_int_equal(uv_loop_init(&loop), 0);
    control = control_open(&loop, path, never, NULL);
    assert_non_null(control);
    first = connect_to(path);
    second = connect_to(path);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(write(second, "rel", 3), 3);
    uv_run(&loop, UV_RUN_NOWAIT);
    control_close(control);
    (void)!send(first, "reload\n", 7, MSG_NOSIGNAL); /* too late, whether it arrives or not */
    for (int turn = 0; turn < 4; turn++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(uv_loop_close(&loop), 0);
    close(first);
    close(second);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_has_not_asked_yet_is_not_waited_for, fixture_folder,
                                        fixture_no_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
