#include "gate/hud.h"

#include "gate/notice.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/settings.h"
#include "protocol/wire.h"

enum {
    WITH_TITLES = 47,
    WITH_CATEGORY = 107,
    WITH_FLOAT_PITCH = 210,
    WITH_RICH_ACTION_BAR = 315,
    WITH_PACKETS_OF_TITLES = 755,
    WITH_SEED = 759,
    WITH_SOUND_HOLDER = 761,
    POSITION_ACTION_BAR = 2,
    BAR_ADD = 0,
    BAR_REMOVE = 1,
    BAR_PROGRESS = 2,
    BAR_TITLE = 3,
    BAR_STYLE = 4,
    CATEGORIES_OF_1_9 = 10,
    INLINE_HOLDER = 0, /* the sound itself, not a number of one */
};

/* What one packet did up to 754, by its first field. */
struct title_actions {
    int title, subtitle, action_bar, times, hide, reset;
};

static const struct title_actions old_actions = {0, 1, -1, 2, 3, 4};
static const struct title_actions actions = {0, 1, 2, 3, 4, 5};

static const struct title_actions *actions_of(int protocol)
{
    return protocol >= WITH_RICH_ACTION_BAR ? &actions : &old_actions;
}

/* False: the version has no such packet, and none was begun. */
static bool begin(enum packet_kind kind, int protocol, struct buf *packets, size_t *mark)
{
    int id = packet_id(kind, protocol);

    if (id >= 0)
        *mark = packet_begin(packets, id);
    return id >= 0;
}

/* A packet of titles: one of its own from 755 on, before that an action of one for all. */
static size_t begin_title(enum packet_kind kind, int action, int protocol, struct buf *packets)
{
    bool own = protocol >= WITH_PACKETS_OF_TITLES;
    size_t mark = packet_begin(packets, packet_id(own ? kind : PACKET_PLAY_C_TITLE, protocol));

    if (!own)
        wire_put_varint(packets, action);
    return mark;
}

static void put_title_text(enum packet_kind kind, int action, const struct text *text, int protocol,
                           struct buf *packets)
{
    struct text *nothing = text ? NULL : text_new("");
    size_t mark = begin_title(kind, action, protocol, packets);

    text_write(text ? text : nothing, protocol, PROTOCOL_PLAY, packets);
    packet_end(packets, mark);
    text_free(nothing);
}

/* Up to 1.10 the client shows the text in it, and heeds nothing but section signs. */
static void put_legacy_action_bar(const struct text *text, int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_CHAT, protocol));
    struct buf legacy = {0};
    struct text *flat;

    text_write_legacy(text, &legacy);
    flat = text_new_slice(buf_slice(&legacy));
    text_write(flat, protocol, PROTOCOL_PLAY, packets);
    wire_put_u8(packets, POSITION_ACTION_BAR);
    packet_end(packets, mark);
    text_free(flat);
    buf_free(&legacy);
}

bool hud_action_bar(const struct text *text, int protocol, struct buf *packets)
{
    if (protocol < WITH_TITLES)
        return false;
    if (protocol < WITH_RICH_ACTION_BAR)
        put_legacy_action_bar(text, protocol, packets);
    else
        put_title_text(PACKET_PLAY_C_ACTION_BAR, actions.action_bar, text, protocol, packets);
    return true;
}

bool hud_title(const struct hud_title *title, int protocol, struct buf *packets)
{
    const struct title_actions *numbers = actions_of(protocol);
    size_t mark;

    if (protocol < WITH_TITLES)
        return false;
    mark = begin_title(PACKET_PLAY_C_TITLE_TIMES, numbers->times, protocol, packets);
    wire_put_i32(packets, title->fade_in);
    wire_put_i32(packets, title->stay);
    wire_put_i32(packets, title->fade_out);
    packet_end(packets, mark);
    /* The title is what makes both appear, so it comes last. */
    put_title_text(PACKET_PLAY_C_SUBTITLE, numbers->subtitle, title->subtitle, protocol, packets);
    put_title_text(PACKET_PLAY_C_TITLE_TEXT, numbers->title, title->title, protocol, packets);
    return true;
}

bool hud_clear_title(bool reset, int protocol, struct buf *packets)
{
    const struct title_actions *numbers = actions_of(protocol);
    size_t mark;

    if (protocol < WITH_TITLES)
        return false;
    mark = begin_title(PACKET_PLAY_C_CLEAR_TITLES, reset ? numbers->reset : numbers->hide, protocol,
                       packets);
    if (protocol >= WITH_PACKETS_OF_TITLES)
        wire_put_bool(packets, reset);
    packet_end(packets, mark);
    return true;
}

static bool begin_bar(const struct uuid *uuid, int action, int protocol, struct buf *packets,
                      size_t *mark)
{
    if (!begin(PACKET_PLAY_C_BOSS_BAR, protocol, packets, mark))
        return false;
    wire_put_uuid(packets, uuid);
    wire_put_varint(packets, action);
    return true;
}

static void put_style(const struct hud_bar *bar, struct buf *packets)
{
    wire_put_varint(packets, (int32_t)bar->color);
    wire_put_varint(packets, bar->division);
}

bool hud_bar_add(const struct hud_bar *bar, int protocol, struct buf *packets)
{
    size_t mark;

    if (!begin_bar(&bar->uuid, BAR_ADD, protocol, packets, &mark))
        return false;
    text_write(bar->text, protocol, PROTOCOL_PLAY, packets);
    wire_put_f32(packets, bar->progress);
    put_style(bar, packets);
    wire_put_u8(packets, 0); /* neither a darkened sky, nor music, nor fog */
    packet_end(packets, mark);
    return true;
}

bool hud_bar_remove(const struct uuid *uuid, int protocol, struct buf *packets)
{
    size_t mark;

    if (!begin_bar(uuid, BAR_REMOVE, protocol, packets, &mark))
        return false;
    packet_end(packets, mark);
    return true;
}

bool hud_bar_change(const struct hud_bar *before, const struct hud_bar *bar, int protocol,
                    struct buf *packets)
{
    size_t mark;

    if (protocol < WITH_CATEGORY)
        return false;
    if (before->progress != bar->progress &&
        begin_bar(&bar->uuid, BAR_PROGRESS, protocol, packets, &mark)) {
        wire_put_f32(packets, bar->progress);
        packet_end(packets, mark);
    }
    if (before->text != bar->text && begin_bar(&bar->uuid, BAR_TITLE, protocol, packets, &mark)) {
        text_write(bar->text, protocol, PROTOCOL_PLAY, packets);
        packet_end(packets, mark);
    }
    if ((before->color != bar->color || before->division != bar->division) &&
        begin_bar(&bar->uuid, BAR_STYLE, protocol, packets, &mark)) {
        put_style(bar, packets);
        packet_end(packets, mark);
    }
    return true;
}

bool hud_tab_list(const struct text *header, const struct text *footer, int protocol,
                  struct buf *packets)
{
    struct text *nothing;
    size_t mark;

    if (!begin(PACKET_PLAY_C_TAB_HEADER, protocol, packets, &mark))
        return false;
    nothing = text_new("");
    text_write(header ? header : nothing, protocol, PROTOCOL_PLAY, packets);
    text_write(footer ? footer : nothing, protocol, PROTOCOL_PLAY, packets);
    packet_end(packets, mark);
    text_free(nothing);
    return true;
}

bool hud_sound_from_entity(int protocol)
{
    return protocol >= WITH_SOUND_HOLDER;
}

static void put_sound_name(const struct hud_sound *sound, int protocol, struct buf *packets)
{
    if (protocol >= WITH_SOUND_HOLDER)
        wire_put_varint(packets, INLINE_HOLDER);
    wire_put_cstr(packets, sound->name);
    if (protocol >= WITH_SOUND_HOLDER)
        wire_put_bool(packets, false); /* as far as its volume carries */
    if (protocol >= WITH_CATEGORY)
        wire_put_varint(packets, sound->category < CATEGORIES_OF_1_9 ? sound->category : 0);
}

static void put_place(const struct hud_sound *sound, struct buf *packets)
{
    enum { EIGHTHS = 8 };

    wire_put_i32(packets, (int32_t)(sound->x * EIGHTHS));
    wire_put_i32(packets, (int32_t)(sound->y * EIGHTHS));
    wire_put_i32(packets, (int32_t)(sound->z * EIGHTHS));
}

void hud_sound(const struct hud_sound *sound, int protocol, struct buf *packets)
{
    enum { PITCH_ONE = 63 };
    bool from_entity = sound->has_entity && hud_sound_from_entity(protocol);
    enum packet_kind kind = PACKET_PLAY_C_NAMED_SOUND;
    size_t mark;

    if (protocol >= WITH_SOUND_HOLDER)
        kind = from_entity ? PACKET_PLAY_C_ENTITY_SOUND : PACKET_PLAY_C_SOUND;
    mark = packet_begin(packets, packet_id(kind, protocol));
    put_sound_name(sound, protocol, packets);
    if (from_entity)
        wire_put_varint(packets, sound->entity);
    else
        put_place(sound, packets);
    wire_put_f32(packets, sound->volume);
    if (protocol >= WITH_FLOAT_PITCH)
        wire_put_f32(packets, sound->pitch);
    else
        wire_put_u8(packets, (uint8_t)(sound->pitch * PITCH_ONE));
    if (protocol >= WITH_SEED)
        wire_put_i64(packets, sound->seed);
    packet_end(packets, mark);
}

bool hud_transfer(const char *host, int port, int protocol, struct buf *packets)
{
    size_t mark;

    if (!begin(PACKET_PLAY_C_TRANSFER, protocol, packets, &mark))
        return false;
    wire_put_cstr(packets, host);
    wire_put_varint(packets, port);
    packet_end(packets, mark);
    return true;
}

bool hud_store_cookie(const char *key, struct slice value, int protocol, struct buf *packets)
{
    size_t mark;

    if (!begin(PACKET_PLAY_C_STORE_COOKIE, protocol, packets, &mark))
        return false;
    wire_put_cstr(packets, key);
    wire_put_string(packets, value);
    packet_end(packets, mark);
    return true;
}

bool hud_request_cookie(const char *key, int protocol, struct buf *packets)
{
    size_t mark;

    if (!begin(PACKET_PLAY_C_COOKIE_REQUEST, protocol, packets, &mark))
        return false;
    wire_put_cstr(packets, key);
    packet_end(packets, mark);
    return true;
}

void hud_message(const char *channel, struct slice data, int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_CUSTOM_PAYLOAD, protocol));

    custom_payload_write(protocol, channel, data, packets);
    packet_end(packets, mark);
}
