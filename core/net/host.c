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
