#include "identity/session_service.h"

#include "base/err.h"
#include "fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>

enum { AT_ONCE = 64, WAITING = 1024 };

static void on_answer(void *owner, uint64_t id, enum session_service_answer answer,
                      struct profile *profile)
{
    (void)owner;
    (void)id;
    (void)answer;
    (void)profile;
    fail();
}

static int ask(struct session_service *service, uint64_t id)
{
    struct session_question question = {.id = id, .name = "Somebody", .hash = "0"};

    return session_service_ask(service, &question);
}

/* A service that takes connections, and never says a word. */
static int silent_listener(char url[static 32])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, 32, "http://127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static void more_questions_than_the_queue_holds_are_refused(void **state)
{
    char url[32];
    int fd = silent_listener(url);
    uv_loop_t loop;
    struct session_service *service;

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    service = session_service_new(&loop, url, on_answer, NULL);
    for (uint64_t id = 1; id <= AT_ONCE + WAITING; id++)
        assert_int_equal(ask(service, id), 0);
    assert_int_equal(ask(service, 5000), ERR_BUSY);
    /* One who is gone makes room in the queue; one who is asked about already does not. */
    session_service_forget(service, 1);
    assert_int_equal(ask(service, 5000), ERR_BUSY);
    session_service_forget(service, AT_ONCE + 1);
    assert_int_equal(ask(service, 5000), 0);
    assert_int_equal(ask(service, 5001), ERR_BUSY);
    session_service_close(service);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    close(fd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_questions_than_the_queue_holds_are_refused),
    };

    return cmocka_run_group_tests_name("session_service", tests, NULL, NULL);
}
