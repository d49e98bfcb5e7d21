#include "fixture.h"
#include "net/host.h"
#include "net/url.h"

static void assert_normal(const char *written, const char *expected)
{
    char *url = url_normal(slice_str(written));

    assert_non_null(url);
    assert_string_equal(url, expected);
    free(url);
}

static void what_is_valid_stays(void **state)
{
    (void)state;
    assert_normal("https://example.net", "https://example.net");
    assert_normal("http://u@example.net:80/a%20b?c=d&e=f#g",
                  "http://u@example.net:80/a%20b?c=d&e=f#g");
    assert_normal("HTTPS://例え.jp/", "HTTPS://例え.jp/");
}

/* java.net.URI refuses each of these as it is written. */
static void what_the_game_would_refuse_is_encoded(void **state)
{
    (void)state;
    assert_normal("https://example.net/a b|c", "https://example.net/a%20b%7Cc");
    assert_normal("https://example.net/{x}", "https://example.net/%7Bx%7D");
    assert_normal("https://example.net/100%", "https://example.net/100%25");
    assert_normal("https://example.net/[1]", "https://example.net/%5B1%5D");
    assert_normal("https://example.net/#a#b", "https://example.net/#a%23b");
    assert_normal("https://example.net/\xE3\x80\x80", "https://example.net/%E3%80%80");
}

static void what_has_no_usable_host_is_none(void **state)
{
    static const char *const wrong[] = {"https://",
                                        "https:///path",
                                        "ftp://example.net",
                                        "https://exa mple",
                                        "https://[::1]/",
                                        "javascript:alert(1)",
                                        "",
                                        "https://a\xE3\x80\x80.b"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_null(url_normal(slice_str(wrong[i])));
}

static void assert_host(struct slice sent, const char *expected)
{
    char *host = host_normal(sent);

    assert_string_equal(host, expected);
    free(host);
}

static void a_host_is_known_however_it_is_sent(void **state)
{
    (void)state;
    assert_host(slice_str("Play.Example.NET."), "play.example.net");
    assert_host(slice_of("a.net\0FML2\0", 11), "a.net");
    assert_host(slice_of("a.net.\0"
                         "1.2.3.4\0u",
                         16),
                "a.net");
    assert_host(slice_str("a.net///1.2.3.4:5///6"), "a.net");
    assert_host(slice_str(""), "");
}

static void the_more_exact_pattern_fits_better(void **state)
{
    const char *host = "x.play.example.net";

    (void)state;
    assert_true(host_fit(host, host) > host_fit("*.play.example.net", host));
    assert_true(host_fit("*.play.example.net", host) > host_fit("*.example.net", host));
    assert_true(host_fit("a.net", "_minecraft._tcp.a.net") > 0);
    assert_int_equal(host_fit("*.example.net", "example.net"), 0);
    assert_int_equal(host_fit("*.example.net", "badexample.net"), 0);
    assert_int_equal(host_fit("*.example.net", ""), 0);
}

static void assert_split(const char *text, const char *expected, int expected_port)
{
    struct slice host;
    int port;

    assert_true(host_split(slice_str(text), &host, &port));
    assert_true(slice_is(host, expected));
    assert_int_equal(port, expected_port);
}

static void a_host_is_taken_apart_from_its_port(void **state)
{
    static const char *const wrong[] = {"",      ":1",    "a:",       "a:0",         "a:65536",
                                        "a:1x",  "a b",   "a/b",      "a@b",         "a\b",
                                        "[::1",  "[]",    "[::1]x",   ".",           "*.a",
                                        "[a/b]", "a:b:/", "\xc3\xa9", "a:0000065535"};

    (void)state;
    assert_split("a.example", "a.example", 0);
    assert_split("a.example:25565", "a.example", 25565);
    assert_split("[2001:db8::1]:80", "2001:db8::1", 80);
    assert_split("2001:db8::1", "2001:db8::1", 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct slice host;
        int port;

        assert_false(host_split(slice_str(wrong[i]), &host, &port));
    }
    assert_false(host_split(slice_of("a\0b", 3), &(struct slice){0}, &(int){0}));
}

static void assert_url_host(const char *url, const char *expected, int expected_port)
{
    int port = 0;
    char *host = url_host(slice_str(url), &port);

    if (expected) {
        assert_non_null(host);
        assert_string_equal(host, expected);
        assert_int_equal(port, expected_port);
    } else {
        assert_null(host);
    }
    free(host);
}

static void the_host_of_an_address_is_the_one_that_is_called(void **state)
{
    (void)state;
    assert_url_host("https://CDN.example.net./a?b#c", "cdn.example.net", 443);
    assert_url_host("http://cdn.example.net", "cdn.example.net", 80);
    assert_url_host("http://cdn.example.net:8080?a", "cdn.example.net", 8080);
    assert_url_host("http://[::1]/", "::1", 80);
    assert_url_host("http://cdn.example.net@evil.example/", NULL, 0);
    assert_url_host("http://evil.example\\@cdn.example.net/", NULL, 0);
    assert_url_host("http://evil.example\\.cdn.example.net/", NULL, 0);
    assert_url_host(" http://cdn.example.net/", NULL, 0);
    assert_url_host("http:/cdn.example.net/", NULL, 0);
    assert_url_host("http:///cdn.example.net/", NULL, 0);
    assert_url_host("level://cdn.example.net/", NULL, 0);
    assert_url_host("", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_valid_stays),
        cmocka_unit_test(what_the_game_would_refuse_is_encoded),
        cmocka_unit_test(what_has_no_usable_host_is_none),
        cmocka_unit_test(a_host_is_known_however_it_is_sent),
        cmocka_unit_test(the_more_exact_pattern_fits_better),
        cmocka_unit_test(a_host_is_taken_apart_from_its_port),
        cmocka_unit_test(the_host_of_an_address_is_the_one_that_is_called),
    };

    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
