/* Prints what core/gate/hud.h shows in one version, one packet in hexadecimal a line. */
#include "gate/hud.h"
#include "protocol/packet.h"

#include <stdio.h>
#include <stdlib.h>

static void print(const char *what, bool is_there, struct buf *packets)
{
    struct slice list = buf_slice(packets);
    struct slice packet;

    if (!is_there)
        printf("%s -\n", what);
    while (packet_next(&list, &packet)) {
        printf("%s ", what);
        for (size_t i = 0; i < packet.len; i++)
            printf("%02x", packet.data[i]);
        printf("\n");
    }
    buf_free(packets);
}

/* A text with everything that a text can have. */
static struct text *rich(void)
{
    struct text *text = text_new("関所");
    struct text *link = text_add(text, text_new(" here"));

    text_set_color(text, slice_str("#FEAB01"));
    text->bold = true;
    link->strikethrough = true;
    link->obfuscated = true;
    text_set_color(link, slice_str("aqua"));
    text_set_click(link, TEXT_CLICK_COPY, "copied");
    link->hover = text_new("above");
    return text;
}

static void print_bars(const struct text *text, int protocol)
{
    struct hud_bar bar = {.uuid = {{1, 2, 3}}, .text = text, .progress = 0.5F, .color = HUD_GREEN};
    struct hud_bar changed = bar;
    struct text *other = text_new("other");
    struct buf out = {0};

    changed.text = other;
    changed.progress = 0.25F;
    changed.division = 4;
    print("bar_add", hud_bar_add(&bar, protocol, &out), &out);
    print("bar_change", hud_bar_change(&bar, &changed, protocol, &out), &out);
    print("bar_remove", hud_bar_remove(&bar.uuid, protocol, &out), &out);
    text_free(other);
}

static void print_sounds(int protocol)
{
    struct hud_sound sound = {.name = "minecraft:block.note_block.pling",
                              .category = 7,
                              .volume = 0.5F,
                              .pitch = 2.0F,
                              .x = 1.5,
                              .y = 64.0,
                              .z = -8.25};
    struct buf out = {0};

    hud_sound(&sound, protocol, &out);
    print("sound", true, &out);
    sound.has_entity = true;
    sound.entity = 300;
    if (hud_sound_from_entity(protocol))
        hud_sound(&sound, protocol, &out);
    print("entity_sound", hud_sound_from_entity(protocol), &out);
}

static void print_requests(int protocol)
{
    struct buf out = {0};

    print("transfer", hud_transfer("play.example.net", 25566, protocol, &out), &out);
    print("store_cookie", hud_store_cookie("a:b", slice_str("crumb"), protocol, &out), &out);
    print("ask_cookie", hud_request_cookie("a:b", protocol, &out), &out);
    hud_message("my:channel", slice_str("data"), protocol, &out);
    print("message", true, &out);
}

int main(int argc, char **argv)
{
    int protocol = argc == 2 ? atoi(argv[1]) : 0;
    struct text *text = rich();
    struct hud_title title = {.title = text, .fade_in = 10, .stay = 70, .fade_out = 20};
    struct buf out = {0};

    print("action_bar", hud_action_bar(text, protocol, &out), &out);
    print("title", hud_title(&title, protocol, &out), &out);
    print("clear_title", hud_clear_title(false, protocol, &out), &out);
    print("reset_title", hud_clear_title(true, protocol, &out), &out);
    print_bars(text, protocol);
    print("tab_list", hud_tab_list(text, NULL, protocol, &out), &out);
    print_sounds(protocol);
    print_requests(protocol);
    text_free(text);
    return 0;
}
