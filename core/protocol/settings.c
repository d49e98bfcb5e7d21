#include "protocol/settings.h"

#include "base/err.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

#include <string.h>

enum {
    LOCALE_CHARS_MAX = 16,
    CHANNEL_CHARS_MAX = 256,
    UNKNOWN_BYTES_MAX = 64,
    DIFFICULTY_NORMAL = 2,
    /* First protocol with each layout. */
    WITH_NAMESPACED_CHANNELS = 393,
};

/*
 * 1.7 has no skin parts but the cape, which is the first of them, and the difficulty of the
 * player's own worlds, which is no server's business.
 */
static void read_oldest(struct reader *reader, struct settings *out)
{
    reader_u8(reader);
    out->skin_parts = reader_bool(reader) ? 1 : 0;
}

int settings_read(int protocol, struct slice body, struct settings *out)
{
    struct reader reader = reader_of(body);
    struct settings settings = {.main_hand = 1};
    struct slice locale = reader_string(&reader, LOCALE_CHARS_MAX);

    memcpy(settings.locale, locale.data, locale.len);
    settings.view_distance = (int8_t)reader_u8(&reader);
    settings.chat_mode =
        protocol >= SETTINGS_WITH_MAIN_HAND ? reader_varint(&reader) : reader_u8(&reader);
    settings.chat_colors = reader_bool(&reader);
    if (protocol < SETTINGS_WITH_SKIN_PARTS)
        read_oldest(&reader, &settings);
    else
        settings.skin_parts = reader_u8(&reader);
    if (protocol >= SETTINGS_WITH_MAIN_HAND)
        settings.main_hand = reader_varint(&reader);
    if (protocol >= SETTINGS_WITH_TEXT_FILTERING)
        settings.text_filtering = reader_bool(&reader);
    if (protocol >= SETTINGS_WITH_SERVER_LISTING)
        settings.server_listing = reader_bool(&reader);
    if (protocol >= SETTINGS_WITH_PARTICLES)
        settings.particles = reader_varint(&reader);
    if (protocol > PROTOCOL_NEWEST && reader_left(&reader) <= UNKNOWN_BYTES_MAX)
        settings.unknown = (uint8_t)reader_rest(&reader).len;
    if (!reader_done(&reader) || memchr(settings.locale, '\0', locale.len))
        return ERR_MALFORMED;
    *out = settings;
    return 0;
}

void settings_write(int protocol, const struct settings *settings, struct buf *out)
{
    wire_put_cstr(out, settings->locale);
    wire_put_u8(out, (uint8_t)settings->view_distance);
    if (protocol >= SETTINGS_WITH_MAIN_HAND)
        wire_put_varint(out, settings->chat_mode);
    else
        wire_put_u8(out, (uint8_t)settings->chat_mode);
    wire_put_bool(out, settings->chat_colors);
    if (protocol < SETTINGS_WITH_SKIN_PARTS)
        wire_put_u8(out, DIFFICULTY_NORMAL);
    wire_put_u8(out, protocol < SETTINGS_WITH_SKIN_PARTS ? settings->skin_parts & 1
                                                         : settings->skin_parts);
    if (protocol >= SETTINGS_WITH_MAIN_HAND)
        wire_put_varint(out, settings->main_hand);
    if (protocol >= SETTINGS_WITH_TEXT_FILTERING)
        wire_put_bool(out, settings->text_filtering);
    if (protocol >= SETTINGS_WITH_SERVER_LISTING)
        wire_put_bool(out, settings->server_listing);
    if (protocol >= SETTINGS_WITH_PARTICLES)
        wire_put_varint(out, settings->particles);
    for (uint8_t i = 0; i < settings->unknown; i++)
        wire_put_u8(out, 0);
}

const char *brand_channel(int protocol)
{
    return protocol < WITH_NAMESPACED_CHANNELS ? "MC|Brand" : "minecraft:brand";
}

/* 1.7 counts the data in 16 bits; later versions let it run to the end of the packet. */
int custom_payload_read(int protocol, struct slice body, struct slice *channel, struct slice *data)
{
    struct reader reader = reader_of(body);

    *channel = reader_string(&reader, CHANNEL_CHARS_MAX);
    if (protocol < SETTINGS_WITH_SKIN_PARTS)
        *data = reader_bytes(&reader, reader_u16(&reader));
    else
        *data = reader_rest(&reader);
    return reader_done(&reader) ? 0 : ERR_MALFORMED;
}

/* The bare text in 1.7, a string with its length from 1.8 on. */
int brand_read(int protocol, struct slice data, struct slice *brand)
{
    struct reader reader = reader_of(data);

    if (protocol < SETTINGS_WITH_SKIN_PARTS)
        *brand = reader_rest(&reader);
    else
        *brand = reader_string(&reader, BRAND_BYTES_MAX);
    if (!reader_done(&reader) || brand->len > BRAND_BYTES_MAX || !slice_is_utf8(*brand))
        return ERR_MALFORMED;
    return 0;
}

void custom_payload_write(int protocol, const char *channel, struct slice data, struct buf *out)
{
    wire_put_cstr(out, channel);
    if (protocol < SETTINGS_WITH_SKIN_PARTS)
        wire_put_u16(out, (uint16_t)data.len);
    buf_append_slice(out, data);
}

void brand_write(int protocol, struct slice brand, struct buf *out)
{
    struct buf data = {0};

    if (protocol < SETTINGS_WITH_SKIN_PARTS)
        buf_append_slice(&data, brand);
    else
        wire_put_string(&data, brand);
    custom_payload_write(protocol, brand_channel(protocol), buf_slice(&data), out);
    buf_free(&data);
}
