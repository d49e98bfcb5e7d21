#include "base/err.h"
#include "protocol/nbt.h"
#include "protocol/packet.h"
#include "protocol/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void varints_go_both_ways(void **state)
{
    static const int32_t values[] = {0, 1, 127, 128, 25565, 2097151, INT32_MAX, -1, INT32_MIN};
    struct buf buf = {0};
    struct reader reader;

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        wire_put_varint(&buf, values[i]);
    reader = reader_of(buf_slice(&buf));
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(reader_varint(&reader), values[i]);
    assert_true(reader_done(&reader));
    buf_free(&buf);
}

static void overlong_varints_are_malformed(void **state)
{
    int32_t value;

    (void)state;
    assert_int_equal(varint_peek(slice_str("\xFF\xFF\xFF\xFF\xFF\x01"), 5, &value), ERR_MALFORMED);
    assert_int_equal(varint_peek(slice_str("\xFF\xFF\xFF\x01"), 3, &value), ERR_MALFORMED);
    assert_int_equal(varint_peek(slice_str("\xFF\xFF"), 3, &value), ERR_AGAIN);
    assert_int_equal(varint_peek(slice_of("", 0), 3, &value), ERR_AGAIN);
}

static void strings_are_bounded_and_utf8(void **state)
{
    struct buf buf = {0};
    struct reader reader;

    (void)state;
    wire_put_cstr(&buf, "関所関所");
    reader = reader_of(buf_slice(&buf));
    assert_int_equal(reader_string(&reader, 4).len, 12);
    assert_true(reader_done(&reader));
    reader = reader_of(buf_slice(&buf));
    reader_string(&reader, 3);
    assert_false(reader_ok(&reader));
    reader = reader_of(slice_str("\x02\xC0\x80"));
    reader_string(&reader, 16);
    assert_false(reader_ok(&reader));
    reader = reader_of(slice_str("\xFF\xFF\xFF\xFF\x0F"));
    reader_string(&reader, 16);
    assert_false(reader_ok(&reader));
    buf_free(&buf);
}

static void reader_stays_failed(void **state)
{
    struct reader reader = reader_of(slice_str("abc"));

    (void)state;
    reader_i64(&reader);
    assert_int_equal(reader_u8(&reader), 0);
    assert_int_equal(reader_varint(&reader), 0);
    assert_false(reader_ok(&reader));
}

static void packet_lists_come_apart_again(void **state)
{
    struct buf list = {0};
    struct slice rest;
    struct slice packet;
    size_t mark = packet_begin(&list, 0x26);

    (void)state;
    wire_put_cstr(&list, "one");
    packet_end(&list, mark);
    mark = packet_begin(&list, 300);
    packet_end(&list, mark);
    rest = buf_slice(&list);
    assert_true(packet_next(&rest, &packet));
    assert_int_equal(packet.len, 5);
    assert_int_equal(packet.data[0], 0x26);
    assert_true(packet_next(&rest, &packet));
    assert_int_equal(packet.len, 2);
    assert_false(packet_next(&rest, &packet));
    buf_free(&list);
}

static void nbt_is_nameless_from_764(void **state)
{
    struct buf named = {0};
    struct buf nameless = {0};

    (void)state;
    nbt_root(&named, 763);
    nbt_byte(&named, "a", 1);
    nbt_end(&named);
    nbt_root(&nameless, 764);
    nbt_byte(&nameless, "a", 1);
    nbt_end(&nameless);
    assert_int_equal(named.len, nameless.len + 2);
    for (int protocol = 763; protocol <= 764; protocol++) {
        struct buf *tree = protocol < 764 ? &named : &nameless;
        struct reader reader = reader_of(buf_slice(tree));

        assert_int_equal(nbt_skip(&reader, protocol).len, tree->len);
        assert_true(reader_done(&reader));
    }
    buf_free(&named);
    buf_free(&nameless);
}

static void nbt_strings_are_javas_utf8(void **state)
{
    struct buf buf = {0};

    (void)state;
    nbt_string(&buf, NULL, slice_of("\xF0\x9F\x8F\xAF\0", 5));
    assert_int_equal(buf.len, 2 + 6 + 2);
    assert_memory_equal(buf.data, "\0\x08\xED\xA0\xBC\xED\xBF\xAF\xC0\x80", buf.len);
    buf_free(&buf);
}

static void a_peers_nbt_strings_become_utf8_or_nothing(void **state)
{
    static const struct {
        struct slice from;
        const char *to;
    } cases[] = {
        {{(const uint8_t *)"ab\xE3\x81\x82", 5}, "ab\xE3\x81\x82"},
        {{(const uint8_t *)"\xED\xA0\xBC\xED\xBF\xAF!", 7}, "\xF0\x9F\x8F\xAF!"},
        {{(const uint8_t *)"a\xC0\x80z", 4}, "az"},
        {{(const uint8_t *)"\xED\xA0\xBC", 3}, ""}, /* half of a pair */
        {{(const uint8_t *)"\xED\xBF\xAF\xED\xA0\xBC", 6}, ""},
        {{(const uint8_t *)"a\xE3\x81", 3}, ""},
        {{(const uint8_t *)"a\0z", 3}, ""},
        {{NULL, 0}, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf text = {0};

        nbt_read_text(cases[i].from, &text);
        assert_string_equal(buf_text(&text), cases[i].to);
        buf_free(&text);
    }
}

/* Lists in lists, each one level deeper, as a hostile peer sends them. */
static void nbt_depth_and_counts_are_bounded(void **state)
{
    struct buf deep = {0};
    struct reader reader;

    (void)state;
    wire_put_u8(&deep, NBT_LIST);
    for (int i = 0; i < 1000; i++) {
        wire_put_u8(&deep, NBT_LIST);
        wire_put_i32(&deep, 1);
    }
    reader = reader_of(buf_slice(&deep));
    nbt_skip(&reader, 765);
    assert_false(reader_ok(&reader));
    buf_clear(&deep);
    wire_put_u8(&deep, NBT_LIST);
    wire_put_u8(&deep, NBT_END);
    wire_put_i32(&deep, INT32_MAX);
    reader = reader_of(buf_slice(&deep));
    nbt_skip(&reader, 765);
    assert_false(reader_ok(&reader));
    buf_clear(&deep);
    wire_put_u8(&deep, NBT_LONG_ARRAY);
    wire_put_i32(&deep, INT32_MAX);
    reader = reader_of(buf_slice(&deep));
    nbt_skip(&reader, 765);
    assert_false(reader_ok(&reader));
    buf_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_go_both_ways),
        cmocka_unit_test(overlong_varints_are_malformed),
        cmocka_unit_test(strings_are_bounded_and_utf8),
        cmocka_unit_test(reader_stays_failed),
        cmocka_unit_test(packet_lists_come_apart_again),
        cmocka_unit_test(nbt_is_nameless_from_764),
        cmocka_unit_test(nbt_strings_are_javas_utf8),
        cmocka_unit_test(a_peers_nbt_strings_become_utf8_or_nothing),
        cmocka_unit_test(nbt_depth_and_counts_are_bounded),
    };

    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
