/* HTTP requests on the loop, to a server of the test's own that answers one of them. */
#include "net/fetch.h"

#include "base/err.h"
#include "fixture.h"
#include "net/cidr.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

struct scene {
    int listener;
    char url[64];
    const char *answer;
    char asked[4096]; /* what came to the server */
    uv_loop_t loop;
    struct fetcher *fetcher;
    int err, status;
    char body[64];
    bool done;
};

static void on_fetched(void *owner, void *request, const struct fetch_result *result)
{
    struct scene *scene = owner;

    assert_ptr_equal(request, scene);
    scene->err = result->err;
    scene->status = result->status;
    snprintf(scene->body, sizeof scene->body, "%.*s", (int)result->body.len,
             (const char *)result->body.data);
    scene->done = true;
}

static void begin(struct scene *scene)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    *scene = (struct scene){.listener = socket(AF_INET, SOCK_STREAM, 0)};
    assert_int_equal(bind(scene->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(scene->listener, 1), 0);
    assert_int_equal(getsockname(scene->listener, (struct sockaddr *)&address, &len), 0);
    snprintf(scene->url, sizeof scene->url, "http://127.0.0.1:%u/a", ntohs(address.sin_port));
    assert_int_equal(uv_loop_init(&scene->loop), 0);
    scene->fetcher = fetcher_new(&scene->loop, on_fetched, scene);
}

static void end(struct scene *scene)
{
    fetcher_close(scene->fetcher);
    uv_run(&scene->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&scene->loop), 0);
    close(scene->listener);
}

/* Reads up to the end of the head, and what is there of a body with it. */
static void *serve(void *argument)
{
    struct scene *scene = argument;
    int fd = accept(scene->listener, NULL, NULL);
    size_t len = 0;

    while (!strstr(scene->asked, "\r\n\r\n") || strstr(scene->asked, "\r\n\r\n")[4] == '\0') {
        ssize_t got = read(fd, scene->asked + len, sizeof scene->asked - 1 - len);

        if (got <= 0)
            break;
        len += (size_t)got;
        if (strncmp(scene->asked, "GET", 3) == 0)
            break;
    }
    assert_true(write(fd, scene->answer, strlen(scene->answer)) > 0);
    close(fd);
    return NULL;
}

static void ask(struct scene *scene, const struct fetch_ask *ask, const char *answer)
{
    pthread_t server;

    scene->answer = answer;
    scene->done = false;
    memset(scene->asked, 0, sizeof scene->asked);
    if (answer)
        assert_int_equal(pthread_create(&server, NULL, serve, scene), 0);
    assert_int_equal(fetcher_ask(scene->fetcher, ask, scene), 0);
    while (!scene->done)
        uv_run(&scene->loop, UV_RUN_ONCE);
    if (answer)
        pthread_join(server, NULL);
}

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";

static void a_handle_that_is_used_again_has_nothing_of_the_last_request(void **state)
{
    static const char *const headers[] = {"X-One: 1", NULL};
    struct scene scene;

    (void)state;
    begin(&scene);
    ask(&scene,
        &(struct fetch_ask){.url = scene.url,
                            .method = "PUT",
                            .headers = headers,
                            .body = slice_str("words"),
                            .timeout_ms = 10000},
        ok);
    assert_int_equal(scene.err, 0);
    assert_int_equal(scene.status, 200);
    assert_string_equal(scene.body, "hi");
    assert_non_null(strstr(scene.asked, "PUT /a HTTP/1.1\r\n"));
    assert_non_null(strstr(scene.asked, "X-One: 1\r\n"));
    assert_non_null(strstr(scene.asked, "\r\n\r\nwords"));
    ask(&scene, &(struct fetch_ask){.url = scene.url, .timeout_ms = 10000}, ok);
    assert_non_null(strstr(scene.asked, "GET /a HTTP/1.1\r\n"));
    assert_null(strstr(scene.asked, "X-One"));
    assert_null(strstr(scene.asked, "words"));
    end(&scene);
}

static void an_answer_may_be_so_long_and_no_longer(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    ask(&scene, &(struct fetch_ask){.url = scene.url, .timeout_ms = 10000, .body_bytes_max = 1},
        ok);
    assert_int_equal(scene.err, ERR_TOO_LARGE);
    ask(&scene, &(struct fetch_ask){.url = scene.url, .timeout_ms = 10000, .body_bytes_max = 2},
        ok);
    assert_int_equal(scene.err, 0);
    end(&scene);
}

/* The address is looked at when it is connected to: nobody is asked, and nothing waits. */
static void who_asks_public_addresses_alone_reaches_no_other(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    ask(&scene, &(struct fetch_ask){.url = scene.url, .timeout_ms = 10000, .only_public = true},
        NULL);
    assert_int_equal(scene.err, ERR_REFUSED);
    ask(&scene, &(struct fetch_ask){.url = scene.url, .timeout_ms = 10000}, ok);
    assert_int_equal(scene.err, 0);
    end(&scene);
}

static bool is_public(const char *text)
{
    struct sockaddr_storage storage = {0};
    void *any = &storage;
    struct sockaddr_in *v4 = any;
    struct sockaddr_in6 *v6 = any;

    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
        v6->sin6_family = AF_INET6;
    }
    return cidr_is_public(any);
}

static void networks_of_ones_own_are_told_from_the_internet(void **state)
{
    static const char *const own[] = {
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "2002:a::1",
        "::ffff:169.254.0.1",
    };
    static const char *const all[] = {"1.1.1.1",     "172.32.0.1",      "192.169.0.1",
                                      "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"};

    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_false(is_public(own[i]));
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_true(is_public(all[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_that_is_used_again_has_nothing_of_the_last_request),
        cmocka_unit_test(an_answer_may_be_so_long_and_no_longer),
        cmocka_unit_test(who_asks_public_addresses_alone_reaches_no_other),
        cmocka_unit_test(networks_of_ones_own_are_told_from_the_internet),
    };

    return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
