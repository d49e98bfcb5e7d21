#include "net/host.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

static const char service[] = "_minecraft._tcp.";

static size_t name_len(struct slice sent)
{
    const uint8_t *zero = memchr(sent.data, '\0', sent.len);
    size_t len = zero ? (size_t)(zero - sent.data) : sent.len;
    const uint8_t *guard = len > 0 ? memmem(sent.data, len, "///", 3) : NULL;

    if (guard)
        len = (size_t)(guard - sent.data);
    while (len > 0 && sent.data[len - 1] == '.')
        len--;
    return len;
}

char *host_normal(struct slice sent)
{
    char *host = mem_strndup((const char *)sent.data, name_len(sent));

    for (char *c = host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return host;
}

size_t host_fit(const char *pattern, const char *host)
{
    size_t pattern_len = strlen(pattern);
    size_t host_len;

    if (strncmp(host, service, sizeof service - 1) == 0)
        host += sizeof service - 1;
    if (pattern[0] != '*')
        return strcmp(pattern, host) == 0 ? HOST_CHARS_MAX + 1 : 0;
    /* What stands behind the star begins with its dot, so the host must be longer than that. */
    pattern++;
    pattern_len--;
    host_len = strlen(host);
    if (host_len <= pattern_len || strcmp(host + host_len - pattern_len, pattern) != 0)
        return 0;
    return pattern_len;
}

static bool is_made_of(struct slice text, const char *others)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum(text.data[i]) && !(text.data[i] && strchr(others, text.data[i])))
            return false;
    return text.len > 0 && text.len <= HOST_CHARS_MAX && text.data[0] != '.';
}

/* ":25565" or nothing. */
static bool read_port(struct slice text, int *port)
{
    *port = 0;
    if (text.len == 0)
        return true;
    if (text.data[0] != ':' || text.len < 2 || text.len > sizeof ":65535" - 1)
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (!isdigit(text.data[i]))
            return false;
        *port = *port * 10 + (text.data[i] - '0');
    }
    return *port > 0 && *port <= UINT16_MAX;
}

bool host_split(struct slice text, struct slice *host, int *port)
{
    bool bracket = text.len > 0 && text.data[0] == '[';
    const uint8_t *end = text.len > 0 ? memchr(text.data, bracket ? ']' : ':', text.len) : NULL;
    size_t len = end ? (size_t)(end - text.data) : text.len;
    struct slice rest = slice_of(text.data + len, text.len - len);

    if (bracket) {
        *host = slice_of(text.data + 1, len - 1);
        return end && is_made_of(*host, ":.") &&
               read_port(slice_of(rest.data + 1, rest.len - 1), port);
    }
    *host = slice_of(text.data, len);
    if (rest.len < 2 || !memchr(rest.data + 1, ':', rest.len - 1))
        return is_made_of(*host, ".-_") && read_port(rest, port);
    *host = text; /* two colons: an IPv6 address, and no port */
    *port = 0;
    return is_made_of(text, ":.");
}

bool host_is_here(const char *host)
{
    bool is_number = strspn(host, "0123456789.") == strlen(host);

    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (is_number && strncmp(host, "127.", 4) == 0);
}
