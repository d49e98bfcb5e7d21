/*
 * Pages of plugins: one at a time for each player, answered once, by a click that carries what only
 * the shown page knows. In the chat what is ticked and written comes line by line, and is kept
 * until it is sent.
 */
#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "gate/dialog.h"
#include "protocol/nbt.h"
#include "session/screen_state.h"

#include <stdlib.h>

static const char tick_word[] = "tick";
static const char write_word[] = "write";

static const char *const keys[PAGE_FIELDS_MAX] = {"text_0", "text_1", "text_2",
                                                  "text_3", "text_4", "text_5"};

void screen_page_drop(struct screen *screen)
{
    struct screen_page *page = screen->page;

    if (!page)
        return;
    page_free(&page->page);
    for (size_t i = 0; i < PAGE_FIELDS_MAX; i++) {
        free(page->labels[i]);
        free(page->words[i]);
        free(page->written[i]);
    }
    free(page->title);
    free(page->close);
    free(page);
    screen->page = NULL;
}

/* The page is done with; what it was is left for the call that says so. */
static void finish(struct session *session, const struct screen_answer *answer)
{
    struct screen *screen = session->screen;
    struct screen_page *page = screen->page;
    void *owner = page->owner;
    uint64_t ticket = page->ticket;
    screen_page_cb answered = page->answered;

    screen_page_drop(screen);
    answered(owner, ticket, session, answer);
}

void screen_page_close(struct session *session)
{
    if (session->screen->page)
        finish(session, NULL);
}

void screen_page_take_down(struct session *session)
{
    struct buf packets = {0};

    screen_page_drop(session->screen);
    dialog_clear(session->protocol, PROTOCOL_PLAY, &packets);
    if (packets.len > 0)
        (void)screen_deliver(session, &packets);
}

static int draw(struct session *session)
{
    struct screen_page *page = session->screen->page;
    struct buf packets = {0};

    page->drawn_at_ms = session_now(session);
    page_put(&page->page, session->protocol, PROTOCOL_PLAY, &packets);
    return screen_deliver(session, &packets);
}

/* Who is clicked, ticked and written is told by number, behind the nonce. */
static void number_all(struct screen_page *open)
{
    struct page *page = &open->page;

    page->kind = &page_of_plugin;
    page->is_kept = true;
    page->back = NULL;
    page->title = open->title = mem_strdup(page->title);
    page->close = open->close = mem_strdup(page->close);
    for (size_t i = 0; i < page->action_count; i++) {
        page->actions[i].words = mem_format("%s %zu", open->nonce, i);
        page->actions[i].with_inputs = page->field_count + page->box_count > 0;
    }
    for (size_t i = 0; i < page->box_count; i++) {
        page->boxes[i].number = (uint8_t)i;
        page->boxes[i].words = mem_format("%s %s %zu", open->nonce, tick_word, i);
    }
    for (size_t i = 0; i < page->field_count; i++) {
        struct page_field *field = &page->fields[i];

        field->key = keys[i];
        field->label = open->labels[i] = mem_strdup(field->label);
        field->words = open->words[i] = mem_format("%s %s %zu", open->nonce, write_word, i);
        if (field->written)
            field->written = open->written[i] = mem_strdup(field->written);
    }
}

int screen_page(struct session *session, void *owner, struct page *page, uint64_t ticket,
                screen_page_cb answered)
{
    struct screen *screen = screen_of(session);
    struct screen_page *open;
    int err = screen_usable(session);

    if (err < 0) {
        page_free(page);
        return err;
    }
    screen_page_close(session);
    open = mem_alloc(sizeof *open);
    *open =
        (struct screen_page){.page = *page, .owner = owner, .ticket = ticket, .answered = answered};
    *page = (struct page){0};
    random_hex(open->nonce, SCREEN_NONCE_BYTES);
    number_all(open);
    screen->page = open;
    err = draw(session);
    if (err < 0)
        screen_page_drop(screen);
    return err;
}

/* What is behind the nonce of the page that is open. False: it is about another one. */
static bool is_of_page(const struct session *session, struct slice words, struct slice *rest)
{
    const struct screen_page *page = session->screen ? session->screen->page : NULL;
    size_t len = 2 * SCREEN_NONCE_BYTES;

    if (!page || words.len < len ||
        !secret_equal(slice_of(words.data, len), slice_str(page->nonce)))
        return false;
    *rest = slice_skip_spaces(slice_of(words.data + len, words.len - len));
    return true;
}

/* The number in front, which is below `count`, and what stands behind it. */
static bool read_number(struct slice *words, size_t count, size_t *number)
{
    size_t digits = 0;

    while (digits < words->len && words->data[digits] >= '0' && words->data[digits] <= '9')
        digits++;
    *number = (size_t)slice_number(*words);
    *words = slice_skip_spaces(slice_of(words->data + digits, words->len - digits));
    return digits > 0 && *number < count;
}

static uint32_t ticked(const struct page *page)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < page->box_count; i++)
        bits |= page->boxes[i].ticked ? (uint32_t)1 << i : 0;
    return bits;
}

static size_t chars(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += (text.data[i] & 0xC0) != 0x80;
    return count;
}

static void write_in(struct session *session, size_t number, struct slice text)
{
    struct screen_page *page = session->screen->page;
    struct page_field *field = &page->page.fields[number];

    if (chars(text) > (size_t)field->chars_max)
        return;
    free(page->written[number]);
    page->written[number] = mem_strndup((const char *)text.data, text.len);
    field->written = page->written[number];
}

static void answer_from_chat(struct session *session, size_t action)
{
    struct screen_page *page = session->screen->page;
    struct screen_answer answer = {.action = action, .ticked = ticked(&page->page)};
    char *written[PAGE_FIELDS_MAX];

    for (size_t i = 0; i < PAGE_FIELDS_MAX; i++) {
        written[i] = page->written[i];
        page->written[i] = NULL;
        answer.written[i] = slice_str(written[i] ? written[i] : "");
    }
    finish(session, &answer);
    for (size_t i = 0; i < PAGE_FIELDS_MAX; i++)
        free(written[i]);
}

static void on_words(struct session *session, struct slice words)
{
    struct page *page = &session->screen->page->page;
    struct slice rest = words;
    size_t number;

    if (command_is(words, tick_word, &rest)) {
        if (!read_number(&rest, page->box_count, &number))
            return;
        page->boxes[number].ticked = !page->boxes[number].ticked;
        (void)draw(session);
    } else if (command_is(words, write_word, &rest)) {
        if (!read_number(&rest, page->field_count, &number))
            return;
        write_in(session, number, rest);
        (void)draw(session);
    } else if (read_number(&rest, page->action_count, &number)) {
        answer_from_chat(session, number);
    }
}

bool screen_typed(struct session *session, struct slice line)
{
    struct slice words;

    if (!command_is(line, page_of_plugin.command, &words))
        return false;
    if (pace_may_say(session) && is_of_page(session, words, &words))
        on_words(session, words);
    return true;
}

/* A text from a dialog. False: it is longer than the page let the player write. */
static bool read_written(const struct page_field *field, struct slice bytes, struct buf *out)
{
    nbt_read_text(bytes, out);
    return chars(buf_slice(out)) <= (size_t)field->chars_max;
}

static void answer_from_dialog(struct session *session, size_t action,
                               const struct page_click *click)
{
    const struct page *page = &session->screen->page->page;
    uint32_t boxes = page->box_count < 32 ? ((uint32_t)1 << page->box_count) - 1 : UINT32_MAX;
    struct screen_answer answer = {.action = action, .ticked = click->ticked & boxes};
    struct buf written[PAGE_FIELDS_MAX] = {0};
    bool good = true;

    for (size_t i = 0; i < page->field_count && good; i++) {
        good = read_written(&page->fields[i], click->written[i], &written[i]);
        answer.written[i] = buf_slice(&written[i]);
    }
    if (good)
        finish(session, &answer);
    for (size_t i = 0; i < PAGE_FIELDS_MAX; i++)
        buf_free(&written[i]);
}

bool screen_clicked(struct session *session, struct slice body)
{
    struct page_click click;
    struct slice rest;
    size_t action;

    if (!page_read_click(&page_of_plugin, body, keys, PAGE_FIELDS_MAX, &click))
        return false;
    if (pace_may_say(session) && is_of_page(session, click.words, &rest) &&
        read_number(&rest, session->screen->page->page.action_count, &action))
        answer_from_dialog(session, action, &click);
    return true;
}
