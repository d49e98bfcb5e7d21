#include "base/err.h"
#include "protocol/first_byte.h"
#include "protocol/frame.h"
#include "protocol/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

static int with_codec(void **state)
{
    *state = codec_new();
    return 0;
}

static int without_codec(void **state)
{
    codec_free(*state);
    return 0;
}

static struct buf packet_of(size_t len)
{
    struct buf packet = {0};

    for (size_t i = 0; i < len; i++)
        buf_append_byte(&packet, (uint8_t)(i * i % 251));
    if (len > 0)
        packet.data[0] = 0x26;
    return packet;
}

static void packets_survive_every_threshold(void **state)
{
    static const int thresholds[] = {FRAME_UNCOMPRESSED, 0, 1, 256, 100000};
    static const size_t sizes[] = {1, 255, 256, 257, 70000};

    for (size_t t = 0; t < sizeof thresholds / sizeof thresholds[0]; t++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            struct buf packet = packet_of(sizes[i]);
            struct buf wire = {0};
            struct frame frame;
            struct slice opened;
            int32_t id;

            assert_int_equal(frame_write(*state, buf_slice(&packet), thresholds[t], &wire), 0);
            assert_int_equal(
                frame_read_head(buf_slice(&wire), thresholds[t] >= 0, PACKET_BYTES_MAX, &frame), 0);
            assert_int_equal(frame.whole_len, wire.len);
            assert_int_equal(frame_peek_id(*state, buf_slice(&wire), &frame, &id), 0);
            assert_int_equal(id, 0x26);
            assert_int_equal(
                frame_open(*state, buf_slice(&wire), &frame, FRAME_INFLATED_MAX, &opened), 0);
            assert_true(slice_equal(opened, buf_slice(&packet)));
            buf_free(&packet);
            buf_free(&wire);
        }
    }
}

static void id_is_seen_before_the_frame_is_whole(void **state)
{
    struct buf packet = packet_of(70000);
    struct buf wire = {0};
    struct frame frame;
    int32_t id = 0;

    assert_int_equal(frame_write(*state, buf_slice(&packet), 256, &wire), 0);
    assert_int_equal(
        frame_read_head(slice_of(wire.data, FRAME_PEEK_BYTES), true, PACKET_BYTES_MAX, &frame), 0);
    assert_int_equal(frame_peek_id(*state, slice_of(wire.data, FRAME_PEEK_BYTES), &frame, &id), 0);
    assert_int_equal(id, 0x26);
    assert_int_equal(frame_peek_id(*state, slice_of(wire.data, frame.head_len), &frame, &id),
                     ERR_AGAIN);
    buf_free(&packet);
    buf_free(&wire);
}

/* Whatever way a zlib stream is written, and wherever it is cut. */
static void the_first_byte_is_that_of_an_inflater(void **state)
{
    uint8_t plain[600], stream[1200];
    uint32_t seed = 1;
    int told = 0;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        z_stream deflater = {.next_in = plain, .next_out = stream, .avail_out = sizeof stream};
        unsigned kinds = 1U << (1 + round % 8);
        size_t len = 1 + (size_t)round % sizeof plain;

        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            plain[i] = (uint8_t)((seed >> 24) % kinds);
        }
        plain[0] = (uint8_t)round;
        deflater.avail_in = (unsigned)len;
        assert_int_equal(
            deflateInit2(&deflater, 1 + round % 9, Z_DEFLATED, 9 + round % 7, 8, round / 9 % 5),
            Z_OK);
        assert_int_equal(deflate(&deflater, Z_FINISH), Z_STREAM_END);
        for (size_t cut = 0; cut <= deflater.total_out; cut++) {
            int byte = first_byte(slice_of(stream, cut));

            told += byte >= 0;
            assert_true(byte == -1 || byte == plain[0]);
        }
        deflateEnd(&deflater);
    }
    assert_true(told > 4000);
    assert_int_equal(first_byte(slice_str("x")), -1);
    assert_int_equal(first_byte(slice_str("no zlib stream")), -1);
}

static void the_first_bytes_are_seen_before_the_frame_is_whole(void **state)
{
    static const int thresholds[] = {FRAME_UNCOMPRESSED, 256};
    struct buf packet = packet_of(1000000);

    for (size_t i = 0; i < 2; i++) {
        struct buf wire = {0};
        uint8_t out[300];
        struct frame frame;
        struct slice first;

        assert_int_equal(frame_write(*state, buf_slice(&packet), thresholds[i], &wire), 0);
        assert_int_equal(
            frame_read_head(buf_slice(&wire), thresholds[i] >= 0, PACKET_BYTES_MAX, &frame), 0);
        assert_int_equal(
            frame_peek(*state, slice_of(wire.data, 1500), &frame, out, sizeof out, &first), 0);
        assert_true(slice_equal(first, slice_of(packet.data, sizeof out)));
        assert_int_equal(frame_peek(*state, slice_of(wire.data, frame.head_len), &frame, out,
                                    sizeof out, &first),
                         0);
        assert_int_equal(first.len, 0);
        buf_free(&wire);
    }
    buf_free(&packet);
}

static void bad_heads_are_refused(void **state)
{
    struct frame frame;

    (void)state;
    assert_int_equal(frame_read_head(slice_of("\0", 1), false, 100, &frame), ERR_MALFORMED);
    assert_int_equal(frame_read_head(slice_str("\xFF\xFF\xFF\xFF"), false, 100, &frame),
                     ERR_MALFORMED);
    assert_int_equal(frame_read_head(slice_str("\x65"), false, 100, &frame), ERR_TOO_LARGE);
    assert_int_equal(frame_read_head(slice_str("\x05\xFF\xFF\xFF\xFF\x0F"), true, 100, &frame),
                     ERR_MALFORMED);
    assert_int_equal(frame_read_head(slice_str("\x01\x05"), true, 100, &frame), ERR_MALFORMED);
}

static void false_sizes_are_refused(void **state)
{
    struct buf packet = packet_of(1000);
    struct buf wire = {0};
    struct frame frame;
    struct slice opened;

    assert_int_equal(frame_write(*state, buf_slice(&packet), 256, &wire), 0);
    assert_int_equal(frame_read_head(buf_slice(&wire), true, PACKET_BYTES_MAX, &frame), 0);
    frame.inflated_len = 999;
    assert_int_equal(frame_open(*state, buf_slice(&wire), &frame, FRAME_INFLATED_MAX, &opened),
                     ERR_MALFORMED);
    frame.inflated_len = 1001;
    assert_int_equal(frame_open(*state, buf_slice(&wire), &frame, FRAME_INFLATED_MAX, &opened),
                     ERR_MALFORMED);
    frame.inflated_len = 1000;
    assert_int_equal(frame_open(*state, buf_slice(&wire), &frame, 999, &opened), ERR_TOO_LARGE);
    buf_free(&packet);
    buf_free(&wire);
}

static void frames_fit_where_the_peer_takes_them(void **state)
{
    struct frame plain = {.inflated_len = 0};
    struct frame deflated = {.inflated_len = 300};

    (void)state;
    assert_true(frame_fits(&plain, -1, -1));
    assert_false(frame_fits(&plain, -1, 256));
    assert_false(frame_fits(&plain, 256, -1));
    assert_true(frame_fits(&plain, 64, 256));
    assert_true(frame_fits(&deflated, 256, 256));
    assert_true(frame_fits(&deflated, 256, 64));
    assert_false(frame_fits(&deflated, 256, 512));
}

static void what_no_frame_can_hold_is_refused(void **state)
{
    struct buf packet = packet_of(PACKET_BYTES_MAX + 1);
    struct buf wire = {0};

    assert_int_equal(frame_write(*state, buf_slice(&packet), FRAME_UNCOMPRESSED, &wire),
                     ERR_TOO_LARGE);
    assert_int_equal(wire.len, 0);
    buf_free(&packet);
    buf_free(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_byte_is_that_of_an_inflater),
        cmocka_unit_test(packets_survive_every_threshold),
        cmocka_unit_test(id_is_seen_before_the_frame_is_whole),
        cmocka_unit_test(the_first_bytes_are_seen_before_the_frame_is_whole),
        cmocka_unit_test(bad_heads_are_refused),
        cmocka_unit_test(false_sizes_are_refused),
        cmocka_unit_test(frames_fit_where_the_peer_takes_them),
        cmocka_unit_test(what_no_frame_can_hold_is_refused),
    };

    return cmocka_run_group_tests_name("frame", tests, with_codec, without_codec);
}
