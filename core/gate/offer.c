#include "gate/offer.h"

#include "base/mem.h"
#include "gate/dialog.h"
#include "gate/messages.h"
#include "gate/notice.h"
#include "gate/prose.h"
#include "protocol/wire.h"

#include <openssl/crypto.h>
#include <stdlib.h>

enum { CHAT_BLOCKS_PER_PAGE = 6, CLICK_BYTES_MAX = 65536 };

static const char accept_id[] = "sekisho:accept";
static const char decline_id[] = "sekisho:decline";

static const char *say(const struct offer *offer, enum message message)
{
    return message_text(message, offer->locale);
}

static struct text *link_line(const struct offer *offer)
{
    struct text *line = text_new(say(offer, MESSAGE_ON_THE_WEB));

    line->underlined = true;
    line->color = "aqua";
    text_set_click(line, TEXT_CLICK_OPEN_URL, offer->policy->url);
    return line;
}

void offer_dialog(const struct offer *offer, enum protocol_state state, struct buf *packets)
{
    const struct document *document = offer->text->document;
    struct dialog dialog = {.protocol = offer->protocol, .title = offer->text->title};
    struct dialog_button buttons[] = {
        {say(offer, MESSAGE_ACCEPT), accept_id, offer->nonce},
        {say(offer, MESSAGE_DECLINE), decline_id, offer->nonce},
    };
    size_t bodies = document->block_count + (offer->policy->url ? 1 : 0);
    size_t mark = dialog_begin(&dialog, state, bodies, packets);

    for (size_t i = 0; i < document->block_count; i++) {
        struct text *block = prose_block(&document->blocks[i], PROSE_ON_DARK);

        dialog_body(&dialog, block, packets);
        text_free(block);
    }
    if (offer->policy->url) {
        struct text *line = link_line(offer);

        dialog_body(&dialog, line, packets);
        text_free(line);
    }
    dialog_end(buttons, sizeof buttons / sizeof buttons[0], mark, packets);
}

/* "[Accept]" that runs "/accept NONCE". */
static struct text *answer_link(const struct offer *offer, enum message label, const char *command,
                                const char *color)
{
    char *shown = mem_format("[%s]", say(offer, label));
    char *run = mem_format("/%s %s", command, offer->nonce);
    struct text *link = text_new(shown);

    link->bold = true;
    link->color = color;
    text_set_click(link, TEXT_CLICK_RUN_COMMAND, run);
    free(shown);
    free(run);
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

void offer_chat(const struct offer *offer, struct buf *packets)
{
    enum { WITH_BOOK = 47 };
    bool book = offer->protocol >= WITH_BOOK;
    struct text *head = text_new(offer->text->title);

    head->bold = true;
    head->color = "gold";
    put_chat(offer, head, packets);
    put_chat(offer, text_new(say(offer, book ? MESSAGE_HOW_TO_ANSWER : MESSAGE_HOW_TO_ANSWER_CHAT)),
             packets);
    if (book) {
        struct text *again = text_new(say(offer, MESSAGE_READ_AGAIN));

        again->underlined = true;
        text_set_click(again, TEXT_CLICK_RUN_COMMAND, "/policy");
        put_chat(offer, again, packets);
    }
    if (offer->policy->url)
        put_chat(offer, link_line(offer), packets);
    put_chat(offer, offer_answers(offer, "   "), packets);
}

void offer_chat_page(const struct offer *offer, int page, struct buf *packets)
{
    const struct document *document = offer->text->document;
    size_t count = document->block_count;
    size_t pages = (count + CHAT_BLOCKS_PER_PAGE - 1) / CHAT_BLOCKS_PER_PAGE;
    size_t index = page > 0 ? (size_t)page - 1 : 0;
    size_t at = index < pages ? index : pages - 1;
    size_t end = (at + 1) * CHAT_BLOCKS_PER_PAGE;

    for (size_t i = at * CHAT_BLOCKS_PER_PAGE; i < end && i < count; i++)
        put_chat(offer, prose_block(&document->blocks[i], PROSE_ON_DARK), packets);
    if (end < count) {
        char *label = mem_format("%s (%zu/%zu)", say(offer, MESSAGE_NEXT_PAGE), at + 2, pages);
        char *command = mem_format("/policy %zu", at + 2);
        struct text *next = text_new(label);

        next->underlined = true;
        text_set_click(next, TEXT_CLICK_RUN_COMMAND, command);
        put_chat(offer, next, packets);
        free(label);
        free(command);
    }
}

/*
 * The payload is a compound of one string, which has but one encoding: the expected bytes are made
 * and compared, so nothing of the client's is parsed.
 */
enum offer_answer offer_read_click(const char *nonce, struct slice body)
{
    struct reader reader = reader_of(body);
    struct slice id = reader_string(&reader, WIRE_STRING_CHARS_MAX);
    int32_t len = reader_varint(&reader);
    struct slice payload = reader_rest(&reader);
    struct buf expected = {0};
    bool same;

    if (!reader_ok(&reader) || payload.len > CLICK_BYTES_MAX || (size_t)len != payload.len)
        return OFFER_ANSWER_NONE;
    dialog_payload(NULL, nonce, &expected);
    same =
        expected.len == payload.len && CRYPTO_memcmp(expected.data, payload.data, payload.len) == 0;
    buf_free(&expected);
    if (same && slice_is(id, accept_id))
        return OFFER_ANSWER_ACCEPT;
    if (same && slice_is(id, decline_id))
        return OFFER_ANSWER_DECLINE;
    return OFFER_ANSWER_NONE;
}
