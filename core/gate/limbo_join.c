#include "gate/limbo_join.h"

#include "gate/limbo.h"
#include "gate/privacy.h"
#include "gate/registry.h"
#include "protocol/nbt.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

enum {
    ADVENTURE = 2,
    NO_GAME_MODE = 0xFF,
    ABILITIES = 0x07, /* invulnerable, flying, may fly */
    PLAYERS = 1,
    DISTANCE = 2, /* chunks; the least that the client takes */
    HEIGHT = 400, /* above the world, where no chunk is waited for */
    SEA_LEVEL = 63,
    TELEPORT_ID = 1,
    SECTIONS = 24, /* of the overworld in registries_table.inc */
    WAIT_FOR_CHUNKS = 13,
    INFO_ADD = 0,          /* up to 760: one action */
    INFO_ADD_AND_MODE = 5, /* 761 on: a bit for each */
};

static const char overworld[] = "minecraft:overworld";

/* 4 to 578. */
static void put_join_number(int protocol, struct buf *out)
{
    wire_put_u8(out, ADVENTURE);
    if (protocol < 108)
        wire_put_u8(out, 0);
    else
        wire_put_i32(out, 0);
    if (protocol >= 573)
        wire_put_i64(out, 0); /* hashed seed */
    if (protocol < 477)
        wire_put_u8(out, 0); /* difficulty */
    wire_put_u8(out, PLAYERS);
    wire_put_cstr(out, "flat");
    if (protocol >= 477)
        wire_put_varint(out, DISTANCE);
    if (protocol >= 47)
        wire_put_bool(out, false); /* reduced debug info */
    if (protocol >= 573)
        wire_put_bool(out, true); /* respawn screen */
}

/* 735 to 763. */
static void put_join_codec(int protocol, struct buf *out)
{
    if (protocol >= 751)
        wire_put_bool(out, false); /* hardcore */
    wire_put_u8(out, ADVENTURE);
    wire_put_u8(out, NO_GAME_MODE);
    wire_put_varint(out, 1);
    wire_put_cstr(out, overworld);
    registry_codec(protocol, out);
    if (protocol >= 751 && protocol < 759)
        registry_dimension(protocol, out);
    else
        wire_put_cstr(out, overworld);
    wire_put_cstr(out, overworld);
    wire_put_i64(out, 0); /* hashed seed */
    if (protocol >= 751)
        wire_put_varint(out, PLAYERS);
    else
        wire_put_u8(out, PLAYERS);
    wire_put_varint(out, DISTANCE);
    if (protocol >= 757)
        wire_put_varint(out, DISTANCE); /* of simulation */
    wire_put_bool(out, false);          /* reduced debug info */
    wire_put_bool(out, true);           /* respawn screen */
    wire_put_bool(out, false);          /* debug world */
    wire_put_bool(out, true);           /* flat */
    if (protocol >= 759)
        wire_put_bool(out, false); /* place of death */
    if (protocol >= 763)
        wire_put_varint(out, 0); /* portal cooldown */
}

/* 764 on. */
static void put_join_configured(int protocol, struct buf *out)
{
    wire_put_bool(out, false); /* hardcore */
    wire_put_varint(out, 1);
    wire_put_cstr(out, overworld);
    wire_put_varint(out, PLAYERS);
    wire_put_varint(out, DISTANCE);
    wire_put_varint(out, DISTANCE); /* of simulation */
    wire_put_bool(out, false);      /* reduced debug info */
    wire_put_bool(out, true);       /* respawn screen */
    wire_put_bool(out, false);      /* limited crafting */
    if (protocol >= 766)
        wire_put_varint(out, 0); /* the only dimension type */
    else
        wire_put_cstr(out, overworld);
    wire_put_cstr(out, overworld);
    wire_put_i64(out, 0); /* hashed seed */
    wire_put_u8(out, ADVENTURE);
    wire_put_u8(out, NO_GAME_MODE);
    wire_put_bool(out, false); /* debug world */
    wire_put_bool(out, true);  /* flat */
    wire_put_bool(out, false); /* place of death */
    wire_put_varint(out, 0);   /* portal cooldown */
    if (protocol >= 768)
        wire_put_varint(out, SEA_LEVEL);
    if (protocol >= 766)
        wire_put_bool(out, false); /* enforces secure chat */
}

static void put_join(int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_JOIN_GAME, protocol));

    wire_put_i32(packets, LIMBO_ENTITY);
    if (protocol >= 764)
        put_join_configured(protocol, packets);
    else if (protocol >= REGISTRY_OLDEST)
        put_join_codec(protocol, packets);
    else
        put_join_number(protocol, packets);
    packet_end(packets, mark);
}

static void put_abilities(int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_ABILITIES, protocol));

    wire_put_u8(packets, ABILITIES);
    wire_put_f32(packets, 0.0F); /* flying speed: the player stays in place */
    wire_put_f32(packets, 0.1F); /* walking speed, also the field of view */
    packet_end(packets, mark);
}

/* Where the compass points, and what 759+ wait for before the world is shown. */
static void put_spawn(int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_SPAWN_POSITION, protocol));

    if (protocol >= 773)
        wire_put_cstr(packets, overworld);
    if (protocol < 47)
        wire_put_i32(packets, 0);
    wire_put_i64(packets, 0); /* zero in each of the ways to pack x, y and z */
    if (protocol >= 755)
        wire_put_f32(packets, 0.0F);
    if (protocol >= 773)
        wire_put_f32(packets, 0.0F); /* pitch */
    packet_end(packets, mark);
}

void limbo_add_commands(struct tree *tree)
{
    static const struct tree_argument page = {.name = "page", .kind = TREE_WORD, .optional = true};
    static const struct tree_argument purpose = {
        .name = "purpose", .kind = TREE_WORD, .optional = true};
    static const struct tree_argument language = {
        .name = "language", .kind = TREE_WORD, .optional = true};
    static const struct tree_argument privacy[] = {
        {.kind = TREE_LITERALS,
         .optional = true,
         .words = privacy_words,
         .word_count = PRIVACY_WORDS},
        {.name = "text", .kind = TREE_TEXT, .optional = true, .asks = true}};
    static const struct {
        const char *name;
        const struct tree_argument *arguments;
        size_t count;
    } commands[] = {{"accept", NULL, 0},     {"decline", NULL, 0},       {"policy", &page, 1},
                    {"choose", &purpose, 1}, {"language", &language, 1}, {"privacy", privacy, 2}};

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        tree_add(tree, &(struct tree_command){.names = &commands[i].name,
                                              .name_count = 1,
                                              .arguments = commands[i].arguments,
                                              .argument_count = commands[i].count});
}

static void put_commands(int protocol, struct buf *packets)
{
    struct tree tree = {.protocol = protocol, .next = 1};
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_COMMANDS, protocol));

    limbo_add_commands(&tree);
    tree_put(&tree, packets);
    packet_end(packets, mark);
    tree_free(&tree);
}

/* Air and the only biome, each as a palette of one value. */
static void put_sections(int protocol, struct buf *out)
{
    int size = protocol >= 770 && protocol < 775 ? 6 : 8;

    wire_put_varint(out, SECTIONS * size);
    for (int i = 0; i < SECTIONS * size; i++)
        wire_put_u8(out, 0);
}

static void put_chunk(int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_CENTER_CHUNK, protocol));

    wire_put_varint(packets, 0);
    wire_put_varint(packets, 0);
    packet_end(packets, mark);

    mark = packet_begin(packets, packet_id(PACKET_PLAY_C_CHUNK, protocol));
    wire_put_i64(packets, 0); /* x and z */
    if (protocol >= 770) {
        wire_put_varint(packets, 0); /* height maps */
    } else {
        nbt_root(packets, protocol);
        nbt_end(packets);
    }
    put_sections(protocol, packets);
    wire_put_varint(packets, 0); /* block entities */
    if (protocol < 763)
        wire_put_bool(packets, true); /* trusted edges */
    for (int i = 0; i < 6; i++)
        wire_put_varint(packets, 0); /* four masks and two arrays of light */
    packet_end(packets, mark);
}

static void put_wait_for_chunks(int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_GAME_EVENT, protocol));

    wire_put_u8(packets, WAIT_FOR_CHUNKS);
    wire_put_f32(packets, 0.0F);
    packet_end(packets, mark);
}

static void put_position(int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_POSITION, protocol));

    if (protocol >= 768)
        wire_put_varint(packets, TELEPORT_ID);
    wire_put_f64(packets, 8.0);
    wire_put_f64(packets, HEIGHT);
    wire_put_f64(packets, 8.0);
    for (int i = 0; protocol >= 768 && i < 3; i++)
        wire_put_f64(packets, 0.0); /* speed */
    wire_put_f32(packets, 0.0F);
    wire_put_f32(packets, 0.0F);
    if (protocol >= 768)
        wire_put_i32(packets, 0);
    else
        wire_put_u8(packets, 0); /* nothing relative; on the ground before 47 */
    if (protocol >= 107 && protocol < 768)
        wire_put_varint(packets, TELEPORT_ID);
    if (protocol >= 755 && protocol < 762)
        wire_put_bool(packets, false); /* dismount */
    packet_end(packets, mark);
}

void limbo_join_packets(int protocol, struct buf *packets)
{
    put_join(protocol, packets);
    put_abilities(protocol, packets);
    put_spawn(protocol, packets);
    if (protocol >= 393)
        put_commands(protocol, packets);
    if (protocol >= 765)
        put_wait_for_chunks(protocol, packets);
    if (protocol >= 759)
        put_chunk(protocol, packets);
    put_position(protocol, packets);
}

void limbo_list_player(int protocol, const struct profile *profile, struct buf *packets)
{
    bool by_bits = protocol >= 761;
    size_t mark;

    if (protocol < 47)
        return;
    mark = packet_begin(packets, packet_id(PACKET_PLAY_C_PLAYER_INFO, protocol));
    wire_put_u8(packets, by_bits ? INFO_ADD_AND_MODE : INFO_ADD);
    wire_put_varint(packets, 1);
    wire_put_uuid(packets, &profile->uuid);
    wire_put_cstr(packets, profile->name);
    profile_put_properties(profile, packets);
    wire_put_varint(packets, ADVENTURE);
    if (!by_bits) {
        wire_put_varint(packets, 0);   /* latency */
        wire_put_bool(packets, false); /* no other name */
    }
    if (!by_bits && protocol >= 759)
        wire_put_bool(packets, false); /* nor chat key */
    packet_end(packets, mark);
}
