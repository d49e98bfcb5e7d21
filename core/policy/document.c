#include "policy/document.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/url.h"
#include "policy/bare_url.h"

#include <md4c.h>
#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

enum {
    HREF_BYTES_MAX = 2048,
    INDENT_BYTES_MAX = 16, /* of code, which the parser writes itself */
};

/* Where the parser stands. Text is gathered in `text` until its style changes. */
struct builder {
    struct document *document;
    struct slice source;
    struct document_block *block; /* the last; NULL outside of any */
    struct buf text;
    int links;
    char *target;   /* of the link that is open, as it is written; NULL: none */
    char *link;     /* the same for a client to open; NULL: it opens no such target */
    char opened_by; /* what stands before the link's text */
    int bold, italic, code;
    int quotes;
    int depth;    /* of lists */
    int *numbers; /* next number of each list from the outermost on, or DOCUMENT_BULLET */
    bool first_cell;
};

static size_t piece_len(struct slice text)
{
    size_t len = text.len;

    if (len > DOCUMENT_RUN_BYTES_MAX)
        for (len = DOCUMENT_RUN_BYTES_MAX; (text.data[len] & 0xC0) == 0x80;)
            len--;
    return len;
}

static void add_runs(struct builder *builder, struct slice text, const char *link)
{
    struct document_block *block = builder->block;

    while (text.len > 0) {
        size_t len = piece_len(text);
        struct document_run run = {.text = mem_strndup((const char *)text.data, len),
                                   .link = link ? mem_strdup(link) : NULL,
                                   .bold = builder->bold > 0,
                                   .italic = builder->italic > 0,
                                   .code = builder->code > 0};

        block->runs = mem_resize(block->runs, (block->run_count + 1) * sizeof *block->runs);
        block->runs[block->run_count++] = run;
        text = slice_of(text.data + len, text.len - len);
    }
}

/* Text in which an address that stands by itself is a link. */
static void add_prose(struct builder *builder, struct slice text)
{
    while (text.len > 0) {
        struct slice url = bare_url_find(text);
        size_t before = (size_t)(url.data - text.data);
        char *link = url.len <= HREF_BYTES_MAX ? url_normal(url) : NULL;

        add_runs(builder, slice_of(text.data, before), NULL);
        add_runs(builder, url, link);
        free(link);
        text = slice_of(url.data + url.len, text.len - before - url.len);
    }
}

static void flush(struct builder *builder)
{
    struct slice text = buf_slice(&builder->text);
    bool prose = !builder->target && builder->code == 0;

    if (!builder->block)
        return;
    if (prose && builder->block->kind != DOCUMENT_CODE)
        add_prose(builder, text);
    else
        add_runs(builder, text, builder->link);
    buf_clear(&builder->text);
}

static struct document_block *open_block(struct builder *builder, enum document_block_kind kind)
{
    struct document *document = builder->document;

    flush(builder);
    document->blocks =
        mem_resize(document->blocks, (document->block_count + 1) * sizeof *document->blocks);
    builder->block = &document->blocks[document->block_count++];
    *builder->block = (struct document_block){.kind = kind};
    return builder->block;
}

static void open_item(struct builder *builder)
{
    int *number = &builder->numbers[builder->depth - 1];
    struct document_block *block = open_block(builder, DOCUMENT_LIST_ITEM);

    block->level =
        builder->depth < DOCUMENT_LIST_LEVEL_MAX ? builder->depth : DOCUMENT_LIST_LEVEL_MAX;
    block->number = *number;
    if (*number != DOCUMENT_BULLET)
        ++*number;
}

static void open_list(struct builder *builder, int first_number)
{
    size_t depth = (size_t)++builder->depth;

    builder->numbers = mem_resize(builder->numbers, depth * sizeof *builder->numbers);
    builder->numbers[depth - 1] = first_number;
}

/* A paragraph right inside a list item or behind its opening is the item's own text. */
static void open_paragraph(struct builder *builder)
{
    bool fresh_item = builder->block && builder->block->kind == DOCUMENT_LIST_ITEM &&
                      builder->block->run_count == 0 && builder->text.len == 0;

    if (!fresh_item)
        open_block(builder, builder->quotes > 0 ? DOCUMENT_QUOTE : DOCUMENT_PARAGRAPH);
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    struct builder *builder = user;

    switch (type) {
    case MD_BLOCK_QUOTE: builder->quotes++; break;
    case MD_BLOCK_UL: open_list(builder, DOCUMENT_BULLET); break;
    case MD_BLOCK_OL: open_list(builder, (int)((MD_BLOCK_OL_DETAIL *)detail)->start); break;
    case MD_BLOCK_LI: open_item(builder); break;
    case MD_BLOCK_HR: open_block(builder, DOCUMENT_RULE); break;
    case MD_BLOCK_H:
        open_block(builder, DOCUMENT_HEADING)->level = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
        break;
    case MD_BLOCK_CODE: open_block(builder, DOCUMENT_CODE); break;
    case MD_BLOCK_HTML:
    case MD_BLOCK_P: open_paragraph(builder); break;
    case MD_BLOCK_TR:
        open_block(builder, DOCUMENT_PARAGRAPH);
        builder->first_cell = true;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (!builder->first_cell)
            buf_append_str(&builder->text, " | ");
        builder->first_cell = false;
        break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_TABLE:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY: break;
    }
    return 0;
}

static void append_code_point(struct buf *out, long code)
{
    uint8_t bytes[4];
    bool valid = code > 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);

    buf_append(out, bytes,
               (size_t)utf8proc_encode_char(valid ? (utf8proc_int32_t)code : 0xFFFD, bytes));
}

/* The entities that policies use; any other stays as it was written. */
static void append_entity(struct buf *out, const char *entity, size_t size)
{
    static const struct {
        const char *name;
        long code;
    } known[] = {{"&amp;", '&'},      {"&lt;", '<'},       {"&gt;", '>'},
                 {"&quot;", '"'},     {"&apos;", '\''},    {"&nbsp;", 0xA0},
                 {"&copy;", 0xA9},    {"&reg;", 0xAE},     {"&hellip;", 0x2026},
                 {"&mdash;", 0x2014}, {"&ndash;", 0x2013}, {"&trade;", 0x2122}};

    if (size > 3 && entity[1] == '#') {
        bool hex = entity[2] == 'x' || entity[2] == 'X';

        append_code_point(out, strtol(entity + (hex ? 3 : 2), NULL, hex ? 16 : 10));
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_equal(slice_of(entity, size), slice_str(known[i].name))) {
            append_code_point(out, known[i].code);
            return;
        }
    }
    buf_append(out, entity, size);
}

/* The target as it was meant: its entities are resolved. */
static void open_link(struct builder *builder, const MD_ATTRIBUTE *href)
{
    struct buf target = {0};

    for (size_t i = 0; href->substr_offsets[i] < href->size; i++) {
        MD_OFFSET begin = href->substr_offsets[i];
        MD_SIZE size = href->substr_offsets[i + 1] - begin;

        if (href->substr_types[i] == MD_TEXT_ENTITY)
            append_entity(&target, href->text + begin, size);
        else
            buf_append(&target, href->text + begin, size);
    }
    builder->opened_by = 0;
    if (target.len <= HREF_BYTES_MAX)
        builder->link = url_normal(buf_slice(&target));
    builder->target = buf_take_text(&target);
}

/* Found by the parser, which looks for spaces around it: not by the brackets of its writer. */
static bool is_bare(const struct builder *builder)
{
    return builder->opened_by != '<' && builder->opened_by != '[' &&
           slice_is(buf_slice(&builder->text), builder->target);
}

static void end_link(struct builder *builder)
{
    free(builder->link);
    free(builder->target);
    builder->link = NULL;
    builder->target = NULL;
}

/* The game opens web addresses alone; any other target is shown behind its text. */
static void close_link(struct builder *builder)
{
    /* What follows may be part of it. */
    if (is_bare(builder)) {
        end_link(builder);
        return;
    }
    if (!builder->link && builder->target[0])
        buf_append_format(&builder->text, " (%s)", builder->target);
    flush(builder);
    end_link(builder);
}

/* In a table's cell the parser may open what it never closes. */
static void end_spans(struct builder *builder)
{
    end_link(builder);
    builder->links = 0;
    builder->bold = 0;
    builder->italic = 0;
    builder->code = 0;
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    struct builder *builder = user;

    (void)detail;
    end_spans(builder);
    flush(builder);
    if (type == MD_BLOCK_QUOTE)
        builder->quotes--;
    if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        builder->depth--;
    return 0;
}

static void style(struct builder *builder, MD_SPANTYPE type, int change)
{
    if (type == MD_SPAN_STRONG)
        builder->bold += change;
    else if (type == MD_SPAN_EM)
        builder->italic += change;
    else if (type == MD_SPAN_CODE)
        builder->code += change;
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *user)
{
    struct builder *builder = user;

    flush(builder);
    style(builder, type, 1);
    if (type == MD_SPAN_A && builder->links++ == 0)
        open_link(builder, &((MD_SPAN_A_DETAIL *)detail)->href);
    return 0;
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *user)
{
    struct builder *builder = user;

    (void)detail;
    if (type == MD_SPAN_A) {
        if (builder->links > 0 && --builder->links == 0)
            close_link(builder);
        return 0;
    }
    flush(builder);
    style(builder, type, -1);
    return 0;
}

/* Scripts that are written without spaces join without one where a source line breaks. */
static bool ends_wide(const struct buf *text)
{
    utf8proc_int32_t code = 0;
    size_t at = text->len;

    while (at > 0 && (text->data[at - 1] & 0xC0) == 0x80)
        at--;
    if (at == 0)
        return false;
    at--;
    utf8proc_iterate(text->data + at, (utf8proc_ssize_t)(text->len - at), &code);
    return utf8proc_charwidth(code) == 2;
}

/* The byte before `text`, where that is part of the source: line ends and indents may not be. */
static char byte_before(const struct builder *builder, const MD_CHAR *text)
{
    uintptr_t begin = (uintptr_t)builder->source.data;
    uintptr_t at = (uintptr_t)text;

    return at > begin && at - begin <= builder->source.len ? text[-1] : ' ';
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user)
{
    struct builder *builder = user;

    /* md4c 0.4.8 gives a size below zero where "[a](" ends a paragraph. */
    if (size > builder->source.len + INDENT_BYTES_MAX)
        return -1;
    if (builder->target && !builder->opened_by)
        builder->opened_by = byte_before(builder, text);
    switch (type) {
    case MD_TEXT_NULLCHAR: append_code_point(&builder->text, 0); break;
    case MD_TEXT_BR: buf_append_byte(&builder->text, '\n'); break;
    case MD_TEXT_SOFTBR:
        if (!ends_wide(&builder->text))
            buf_append_byte(&builder->text, ' ');
        break;
    case MD_TEXT_ENTITY: append_entity(&builder->text, text, size); break;
    case MD_TEXT_NORMAL:
    case MD_TEXT_CODE:
    case MD_TEXT_HTML:
    case MD_TEXT_LATEXMATH: buf_append(&builder->text, text, size); break;
    }
    return 0;
}

void document_free(struct document *document)
{
    if (!document)
        return;
    for (size_t i = 0; i < document->block_count; i++) {
        struct document_block *block = &document->blocks[i];

        for (size_t k = 0; k < block->run_count; k++) {
            free(block->runs[k].text);
            free(block->runs[k].link);
        }
        free(block->runs);
    }
    free(document->blocks);
    free(document);
}

struct document *document_parse(struct slice markdown)
{
    struct builder builder = {.document = mem_alloc(sizeof(struct document)), .source = markdown};
    MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTMLBLOCKS |
                 MD_FLAG_NOHTMLSPANS,
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };

    if (md_parse((const char *)markdown.data, (MD_SIZE)markdown.len, &parser, &builder) != 0) {
        document_free(builder.document);
        builder.document = NULL;
        builder.block = NULL;
    }
    flush(&builder);
    end_link(&builder);
    free(builder.numbers);
    buf_free(&builder.text);
    return builder.document;
}
