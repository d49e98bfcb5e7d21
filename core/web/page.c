#include "web/page.h"

#include "base/buf.h"

#include <string.h>

static void put(struct buf *out, const char *html)
{
    buf_append_str(out, html);
}

static void put_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': put(out, "&amp;"); break;
        case '<': put(out, "&lt;"); break;
        case '>': put(out, "&gt;"); break;
        case '"': put(out, "&quot;"); break;
        case '\'': put(out, "&#39;"); break;
        case '\n': put(out, "<br>"); break;
        default: buf_append_byte(out, (uint8_t)*text); break;
        }
    }
}

static const char *say(const struct page *page, enum message message)
{
    return message_text(message, page->text->language);
}

static void put_head(const struct page *page, struct buf *out)
{
    put(out, "<!DOCTYPE html>\n<html lang=\"");
    for (const char *c = page->text->language; *c; c++)
        buf_append_byte(out, *c == '_' ? '-' : (uint8_t)*c);
    put(out, "\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_escaped(out, page->text->title);
    put(out, "</title>\n<style>\n"
             "body { max-width: 42em; margin: 2em auto; padding: 0 1em; line-height: 1.7;\n"
             "  font-family: sans-serif; color: #222; background: #fdfdfb }\n"
             "button { font-size: 1.1em; padding: .4em 1.2em; margin-right: 1em }\n"
             "input[name=code] { font: 1.3em monospace; width: 9em }\n"
             "</style>\n</head>\n<body>\n<main>\n");
}

static char *end(struct buf *out)
{
    put(out, "</main>\n</body>\n</html>\n");
    return buf_take_text(out);
}

static void put_paragraph(struct buf *out, const char *text)
{
    put(out, "<p>");
    put_escaped(out, text);
    put(out, "</p>\n");
}

/* Only addresses of the web become links; others stay as their text. */
static bool is_web(const char *link)
{
    return strncmp(link, "https://", 8) == 0 || strncmp(link, "http://", 7) == 0;
}

static void put_run(struct buf *out, const struct document_run *run)
{
    bool link = run->link && is_web(run->link);

    if (link) {
        put(out, "<a rel=\"noreferrer noopener\" href=\"");
        put_escaped(out, run->link);
        put(out, "\">");
    }
    put(out, run->bold ? "<b>" : "");
    put(out, run->italic ? "<i>" : "");
    put(out, run->code ? "<code>" : "");
    put_escaped(out, run->text);
    put(out, run->code ? "</code>" : "");
    put(out, run->italic ? "</i>" : "");
    put(out, run->bold ? "</b>" : "");
    put(out, link ? "</a>" : "");
}

static void put_block(struct buf *out, const struct document_block *block)
{
    static const struct {
        const char *open, *close;
    } tags[] = {
        [DOCUMENT_PARAGRAPH] = {"<p>", "</p>\n"},
        [DOCUMENT_HEADING] = {"<h", ">\n"},
        [DOCUMENT_LIST_ITEM] = {"<p style=\"margin:.2em 0 .2em ", "</p>\n"},
        [DOCUMENT_QUOTE] = {"<blockquote>", "</blockquote>\n"},
        [DOCUMENT_CODE] = {"<pre>", "</pre>\n"},
        [DOCUMENT_RULE] = {"<hr>", "\n"},
    };

    put(out, tags[block->kind].open);
    if (block->kind == DOCUMENT_HEADING)
        buf_append_format(out, "%d>", block->level);
    if (block->kind == DOCUMENT_LIST_ITEM && block->number != DOCUMENT_BULLET)
        buf_append_format(out, "%dem\">%d. ", block->level * 2, block->number);
    else if (block->kind == DOCUMENT_LIST_ITEM)
        buf_append_format(out, "%dem\">• ", block->level * 2);
    for (size_t i = 0; i < block->run_count; i++)
        put_run(out, &block->runs[i]);
    if (block->kind == DOCUMENT_HEADING)
        buf_append_format(out, "</h%d", block->level);
    put(out, tags[block->kind].close);
}

char *page_code(const struct page *page, enum message sentence)
{
    struct buf out = {0};

    put_head(page, &out);
    put_paragraph(&out, say(page, sentence));
    put(&out, "<form method=\"post\" action=\"policy\">\n<p><label>");
    put_escaped(&out, say(page, MESSAGE_WEB_CODE));
    put(&out, " <input name=\"code\" required maxlength=\"16\" autocomplete=\"off\" "
              "autocapitalize=\"characters\"></label></p>\n<p><button>");
    put_escaped(&out, say(page, MESSAGE_WEB_GO_ON));
    put(&out, "</button></p>\n</form>\n");
    return end(&out);
}

static void put_boxes(const struct page *page, struct buf *out)
{
    bool said = false;

    for (size_t i = 0; i < page->policy->purpose_count; i++) {
        const struct policy_purpose *purpose = &page->policy->purposes[i];

        if (!purpose->optional)
            continue;
        if (!said)
            put_paragraph(out, say(page, MESSAGE_OPTIONAL));
        said = true;
        buf_append_format(out, "<p><label><input type=\"checkbox\" name=\"purpose\" value=\"%s\"> ",
                          purpose->name);
        put_escaped(out, policy_purpose_title(purpose, page->text->language));
        put(out, "</label></p>\n");
    }
}

static void put_answer(struct buf *out, const char *value, const char *label)
{
    buf_append_format(out, "<button name=\"answer\" value=\"%s\">", value);
    put_escaped(out, label);
    put(out, "</button>\n");
}

/* A form a language: the same page, in another text. */
static void put_languages(const struct page *page, const char *code, struct buf *out)
{
    for (size_t i = 0; i < page->policy->text_count; i++) {
        const struct policy_text *text = &page->policy->texts[i];

        if (text == page->text)
            continue;
        put(out, "<form method=\"post\" action=\"policy\"><input type=\"hidden\" name=\"code\" "
                 "value=\"");
        put_escaped(out, code);
        buf_append_format(out, "\"><button name=\"language\" value=\"%s\">", text->language);
        put_escaped(out, text->title);
        buf_append_format(out, " (%s)</button></form>\n", text->language);
    }
}

char *page_policy(const struct page *page, const char *code)
{
    struct buf out = {0};

    put_head(page, &out);
    put_languages(page, code, &out);
    put(&out, "<article>\n");
    for (size_t i = 0; i < page->text->document->block_count; i++)
        put_block(&out, &page->text->document->blocks[i]);
    put(&out, "</article>\n<form method=\"post\" action=\"answer\">\n"
              "<input type=\"hidden\" name=\"code\" value=\"");
    put_escaped(&out, code);
    buf_append_format(&out, "\">\n<input type=\"hidden\" name=\"language\" value=\"%s\">\n",
                      page->text->language);
    put_boxes(page, &out);
    put(&out, "<p>");
    put_answer(&out, "accept", say(page, MESSAGE_ACCEPT));
    put_answer(&out, "decline", say(page, MESSAGE_DECLINE));
    put(&out, "</p>\n</form>\n");
    return end(&out);
}

char *page_sentence(const struct page *page, enum message sentence)
{
    struct buf out = {0};

    put_head(page, &out);
    put_paragraph(&out, say(page, sentence));
    return end(&out);
}
