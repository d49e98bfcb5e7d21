#include "gate/prose.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { LIST_MARK_BYTES = 64, WIDE_PX = 9, OTHER_PX = 6 };

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

struct text *prose_block(const struct document_block *block, enum prose_ground ground)
{
    char mark[LIST_MARK_BYTES];
    struct text *text;

    list_mark(block, mark);
    text = text_new(block->kind == DOCUMENT_RULE ? "――――――――" : mark);
    for (size_t i = 0; i < block->run_count; i++)
        dress(text_add(text, text_new(block->runs[i].text)), block, &block->runs[i], ground);
    return text;
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
    int lines; /* on the last page */
};

void prose_add_page(struct prose_pages *pages, struct text *page)
{
    pages->pages = mem_resize(pages->pages, (pages->count + 1) * sizeof(struct text *));
    pages->pages[pages->count++] = page;
}

static struct text *last_page(struct layout *layout)
{
    struct prose_pages *out = layout->out;

    if (out->count == 0 || layout->lines >= PROSE_PAGE_LINES) {
        prose_add_page(out, text_new(""));
        layout->lines = 0;
    }
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

/* Puts the glyphs of one line on the page, as a child for each change of style. */
static void put_line(struct layout *layout, const struct glyph *glyphs, size_t count)
{
    struct text *page = last_page(layout);
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
    layout->lines++;
    buf_free(&content);
}

/* The number of glyphs that the next line takes: up to a break, a line feed, or the width. */
static size_t line_length(const struct glyph *glyphs, size_t count)
{
    int width = 0;
    size_t good = 0;

    for (size_t i = 0; i < count; i++) {
        if (glyphs[i].code == '\n')
            return i + 1;
        if (i > 0 && may_break(glyphs[i - 1].code, glyphs[i].code))
            good = i;
        /* A space that hangs over the edge is not seen. */
        width += glyphs[i].code == ' ' && i + 1 == count ? 0 : glyphs[i].px;
        if (width > PROSE_PAGE_WIDTH_PX && glyphs[i].code != ' ')
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
    utf8proc_int32_t code;

    for (const char *at = text; *at;) {
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &code);

        at += size > 0 ? size : 1;
        if (size > 0)
            glyphs[count++] = (struct glyph){code, run, prose_glyph_width(code, bold)};
    }
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
        room += strlen(block->runs[i].text);
    glyphs = mem_array(room, sizeof *glyphs);
    count = add_glyphs(glyphs, 0, mark, SIZE_MAX, false);
    for (size_t i = 0; i < block->run_count; i++)
        count = add_glyphs(glyphs, count, block->runs[i].text, i,
                           block->runs[i].bold || block->kind == DOCUMENT_HEADING);
    for (size_t at = 0; at < count;) {
        size_t len = line_length(glyphs + at, count - at);

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
