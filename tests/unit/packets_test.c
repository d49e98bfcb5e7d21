#include "protocol/packets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_follow_the_releases(void **state)
{
    (void)state;
    assert_int_equal(packet_id(PACKET_PLAY_C_JOIN_GAME, 4), 0x01);
    assert_int_equal(packet_id(PACKET_PLAY_C_JOIN_GAME, 775), 0x31);
    assert_int_equal(packet_id(PACKET_CONFIG_C_SHOW_DIALOG, 770), -1);
    assert_int_equal(packet_id(PACKET_CONFIG_C_SHOW_DIALOG, 776), 0x12);
    assert_int_equal(packet_id(PACKET_CONFIG_C_SHOW_DIALOG, 777), 0x13);
    assert_int_equal(packet_id(PACKET_PLAY_C_KEEP_ALIVE, 777), 0x2d);
    assert_int_equal(packet_id(PACKET_PLAY_C_START_CONFIGURATION, 777), 0x78);
}

static void numbers_outside_the_table_take_the_nearest_release_below(void **state)
{
    (void)state;
    assert_ptr_equal(packet_map_of(100000), packet_map_of(PROTOCOL_NEWEST));
    assert_ptr_equal(packet_map_of(-1), packet_map_of(PROTOCOL_OLDEST));
    assert_ptr_equal(packet_map_of(46), packet_map_of(5));
}

static void ids_outside_any_phase_are_unknown(void **state)
{
    const struct packet_map *map = packet_map_of(775);

    (void)state;
    assert_int_equal(packet_map_kind(map, PROTOCOL_PLAY, PROTOCOL_CLIENTBOUND, -1), PACKET_UNKNOWN);
    assert_int_equal(packet_map_kind(map, PROTOCOL_PLAY, PROTOCOL_CLIENTBOUND, INT32_MAX),
                     PACKET_UNKNOWN);
    assert_int_equal(packet_map_kind(map, PROTOCOL_PLAY, PROTOCOL_CLIENTBOUND, 0x31),
                     PACKET_PLAY_C_JOIN_GAME);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_follow_the_releases),
        cmocka_unit_test(numbers_outside_the_table_take_the_nearest_release_below),
        cmocka_unit_test(ids_outside_any_phase_are_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
