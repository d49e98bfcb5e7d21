#include "protocol/packets.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_IDS = 192 }; /* above every number in the table */

struct packet_map {
    int first_protocol;
    uint8_t kinds[PROTOCOL_STATES][PROTOCOL_DIRECTIONS][PACKET_IDS];
};

static_assert(PACKET_KINDS <= UINT8_MAX, "kinds are kept in bytes");

static const struct packet_map maps[] = {
#include "protocol/packets_table.inc"
};

static const struct {
    uint8_t state;
    uint8_t direction;
} places[PACKET_KINDS] = {
#define PACKET(name, state, direction, data_names)                                                 \
    [PACKET_##name] = {PROTOCOL_##state, PROTOCOL_##direction},
#include "protocol/packets.def"
#undef PACKET
};

const struct packet_map *packet_map_of(int protocol)
{
    size_t low = 0;
    size_t high = sizeof maps / sizeof maps[0];

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (maps[middle].first_protocol <= protocol)
            low = middle;
        else
            high = middle;
    }
    return &maps[low];
}

int packet_map_id(const struct packet_map *map, enum packet_kind kind)
{
    const uint8_t *kinds = map->kinds[places[kind].state][places[kind].direction];

    for (int id = 0; id < PACKET_IDS; id++)
        if (kinds[id] == kind)
            return id;
    return -1;
}

enum packet_kind packet_map_kind(const struct packet_map *map, enum protocol_state state,
                                 enum protocol_direction direction, int id)
{
    if (id < 0 || id >= PACKET_IDS)
        return PACKET_UNKNOWN;
    return (enum packet_kind)map->kinds[state][direction][id];
}

int packet_id(enum packet_kind kind, int protocol)
{
    return packet_map_id(packet_map_of(protocol), kind);
}
