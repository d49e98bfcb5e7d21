#include "policy/text_file.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <utf8proc.h>

enum {
    TITLE_CHARS_MAX = 128,
    /* A client reads 2 MiB of a book, at two bytes a character, and a link's address stands in each
     * of its lines, which have eight bytes or more. */
    LINKS_BYTES_MAX = 512 * 1024,
    LINE_BYTES_MIN = 8,
};

/* Without the mark that some editors put in front, and with lines that end in LF. */
static void normalise(struct buf *file)
{
    size_t out = 0;

    if (file->len >= 3 && memcmp(file->data, "\xEF\xBB\xBF", 3) == 0)
        buf_consume(file, 3);
    for (size_t i = 0; i < file->len; i++)
        if (file->data[i] != '\r' || i + 1 == file->len || file->data[i + 1] != '\n')
            file->data[out++] = file->data[i];
    file->len = out;
}

static int line_of(struct slice text, size_t at)
{
    int line = 1;

    for (size_t i = 0; i < at; i++)
        line += text.data[i] == '\n';
    return line;
}

/* The first line that is no UTF-8; a line holds whole characters. */
static int bad_line(struct slice text)
{
    size_t start = 0;

    while (start < text.len) {
        const uint8_t *end = memchr(text.data + start, '\n', text.len - start);
        size_t len = end ? (size_t)(end - text.data) - start + 1 : text.len - start;

        if (!slice_is_utf8(slice_of(text.data + start, len)))
            break;
        start += len;
    }
    return line_of(text, start);
}

static int read_file(const char *path, struct diag *diag, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    size_t len;
    int failed;

    if (!file) {
        diag_add(diag, path, 0,
                 "cannot be read (%s); write the text there, or take the language out of languages",
                 strerror(errno));
        return ERR_INVALID;
    }
    len = fread(buf_reserve(out, POLICY_TEXT_BYTES_MAX + 1), 1, POLICY_TEXT_BYTES_MAX + 1, file);
    failed = ferror(file) ? errno : 0;
    fclose(file);
    out->len = len;
    if (failed)
        diag_add(diag, path, 0, "cannot be read (%s); write the text there", strerror(failed));
    else if (len > POLICY_TEXT_BYTES_MAX)
        diag_add(diag, path, 0, "is larger than %d KiB, the most that is shown; shorten it",
                 POLICY_TEXT_BYTES_MAX / 1024);
    else if (!slice_is_utf8(buf_slice(out)))
        diag_add(diag, path, bad_line(buf_slice(out)), "is no UTF-8; save the file as UTF-8");
    else if (memchr(out->data, 0, len))
        diag_add(diag, path, 0, "has a zero byte in it; take it out");
    else
        return 0;
    return ERR_INVALID;
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && strchr(" \t", text.data[0]))
        text = slice_of(text.data + 1, text.len - 1);
    while (text.len > 0 && strchr(" \t", text.data[text.len - 1]))
        text.len--;
    if (text.len >= 2 && text.data[0] == text.data[text.len - 1] && strchr("\"'", text.data[0]))
        text = slice_of(text.data + 1, text.len - 2);
    return text;
}

static struct slice next_line(struct slice *rest)
{
    const uint8_t *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct slice line = slice_of(rest->data, len);

    *rest = slice_of(rest->data + len + (end ? 1 : 0), rest->len - len - (end ? 1 : 0));
    return line;
}

/* Takes YAML front matter off the text and its title out of it. Without an end it is no front
 * matter but a rule across the page. */
static struct slice take_front_matter(struct slice text, struct slice *title)
{
    static const char key[] = "title:";
    struct slice rest = text;
    struct slice found = {0};

    if (text.len == 0 || !slice_is(next_line(&rest), "---"))
        return text;
    while (rest.len > 0) {
        struct slice line = next_line(&rest);

        if (slice_is(line, "---") || slice_is(line, "...")) {
            *title = found;
            return rest;
        }
        if (line.len > sizeof key - 1 && memcmp(line.data, key, sizeof key - 1) == 0)
            found = trim(slice_of(line.data + sizeof key - 1, line.len - (sizeof key - 1)));
    }
    return text;
}

/* A title has one line, in the server list and over a dialog. */
static bool is_title(struct slice text)
{
    size_t chars = 0;

    for (size_t i = 0; i < text.len; i++)
        chars += (text.data[i] & 0xC0) != 0x80;
    return chars > 0 && chars <= TITLE_CHARS_MAX;
}

static char *first_heading(const struct document *document)
{
    struct buf text = {0};

    for (size_t i = 0; i < document->block_count; i++) {
        const struct document_block *block = &document->blocks[i];

        buf_clear(&text);
        for (size_t run = 0; run < block->run_count && block->kind == DOCUMENT_HEADING; run++)
            buf_append_str(&text, block->runs[run].text);
        if (is_title(buf_slice(&text)))
            return buf_take_text(&text);
    }
    buf_free(&text);
    return NULL;
}

static char *title_of(struct slice file, struct slice named, const struct document *document,
                      const char *path, struct diag *diag)
{
    if (named.len == 0)
        return first_heading(document);
    if (!is_title(named))
        diag_add(diag, path, line_of(file, (size_t)(named.data - file.data)),
                 "title: write at most %d characters", TITLE_CHARS_MAX);
    return mem_strndup((const char *)named.data, named.len);
}

/* Spaces, marks without width and controls are nothing to read. */
static bool is_seen(utf8proc_int32_t code)
{
    switch ((int)utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF: return false;
    default: return true;
    }
}

/* True when there is at least one character that a player can see. */
static bool is_visible(const struct document *document)
{
    for (size_t i = 0; i < document->block_count; i++) {
        for (size_t run = 0; run < document->blocks[i].run_count; run++) {
            const uint8_t *at = (const uint8_t *)document->blocks[i].runs[run].text;
            utf8proc_int32_t code;

            for (; *at; at += utf8proc_iterate(at, -1, &code))
                if (utf8proc_iterate(at, -1, &code) > 0 && is_seen(code))
                    return true;
        }
    }
    return false;
}

static size_t links_bytes(const struct document *document)
{
    size_t bytes = 0;

    for (size_t i = 0; i < document->block_count; i++) {
        for (size_t k = 0; k < document->blocks[i].run_count; k++) {
            const struct document_run *run = &document->blocks[i].runs[k];

            if (run->link)
                bytes += (strlen(run->text) / LINE_BYTES_MIN + 1) * strlen(run->link);
        }
    }
    return bytes;
}

static void check_document(struct policy_text *text, struct slice file, struct slice title,
                           const char *path, struct diag *diag)
{
    text->title = title_of(file, title, text->document, path, diag);
    if (!is_visible(text->document))
        diag_add(diag, path, 0, "has no text to show; write the policy there");
    if (links_bytes(text->document) > LINKS_BYTES_MAX)
        diag_add(diag, path, 0,
                 "has more and longer links than a book can hold; shorten their addresses, or the "
                 "texts that lead there");
}

void text_file_load(const char *path, struct diag *diag, struct policy_text *text)
{
    struct buf file = {0};
    struct slice title = {0};

    if (read_file(path, diag, &file) == 0) {
        normalise(&file);
        text->markdown = mem_strndup((const char *)file.data, file.len);
        sha256_hex(buf_slice(&file), text->sha256);
        text->document = document_parse(take_front_matter(buf_slice(&file), &title));
        if (text->document)
            check_document(text, buf_slice(&file), title, path, diag);
        else
            diag_add(diag, path, 0, "cannot be taken apart; close each [text](address)");
    }
    buf_free(&file);
}
