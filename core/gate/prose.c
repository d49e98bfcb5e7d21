#include "gate/prose.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    LIST_MARK_BYTES = 64,
    WIDE_PX = 9,
    OTHER_PX = 7, /* most have 6; a line that is too wide breaks again, and a page loses its last */
    JSON_CHARS_MAX =
        30000, /* clients read 32,767 of a book's page, and up to 1.12.2 of a message */
    STYLE_JSON_CHARS = 200, /* around a run's text and address; never more than this */
    LINE_JSON_CHARS = 32,   /* of the line feed */
};

/* Widths of the default font for 0x20 to 0x7E, gap included; the widest that any version had. */
static const uint8_t ascii_px[] = {
    4, 2, 5, 6, 6, 6, 6, 3, 5, 5, 5, 6, 2, 6, 2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 2, 2, 5, 6, 5, 6,
    7, 6, 6, 6, 6, 6, 6, 6, 6, 4, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4, 6, 4, 6, 6,
    3, 6, 6, 6, 6, 6, 5, 6, 6, 2, 6, 5, 3, 6, 6, 6, 6, 6, 6, 6, 4, 6, 6, 6, 6, 6, 6, 5, 2, 5, 7,
};

int prose_glyph_width(int32_t code, bool bold)
{
    int px = OTHER_PX;

    if (code >= 0x20 && code <= 0x7E)
        px = ascii_px[code - 0x20];
    else if (utf8proc_charwidth(code) == 2 || code >= 0x2000)
        px = WIDE_PX; /* also symbols that take a wide glyph in the game's font */
    else if (utf8proc_charwidth(code) == 0)
        px = 0;
    return px > 0 && bold ? px + 1 : px;
}

/* "  1. " or "・": what stands before a list item, indented by its depth. */
static void list_mark(const struct document_block *block, char out[static LIST_MARK_BYTES])
{
    int indent = 2 * (block->level - 1);

    if (block->kind != DOCUMENT_LIST_ITEM)
        out[0] = '\0';
    else if (block->number != DOCUMENT_BULLET)
        snprintf(out, LIST_MARK_BYTES, "%*s%d. ", indent, "", block->number);
    else
        snprintf(out, LIST_MARK_BYTES, "%*s• ", indent, "");
}

static void dress(struct text *text, const struct document_block *block,
                  const struct document_run *run, enum prose_ground ground)
{
    text->bold = run->bold || block->kind == DOCUMENT_HEADING;
    text->italic = run->italic || block->kind == DOCUMENT_QUOTE;
    if (!run->link)
        return;
    text->underlined = true;
    text->color = ground == PROSE_ON_DARK ? "aqua" : "blue";
    text_set_click(text, TEXT_CLICK_OPEN_URL, run->link);
}

static size_t code_json_chars(int32_t code)
{
    if (code < 0x20)
        return 6;
    return code == '"' || code == '\\' ? 2 : 1;
}

/* Never less than what the run takes in JSON, without its text. */
static size_t style_json_chars(const struct document_run *run)
{
    return STYLE_JSON_CHARS + (run->link ? strlen(run->link) : 0);
}

static size_t run_json_chars(const struct document_run *run)
{
    size_t chars = style_json_chars(run);

    for (const char *c = run->text; *c; c++)
        chars += code_json_chars((unsigned char)*c);
    return chars;
}

char *prose_plain(const char *text)
{
    static const char section_sign[] = "\xC2\xA7";
    struct buf plain = {0};

    while (*text) {
        if (strncmp(text, section_sign, sizeof section_sign - 1) == 0) {
            buf_append_str(&plain, "Par.");
            text += sizeof section_sign - 1;
        } else {
            bool control = ((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7F;

            buf_append_byte(&plain, control ? ' ' : (uint8_t)*text);
            text++;
        }
    }
    return buf_take_text(&plain);
}

static struct text *begin_block(const struct document_block *block)
{
    char mark[LIST_MARK_BYTES];

    list_mark(block, mark);
    return text_new(block->kind == DOCUMENT_RULE ? "――――――――" : mark);
}

static void add_run(struct text *text, const struct document_block *block, size_t run,
                    enum prose_ground ground)
{
    char *plain = prose_plain(block->runs[run].text);

    dress(text_add(text, text_new(plain)), block, &block->runs[run], ground);
    free(plain);
}

struct text *prose_block(const struct document_block *block, enum prose_ground ground)
{
    struct text *text = begin_block(block);

    for (size_t i = 0; i < block->run_count; i++)
        add_run(text, block, i, ground);
    return text;
}

struct text *prose_piece(const struct document_block *block, size_t *run, enum prose_ground ground)
{
    struct text *text = *run == 0 ? begin_block(block) : text_new("");
    size_t bytes = 0;
    size_t json = STYLE_JSON_CHARS;

    for (; *run < block->run_count && bytes < PROSE_PIECE_BYTES; ++*run) {
        json += run_json_chars(&block->runs[*run]);
        if (bytes > 0 && json > JSON_CHARS_MAX)
            break;
        bytes += strlen(block->runs[*run].text);
        add_run(text, block, *run, ground);
    }
    return text;
}

size_t prose_len(const struct text *text)
{
    size_t len = strlen(text->content);

    for (size_t i = 0; i < text->extra_count; i++)
        len += prose_len(text->extra[i]);
    return len;
}

/* The last line so far, and of it what stands behind its last space. */
struct measure {
    int lines;
    int width_px;
    int word_px;
};

/* As the client breaks lines: at the last space, and without one anywhere. */
static void measure_code(struct measure *measure, int32_t code, bool bold)
{
    int px = prose_glyph_width(code, bold);
    bool has_space = measure->word_px < measure->width_px;

    measure->width_px += px;
    measure->word_px = code == ' ' ? 0 : measure->word_px + px;
    if (code != '\n' && (code == ' ' || measure->width_px <= PROSE_PAGE_WIDTH_PX))
        return;
    measure->lines++;
    measure->word_px = code == '\n' ? 0 : has_space ? measure->word_px : px;
    measure->width_px = measure->word_px;
}

static void measure_text(struct measure *measure, const struct text *text, bool bold)
{
    utf8proc_int32_t code;

    bold = bold || text->bold;
    for (const char *at = text->content; *at;) {
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &code);

        at += size > 0 ? size : 1;
        if (size > 0)
            measure_code(measure, code, bold);
    }
    for (size_t i = 0; i < text->extra_count; i++)
        measure_text(measure, text->extra[i], bold);
}

int prose_lines(const struct text *text)
{
    struct measure measure = {.lines = 1};

    measure_text(&measure, text, false);
    return measure.lines;
}

/* One character of a block, with the run whose style it wears. */
struct glyph {
    int32_t code;
    size_t run; /* index into the block's runs; SIZE_MAX: the list mark */
    int px;
};

struct layout {
    struct prose_pages *out;
    const struct document_block *block;
    int lines;   /* on the last page */
    size_t json; /* that they take, at most */
};

void prose_add_page(struct prose_pages *pages, struct text *page)
{
    pages->pages = mem_resize(pages->pages, (pages->count + 1) * sizeof(struct text *));
    pages->pages[pages->count++] = page;
}

/* The page that the next line goes to, which takes so much JSON. */
static struct text *page_for(struct layout *layout, size_t json)
{
    struct prose_pages *out = layout->out;

    if (out->count == 0 || layout->lines >= PROSE_PAGE_LINES ||
        layout->json + json > JSON_CHARS_MAX) {
        prose_add_page(out, text_new(""));
        layout->lines = 0;
        layout->json = 0;
    }
    layout->lines++;
    layout->json += json;
    return out->pages[out->count - 1];
}

static bool is_one_of(int32_t code, const char *set)
{
    utf8proc_int32_t member;

    for (const char *at = set; *at;) {
        at += utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &member);
        if (member == code)
            return true;
    }
    return false;
}

/* Whether a line may end between these two (JIS X 4051, the rules that matter for prose). */
static bool may_break(int32_t before, int32_t after)
{
    static const char never_first[] = "、。，．・：；？！）」』】〕〉》｝］ー…ぁぃぅぇぉっゃゅょゎ"
                                      "ァィゥェォッャュョヮヵヶ々,.!?:;)]}";
    static const char never_last[] = "（「『【〔〈《｛［([{";

    if (before == ' ')
        return true;
    if (after == ' ' || is_one_of(after, never_first) || is_one_of(before, never_last))
        return false;
    return utf8proc_charwidth(before) == 2 || utf8proc_charwidth(after) == 2;
}

static void append_code(struct buf *out, int32_t code)
{
    utf8proc_uint8_t bytes[4];

    buf_append(out, bytes, (size_t)utf8proc_encode_char(code, bytes));
}

/* What a glyph adds to a page: the style of its run as well, where that begins. */
static size_t glyph_json_chars(const struct layout *layout, const struct glyph *glyphs, size_t at)
{
    size_t chars = code_json_chars(glyphs[at].code);

    if (at > 0 && glyphs[at].run == glyphs[at - 1].run)
        return chars;
    if (glyphs[at].run == SIZE_MAX)
        return chars + STYLE_JSON_CHARS;
    return chars + style_json_chars(&layout->block->runs[glyphs[at].run]);
}

static size_t line_json_chars(const struct layout *layout, const struct glyph *glyphs, size_t count)
{
    size_t chars = LINE_JSON_CHARS;

    for (size_t i = 0; i < count; i++)
        chars += glyph_json_chars(layout, glyphs, i);
    return chars;
}

/* Puts the glyphs of one line on the page, as a child for each change of style. */
static void put_line(struct layout *layout, const struct glyph *glyphs, size_t count)
{
    struct text *page = page_for(layout, line_json_chars(layout, glyphs, count));
    struct buf content = {0};

    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count || glyphs[i + 1].run != glyphs[i].run;

        append_code(&content, glyphs[i].code);
        if (last) {
            struct text *text = text_add(page, text_new(buf_text(&content)));

            if (glyphs[i].run != SIZE_MAX)
                dress(text, layout->block, &layout->block->runs[glyphs[i].run], PROSE_ON_PAPER);
            buf_clear(&content);
        }
    }
    text_add(page, text_new("\n"));
    buf_free(&content);
}

/*
 * The number of glyphs that the next line takes: up to a break, a line feed, the width, or what a
 * page may hold.
 */
static size_t line_length(const struct layout *layout, const struct glyph *glyphs, size_t count)
{
    int width = 0;
    size_t json = LINE_JSON_CHARS;
    size_t good = 0;

    for (size_t i = 0; i < count; i++) {
        if (glyphs[i].code == '\n')
            return i + 1;
        if (i > 0 && may_break(glyphs[i - 1].code, glyphs[i].code))
            good = i;
        /* A space that hangs over the edge is not seen. */
        width += glyphs[i].code == ' ' && i + 1 == count ? 0 : glyphs[i].px;
        json += glyph_json_chars(layout, glyphs, i);
        if ((width > PROSE_PAGE_WIDTH_PX && glyphs[i].code != ' ') || json > JSON_CHARS_MAX)
            return good > 0 ? good : i;
    }
    return count;
}

static size_t visible_length(const struct glyph *glyphs, size_t count)
{
    while (count > 0 && (glyphs[count - 1].code == ' ' || glyphs[count - 1].code == '\n'))
        count--;
    return count;
}

static size_t add_glyphs(struct glyph *glyphs, size_t count, const char *text, size_t run,
                         bool bold)
{
    char *plain = prose_plain(text);
    utf8proc_int32_t code;

    for (const char *at = plain; *at;) {
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &code);

        at += size > 0 ? size : 1;
        if (size > 0)
            glyphs[count++] = (struct glyph){code, run, prose_glyph_width(code, bold)};
    }
    free(plain);
    return count;
}

static void lay_out_block(struct layout *layout)
{
    const struct document_block *block = layout->block;
    char mark[LIST_MARK_BYTES];
    struct glyph *glyphs;
    size_t room = LIST_MARK_BYTES;
    size_t count;

    list_mark(block, mark);
    for (size_t i = 0; i < block->run_count; i++)
        room += 2 * strlen(block->runs[i].text); /* the most that becomes of it */
    glyphs = mem_array(room, sizeof *glyphs);
    count = add_glyphs(glyphs, 0, mark, SIZE_MAX, false);
    for (size_t i = 0; i < block->run_count; i++)
        count = add_glyphs(glyphs, count, block->runs[i].text, i,
                           block->runs[i].bold || block->kind == DOCUMENT_HEADING);
    for (size_t at = 0; at < count;) {
        size_t len = line_length(layout, glyphs + at, count - at);

        put_line(layout, glyphs + at, visible_length(glyphs + at, len));
        at += len;
    }
    free(glyphs);
}

void prose_paginate(const struct document *document, struct prose_pages *out)
{
    struct layout layout = {.out = out};

    *out = (struct prose_pages){0};
    for (size_t i = 0; i < document->block_count; i++) {
        const struct document_block *block = &document->blocks[i];
        bool item_behind_item = i > 0 && block->kind == DOCUMENT_LIST_ITEM &&
                                document->blocks[i - 1].kind == DOCUMENT_LIST_ITEM;

        /* A heading stands with the text below it, so it does not begin on a page's last lines. */
        if (block->kind == DOCUMENT_HEADING && layout.lines > PROSE_PAGE_LINES - 4)
            layout.lines = PROSE_PAGE_LINES;
        layout.block = block;
        if (layout.lines > 0 && layout.lines < PROSE_PAGE_LINES && !item_behind_item)
            put_line(&layout, NULL, 0);
        lay_out_block(&layout);
    }
}

void prose_free(struct prose_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        text_free(pages->pages[i]);
    free(pages->pages);
    *pages = (struct prose_pages){0};
}
