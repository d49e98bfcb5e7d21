#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/table.h"
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void buffer_keeps_order_when_consumed(void **state)
{
    struct buf buf = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_append_format(&buf, "%d,", i % 10);
    buf_consume(&buf, 1990);
    assert_string_equal(buf_text(&buf), "5,6,7,8,9,");
    buf_free(&buf);
    assert_int_equal(buf.len, 0);
}

static void durations_have_units(void **state)
{
    int64_t ms = 0;

    (void)state;
    assert_int_equal(clock_parse_duration("10m", &ms), 0);
    assert_int_equal(ms, 600000);
    assert_int_equal(clock_parse_duration("180d", &ms), 0);
    assert_int_equal(ms, INT64_C(15552000000));
    assert_int_equal(clock_parse_duration("2y", &ms), 0);
    assert_int_equal(ms, INT64_C(63072000000));
    assert_int_equal(clock_parse_duration("10", &ms), ERR_MALFORMED);
    assert_int_equal(clock_parse_duration("-1s", &ms), ERR_MALFORMED);
    assert_int_equal(clock_parse_duration("99999999d", &ms), ERR_MALFORMED);
    assert_int_equal(clock_parse_duration("", &ms), ERR_MALFORMED);
}

static void time_is_written_as_rfc_3339(void **state)
{
    char text[CLOCK_TEXT_BYTES];

    (void)state;
    clock_format(INT64_C(1767225600123), text);
    assert_string_equal(text, "2026-01-01T00:00:00.123Z");
}

static void nearest_word_is_suggested_only_when_near(void **state)
{
    static const char *const words[] = {"listen", "servers", "policy"};

    (void)state;
    assert_string_equal(diag_nearest("lisen", words, 3), "listen");
    assert_string_equal(diag_nearest("server", words, 3), "servers");
    assert_null(diag_nearest("entirely-different", words, 3));
}

static void uuid_texts_are_read_in_both_forms(void **state)
{
    struct uuid uuid;
    char text[UUID_TEXT_BYTES];

    (void)state;
    assert_int_equal(uuid_parse("069A79F444E94726A5BEFCA90E38AAF5", &uuid), 0);
    uuid_format(&uuid, text);
    assert_string_equal(text, "069a79f4-44e9-4726-a5be-fca90e38aaf5");
    assert_int_equal(uuid_parse(text, &uuid), 0);
    assert_int_equal(uuid_parse("069a79f4-44e9-4726-a5be-fca90e38aaf", &uuid), ERR_MALFORMED);
    assert_int_equal(uuid_parse("069a79f4x44e9-4726-a5be-fca90e38aaf5", &uuid), ERR_MALFORMED);
    assert_int_equal(uuid_parse("", &uuid), ERR_MALFORMED);
}

static void utf8_is_checked_strictly(void **state)
{
    (void)state;
    assert_true(slice_is_utf8(slice_str("関所 \xF0\x9F\x8F\xAF ok")));
    assert_false(slice_is_utf8(slice_str("\xC0\x80")));
    assert_false(slice_is_utf8(slice_str("\xED\xA0\x80")));
    assert_false(slice_is_utf8(slice_str("\xF4\x90\x80\x80")));
    assert_false(slice_is_utf8(slice_str("cut \xE9\x96")));
}

static void table_finds_what_was_not_removed(void **state)
{
    enum { COUNT = 1000 };
    struct table_node *nodes = calloc(COUNT, sizeof *nodes);
    struct table table;

    (void)state;
    table_init(&table, 42);
    for (uint64_t i = 0; i < COUNT; i++)
        table_insert(&table, &nodes[i], &i, sizeof i);
    for (uint64_t i = 0; i < COUNT; i += 2)
        table_remove(&table, &nodes[i]);
    for (uint64_t i = 0; i < COUNT; i++)
        assert_ptr_equal(table_find(&table, &i, sizeof i), i % 2 ? &nodes[i] : NULL);
    assert_int_equal(table.count, COUNT / 2);
    table_free(&table);
    free(nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_order_when_consumed),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(time_is_written_as_rfc_3339),
        cmocka_unit_test(nearest_word_is_suggested_only_when_near),
        cmocka_unit_test(uuid_texts_are_read_in_both_forms),
        cmocka_unit_test(utf8_is_checked_strictly),
        cmocka_unit_test(table_finds_what_was_not_removed),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
