#include "gate/offer.h"

#include "base/mem.h"
#include "crypto/hash.h"
#include "gate/dialog.h"
#include "gate/messages.h"
#include "gate/notice.h"
#include "gate/prose.h"
#include "protocol/nbt.h"
#include "protocol/wire.h"

#include <stdlib.h>

enum {
    CHAT_PIECES_PER_PAGE = 6,
    CLICK_BYTES_MAX = 65536,
    LANGUAGES_MAX = 16,
    BUTTONS_MAX = LANGUAGES_MAX + 3, /* the answers, and the way to the rights */
};

static const char accept_id[] = "sekisho:accept";
static const char decline_id[] = "sekisho:decline";
static const char language_id[] = "sekisho:language";
static const char rights_id[] = "sekisho:rights";

static const char *say(const struct offer *offer, enum message message)
{
    return message_text(message, offer->locale);
}

static bool has_optional(const struct offer *offer)
{
    for (size_t i = 0; i < offer->policy->purpose_count; i++)
        if (offer->policy->purposes[i].optional)
            return true;
    return false;
}

static bool is_chosen(const struct offer *offer, size_t purpose)
{
    return offer->chosen >> purpose & 1;
}

static struct text *link_line(const struct offer *offer)
{
    struct text *line = text_new(say(offer, MESSAGE_ON_THE_WEB));

    line->underlined = true;
    line->color = "aqua";
    text_set_click(line, TEXT_CLICK_OPEN_URL, offer->policy->url);
    return line;
}

static void put_body(const struct dialog *dialog, struct text *text, struct buf *packets)
{
    dialog_body(dialog, text, packets);
    text_free(text);
}

static void put_blocks(const struct dialog *dialog, const struct document *document,
                       struct buf *packets)
{
    for (size_t i = 0; i < document->block_count; i++)
        put_body(dialog, prose_block(&document->blocks[i], PROSE_ON_DARK), packets);
}

static size_t count_pages(const struct offer *offer)
{
    size_t bodies = offer->page_count > 0; /* what they are not */

    for (size_t i = 0; i < offer->page_count; i++)
        bodies += offer->pages[i]->block_count;
    return bodies;
}

static void put_pages(const struct offer *offer, const struct dialog *dialog, struct buf *packets)
{
    if (offer->page_count > 0)
        put_body(dialog, text_new(say(offer, MESSAGE_BESIDES)), packets);
    for (size_t i = 0; i < offer->page_count; i++)
        put_blocks(dialog, offer->pages[i], packets);
}

/* Check boxes of the optional purposes, as an input each and the number of its purpose. */
struct boxes {
    struct dialog_input inputs[POLICY_PURPOSES_MAX];
    char keys[POLICY_PURPOSES_MAX][DIALOG_KEY_BYTES];
    uint8_t numbers[POLICY_PURPOSES_MAX];
    size_t count;
};

static void fill_boxes(const struct offer *offer, struct boxes *boxes)
{
    boxes->count = 0;
    for (size_t i = 0; i < offer->policy->purpose_count; i++) {
        const struct policy_purpose *purpose = &offer->policy->purposes[i];
        size_t at = boxes->count;

        if (!purpose->optional)
            continue;
        boxes->numbers[at] = (uint8_t)i;
        dialog_box_key((uint8_t)i, boxes->keys[at]);
        boxes->inputs[at] =
            (struct dialog_input){.key = boxes->keys[at],
                                  .label = policy_purpose_title(purpose, offer->text->language),
                                  .ticked = is_chosen(offer, i)};
        boxes->count++;
    }
}

/* The two answers, then a button for each other language, then what else may be asked for. */
static size_t fill_buttons(const struct offer *offer, struct dialog_button *buttons)
{
    size_t count = 2;

    buttons[0] = (struct dialog_button){.label = say(offer, MESSAGE_ACCEPT),
                                        .id = accept_id,
                                        .nonce = offer->nonce,
                                        .with_inputs = has_optional(offer)};
    buttons[1] = (struct dialog_button){
        .label = say(offer, MESSAGE_DECLINE), .id = decline_id, .nonce = offer->nonce};
    for (size_t i = 0; i < offer->policy->text_count && count < 2 + LANGUAGES_MAX; i++) {
        const struct policy_text *text = &offer->policy->texts[i];

        if (text != offer->text)
            buttons[count++] = (struct dialog_button){.label = message_language(text->language),
                                                      .id = language_id,
                                                      .nonce = offer->nonce,
                                                      .language = text->language};
    }
    buttons[count++] = (struct dialog_button){
        .label = say(offer, MESSAGE_YOUR_DATA), .id = rights_id, .nonce = offer->nonce};
    return count;
}

void offer_dialog(const struct offer *offer, enum protocol_state state, struct buf *packets)
{
    const struct document *document = offer->text->document;
    struct dialog dialog = {.protocol = offer->protocol, .title = offer->text->title};
    struct dialog_button buttons[BUTTONS_MAX];
    size_t bodies = document->block_count + (offer->preface ? 1 : 0) +
                    (offer->policy->url ? 1 : 0) + count_pages(offer);
    struct boxes boxes;
    size_t mark;

    fill_boxes(offer, &boxes);
    mark = dialog_begin(&dialog, state, bodies + (boxes.count ? 1 : 0), packets);
    if (offer->preface)
        put_body(&dialog, text_new(offer->preface), packets);
    put_blocks(&dialog, document, packets);
    if (offer->policy->url)
        put_body(&dialog, link_line(offer), packets);
    put_pages(offer, &dialog, packets);
    if (boxes.count > 0) {
        put_body(&dialog, text_new(say(offer, MESSAGE_OPTIONAL)), packets);
        dialog_inputs(boxes.inputs, boxes.count, packets);
    }
    dialog_end(&dialog, buttons, fill_buttons(offer, buttons), mark, packets);
}

/* A text that runs a command when it is clicked. Takes both. */
static struct text *command_link(char *shown, char *command)
{
    struct text *link = text_new(shown);

    text_set_click(link, TEXT_CLICK_RUN_COMMAND, command);
    free(shown);
    free(command);
    return link;
}

/* "[Accept]" that runs "/accept NONCE". */
static struct text *answer_link(const struct offer *offer, enum message label, const char *command,
                                const char *color)
{
    struct text *link = command_link(mem_format("[%s]", say(offer, label)),
                                     mem_format("/%s %s", command, offer->nonce));

    link->bold = true;
    link->color = color;
    return link;
}

static void put_chat(const struct offer *offer, struct text *line, struct buf *packets)
{
    notice_chat(line, offer->protocol, packets);
    text_free(line);
}

struct text *offer_answers(const struct offer *offer, const char *between)
{
    struct text *line = text_new("");

    text_add(line, answer_link(offer, MESSAGE_ACCEPT, "accept", "dark_green"));
    text_add(line, text_new(between));
    text_add(line, answer_link(offer, MESSAGE_DECLINE, "decline", "dark_red"));
    return line;
}

struct text *offer_choice(const struct offer *offer, size_t purpose)
{
    const struct policy_purpose *found = &offer->policy->purposes[purpose];
    struct text *link;

    if (!found->optional)
        return NULL;
    link = command_link(mem_format("[%s] %s", is_chosen(offer, purpose) ? "x" : "  ",
                                   policy_purpose_title(found, offer->text->language)),
                        mem_format("/choose %s", found->name));
    link->underlined = true;
    return link;
}

/* All of them, one a line, behind a word on what they are. NULL when there is none. */
static struct text *choices(const struct offer *offer)
{
    struct text *lines;

    if (!has_optional(offer))
        return NULL;
    lines = text_new(say(offer, MESSAGE_OPTIONAL));
    for (size_t i = 0; i < offer->policy->purpose_count; i++) {
        struct text *choice = offer_choice(offer, i);

        if (!choice)
            continue;
        text_add(lines, text_new("\n"));
        text_add(lines, choice);
    }
    return lines;
}

/* "日本語   English", each of which runs "/language TAG". NULL when there is but one. */
static struct text *language_links(const struct offer *offer)
{
    struct text *line;

    if (offer->policy->text_count < 2)
        return NULL;
    line = text_new("");
    for (size_t i = 0; i < offer->policy->text_count && i < LANGUAGES_MAX; i++) {
        const struct policy_text *text = &offer->policy->texts[i];

        if (text == offer->text)
            continue;
        text_add(line, command_link(mem_strdup(message_language(text->language)),
                                    mem_format("/language %s", text->language)))
            ->underlined = true;
        text_add(line, text_new("   "));
    }
    return line;
}

void offer_chat_choices(const struct offer *offer, struct buf *packets)
{
    struct text *lines = choices(offer);

    if (lines)
        put_chat(offer, lines, packets);
    put_chat(offer, offer_answers(offer, "   "), packets);
}

static void put_document(const struct offer *offer, const struct document *document,
                         struct buf *packets)
{
    for (size_t i = 0; i < document->block_count; i++)
        for (size_t run = 0; run < document->blocks[i].run_count;)
            put_chat(offer, prose_piece(&document->blocks[i], &run, PROSE_ON_DARK), packets);
}

/* Where there is no book for them. */
static void put_chat_pages(const struct offer *offer, struct buf *packets)
{
    if (offer->page_count > 0)
        put_chat(offer, text_new(say(offer, MESSAGE_BESIDES)), packets);
    for (size_t i = 0; i < offer->page_count; i++)
        put_document(offer, offer->pages[i], packets);
}

void offer_chat(const struct offer *offer, struct buf *packets)
{
    enum { WITH_BOOK = 47 };
    bool book = offer->protocol >= WITH_BOOK;
    char *title = prose_plain(offer->text->title);
    struct text *head = text_new(title);
    struct text *languages = language_links(offer);

    if (!book)
        put_chat_pages(offer, packets);
    free(title);
    head->bold = true;
    head->color = "gold";
    put_chat(offer, head, packets);
    if (offer->preface)
        put_chat(offer, text_new(offer->preface), packets);
    put_chat(offer, text_new(say(offer, book ? MESSAGE_HOW_TO_ANSWER : MESSAGE_HOW_TO_ANSWER_CHAT)),
             packets);
    if (languages)
        put_chat(offer, languages, packets);
    if (book) {
        struct text *again =
            command_link(mem_strdup(say(offer, MESSAGE_READ_AGAIN)), mem_strdup("/policy"));

        again->underlined = true;
        put_chat(offer, again, packets);
    }
    if (offer->policy->url)
        put_chat(offer, link_line(offer), packets);
    offer_chat_choices(offer, packets);
}

/* How far the text was shown in the chat. */
struct chat_place {
    size_t block;
    size_t run;
};

/* The next page, as long as a client's chat can be scrolled back; passed over if `packets` is NULL.
 */
static void put_chat_page(const struct offer *offer, struct chat_place *at, struct buf *packets)
{
    const struct document *document = offer->text->document;
    size_t bytes = 0;

    for (int i = 0;
         i < CHAT_PIECES_PER_PAGE && bytes < PROSE_PIECE_BYTES && at->block < document->block_count;
         i++) {
        const struct document_block *block = &document->blocks[at->block];
        struct text *piece = prose_piece(block, &at->run, PROSE_ON_DARK);

        bytes += prose_len(piece);
        if (packets)
            notice_chat(piece, offer->protocol, packets);
        text_free(piece);
        if (at->run == block->run_count)
            *at = (struct chat_place){.block = at->block + 1};
    }
}

static int count_chat_pages(const struct offer *offer)
{
    struct chat_place at = {0};
    int pages = 0;

    for (; at.block < offer->text->document->block_count; pages++)
        put_chat_page(offer, &at, NULL);
    return pages;
}

void offer_chat_page(const struct offer *offer, int page, struct buf *packets)
{
    struct chat_place at = {0};
    int pages = count_chat_pages(offer);
    int number = page < 1 ? 1 : page;

    number = number > pages ? pages : number;
    for (int i = 1; i < number; i++)
        put_chat_page(offer, &at, NULL);
    put_chat_page(offer, &at, packets);
    if (number < pages) {
        struct text *next =
            command_link(mem_format("%s (%d/%d)", say(offer, MESSAGE_NEXT_PAGE), number + 1, pages),
                         mem_format("%s %d", offer->page_command, number + 1));

        next->underlined = true;
        put_chat(offer, next, packets);
    }
}

static bool is_nonce(const struct offer *offer, struct slice text)
{
    return secret_equal(text, slice_str(offer->nonce));
}

/* The optional purpose whose box this is, ticked. */
static policy_purposes ticked(const struct boxes *boxes, const struct nbt_entry *entry)
{
    if (entry->tag != NBT_BYTE || entry->value.data[0] == 0)
        return 0;
    for (size_t i = 0; i < boxes->count; i++)
        if (slice_is(entry->name, boxes->keys[i]))
            return (policy_purposes)1 << boxes->numbers[i];
    return 0;
}

/* The payload of a click: a compound. True when it has this offer's nonce. */
static bool read_payload(const struct offer *offer, struct slice payload, struct offer_click *out)
{
    struct reader reader = reader_of(payload);
    struct boxes boxes;
    struct nbt_entry entry;
    bool nonce = false;

    fill_boxes(offer, &boxes);
    if (reader_u8(&reader) != NBT_COMPOUND)
        return false;
    while (nbt_next(&reader, &entry)) {
        if (entry.tag == NBT_STRING && slice_is(entry.name, "nonce"))
            nonce = is_nonce(offer, entry.value);
        else if (entry.tag == NBT_STRING && slice_is(entry.name, "language"))
            out->text = policy_text_find(offer->policy, entry.value);
        else
            out->chosen |= ticked(&boxes, &entry);
    }
    return nonce && reader_done(&reader);
}

struct offer_click offer_read_click(const struct offer *offer, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice id = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    int32_t len = reader_varint(&reader);
    struct slice payload = reader_rest(&reader);
    struct offer_click click = {0};

    if (!reader_ok(&reader) || payload.len > CLICK_BYTES_MAX || (size_t)len != payload.len ||
        !read_payload(offer, payload, &click))
        return (struct offer_click){0};
    if (slice_is(id, accept_id))
        click.kind = OFFER_CLICK_ACCEPT;
    else if (slice_is(id, decline_id))
        click.kind = OFFER_CLICK_DECLINE;
    else if (slice_is(id, language_id) && click.text)
        click.kind = OFFER_CLICK_LANGUAGE;
    else if (slice_is(id, rights_id))
        click.kind = OFFER_CLICK_RIGHTS;
    return click;
}
