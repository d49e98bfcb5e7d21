#include "base/err.h"
#include "gate/limbo.h"
#include "protocol/nbt.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

enum {
    LEVEL_TYPE_CHARS_MAX = 16,
    WORLDS_MAX = 4096,
    HARDCORE = 0x08, /* in the game mode, up to 736 */
    OVERWORLD = 0,
    NETHER = -1,
};

/* What a respawn repeats from a join game. Slices are as they are on the wire. */
struct join_game {
    int32_t dimension; /* up to 578 */
    struct slice before_dimension;
    struct slice after_dimension;
    struct slice world; /* 735+: dimension and world name */
    struct slice death; /* 759+: place of death, and portal cooldown */
    struct slice level_type;
    int64_t hashed_seed;
    uint8_t difficulty;
    uint8_t game_mode;
    uint8_t previous_game_mode;
    bool debug;
    bool flat;
};

static struct slice since(const struct reader *reader, const uint8_t *start)
{
    return slice_of(start, (size_t)(reader->at - start));
}

/* 4 to 578. */
static bool read_numbered(struct reader *reader, int protocol, struct join_game *join)
{
    const uint8_t *start = reader->at;

    reader_i32(reader);
    join->game_mode = reader_u8(reader);
    join->before_dimension = since(reader, start);
    join->dimension = protocol < 108 ? (int8_t)reader_u8(reader) : reader_i32(reader);
    start = reader->at;
    if (protocol >= 573)
        join->hashed_seed = reader_i64(reader);
    if (protocol < 477)
        join->difficulty = reader_u8(reader);
    reader_u8(reader);
    join->level_type = reader_string(reader, LEVEL_TYPE_CHARS_MAX);
    if (protocol >= 477)
        reader_varint(reader);
    if (protocol >= 47)
        reader_bool(reader);
    if (protocol >= 573)
        reader_bool(reader);
    join->after_dimension = since(reader, start);
    return reader_done(reader);
}

static void read_worlds(struct reader *reader)
{
    int32_t count = reader_varint(reader);

    if (count < 0 || count > WORLDS_MAX)
        reader->failed = true;
    for (int32_t i = 0; i < count && reader_ok(reader); i++)
        reader_string(reader, WIRE_STRING_CHARS_MAX);
}

/* 735 to 763. */
static bool read_named(struct reader *reader, int protocol, struct join_game *join)
{
    const uint8_t *start;

    reader_i32(reader);
    if (protocol >= 751)
        reader_bool(reader);
    join->game_mode = reader_u8(reader);
    join->previous_game_mode = reader_u8(reader);
    read_worlds(reader);
    nbt_skip(reader, protocol);
    start = reader->at;
    if (protocol >= 751 && protocol < 759)
        nbt_skip(reader, protocol);
    else
        reader_string(reader, WIRE_STRING_CHARS_MAX);
    reader_string(reader, WIRE_STRING_CHARS_MAX);
    join->world = since(reader, start);
    join->hashed_seed = reader_i64(reader);
    if (protocol >= 751)
        reader_varint(reader);
    else
        reader_u8(reader);
    reader_varint(reader);
    if (protocol >= 757)
        reader_varint(reader);
    reader_bool(reader);
    reader_bool(reader);
    join->debug = reader_bool(reader);
    join->flat = reader_bool(reader);
    start = reader->at;
    if (protocol >= 759 && reader_bool(reader)) {
        reader_string(reader, WIRE_STRING_CHARS_MAX);
        reader_i64(reader);
    }
    if (protocol >= 763)
        reader_varint(reader);
    join->death = since(reader, start);
    return reader_done(reader);
}

static void put_numbered_join(int protocol, const struct join_game *join, int32_t dimension,
                              struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_JOIN_GAME, protocol));

    buf_append_slice(packets, join->before_dimension);
    if (protocol < 108)
        wire_put_u8(packets, (uint8_t)dimension);
    else
        wire_put_i32(packets, dimension);
    buf_append_slice(packets, join->after_dimension);
    packet_end(packets, mark);
}

static void put_numbered_respawn(int protocol, const struct join_game *join, int32_t dimension,
                                 struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_RESPAWN, protocol));

    wire_put_i32(packets, dimension);
    if (protocol >= 573)
        wire_put_i64(packets, join->hashed_seed);
    if (protocol < 477)
        wire_put_u8(packets, join->difficulty);
    wire_put_u8(packets, (uint8_t)(join->game_mode & ~HARDCORE));
    wire_put_string(packets, join->level_type);
    packet_end(packets, mark);
}

static void put_numbered(int protocol, bool forge, const struct join_game *join,
                         struct buf *packets)
{
    int32_t other = join->dimension == OVERWORLD ? NETHER : OVERWORLD;

    put_numbered_join(protocol, join, forge ? join->dimension : other, packets);
    if (forge)
        put_numbered_respawn(protocol, join, other, packets);
    put_numbered_respawn(protocol, join, join->dimension, packets);
}

static void put_named(int protocol, const struct join_game *join, struct slice join_game,
                      struct buf *packets)
{
    size_t mark;

    packet_append(packets, join_game);
    mark = packet_begin(packets, packet_id(PACKET_PLAY_C_RESPAWN, protocol));
    buf_append_slice(packets, join->world);
    wire_put_i64(packets, join->hashed_seed);
    wire_put_u8(packets, protocol < 751 ? (uint8_t)(join->game_mode & ~HARDCORE) : join->game_mode);
    wire_put_u8(packets, join->previous_game_mode);
    wire_put_bool(packets, join->debug);
    wire_put_bool(packets, join->flat);
    wire_put_u8(packets, 0); /* keep no data of the world before */
    buf_append_slice(packets, join->death);
    packet_end(packets, mark);
}

int limbo_switch_join(int protocol, bool forge, struct slice join_game, struct buf *packets)
{
    struct reader reader = reader_of(join_game);
    struct join_game join = {0};

    if (join_game.len > PACKET_BYTES_MAX ||
        reader_varint(&reader) != packet_id(PACKET_PLAY_C_JOIN_GAME, protocol))
        return ERR_MALFORMED;
    if (protocol < 735) {
        if (!read_numbered(&reader, protocol, &join))
            return ERR_MALFORMED;
        put_numbered(protocol, forge, &join, packets);
    } else {
        if (!read_named(&reader, protocol, &join))
            return ERR_MALFORMED;
        put_named(protocol, &join, join_game, packets);
    }
    return 0;
}
