/*
 * What a server has put on a client's screen that outlives its world: titles, boss bars and the
 * list of players. From 1.20.2 on the client clears all but titles by itself when it is called back
 * into configuration; before, they are remembered here, and taken away when the player changes
 * worlds. Layouts: minecraft-data, packets boss_bar, player_info, player_remove, title.
 */
#include "protocol/wire.h"
#include "session/phases.h"

#include <string.h>

enum {
    WITH_UUID = 47,
    WITH_BOSS_BARS = 107,
    WITH_RESET_AT_5 = 315,
    WITH_CLEAR_TITLES = 755,
    WITH_CHAT_KEY = 759,
    WITH_PLAYER_REMOVE = 761,
    WITH_CONFIGURATION = 764,
    BAR_ADD = 0,
    BAR_REMOVE = 1,
    INFO_ADD = 0,
    INFO_REMOVE = 4,
    ACTION_ADD = 0x01,
    ENTRIES_MAX = 4096,
    TEXT_CHARS_MAX = 262144,
    NAME_CHARS_MAX = 16, /* in the list of 1.7 */
    PROPERTIES_MAX = 64,
};

bool traces_matter(const struct session *session)
{
    return session->protocol < WITH_CONFIGURATION;
}

static size_t find(const struct buf *set, const struct uuid *uuid)
{
    for (size_t at = 0; at < set->len; at += UUID_BYTES)
        if (memcmp(set->data + at, uuid->bytes, UUID_BYTES) == 0)
            return at;
    return set->len;
}

static void add(struct buf *set, const struct uuid *uuid)
{
    if (find(set, uuid) == set->len && set->len < ENTRIES_MAX * UUID_BYTES)
        buf_append(set, uuid->bytes, UUID_BYTES);
}

static void take(struct buf *set, const struct uuid *uuid)
{
    size_t at = find(set, uuid);

    if (at == set->len)
        return;
    set->len -= UUID_BYTES;
    memmove(set->data + at, set->data + set->len, UUID_BYTES);
}

static void on_boss_bar(struct session *session, struct reader *reader)
{
    struct uuid uuid = reader_uuid(reader);
    int32_t action = reader_varint(reader);

    if (!reader_ok(reader))
        return;
    if (action == BAR_ADD)
        add(&session->bars, &uuid);
    else if (action == BAR_REMOVE)
        take(&session->bars, &uuid);
}

static void skip_properties(struct reader *reader)
{
    int32_t count = reader_varint(reader);

    for (int32_t i = 0; i < count && i < PROPERTIES_MAX && reader_ok(reader); i++) {
        reader_string(reader, WIRE_STRING_CHARS_MAX);
        reader_string(reader, WIRE_STRING_CHARS_MAX);
        if (reader_bool(reader))
            reader_string(reader, WIRE_STRING_CHARS_MAX);
    }
}

/* An added player, 47 to 760, behind the UUID. */
static void skip_added(int protocol, struct reader *reader)
{
    reader_string(reader, WIRE_STRING_CHARS_MAX);
    skip_properties(reader);
    reader_varint(reader); /* game mode */
    reader_varint(reader); /* latency */
    if (reader_bool(reader))
        reader_string(reader, TEXT_CHARS_MAX);
    if (protocol >= WITH_CHAT_KEY && reader_bool(reader)) {
        reader_i64(reader);
        reader_counted(reader, SIZE_MAX);
        reader_counted(reader, SIZE_MAX);
    }
}

/* 47 to 760: one action for all players of the packet. */
static void on_player_info(struct session *session, struct reader *reader)
{
    int32_t action = reader_varint(reader);
    int32_t count = reader_varint(reader);

    for (int32_t i = 0; i < count && reader_ok(reader); i++) {
        struct uuid uuid = reader_uuid(reader);

        if (action == INFO_ADD)
            skip_added(session->protocol, reader);
        if (!reader_ok(reader) || (action != INFO_ADD && action != INFO_REMOVE))
            return;
        if (action == INFO_ADD)
            add(&session->listed, &uuid);
        else
            take(&session->listed, &uuid);
    }
}

/* 761 to 763: the first player is enough to go on with when the actions cannot be skipped. */
static void skip_actions(uint8_t actions, struct reader *reader)
{
    if (actions & 0x01) {
        reader_string(reader, WIRE_STRING_CHARS_MAX);
        skip_properties(reader);
    }
    if ((actions & 0x02) && reader_bool(reader)) { /* chat session */
        reader_uuid(reader);
        reader_i64(reader);
        reader_counted(reader, SIZE_MAX);
        reader_counted(reader, SIZE_MAX);
    }
    if (actions & 0x04)
        reader_varint(reader); /* game mode */
    if (actions & 0x08)
        reader_bool(reader); /* listed */
    if (actions & 0x10)
        reader_varint(reader); /* latency */
    if ((actions & 0x20) && reader_bool(reader))
        reader_string(reader, TEXT_CHARS_MAX);
}

static void on_player_update(struct session *session, struct reader *reader)
{
    uint8_t actions = reader_u8(reader);
    int32_t count = reader_varint(reader);

    for (int32_t i = 0; (actions & ACTION_ADD) && i < count && reader_ok(reader); i++) {
        struct uuid uuid = reader_uuid(reader);

        skip_actions(actions, reader);
        if (reader_ok(reader))
            add(&session->listed, &uuid);
    }
}

static void on_player_remove(struct session *session, struct reader *reader)
{
    int32_t count = reader_varint(reader);

    for (int32_t i = 0; i < count && reader_ok(reader); i++) {
        struct uuid uuid = reader_uuid(reader);

        if (reader_ok(reader))
            take(&session->listed, &uuid);
    }
}

/* 1.7 lists names, without UUIDs; they are kept in a UUID's place, filled up with zeros. */
static void on_player_name(struct session *session, struct reader *reader)
{
    struct slice name = reader_string(reader, NAME_CHARS_MAX);
    bool online = reader_bool(reader);
    struct uuid key = {0};

    if (!reader_ok(reader) || name.len == 0 || name.len > UUID_BYTES)
        return;
    memcpy(key.bytes, name.data, name.len);
    if (online)
        add(&session->listed, &key);
    else
        take(&session->listed, &key);
}

void traces_note(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);

    if (packet->kind == PACKET_PLAY_C_BOSS_BAR)
        on_boss_bar(session, &reader);
    else if (packet->kind == PACKET_PLAY_C_PLAYER_REMOVE)
        on_player_remove(session, &reader);
    else if (session->protocol >= WITH_PLAYER_REMOVE)
        on_player_update(session, &reader);
    else if (session->protocol >= WITH_UUID)
        on_player_info(session, &reader);
    else
        on_player_name(session, &reader);
}

void traces_listed(struct session *session, const struct uuid *uuid)
{
    if (session->protocol >= WITH_UUID && traces_matter(session))
        add(&session->listed, uuid);
}

static void put_bars(struct session *session, struct buf *packets)
{
    for (size_t at = 0; at < session->bars.len; at += UUID_BYTES) {
        size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_PLAY_C_BOSS_BAR));

        buf_append(packets, session->bars.data + at, UUID_BYTES);
        wire_put_varint(packets, BAR_REMOVE);
        packet_end(packets, mark);
    }
}

static void put_names(struct session *session, struct buf *packets)
{
    for (size_t at = 0; at < session->listed.len; at += UUID_BYTES) {
        const char *name = (const char *)session->listed.data + at;
        size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_PLAY_C_PLAYER_INFO));

        wire_put_string(packets, slice_of(name, strnlen(name, UUID_BYTES)));
        wire_put_bool(packets, false);
        wire_put_u16(packets, 0); /* ping */
        packet_end(packets, mark);
    }
}

static void put_list(struct session *session, struct buf *packets)
{
    bool remove = session->protocol >= WITH_PLAYER_REMOVE;
    size_t mark;

    if (session->listed.len == 0)
        return;
    mark = packet_begin(packets, packet_map_id(session->map, remove ? PACKET_PLAY_C_PLAYER_REMOVE
                                                                    : PACKET_PLAY_C_PLAYER_INFO));
    if (!remove)
        wire_put_varint(packets, INFO_REMOVE);
    wire_put_varint(packets, (int32_t)(session->listed.len / UUID_BYTES));
    buf_append_slice(packets, buf_slice(&session->listed));
    packet_end(packets, mark);
}

/* The header and footer of the list. */
static void put_header(struct session *session, struct buf *packets)
{
    static const char nothing[] = "{\"text\":\"\"}";
    size_t mark = packet_begin(packets, packet_map_id(session->map, PACKET_PLAY_C_TAB_HEADER));

    wire_put_cstr(packets, nothing);
    wire_put_cstr(packets, nothing);
    packet_end(packets, mark);
}

/* A title that is still on the screen, and the times of titles. */
static void put_titles(struct session *session, struct buf *packets)
{
    int protocol = session->protocol;
    size_t mark = packet_begin(packets, packet_map_id(session->map, protocol >= WITH_CLEAR_TITLES
                                                                        ? PACKET_PLAY_C_CLEAR_TITLES
                                                                        : PACKET_PLAY_C_TITLE));
    if (protocol >= WITH_CLEAR_TITLES)
        wire_put_bool(packets, true);
    else
        wire_put_varint(packets, protocol >= WITH_RESET_AT_5 ? 5 : 4);
    packet_end(packets, mark);
}

void traces_clear(struct session *session, struct buf *packets)
{
    if (session->protocol < WITH_UUID)
        put_names(session, packets);
    if (session->protocol >= WITH_UUID && traces_matter(session)) {
        put_bars(session, packets);
        put_list(session, packets);
        put_header(session, packets);
    }
    if (session->protocol >= WITH_UUID)
        put_titles(session, packets);
    buf_free(&session->bars);
    buf_free(&session->listed);
}
