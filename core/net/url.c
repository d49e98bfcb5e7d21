#include "net/url.h"

#include "net/host.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

enum { HTTP_PORT = 80, HTTPS_PORT = 443 };

static size_t scheme_len(struct slice url)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);

        if (url.len > len && strncasecmp((const char *)url.data, schemes[i], len) == 0)
            return len;
    }
    return 0;
}

/* Letters of any script, digits, and what names, ports and users are written with. */
static bool is_authority(struct slice authority)
{
    size_t at = 0;

    while (at < authority.len) {
        utf8proc_int32_t code;
        utf8proc_ssize_t size =
            utf8proc_iterate(authority.data + at, (utf8proc_ssize_t)(authority.len - at), &code);
        utf8proc_category_t category;

        if (size <= 0)
            return false;
        category = utf8proc_category(code);
        if (code < 0x80 ? !isalnum((int)code) && !strchr(".-_~:@", (int)code)
                        : category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_NO)
            return false;
        at += (size_t)size;
    }
    return authority.len > 0;
}

static bool is_escape(struct slice rest)
{
    return rest.len >= 3 && isxdigit(rest.data[1]) && isxdigit(rest.data[2]);
}

static const char unreserved[] = "-._~"; /* and letters and digits */

static void put(struct buf *out, uint8_t c, bool stays)
{
    if (stays)
        buf_append_byte(out, c);
    else
        buf_append_format(out, "%%%02X", c);
}

void url_put_argument(struct buf *url, const char *value)
{
    for (const char *at = value; *at; at++)
        put(url, (uint8_t)*at, isalnum((unsigned char)*at) || strchr(unreserved, *at));
}

/* Path, query and fragment. Only the first # begins a fragment. */
static void append_encoded(struct buf *out, struct slice text)
{
    bool in_fragment = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool stays = isalnum(c) ||
                     (c != '\0' && (strchr(unreserved, c) || strchr(":/?@!$&'()*+,;=", c))) ||
                     (c == '#' && !in_fragment) ||
                     (c == '%' && is_escape(slice_of(text.data + i, text.len - i)));

        in_fragment = in_fragment || c == '#';
        put(out, c, stays);
    }
}

/* Where the authority that begins at `begin` ends. */
static size_t authority_end(struct slice url, size_t begin)
{
    size_t end = begin;

    while (end < url.len && !strchr("/?#", url.data[end]))
        end++;
    return end;
}

char *url_host(struct slice url, int *port)
{
    size_t begin = scheme_len(url);
    size_t end = authority_end(url, begin);
    struct slice host;

    if (begin == 0 || !host_split(slice_of(url.data + begin, end - begin), &host, port))
        return NULL;
    if (*port == 0)
        *port = begin == sizeof "https://" - 1 ? HTTPS_PORT : HTTP_PORT;
    return host_normal(host);
}

char *url_normal(struct slice written)
{
    size_t begin = scheme_len(written);
    size_t end = authority_end(written, begin);
    struct buf out = {0};

    if (begin == 0 || !is_authority(slice_of(written.data + begin, end - begin)))
        return NULL;
    buf_append(&out, written.data, end);
    append_encoded(&out, slice_of(written.data + end, written.len - end));
    return buf_take_text(&out);
}
