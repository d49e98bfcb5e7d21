#include "net/proxy_header.h"

#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* The header for a connection to [::1]:25566 or 127.0.0.1:25566. */
static struct buf header(enum proxy_header_version version, const char *source, int family)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(25566)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(25566)};
    const void *destination = family == AF_INET ? (const void *)&v4 : (const void *)&v6;
    struct buf out = {0};

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v6.sin6_addr = in6addr_loopback;
    proxy_header_write(version, slice_str(source), destination, &out);
    return out;
}

static void assert_header(struct buf out, const void *bytes, size_t len)
{
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, bytes, len);
    buf_free(&out);
}

static void assert_line(const char *source, int family, const char *line)
{
    assert_header(header(PROXY_HEADER_V1, source, family), line, strlen(line));
}

static void version_1_is_a_line(void **state)
{
    (void)state;
    assert_line("203.0.113.7", AF_INET, "PROXY TCP4 203.0.113.7 127.0.0.1 25565 25566\r\n");
    assert_line("2001:db8::7", AF_INET6, "PROXY TCP6 2001:db8::7 ::1 25565 25566\r\n");
}

/* Stand-ins are IPv6, whatever the server listens on. */
static void families_that_differ_are_both_written_as_ipv6(void **state)
{
    (void)state;
    assert_line("fd5f::1", AF_INET, "PROXY TCP6 fd5f::1 ::ffff:127.0.0.1 25565 25566\r\n");
    assert_line("203.0.113.7", AF_INET6, "PROXY TCP6 ::ffff:203.0.113.7 ::1 25565 25566\r\n");
}

static void version_2_is_binary(void **state)
{
    static const uint8_t v4[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49,
                                 0x54, 0x0A, 0x21, 0x11, 0x00, 0x0C, 203,  0,    113,  7,
                                 127,  0,    0,    1,    0x63, 0xDD, 0x63, 0xDE};
    static const uint8_t v6[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54,
                                 0x0A, 0x21, 0x21, 0x00, 0x24, 0xFD, 0x5F, 0,    0,    0,    0,
                                 0,    0,    0,    0,    0,    0,    0,    0,    0,    1,    0,
                                 0,    0,    0,    0,    0,    0,    0,    0,    0,    0xFF, 0xFF,
                                 127,  0,    0,    1,    0x63, 0xDD, 0x63, 0xDE};

    (void)state;
    assert_header(header(PROXY_HEADER_V2, "203.0.113.7", AF_INET), v4, sizeof v4);
    assert_header(header(PROXY_HEADER_V2, "fd5f::1", AF_INET), v6, sizeof v6);
}

static void what_is_no_address_is_unknown(void **state)
{
    static const uint8_t local[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51,
                                    0x55, 0x49, 0x54, 0x0A, 0x20, 0x00, 0x00, 0x00};

    (void)state;
    assert_line("", AF_INET, "PROXY UNKNOWN\r\n");
    assert_line("203.0.113.7 and more than any address has, and more still", AF_INET,
                "PROXY UNKNOWN\r\n");
    assert_header(header(PROXY_HEADER_V2, "localhost", AF_INET), local, sizeof local);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_is_a_line),
        cmocka_unit_test(families_that_differ_are_both_written_as_ipv6),
        cmocka_unit_test(version_2_is_binary),
        cmocka_unit_test(what_is_no_address_is_unknown),
    };

    return cmocka_run_group_tests_name("proxy_header", tests, NULL, NULL);
}
