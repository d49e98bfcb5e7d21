#include "base/buf.h"
#include "policy/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every run as TEXT, or as <TEXT|LINK>, with "/" between blocks. */
static void assert_document(const char *markdown, const char *expected)
{
    struct document *document = document_parse(slice_str(markdown));
    struct buf out = {0};

    for (size_t i = 0; i < document->block_count; i++) {
        const struct document_block *block = &document->blocks[i];

        buf_append_str(&out, i > 0 ? "/" : "");
        for (size_t k = 0; k < block->run_count; k++) {
            const struct document_run *run = &block->runs[k];

            if (run->link)
                buf_append_format(&out, "<%s|%s>", run->text, run->link);
            else
                buf_append_str(&out, run->text);
        }
    }
    assert_string_equal(buf_text(&out), expected);
    buf_free(&out);
    document_free(document);
}

#define SAME(url) "<" url "|" url ">"

static void a_bare_address_ends_where_other_scripts_begin(void **state)
{
    (void)state;
    assert_document("https://example.net/dをご覧", SAME("https://example.net/d") "をご覧");
    assert_document("詳しくは https://example.net/d。",
                    "詳しくは " SAME("https://example.net/d") "。");
    assert_document("(https://example.net/d)と", "(" SAME("https://example.net/d") ")と");
    assert_document("https://example.net/d、https://example.net/e",
                    SAME("https://example.net/d") "、" SAME("https://example.net/e"));
    assert_document("https://example.netの", SAME("https://example.net") "の");
    assert_document("https://example.net/?a=1&amp;b=2（英語）",
                    SAME("https://example.net/?a=1&b=2") "（英語）");
}

static void a_bare_address_begins_behind_any_script(void **state)
{
    (void)state;
    assert_document("詳細はhttps://example.net/dへ", "詳細は" SAME("https://example.net/d") "へ");
    assert_document("「https://example.net/d」", "「" SAME("https://example.net/d") "」");
    assert_document("（https://example.net/d）", "（" SAME("https://example.net/d") "）");
    assert_document("案内：http://example.net", "案内：" SAME("http://example.net"));
    assert_document("案内:\nhttps://example.net/d", "案内: " SAME("https://example.net/d"));
    assert_document("xhttps://example.net/d", "xhttps://example.net/d");
    assert_document("https://例え.jp/d", "https://例え.jp/d");
    assert_document("http:// and https://", "http:// and https://");
}

static void marks_at_the_end_are_not_the_addresss(void **state)
{
    (void)state;
    assert_document("See https://example.net/d.", "See " SAME("https://example.net/d") ".");
    assert_document("(see https://example.net/a_(b))",
                    "(see " SAME("https://example.net/a_(b)") ")");
    assert_document("**https://example.net/d**", SAME("https://example.net/d"));
    assert_document("https://example.net/-_a_-/b", SAME("https://example.net/-_a_-/b"));
    assert_document("https://example.net/x?!", SAME("https://example.net/x") "?!");
}

static void links_in_brackets_stay_as_they_are(void **state)
{
    (void)state;
    assert_document("[こちら](https://example.net/d)へ", "<こちら|https://example.net/d>へ");
    assert_document("<https://example.net/ご覧>へ",
                    "<https://example.net/ご覧|https://example.net/%E3%81%94%E8%A6%A7>へ");
    assert_document("[https://example.net/a](https://example.net/b)",
                    "<https://example.net/a|https://example.net/b>");
    assert_document(
        "[our *own* page](https://example.net)",
        "<our |https://example.net><own|https://example.net>< page|https://example.net>");
    assert_document("[see https://example.net/a](https://example.net/b)c",
                    "<see |https://example.net/b><https://example.net/a|https://example.net/b>c");
    assert_document("`https://example.net/d`", "https://example.net/d");
    assert_document("    https://example.net/d\n", "https://example.net/d\n");
}

static void targets_that_the_game_does_not_open_are_text(void **state)
{
    (void)state;
    assert_document("[write](mailto:a@example.net)", "write (mailto:a@example.net)");
    assert_document("[write **to us** now](mailto:a@example.net)",
                    "write to us now (mailto:a@example.net)");
    assert_document("[https://example.net/a](ftp://example.net)",
                    "https://example.net/a (ftp://example.net)");
}

/* Within a code span and across a cell's end, the parser opens this link and does not close it. */
static void a_link_that_is_never_closed_ends_with_its_block(void **state)
{
    (void)state;
    assert_document("|a|\n|---|\n|`b :::](https://example.---|\n|c|\n\n[d](https://example.net)",
                    "a/`b :::](" SAME("https://example.---") "/c/<d|https://example.net>");
}

static void a_long_text_goes_on_in_the_next_run(void **state)
{
    enum { CHARS = 16000 };
    static const char glyph[] = "\xF0\xA0\xAE\xB7"; /* outside of the basic plane */
    struct buf markdown = {0};
    struct document *document;
    size_t bytes = 0;

    (void)state;
    for (int i = 0; i < CHARS; i++)
        buf_append_str(&markdown, glyph);
    document = document_parse(buf_slice(&markdown));
    assert_int_equal(document->block_count, 1);
    for (size_t i = 0; i < document->blocks[0].run_count; i++) {
        struct slice text = slice_str(document->blocks[0].runs[i].text);

        assert_in_range(text.len, 1, DOCUMENT_RUN_BYTES_MAX);
        assert_true(slice_is_utf8(text));
        bytes += text.len;
    }
    assert_int_equal(bytes, CHARS * strlen(glyph));
    buf_free(&markdown);
    document_free(document);
}

static void lists_keep_their_place_however_deep(void **state)
{
    enum { DEPTH = 40 };
    struct buf markdown = {0};
    struct document *document;

    (void)state;
    for (int i = 0; i < DEPTH; i++)
        buf_append_format(&markdown, "%*s1. item\n", 3 * i, "");
    buf_append_format(&markdown, "%*s2. again\n2. last\n", 3 * (DEPTH - 2), "");
    document = document_parse(buf_slice(&markdown));
    assert_int_equal(document->block_count, DEPTH + 2);
    for (int i = 0; i < DEPTH; i++) {
        assert_int_equal(document->blocks[i].level,
                         i < DOCUMENT_LIST_LEVEL_MAX ? i + 1 : DOCUMENT_LIST_LEVEL_MAX);
        assert_int_equal(document->blocks[i].number, 1);
    }
    assert_int_equal(document->blocks[DEPTH].number, 2);
    assert_int_equal(document->blocks[DEPTH + 1].level, 1);
    assert_int_equal(document->blocks[DEPTH + 1].number, 2);
    buf_free(&markdown);
    document_free(document);
}

static void lists_may_count_from_zero(void **state)
{
    struct document *document = document_parse(slice_str("0. none\n1. one\n\n- bullet\n"));

    (void)state;
    assert_int_equal(document->block_count, 3);
    for (int i = 0; i < 2; i++)
        assert_int_equal(document->blocks[i].number, i);
    assert_int_equal(document->blocks[2].number, DOCUMENT_BULLET);
    document_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_address_ends_where_other_scripts_begin),
        cmocka_unit_test(a_bare_address_begins_behind_any_script),
        cmocka_unit_test(marks_at_the_end_are_not_the_addresss),
        cmocka_unit_test(links_in_brackets_stay_as_they_are),
        cmocka_unit_test(targets_that_the_game_does_not_open_are_text),
        cmocka_unit_test(a_link_that_is_never_closed_ends_with_its_block),
        cmocka_unit_test(a_long_text_goes_on_in_the_next_run),
        cmocka_unit_test(lists_keep_their_place_however_deep),
        cmocka_unit_test(lists_may_count_from_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
