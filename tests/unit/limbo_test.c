#include "base/err.h"
#include "gate/limbo.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const int switched[] = {4, 47, 107, 108, 340, 404, 498, 578, 735, 754, 758, 759, 763};

enum { SWITCHED = sizeof switched / sizeof switched[0] };

/* The limbo's own join game stands for a backend's: the same layouts, read back. */
static struct slice join_of(struct limbo_cache *cache, int protocol, struct buf *packets)
{
    struct slice list;
    struct slice join;

    limbo_join(cache, protocol, packets);
    list = buf_slice(packets);
    assert_true(packet_next(&list, &join));
    return join;
}

static void keep_alive_ids_come_back_in_every_shape(void **state)
{
    static const int protocols[] = {4, 47, 338, 340, 763, 764, 775};

    (void)state;
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        for (int configuration = 0; configuration <= (protocols[i] >= 764); configuration++) {
            struct buf packets = {0};
            struct slice list;
            struct slice packet;
            int64_t id = 0;

            limbo_keep_alive(protocols[i], configuration != 0, 123456789, &packets);
            list = buf_slice(&packets);
            assert_true(packet_next(&list, &packet));
            packet = slice_of(packet.data + 1, packet.len - 1);
            assert_true(limbo_keep_alive_id(protocols[i], configuration != 0, packet, &id));
            assert_int_equal(id, 123456789);
            packet.len--;
            assert_false(limbo_keep_alive_id(protocols[i], configuration != 0, packet, &id));
            buf_free(&packets);
        }
    }
}

static void switching_sends_a_join_game_and_a_respawn(void **state)
{
    struct limbo_cache *cache = limbo_cache_new();

    (void)state;
    for (size_t i = 0; i < SWITCHED; i++) {
        struct buf packets = {0};
        struct buf out = {0};
        struct slice join = join_of(cache, switched[i], &packets);
        struct slice list;
        struct slice packet;

        assert_int_equal(limbo_switch_join(switched[i], false, join, &out), 0);
        list = buf_slice(&out);
        assert_true(packet_next(&list, &packet));
        assert_int_equal(packet.data[0], packet_id(PACKET_PLAY_C_JOIN_GAME, switched[i]));
        assert_int_equal(packet.len, join.len);
        assert_int_equal(slice_equal(packet, join), switched[i] >= 735);
        assert_true(packet_next(&list, &packet));
        assert_int_equal(packet.data[0], packet_id(PACKET_PLAY_C_RESPAWN, switched[i]));
        assert_false(packet_next(&list, &packet));
        buf_free(&out);
        buf_free(&packets);
    }
    limbo_cache_free(cache);
}

static void a_join_game_in_1_8_changes_its_dimension_and_respawns_in_the_right_one(void **state)
{
    static const uint8_t join[] = {0x01, 0, 0, 0, 9, 0x08, 0xFF, 2, 20, 4, 'f', 'l', 'a', 't', 0};
    static const uint8_t expected[] = {
        0x8F, 0x80, 0,    0x01, 0,    0,    0,    9,    0x08, 0, 2, 20, 4,   'f', 'l', 'a', 't',
        0,    0x8C, 0x80, 0,    0x07, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 4,  'f', 'l', 'a', 't',
    };
    struct buf out = {0};

    (void)state;
    assert_int_equal(limbo_switch_join(47, false, slice_of(join, sizeof join), &out), 0);
    assert_int_equal(out.len, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    buf_free(&out);
}

static void a_join_game_that_is_cut_or_too_long_is_malformed_and_appends_nothing(void **state)
{
    struct limbo_cache *cache = limbo_cache_new();

    (void)state;
    for (size_t i = 0; i < SWITCHED; i++) {
        struct buf packets = {0};
        struct buf longer = {0};
        struct buf out = {0};
        struct slice join = join_of(cache, switched[i], &packets);

        for (size_t len = 0; len < join.len; len++)
            assert_int_equal(limbo_switch_join(switched[i], false, slice_of(join.data, len), &out),
                             ERR_MALFORMED);
        buf_append_slice(&longer, join);
        buf_append_byte(&longer, 0);
        assert_int_equal(limbo_switch_join(switched[i], false, buf_slice(&longer), &out),
                         ERR_MALFORMED);
        assert_int_equal(out.len, 0);
        buf_free(&longer);
        buf_free(&packets);
        buf_free(&out);
    }
    limbo_cache_free(cache);
}

static void a_number_that_is_no_release_shares_the_world_of_the_release_below(void **state)
{
    struct limbo_cache *cache = limbo_cache_new();

    (void)state;
    assert_ptr_equal(limbo_registries(cache, 9999).data,
                     limbo_registries(cache, limbo_newest()).data);
    assert_int_equal(limbo_registries(cache, -1).len, 0);
    assert_int_equal(limbo_known_packs(cache, 765).len, 0);
    limbo_cache_free(cache);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_alive_ids_come_back_in_every_shape),
        cmocka_unit_test(switching_sends_a_join_game_and_a_respawn),
        cmocka_unit_test(a_join_game_in_1_8_changes_its_dimension_and_respawns_in_the_right_one),
        cmocka_unit_test(a_join_game_that_is_cut_or_too_long_is_malformed_and_appends_nothing),
        cmocka_unit_test(a_number_that_is_no_release_shares_the_world_of_the_release_below),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
