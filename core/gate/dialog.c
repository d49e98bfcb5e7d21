#include "gate/dialog.h"

#include "gate/prose.h"
#include "protocol/nbt.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    BODY_WIDTH_PX = 400, /* Japanese needs 300 and more to read well */
    BUTTON_WIDTH_PX = 150,
    FIELD_WIDTH_PX = 300,
    INLINE_HOLDER = 0, /* in play a dialog is a registry entry, or 0 and the dialog itself */
};

size_t dialog_begin(const struct dialog *dialog, enum protocol_state state, size_t bodies,
                    struct buf *packets)
{
    bool play = state == PROTOCOL_PLAY;
    char *title;
    size_t mark = packet_begin(
        packets, packet_id(play ? PACKET_PLAY_C_SHOW_DIALOG : PACKET_CONFIG_C_SHOW_DIALOG,
                           dialog->protocol));

    if (play)
        wire_put_varint(packets, INLINE_HOLDER);
    nbt_root(packets, dialog->protocol);
    nbt_cstr(packets, "type", dialog->is_notice ? "minecraft:notice" : "minecraft:multi_action");
    title = prose_plain(dialog->title);
    nbt_cstr(packets, "title", title);
    free(title);
    /* Escape would leave the player before a bare screen, with the question still open. */
    nbt_byte(packets, "can_close_with_escape", dialog->close != NULL);
    nbt_byte(packets, "pause", 0);
    nbt_cstr(packets, "after_action", dialog->close ? "close" : "wait_for_response");
    if (!dialog->is_notice)
        nbt_int(packets, "columns", 2);
    nbt_list(packets, "body", NBT_COMPOUND, (int32_t)bodies);
    return mark;
}

void dialog_body(const struct dialog *dialog, const struct text *text, struct buf *packets)
{
    nbt_cstr(packets, "type", "minecraft:plain_message");
    text_write_nbt(text, dialog->protocol, "contents", packets);
    nbt_int(packets, "width", BODY_WIDTH_PX);
    nbt_end(packets);
}

void dialog_box_key(uint8_t number, char key[static DIALOG_KEY_BYTES])
{
    snprintf(key, DIALOG_KEY_BYTES, "purpose_%u", number);
}

static void put_place_to_write(const struct dialog_input *input, struct buf *packets)
{
    nbt_int(packets, "width", FIELD_WIDTH_PX);
    nbt_int(packets, "max_length", input->chars_max);
    if (input->written)
        nbt_cstr(packets, "initial", input->written);
    if (input->lines > 1) {
        nbt_compound(packets, "multiline");
        nbt_int(packets, "max_lines", input->lines);
        nbt_end(packets);
    }
}

void dialog_inputs(const struct dialog_input *inputs, size_t count, struct buf *packets)
{
    nbt_list(packets, "inputs", NBT_COMPOUND, (int32_t)count);
    for (size_t i = 0; i < count; i++) {
        bool is_box = inputs[i].chars_max == 0;

        nbt_cstr(packets, "type", is_box ? "minecraft:boolean" : "minecraft:text");
        nbt_cstr(packets, "key", inputs[i].key);
        nbt_cstr(packets, "label", inputs[i].label);
        if (is_box)
            nbt_byte(packets, "initial", inputs[i].ticked);
        else
            put_place_to_write(&inputs[i], packets);
        nbt_end(packets);
    }
}

static void put_optional(struct buf *packets, const char *name, const char *value)
{
    if (value)
        nbt_cstr(packets, name, value);
}

static void put_action(const struct dialog_button *button, struct buf *packets)
{
    nbt_compound(packets, "action");
    nbt_cstr(packets, "type",
             button->with_inputs ? "minecraft:dynamic/custom" : "minecraft:custom");
    nbt_cstr(packets, "id", button->id);
    if (button->nonce || button->command) {
        nbt_compound(packets, button->with_inputs ? "additions" : "payload");
        put_optional(packets, "nonce", button->nonce);
        put_optional(packets, "language", button->language);
        put_optional(packets, "command", button->command);
        nbt_end(packets);
    }
    nbt_end(packets);
}

static void put_button(const char *label, struct buf *packets)
{
    nbt_cstr(packets, "label", label);
    nbt_int(packets, "width", BUTTON_WIDTH_PX);
}

static void put_actions(const struct dialog_button *buttons, size_t count, struct buf *packets)
{
    nbt_list(packets, "actions", NBT_COMPOUND, (int32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_button(buttons[i].label, packets);
        put_action(&buttons[i], packets);
        nbt_end(packets);
    }
}

void dialog_end(const struct dialog *dialog, const struct dialog_button *buttons, size_t count,
                size_t mark, struct buf *packets)
{
    if (!dialog->is_notice)
        put_actions(buttons, count, packets);
    if (dialog->close) {
        nbt_compound(packets, dialog->is_notice ? "action" : "exit_action");
        put_button(dialog->close, packets);
        nbt_end(packets);
    }
    nbt_end(packets);
    packet_end(packets, mark);
}

void dialog_clear(int protocol, enum protocol_state state, struct buf *packets)
{
    int id = packet_id(state == PROTOCOL_PLAY ? PACKET_PLAY_C_CLEAR_DIALOG
                                              : PACKET_CONFIG_C_CLEAR_DIALOG,
                       protocol);

    if (id >= 0)
        packet_end(packets, packet_begin(packets, id));
}
