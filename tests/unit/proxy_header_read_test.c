#include "base/err.h"
#include "base/tally.h"
#include "fixture.h"
#include "net/address.h"
#include "net/proxy_header.h"

#define BYTES(text) slice_of(text, sizeof(text) - 1)
#define V2_START "\r\n\r\n\0\r\nQUIT\n"

/* What HAProxy 2.6.12 sent with send-proxy, send-proxy-v2, and with a CRC-32C behind the latter. */
static const char haproxy_v1[] = "PROXY TCP4 127.0.0.1 127.0.0.1 49568 28101\r\n";
static const char haproxy_v2[] = V2_START "\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\x97\x60\x6d\xc6";
static const char haproxy_v2_crc[] =
    V2_START "\x21\x21\0\x2e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
             "\x96\xe8\x6d\xc7\x03\0\x04\xca\xaf\x8c\x95\x05\0\0";

static void reads(struct slice header, const char *source)
{
    struct proxy_header read;
    char text[ADDRESS_TEXT_BYTES];
    struct buf followed = {0};

    buf_append_slice(&followed, header);
    buf_append_str(&followed, "\x10rest");
    assert_int_equal(proxy_header_read(buf_slice(&followed), &read), 0);
    assert_int_equal(read.len, header.len);
    assert_int_equal(read.has_source, source != NULL);
    if (source) {
        address_text((const struct sockaddr *)&read.source, text);
        assert_string_equal(text, source);
    }
    /* Every beginning of it waits for the rest. */
    for (size_t len = 0; len < header.len; len++)
        assert_int_equal(proxy_header_read(slice_of(header.data, len), &read), ERR_AGAIN);
    buf_free(&followed);
}

static void haproxys_headers_are_read(void **state)
{
    (void)state;
    reads(BYTES(haproxy_v1), "127.0.0.1:49568");
    reads(BYTES(haproxy_v2), "127.0.0.1:38752");
    reads(BYTES(haproxy_v2_crc), "[::1]:38632");
}

/* The longest lines of the specification, section 2.1. */
static void the_longest_lines_are_read(void **state)
{
    static const char tcp6[] = "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
    static const char unknown[] = "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";

    (void)state;
    reads(BYTES(tcp6), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    assert_int_equal(sizeof unknown - 1, PROXY_HEADER_V1_BYTES_MAX);
    reads(BYTES(unknown), NULL);
    reads(BYTES("PROXY UNKNOWN\r\n"), NULL);
}

static void what_has_no_address_keeps_the_peers_own(void **state)
{
    struct buf unix_socket = {0};

    (void)state;
    reads(BYTES(V2_START "\x20\0\0\0"), NULL); /* LOCAL, as a health check */
    reads(BYTES(V2_START "\x20\x11\0\x0c"
                         "123456789abc"),
          NULL); /* LOCAL beats the address */
    reads(BYTES(V2_START "\x21\0\0\x03"
                         "abc"),
          NULL); /* UNSPEC with a TLV */
    buf_append(&unix_socket, V2_START "\x21\x31\0\xd8", 16);
    memset(buf_reserve(&unix_socket, 216), 'u', 216);
    unix_socket.len += 216;
    reads(buf_slice(&unix_socket), NULL);
    buf_free(&unix_socket);
}

static void the_largest_header_is_bounded(void **state)
{
    struct proxy_header read;
    struct buf large = {0};

    (void)state;
    buf_append(&large, V2_START "\x21\x11\x02\x18\x0a\1\2\3\x0a\0\0\1\x12\x34\0\x50", 28);
    memset(buf_reserve(&large, 524), 0, 524);
    large.len += 524;
    reads(buf_slice(&large), "10.1.2.3:4660");
    large.data[15]++;
    assert_int_equal(proxy_header_read(slice_of(large.data, 16), &read), ERR_MALFORMED);
    buf_free(&large);
}

static void anything_else_is_malformed(void **state)
{
    static const struct slice wrong[] = {
        {(const uint8_t *)"\x10", 1}, /* a handshake */
        {(const uint8_t *)"\xFE\x01", 2},
        {(const uint8_t *)"PROXY\r\n", 7},
        {(const uint8_t *)"PROXX ", 6},
        {(const uint8_t *)"\r\n\r\n\0\r\nQUIX", 11},
        {(const uint8_t *)V2_START "\x11\x11\0\x0c", 16}, /* version 1 in binary */
        {(const uint8_t *)V2_START "\x22\x11\0\0", 16},   /* command 2 */
        {(const uint8_t *)V2_START "\x21\x41\0\0", 16},   /* family 4 */
        {(const uint8_t *)V2_START "\x21\x13\0\x0c"
                                   "123456789abc",
         28}, /* transport 3 */
        {(const uint8_t *)V2_START "\x21\x11\0\x0b"
                                   "123456789ab",
         27}, /* block too short */
        {(const uint8_t *)V2_START "\x21\x21\0\x0c"
                                   "123456789abc",
         28},
    };
    static const char *const lines[] = {
        "PROXY \r\n",
        "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 ::1 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.256 1 2\r\n",
        "PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n",
    };
    struct proxy_header read;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(proxy_header_read(wrong[i], &read), ERR_MALFORMED);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(proxy_header_read(slice_str(lines[i]), &read), ERR_MALFORMED);
}

static void a_line_without_end_is_not_waited_for(void **state)
{
    char line[PROXY_HEADER_V1_BYTES_MAX + 1] = "PROXY UNKNOWN ";
    struct proxy_header read;

    (void)state;
    memset(line + 14, 'x', sizeof line - 14);
    assert_int_equal(proxy_header_read(slice_of(line, PROXY_HEADER_V1_BYTES_MAX - 1), &read),
                     ERR_AGAIN);
    assert_int_equal(proxy_header_read(slice_of(line, PROXY_HEADER_V1_BYTES_MAX), &read),
                     ERR_MALFORMED);
    memcpy(line + sizeof line - 2, "\r\n", 2); /* one byte too late */
    assert_int_equal(proxy_header_read(slice_of(line, sizeof line), &read), ERR_MALFORMED);
}

static void a_tally_is_told_first_and_then_once_a_minute(void **state)
{
    struct tally tally = {0};
    uint64_t count = 0;

    (void)state;
    assert_true(tally_due(&tally, 5, &count));
    assert_int_equal(count, 1);
    for (uint64_t now = 6; now < 60005; now += 100)
        assert_false(tally_due(&tally, now, &count));
    assert_true(tally_due(&tally, 60005, &count));
    assert_int_equal(count, 601);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(haproxys_headers_are_read),
        cmocka_unit_test(the_longest_lines_are_read),
        cmocka_unit_test(what_has_no_address_keeps_the_peers_own),
        cmocka_unit_test(the_largest_header_is_bounded),
        cmocka_unit_test(anything_else_is_malformed),
        cmocka_unit_test(a_line_without_end_is_not_waited_for),
        cmocka_unit_test(a_tally_is_told_first_and_then_once_a_minute),
    };

    return cmocka_run_group_tests_name("proxy_header_read", tests, NULL, NULL);
}
