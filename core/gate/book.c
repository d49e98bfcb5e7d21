/*
 * The book. Item numbers and layouts by version: minecraft-data, items.json and protocol.json
 * (slot, written_book_content); how a book is opened: minecraft.wiki, "Plugin channels" (MC|BOpen)
 * and "Open Book".
 */
#include "gate/book.h"

#include "gate/messages.h"
#include "gate/offer.h"
#include "protocol/nbt.h"
#include "protocol/packet.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

#include <stddef.h>
#include <stdlib.h>

enum {
    WITH_HAND = 107,
    WITHOUT_DAMAGE = 393,
    WITH_PRESENCE = 404,
    WITH_STATE_ID = 756,
    WITH_OPEN_BOOK = 477,
    WITH_COMPONENTS = 766,
    INVENTORY = 0,
    HOTBAR_FIRST = 36,
    MAIN_HAND = 0,
    TITLE_UNITS_MAX = 32,
};

/* The number of written_book, and of the component that holds its text (766+). */
struct book_row {
    int first_protocol;
    int item;
    int component;
};

static const struct book_row rows[] = {
    {47, 387, 0},    {393, 688, 0},   {401, 693, 0},  {477, 758, 0},   {573, 759, 0},
    {735, 825, 0},   {751, 826, 0},   {755, 943, 0},  {759, 986, 0},   {761, 1019, 0},
    {762, 1043, 0},  {763, 1047, 0},  {765, 1086, 0}, {766, 1092, 34}, {768, 1133, 44},
    {769, 1142, 44}, {770, 1153, 46},
};

static const struct book_row *row_of(int protocol)
{
    size_t i = sizeof rows / sizeof rows[0] - 1;

    while (i > 0 && rows[i].first_protocol > protocol)
        i--;
    return &rows[i];
}

/*
 * The title, cut behind a whole character. The client counts UTF-16 units, in every version: a book
 * with a longer title is not opened ("Invalid book tag"), or, from 766 on, is a broken packet.
 */
static struct slice title_of(const struct book *book)
{
    struct slice title = slice_str(book->title);
    size_t units = 0;

    for (size_t i = 0; i < title.len; i++) {
        if ((title.data[i] & 0xC0) == 0x80)
            continue;
        units += title.data[i] >= 0xF0 ? 2 : 1;
        if (units > TITLE_UNITS_MAX)
            return slice_of(title.data, i);
    }
    return title;
}

static void put_legacy_pages(const struct book *book, int protocol, struct buf *out)
{
    nbt_root(out, protocol);
    nbt_string(out, "title", title_of(book));
    nbt_cstr(out, "author", book->author);
    nbt_byte(out, "resolved", 1);
    nbt_list(out, "pages", NBT_STRING, (int32_t)book->pages->count);
    for (size_t i = 0; i < book->pages->count; i++) {
        struct buf json = {0};

        text_write_json(book->pages->pages[i], protocol, &json);
        nbt_string(out, NULL, buf_slice(&json));
        buf_free(&json);
    }
    nbt_end(out);
}

static void put_components(const struct book *book, int protocol, struct buf *out)
{
    const struct prose_pages *pages = book->pages;

    wire_put_varint(out, 1); /* components added */
    wire_put_varint(out, 0); /* and removed */
    wire_put_varint(out, row_of(protocol)->component);
    wire_put_string(out, title_of(book));
    wire_put_bool(out, false); /* no filtered title */
    wire_put_cstr(out, book->author);
    wire_put_varint(out, 0); /* generation: original */
    wire_put_varint(out, (int32_t)pages->count);
    for (size_t i = 0; i < pages->count; i++) {
        text_write(pages->pages[i], protocol, PROTOCOL_PLAY, out);
        wire_put_bool(out, false); /* no filtered page */
    }
    wire_put_bool(out, true); /* resolved */
}

static void put_item(const struct book *book, int protocol, struct buf *out)
{
    int item = row_of(protocol)->item;

    if (protocol >= WITH_COMPONENTS) {
        wire_put_varint(out, 1);
        wire_put_varint(out, item);
        put_components(book, protocol, out);
        return;
    }
    if (protocol >= WITH_PRESENCE) {
        wire_put_bool(out, true);
        wire_put_varint(out, item);
    } else {
        wire_put_u16(out, (uint16_t)item);
    }
    wire_put_u8(out, 1);
    if (protocol < WITHOUT_DAMAGE)
        wire_put_u16(out, 0);
    put_legacy_pages(book, protocol, out);
}

static void put_open(int protocol, struct buf *packets)
{
    size_t mark;

    if (protocol >= WITH_OPEN_BOOK) {
        mark = packet_begin(packets, packet_id(PACKET_PLAY_C_OPEN_BOOK, protocol));
    } else {
        mark = packet_begin(packets, packet_id(PACKET_PLAY_C_CUSTOM_PAYLOAD, protocol));
        wire_put_cstr(packets, protocol >= WITHOUT_DAMAGE ? "minecraft:book_open" : "MC|BOpen");
    }
    if (protocol >= WITH_HAND)
        wire_put_varint(packets, MAIN_HAND);
    packet_end(packets, mark);
}

void book_put(const struct book *book, int protocol, struct buf *packets)
{
    size_t mark = packet_begin(packets, packet_id(PACKET_PLAY_C_SET_SLOT, protocol));

    wire_put_u8(packets, INVENTORY);
    if (protocol >= WITH_STATE_ID)
        wire_put_varint(packets, 0);
    wire_put_u16(packets, HOTBAR_FIRST);
    put_item(book, protocol, packets);
    packet_end(packets, mark);
    put_open(protocol, packets);
}

/* Pages that are filled part by part, with an empty line between two parts. */
struct sheet {
    struct prose_pages *pages;
    int lines; /* on the last page */
};

/* Takes `part`. */
static void put_part(struct sheet *sheet, struct text *part)
{
    int lines = prose_lines(part);
    bool fits = sheet->lines > 0 && sheet->lines + 1 + lines <= PROSE_PAGE_LINES;
    struct text *page;

    if (!fits) {
        prose_add_page(sheet->pages, text_new(""));
        sheet->lines = 0;
    }
    page = sheet->pages->pages[sheet->pages->count - 1];
    if (fits)
        text_add(page, text_new("\n\n"));
    text_add(page, part);
    sheet->lines += (fits ? 1 : 0) + lines;
}

/* The optional purposes, where there are any, and the answers: on pages of their own. */
static void put_question(const struct offer *offer, struct prose_pages *pages)
{
    struct sheet sheet = {.pages = pages};

    for (size_t i = 0; i < offer->policy->purpose_count; i++) {
        struct text *choice = offer_choice(offer, i);

        if (choice && sheet.lines == 0)
            put_part(&sheet, text_new(message_text(MESSAGE_OPTIONAL, offer->locale)));
        if (choice)
            put_part(&sheet, choice);
    }
    put_part(&sheet, offer_answers(offer, "\n\n"));
}

/* What is none of the policy, behind a page that says so. */
static void put_pages(const struct offer *offer, struct prose_pages *pages)
{
    if (offer->page_count > 0)
        prose_add_page(pages, text_new(message_text(MESSAGE_BESIDES, offer->locale)));
    for (size_t i = 0; i < offer->page_count; i++) {
        struct prose_pages own;

        prose_paginate(offer->pages[i], &own);
        for (size_t page = 0; page < own.count; page++)
            prose_add_page(pages, own.pages[page]);
        free(own.pages);
    }
}

void offer_book(const struct offer *offer, struct buf *packets)
{
    struct prose_pages pages;
    struct book book = {.title = offer->text->title, .author = offer->policy->id, .pages = &pages};

    prose_paginate(offer->text->document, &pages);
    put_pages(offer, &pages);
    if (!offer->is_answered)
        put_question(offer, &pages);
    book_put(&book, offer->protocol, packets);
    prose_free(&pages);
}
