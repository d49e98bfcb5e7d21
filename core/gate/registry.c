#include "gate/registry.h"

#include "gate/snbt.h"
#include "protocol/nbt.h"
#include "protocol/packet.h"
#include "protocol/packets.h"

#include <assert.h>
#include <string.h>

enum {
    CODEC_NAMED_PROTOCOL = 751, /* before, the codec is one list of dimensions */
    PACKET_EACH_PROTOCOL = 766, /* from here on, a packet for each registry */
};

/* A registry, or (with `snbt`) an entry of the registry in the rows above. */
struct registry_row {
    int first_protocol;
    int last_protocol;
    const char *name;
    const char *snbt;
};

static const struct registry_row rows[] = {
#define REGISTRY(first, last, name) {first, last, name, NULL},
#define ENTRY(first, last, name, snbt) {first, last, name, snbt},
#include "gate/registries_table.inc"
#undef ENTRY
#undef REGISTRY
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* Tags that the client looks up while it loads or draws, and which it demands to be bound. */
static const struct {
    int first_protocol;
    const char *registry;
    const char *tag;
} tags[] = {
    {771, "minecraft:dialog", "minecraft:pause_screen_additions"},
    {771, "minecraft:dialog", "minecraft:quick_actions"},
    {774, "minecraft:timeline", "minecraft:universal"},
    {774, "minecraft:timeline", "minecraft:in_overworld"},
    {774, "minecraft:timeline", "minecraft:in_nether"},
    {774, "minecraft:timeline", "minecraft:in_end"},
    {775, "minecraft:banner_pattern", "minecraft:no_item_required"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/flower"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/creeper"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/skull"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/mojang"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/globe"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/piglin"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/flow"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/guster"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/field_masoned"},
    {775, "minecraft:banner_pattern", "minecraft:pattern_item/bordure_indented"},
    {775, "minecraft:damage_type", "minecraft:is_fire"},
    {775, "minecraft:damage_type", "minecraft:is_explosion"},
    {775, "minecraft:damage_type", "minecraft:bypasses_shield"},
};

enum { TAGS = sizeof tags / sizeof tags[0] };

static bool row_applies(const struct registry_row *row, int protocol)
{
    return protocol >= row->first_protocol && protocol <= row->last_protocol;
}

/* The next row of this version that is a registry, from row `i` on; ROWS at the end. */
static size_t registry_next(size_t i, int protocol)
{
    while (i < ROWS && (rows[i].snbt || !row_applies(&rows[i], protocol)))
        i++;
    return i;
}

/* The next entry of this version in the registry that row `i` belongs to; ROWS at its end. */
static size_t entry_next(size_t i, int protocol)
{
    for (i++; i < ROWS && rows[i].snbt; i++)
        if (row_applies(&rows[i], protocol))
            return i;
    return ROWS;
}

static int32_t entry_count(size_t registry, int protocol)
{
    int32_t count = 0;

    for (size_t i = entry_next(registry, protocol); i < ROWS; i = entry_next(i, protocol))
        count++;
    return count;
}

static void put_codec_registry(struct buf *out, size_t registry, int protocol)
{
    int32_t id = 0;
    int32_t count = entry_count(registry, protocol);

    nbt_compound(out, rows[registry].name);
    nbt_cstr(out, "type", rows[registry].name);
    nbt_list(out, "value", count ? NBT_COMPOUND : NBT_END, count);
    for (size_t i = entry_next(registry, protocol); i < ROWS; i = entry_next(i, protocol)) {
        nbt_cstr(out, "name", rows[i].name);
        nbt_int(out, "id", id++);
        nbt_compound(out, "element");
        snbt_fields(out, rows[i].snbt);
        nbt_end(out);
        nbt_end(out);
    }
    nbt_end(out);
}

/* 735 and 736: the dimensions carry their names themselves. */
static void put_dimension_list(struct buf *out, size_t registry, int protocol)
{
    nbt_list(out, rows[registry].name, NBT_COMPOUND, entry_count(registry, protocol));
    for (size_t i = entry_next(registry, protocol); i < ROWS; i = entry_next(i, protocol)) {
        snbt_fields(out, rows[i].snbt);
        nbt_end(out);
    }
}

void registry_codec(int protocol, struct buf *out)
{
    nbt_root(out, protocol);
    for (size_t i = registry_next(0, protocol); i < ROWS; i = registry_next(i + 1, protocol)) {
        if (protocol < CODEC_NAMED_PROTOCOL)
            put_dimension_list(out, i, protocol);
        else
            put_codec_registry(out, i, protocol);
    }
    nbt_end(out);
}

void registry_dimension(int protocol, struct buf *out)
{
    size_t i = registry_next(0, protocol);

    while (i < ROWS && strcmp(rows[i].name, "minecraft:dimension_type") != 0)
        i = registry_next(i + 1, protocol);
    i = i < ROWS ? entry_next(i, protocol) : ROWS;
    assert(i < ROWS);
    nbt_root(out, protocol);
    snbt_fields(out, rows[i].snbt);
    nbt_end(out);
}

static void put_registry_packet(struct buf *packets, size_t registry, int protocol)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_CONFIG_C_REGISTRY_DATA, protocol));

    wire_put_cstr(packets, rows[registry].name);
    wire_put_varint(packets, entry_count(registry, protocol));
    for (size_t i = entry_next(registry, protocol); i < ROWS; i = entry_next(i, protocol)) {
        wire_put_cstr(packets, rows[i].name);
        wire_put_bool(packets, true);
        nbt_root(packets, protocol);
        snbt_fields(packets, rows[i].snbt);
        nbt_end(packets);
    }
    packet_end(packets, mark);
}

/* How many rows from `i` on belong to its registry. */
static size_t tag_run(size_t i, int protocol)
{
    size_t end = i;

    while (end < TAGS && protocol >= tags[end].first_protocol &&
           strcmp(tags[end].registry, tags[i].registry) == 0)
        end++;
    return end - i;
}

/* Every tag is there and empty. The rows are in the order of their first versions. */
static void put_tags(struct buf *packets, int protocol)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_CONFIG_C_TAGS, protocol));
    int32_t registries = 0;
    size_t run;

    for (size_t i = 0; (run = tag_run(i, protocol)) > 0; i += run)
        registries++;
    wire_put_varint(packets, registries);
    for (size_t i = 0; (run = tag_run(i, protocol)) > 0; i += run) {
        wire_put_cstr(packets, tags[i].registry);
        wire_put_varint(packets, (int32_t)run);
        for (size_t tag = i; tag < i + run; tag++) {
            wire_put_cstr(packets, tags[tag].tag);
            wire_put_varint(packets, 0);
        }
    }
    packet_end(packets, mark);
}

void registry_packets(int protocol, struct buf *packets)
{
    if (protocol < PACKET_EACH_PROTOCOL) {
        size_t mark = packet_begin(packets, packet_id(PACKET_CONFIG_C_REGISTRY_DATA, protocol));

        registry_codec(protocol, packets);
        packet_end(packets, mark);
        return;
    }
    for (size_t i = registry_next(0, protocol); i < ROWS; i = registry_next(i + 1, protocol))
        put_registry_packet(packets, i, protocol);
    if (protocol >= tags[0].first_protocol)
        put_tags(packets, protocol);
}
