#include "gate/limbo.h"

#include "base/mem.h"
#include "gate/limbo_join.h"
#include "gate/registry.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

#include <stdlib.h>

enum { CONFIGURATION_PROTOCOL = 764, KNOWN_PACKS_PROTOCOL = 766 };

/* A hostile handshake can name any number: only releases have a place in the cache. */
static const int releases[] = {
    4,   5,   47,  107, 108, 109, 110, 210, 315, 316, 335, 338, 340, 393, 401, 404, 477,
    480, 485, 490, 498, 573, 575, 578, 735, 736, 751, 753, 754, 755, 756, 757, 758, 759,
    760, 761, 762, 763, 764, 765, 766, 767, 768, 769, 770, 771, 772, 773, 774, 775,
};

enum { RELEASES = sizeof releases / sizeof releases[0] };

struct limbo_world {
    bool built;
    struct buf known_packs;
    struct buf registries;
    struct buf join;
};

struct limbo_cache {
    struct limbo_world worlds[RELEASES];
};

struct limbo_cache *limbo_cache_new(void)
{
    return mem_alloc(sizeof(struct limbo_cache));
}

void limbo_cache_free(struct limbo_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < RELEASES; i++) {
        buf_free(&cache->worlds[i].known_packs);
        buf_free(&cache->worlds[i].registries);
        buf_free(&cache->worlds[i].join);
    }
    free(cache);
}

int limbo_newest(void)
{
    return releases[RELEASES - 1];
}

static void put_empty(struct buf *packets, int id)
{
    packet_end(packets, packet_begin(packets, id));
}

static void build(struct limbo_world *world, int protocol)
{
    world->built = true;
    limbo_join_packets(protocol, &world->join);
    if (protocol < CONFIGURATION_PROTOCOL)
        return;
    if (protocol >= KNOWN_PACKS_PROTOCOL) {
        size_t mark = packet_begin(&world->known_packs,
                                   packet_id(PACKET_CONFIG_C_SELECT_KNOWN_PACKS, protocol));

        wire_put_varint(&world->known_packs, 0); /* none: every entry comes with its data */
        packet_end(&world->known_packs, mark);
    }
    registry_packets(protocol, &world->registries);
    put_empty(&world->registries, packet_id(PACKET_CONFIG_C_FINISH, protocol));
}

static const struct limbo_world *world_of(struct limbo_cache *cache, int protocol)
{
    size_t i = RELEASES - 1;

    while (i > 0 && releases[i] > protocol)
        i--;
    if (!cache->worlds[i].built)
        build(&cache->worlds[i], releases[i]);
    return &cache->worlds[i];
}

struct slice limbo_known_packs(struct limbo_cache *cache, int protocol)
{
    return buf_slice(&world_of(cache, protocol)->known_packs);
}

struct slice limbo_registries(struct limbo_cache *cache, int protocol)
{
    return buf_slice(&world_of(cache, protocol)->registries);
}

void limbo_join(struct limbo_cache *cache, int protocol, struct buf *packets)
{
    buf_append_slice(packets, buf_slice(&world_of(cache, protocol)->join));
}

void limbo_keep_alive(int protocol, bool configuration, int32_t id, struct buf *packets)
{
    enum packet_kind kind = configuration ? PACKET_CONFIG_C_KEEP_ALIVE : PACKET_PLAY_C_KEEP_ALIVE;
    size_t mark = packet_begin(packets, packet_id(kind, protocol));

    if (protocol < 47)
        wire_put_i32(packets, id);
    else if (protocol < 340)
        wire_put_varint(packets, id);
    else
        wire_put_i64(packets, id);
    packet_end(packets, mark);
}

bool limbo_keep_alive_id(int protocol, bool configuration, struct slice body, int64_t *out)
{
    struct reader reader = reader_of(body);

    if (configuration || protocol >= 340)
        *out = reader_i64(&reader);
    else if (protocol >= 47)
        *out = reader_varint(&reader);
    else
        *out = reader_i32(&reader);
    return reader_done(&reader);
}
