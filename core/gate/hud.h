/*
 * What stands around the game on a player's screen: action bar, titles, boss bars, the list of
 * players' header and footer; and sounds, and what the client is asked to do. As finished packets
 * for play. A function that answers is false, and appends nothing, where the version has nothing of
 * the kind. Layouts: minecraft-data (action_bar, title and its successors, boss_bar,
 * playerlist_header, the sound effects); minecraft.wiki, "Java Edition protocol".
 */
#ifndef SEKISHO_GATE_HUD_H
#define SEKISHO_GATE_HUD_H

#include "base/uuid.h"
#include "protocol/text.h"

/* 47 and up. Up to 210 the line is in the sixteen colours. */
bool hud_action_bar(const struct text *text, int protocol, struct buf *packets);

/* Times are in ticks, of which a second has twenty. */
struct hud_title {
    const struct text *title;    /* NULL: none, so that nothing shows but what comes later */
    const struct text *subtitle; /* NULL: none */
    int fade_in, stay, fade_out;
};

/* 47 and up. */
bool hud_title(const struct hud_title *title, int protocol, struct buf *packets);

/* The title that is on the screen; `reset`: and the times and the subtitle of those to come. */
bool hud_clear_title(bool reset, int protocol, struct buf *packets);

enum hud_color {
    HUD_PINK = 0,
    HUD_BLUE,
    HUD_RED,
    HUD_GREEN,
    HUD_YELLOW,
    HUD_PURPLE,
    HUD_WHITE,
    HUD_COLORS,
};

struct hud_bar {
    struct uuid uuid;
    const struct text *text;
    float progress; /* 0 to 1 */
    enum hud_color color;
    int division; /* 0: one piece; 1 to 4: 6, 10, 12 or 20 notches */
};

enum { HUD_DIVISIONS = 5 };

/* 107 and up. Adding one that is there replaces it. */
bool hud_bar_add(const struct hud_bar *bar, int protocol, struct buf *packets);
bool hud_bar_remove(const struct uuid *uuid, int protocol, struct buf *packets);

/* What of it is not as it was, without the jump that adding makes. */
bool hud_bar_change(const struct hud_bar *before, const struct hud_bar *bar, int protocol,
                    struct buf *packets);

/* 47 and up. NULL: nothing. */
bool hud_tab_list(const struct text *header, const struct text *footer, int protocol,
                  struct buf *packets);

struct hud_sound {
    const char *name;    /* "minecraft:entity.player.levelup"; as its version calls it */
    int category;        /* 0 master to 9 voice; what older versions do not have is master */
    float volume, pitch; /* 1.0 each; pitch 0.5 to 2 */
    bool has_entity;     /* else it is heard where x, y and z say */
    int32_t entity;      /* that it comes from: hud_sound_from_entity */
    double x, y, z;      /* blocks */
    int64_t seed;        /* 759+: which of a sound's variants */
};

/* Whether a sound can come from an entity and yet be named: 761 and up. */
bool hud_sound_from_entity(int protocol);

/* All versions. A name that the client does not know is silence. */
void hud_sound(const struct hud_sound *sound, int protocol, struct buf *packets);

/* 766 and up. */
bool hud_transfer(const char *host, int port, int protocol, struct buf *packets);
bool hud_store_cookie(const char *key, struct slice value, int protocol, struct buf *packets);
bool hud_request_cookie(const char *key, int protocol, struct buf *packets);

/* All versions: a message for the mods. */
void hud_message(const char *channel, struct slice data, int protocol, struct buf *packets);

#endif
