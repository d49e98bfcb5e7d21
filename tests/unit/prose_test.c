#include "base/buf.h"
#include "gate/prose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CLIENT_CHARS_MAX = 32767, POLICY_BYTES = 64 * 1024, ADDRESS_BYTES = 2000 };

/* All text in `text` but spaces and line feeds. */
static void gather(const struct text *text, struct buf *out)
{
    for (const char *c = text->content; *c; c++)
        if (*c != ' ' && *c != '\n')
            buf_append_byte(out, (uint8_t)*c);
    for (size_t i = 0; i < text->extra_count; i++)
        gather(text->extra[i], out);
}

static void gather_document(const struct document *document, struct buf *out)
{
    for (size_t i = 0; i < document->block_count; i++) {
        struct text *text = prose_block(&document->blocks[i], PROSE_ON_PAPER);

        gather(text, out);
        text_free(text);
    }
}

static void assert_fits(const struct text *text)
{
    struct buf json = {0};

    text_write_json(text, 47, &json);
    assert_in_range(json.len, 1, CLIENT_CHARS_MAX);
    buf_free(&json);
}

static void assert_same(struct buf *seen, struct buf *expected)
{
    assert_true(expected->len > 0);
    assert_string_equal(buf_text(seen), buf_text(expected));
    buf_free(seen);
    buf_free(expected);
}

static void assert_book(const char *markdown)
{
    struct document *document = document_parse(slice_str(markdown));
    struct prose_pages pages;
    struct buf seen = {0};
    struct buf expected = {0};

    gather_document(document, &expected);
    prose_paginate(document, &pages);
    for (size_t i = 0; i < pages.count; i++) {
        assert_fits(pages.pages[i]);
        gather(pages.pages[i], &seen);
    }
    assert_same(&seen, &expected);
    prose_free(&pages);
    document_free(document);
}

static void assert_chat(const char *markdown)
{
    struct document *document = document_parse(slice_str(markdown));
    struct buf seen = {0};
    struct buf expected = {0};

    gather_document(document, &expected);
    for (size_t i = 0; i < document->block_count; i++) {
        size_t run = 0;

        do {
            struct text *piece = prose_piece(&document->blocks[i], &run, PROSE_ON_DARK);

            assert_fits(piece);
            assert_in_range(prose_len(piece), 1, PROSE_PIECE_BYTES + DOCUMENT_RUN_BYTES_MAX);
            gather(piece, &seen);
            text_free(piece);
        } while (run < document->blocks[i].run_count);
    }
    assert_same(&seen, &expected);
    document_free(document);
}

static void assert_shown(struct buf *markdown)
{
    assert_book(buf_text(markdown));
    assert_chat(buf_text(markdown));
    buf_free(markdown);
}

static void repeat(struct buf *markdown, const char *text)
{
    while (markdown->len + strlen(text) <= POLICY_BYTES)
        buf_append_str(markdown, text);
}

static void long_addresses_share_no_page_that_cannot_hold_them(void **state)
{
    char address[ADDRESS_BYTES + 1];
    struct buf markdown = {0};

    (void)state;
    memset(address, 'a', ADDRESS_BYTES);
    address[ADDRESS_BYTES] = '\0';
    for (int i = 0; i < 32; i++)
        buf_append_format(&markdown, "[x](https://example.net/%s)", address);
    assert_shown(&markdown);
}

static void a_long_address_that_leads_from_a_long_text_is_in_each_line(void **state)
{
    char address[ADDRESS_BYTES + 1];
    struct buf markdown = {0};

    (void)state;
    memset(address, 'a', ADDRESS_BYTES);
    address[ADDRESS_BYTES] = '\0';
    buf_append_str(&markdown, "[");
    for (int i = 0; i < 200; i++)
        buf_append_str(&markdown, "words of a link ");
    buf_append_format(&markdown, "](https://example.net/%s)", address);
    assert_shown(&markdown);
}

static void one_paragraph_may_be_the_whole_text(void **state)
{
    struct buf markdown = {0};

    (void)state;
    repeat(&markdown, "\xF0\xA0\xAE\xB7\xE9\x87\x8E"); /* one outside of the basic plane */
    assert_shown(&markdown);
    repeat(&markdown, "quotes \"\\\\\" ");
    assert_shown(&markdown);
    repeat(&markdown, "a\x01");
    assert_shown(&markdown);
    repeat(&markdown, "e\xCC\x81\xCC\x81\xCC\x81"); /* marks without a width */
    assert_shown(&markdown);
    repeat(&markdown, "*a* **b** `c` ");
    assert_shown(&markdown);
}

/* The sign and what follows it would be taken for a change of colour. */
static void section_signs_are_words(void **state)
{
    struct document *document = document_parse(slice_str("## § 25 TTDSG\n\n- §5, §§ 6-7\n"));
    struct prose_pages pages;
    struct buf seen = {0};
    struct buf expected = {0};

    (void)state;
    prose_paginate(document, &pages);
    assert_int_equal(pages.count, 1);
    gather(pages.pages[0], &seen);
    buf_append_str(&expected, "Par.25TTDSG\xE2\x80\xA2Par.5,Par.Par.6-7");
    assert_same(&seen, &expected);
    prose_free(&pages);
    gather_document(document, &seen);
    buf_append_str(&expected, "Par.25TTDSG\xE2\x80\xA2Par.5,Par.Par.6-7");
    assert_same(&seen, &expected);
    document_free(document);
}

static int lines_of(const char *content, bool bold)
{
    struct text *text = text_new("");
    int lines;

    text_add(text, text_new(content))->bold = bold;
    lines = prose_lines(text);
    text_free(text);
    return lines;
}

/* A page is 114 pixels wide; "n" has 6, 7 in bold, a space 4, a wide character 9. */
static void lines_are_counted_as_the_client_breaks_them(void **state)
{
    (void)state;
    assert_int_equal(lines_of("", false), 1);
    assert_int_equal(lines_of("nnnnnnnnnnnnnnnnnnn", false), 1);
    assert_int_equal(lines_of("nnnnnnnnnnnnnnnnnnn", true), 2);
    assert_int_equal(lines_of("nnnnnnnnnnnnnnnnnnnn", false), 2);
    assert_int_equal(lines_of("nnnnnnnnnnnnnnnnnnn     ", false), 1);
    assert_int_equal(lines_of("nnnnnnnnnn nnnnnnnnnn nnnnnnnn", false), 2);
    assert_int_equal(lines_of("nnnnnnnnnn nnnnnnnnnn nnnnnnnnn", false), 3);
    assert_int_equal(lines_of("ああああああああああああ", false), 1);
    assert_int_equal(lines_of("あああああああああああああ", false), 2);
    assert_int_equal(lines_of("n\n\nn", false), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_addresses_share_no_page_that_cannot_hold_them),
        cmocka_unit_test(a_long_address_that_leads_from_a_long_text_is_in_each_line),
        cmocka_unit_test(one_paragraph_may_be_the_whole_text),
        cmocka_unit_test(section_signs_are_words),
        cmocka_unit_test(lines_are_counted_as_the_client_breaks_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
