/*
 * The client's settings ("Client Information") and its brand, in every version's layout.
 * Source: minecraft-data's protocol.json, packets `settings` and `custom_payload`.
 */
#ifndef SEKISHO_PROTOCOL_SETTINGS_H
#define SEKISHO_PROTOCOL_SETTINGS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { SETTINGS_LOCALE_BYTES = 16 * 3 + 1, BRAND_BYTES_MAX = 256 };

/* The first protocol with each. */
enum {
    SETTINGS_WITH_SKIN_PARTS = 47,
    SETTINGS_WITH_MAIN_HAND = 107,
    SETTINGS_WITH_TEXT_FILTERING = 755,
    SETTINGS_WITH_SERVER_LISTING = 757,
    SETTINGS_WITH_PARTICLES = 768,
};

struct settings {
    char locale[SETTINGS_LOCALE_BYTES]; /* as the client wrote it: "ja_jp", "ja_JP" before 1.11 */
    int8_t view_distance;
    int32_t chat_mode; /* 0 all, 1 commands only, 2 hidden */
    bool chat_colors;
    uint8_t skin_parts;
    int32_t main_hand;   /* 107+: 0 left, 1 right */
    bool text_filtering; /* 755+ */
    bool server_listing; /* 757+ */
    int32_t particles;   /* 768+: 0 all, 1 decreased, 2 minimal */
    uint8_t unknown;     /* bytes that a release newer than the newest known has at the end */
};

/*
 * Reads a body without packet id. Returns 0 or ERR_MALFORMED. What a newer release added is not
 * kept, only how long it is.
 */
int settings_read(int protocol, struct slice body, struct settings *out)
    __attribute__((warn_unused_result));

/* Appends a body without packet id; zeros stand for what is unknown. */
void settings_write(int protocol, const struct settings *settings, struct buf *out);

/* The channel that carries the brand: "MC|Brand" before 393, "minecraft:brand" from there. */
const char *brand_channel(int protocol);

/* A custom payload's parts, borrowed from its body. Returns 0 or ERR_MALFORMED. */
int custom_payload_read(int protocol, struct slice body, struct slice *channel, struct slice *data)
    __attribute__((warn_unused_result));

/* Appends such a body, without packet id. */
void custom_payload_write(int protocol, const char *channel, struct slice data, struct buf *out);

/* The brand inside the data of its custom payload, borrowed. Returns 0 or ERR_MALFORMED. */
int brand_read(int protocol, struct slice data, struct slice *brand)
    __attribute__((warn_unused_result));

/* Appends the body, without packet id, of the custom payload that carries a brand. */
void brand_write(int protocol, struct slice brand, struct buf *out);

#endif
