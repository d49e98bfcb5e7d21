#include "gate/page.h"

#include "base/mem.h"
#include "gate/dialog.h"
#include "gate/notice.h"
#include "protocol/nbt.h"
#include "protocol/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITH_DIALOG = 771, CLICK_BYTES_MAX = 65536 };

const struct page_kind page_of_privacy = {.command = "privacy", .click = "sekisho:privacy"};
const struct page_kind page_of_plugin = {.command = "sekisho:page", .click = "sekisho:plugin/page"};

void page_add(struct page *page, struct text *line)
{
    page->lines = mem_resize(page->lines, (page->line_count + 1) * sizeof(struct text *));
    page->lines[page->line_count++] = line;
}

void page_say(struct page *page, const char *line)
{
    page_add(page, text_new(line));
}

void page_tell(struct page *page, const char *label, const char *value)
{
    char *head = mem_format("%s: ", label);
    struct text *line = text_new("");
    struct text *shown = text_add(line, text_new(head));

    shown->color = "gray";
    text_add(line, text_new(slice_is_utf8(slice_str(value)) ? value : "?"));
    page_add(page, line);
    free(head);
}

struct page_action *page_act(struct page *page, const char *label, char *words)
{
    size_t last =
        page->action_count < PAGE_ACTIONS_MAX ? page->action_count++ : PAGE_ACTIONS_MAX - 1;
    struct page_action *action = &page->actions[last];

    free(action->label);
    free(action->words);
    *action = (struct page_action){.label = mem_strdup(label), .words = words};
    return action;
}

void page_free(struct page *page)
{
    for (size_t i = 0; i < page->line_count; i++)
        text_free(page->lines[i]);
    free(page->lines);
    for (size_t i = 0; i < page->action_count; i++) {
        free(page->actions[i].label);
        free(page->actions[i].words);
    }
    for (size_t i = 0; i < page->box_count; i++) {
        free(page->boxes[i].label);
        free(page->boxes[i].words);
    }
    *page = (struct page){0};
}

static void put_inputs(const struct page *page, struct buf *packets)
{
    struct dialog_input inputs[PAGE_FIELDS_MAX + PAGE_BOXES_MAX];
    char keys[PAGE_BOXES_MAX][DIALOG_KEY_BYTES];
    size_t count = 0;

    for (size_t i = 0; i < page->field_count; i++)
        inputs[count++] = (struct dialog_input){.key = page->fields[i].key,
                                                .label = page->fields[i].label,
                                                .written = page->fields[i].written,
                                                .chars_max = page->fields[i].chars_max,
                                                .lines = page->fields[i].lines};
    for (size_t i = 0; i < page->box_count; i++) {
        dialog_box_key(page->boxes[i].number, keys[i]);
        inputs[count++] = (struct dialog_input){
            .key = keys[i], .label = page->boxes[i].label, .ticked = page->boxes[i].ticked};
    }
    if (count > 0)
        dialog_inputs(inputs, count, packets);
}

static struct dialog_button button_of(const struct page *page, const char *label, const char *words)
{
    return (struct dialog_button){
        .label = label, .id = page->kind->click, .nonce = page->nonce, .command = words};
}

static void put_dialog(const struct page *page, int protocol, enum protocol_state state,
                       struct buf *packets)
{
    size_t count = page->action_count;
    struct dialog dialog = {.protocol = protocol,
                            .title = page->title,
                            .close = page->nonce ? NULL : page->close,
                            .is_notice = count == 0 && !page->back && !page->nonce};
    struct dialog_button buttons[PAGE_ACTIONS_MAX + 2];
    size_t mark = dialog_begin(&dialog, state, page->line_count, packets);

    for (size_t i = 0; i < page->line_count; i++)
        dialog_body(&dialog, page->lines[i], packets);
    put_inputs(page, packets);
    for (size_t i = 0; i < count; i++) {
        buttons[i] = button_of(page, page->actions[i].label, page->actions[i].words);
        buttons[i].with_inputs = page->actions[i].with_inputs;
    }
    if (page->back)
        buttons[count++] = button_of(page, page->back, "");
    if (page->nonce)
        buttons[count++] = button_of(page, page->close, PAGE_LEAVE);
    dialog_end(&dialog, buttons, count, mark, packets);
}

static struct text *link_to(const struct page *page, const char *label, const char *words)
{
    struct text *link = text_new(label);
    char *command = mem_format("/%s %s", page->kind->command, words);

    text_set_click(link, TEXT_CLICK_RUN_COMMAND, command);
    free(command);
    return link;
}

static void put_line(struct text *line, int protocol, struct buf *packets)
{
    notice_chat(line, protocol, packets);
    text_free(line);
}

static void put_chat_boxes(const struct page *page, int protocol, struct buf *packets)
{
    for (size_t i = 0; i < page->box_count; i++) {
        const struct page_box *box = &page->boxes[i];
        char *shown = mem_format("[%s] %s", box->ticked ? "x" : "  ", box->label);
        struct text *line = link_to(page, shown, box->words);

        line->underlined = true;
        put_line(line, protocol, packets);
        free(shown);
    }
}

static void put_chat_fields(const struct page *page, int protocol, struct buf *packets)
{
    for (size_t i = 0; i < page->field_count; i++) {
        const struct page_field *field = &page->fields[i];
        char *shown = mem_format("[%s] %s", field->label, field->written ? field->written : "");
        struct text *line = text_new(shown);
        char *begun = mem_format("/%s %s ", page->kind->command, field->words);

        line->underlined = true;
        text_set_click(line, TEXT_CLICK_SUGGEST, begun);
        put_line(line, protocol, packets);
        free(shown);
        free(begun);
    }
}

static void put_chat_actions(const struct page *page, int protocol, struct buf *packets)
{
    struct text *line = text_new("");

    for (size_t i = 0; i < page->action_count; i++) {
        const struct page_action *action = &page->actions[i];
        char *shown = mem_format("[%s]", action->label);
        struct text *link;

        if (!action->with_inputs || page->is_kept) {
            link = text_add(line, link_to(page, shown, action->words));
            link->color = action->warns ? "dark_red" : "dark_green";
            text_add(line, text_new("  "));
        }
        free(shown);
    }
    if (line->extra_count > 0)
        put_line(line, protocol, packets);
    else
        text_free(line);
}

static void put_chat(const struct page *page, int protocol, struct buf *packets)
{
    struct text *title = text_new(page->title);

    title->bold = true;
    title->color = "gold";
    put_line(title, protocol, packets);
    for (size_t i = 0; i < page->line_count; i++)
        notice_chat(page->lines[i], protocol, packets);
    if (page->is_kept)
        put_chat_fields(page, protocol, packets);
    put_chat_boxes(page, protocol, packets);
    put_chat_actions(page, protocol, packets);
}

void page_put(const struct page *page, int protocol, enum protocol_state state, struct buf *packets)
{
    if (protocol >= WITH_DIALOG)
        put_dialog(page, protocol, state, packets);
    else
        put_chat(page, protocol, packets);
}

/* Ticked or not. */
static void read_box(const struct nbt_entry *entry, struct page_click *out)
{
    char key[DIALOG_KEY_BYTES];

    for (uint8_t i = 0; i < PAGE_BOXES_MAX && entry->tag == NBT_BYTE; i++) {
        dialog_box_key(i, key);
        if (!slice_is(entry->name, key))
            continue;
        out->has_boxes = true;
        if (entry->value.data[0] != 0)
            out->ticked |= (uint32_t)1 << i;
    }
}

static void read_entry(const struct nbt_entry *entry, const char *const *keys, size_t key_count,
                       struct page_click *out)
{
    read_box(entry, out);
    if (entry->tag != NBT_STRING)
        return;
    if (slice_is(entry->name, "command"))
        out->words = entry->value;
    if (slice_is(entry->name, "nonce"))
        out->nonce = entry->value;
    for (size_t i = 0; i < key_count && i < PAGE_FIELDS_MAX; i++)
        if (slice_is(entry->name, keys[i]))
            out->written[i] = entry->value;
}

bool page_read_click(const struct page_kind *kind, struct slice body, const char *const *keys,
                     size_t key_count, struct page_click *out)
{
    struct reader reader = reader_of(body);
    struct slice id = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    int32_t len = reader_varint(&reader);
    size_t left = reader_left(&reader);
    struct nbt_entry entry;

    *out = (struct page_click){0};
    if (!reader_ok(&reader) || !slice_is(id, kind->click) || left > CLICK_BYTES_MAX ||
        (size_t)len != left || reader_u8(&reader) != NBT_COMPOUND)
        return false;
    while (nbt_next(&reader, &entry))
        read_entry(&entry, keys, key_count, out);
    return reader_done(&reader) && out->words.data;
}
