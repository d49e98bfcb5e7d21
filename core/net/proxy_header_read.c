#include "net/proxy_header_read.h"

#include "base/err.h"
#include "net/address.h"

#include <netinet/in.h>

enum {
    V2_FIXED_BYTES = 16,
    V2_VERSION = 0x20,
    V2_COMMAND_LOCAL = 0,
    V2_COMMAND_PROXY = 1,
    V2_FAMILIES = 4,   /* unspecified, IPv4, IPv6, Unix */
    V2_TRANSPORTS = 3, /* unspecified, stream, datagram */
    V2_IPV4_BYTES = 12,
    V2_IPV6_BYTES = 36,
    V2_UNIX_BYTES = 216,
    PORT_DIGITS_MAX = 5,
};

static const char v1_start[] = "PROXY ";
static const uint8_t v2_start[12] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                     0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

/* Whether `bytes` begin with `start`, or may as soon as there are more of them. */
static bool may_begin(struct slice bytes, struct slice start)
{
    size_t len = bytes.len < start.len ? bytes.len : start.len;

    return memcmp(bytes.data, start.data, len) == 0;
}

/* The text up to the next space or the end, and `rest` behind that space. */
static struct slice next_word(struct slice *rest)
{
    const uint8_t *space = rest->len > 0 ? memchr(rest->data, ' ', rest->len) : NULL;
    size_t len = space ? (size_t)(space - rest->data) : rest->len;
    struct slice word = slice_of(rest->data, len);

    *rest = slice_of(rest->data + len + (space ? 1 : 0), rest->len - len - (space ? 1 : 0));
    return word;
}

/* Decimal without leading zeros. */
static bool read_port(struct slice word, uint16_t *out)
{
    unsigned long port = 0;

    if (word.len == 0 || word.len > PORT_DIGITS_MAX || (word.data[0] == '0' && word.len > 1))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
        port = port * 10 + (unsigned long)(word.data[i] - '0');
    }
    *out = (uint16_t)port;
    return port <= UINT16_MAX;
}

/* "TCP4 SOURCE DESTINATION SOURCE-PORT DESTINATION-PORT" */
static int read_v1_line(struct slice line, struct proxy_header *out)
{
    struct slice kind = next_word(&line);
    struct slice source = next_word(&line);
    struct slice destination = next_word(&line);
    struct slice source_port = next_word(&line);
    struct sockaddr_storage other;
    int family = slice_is(kind, "TCP4") ? AF_INET : AF_INET6;
    uint16_t port;
    uint16_t other_port;

    if (slice_is(kind, "UNKNOWN"))
        return 0;
    if (!slice_is(kind, "TCP4") && !slice_is(kind, "TCP6"))
        return ERR_MALFORMED;
    if (!read_port(source_port, &port) || !read_port(line, &other_port) ||
        address_parse(source, port, &out->source) < 0 ||
        address_parse(destination, other_port, &other) < 0 || out->source.ss_family != family ||
        other.ss_family != family)
        return ERR_MALFORMED;
    out->has_source = true;
    return 0;
}

static int read_v1(struct slice bytes, struct proxy_header *out)
{
    size_t start = sizeof v1_start - 1;
    size_t len = bytes.len < PROXY_HEADER_V1_BYTES_MAX ? bytes.len : PROXY_HEADER_V1_BYTES_MAX;
    const uint8_t *end = memmem(bytes.data, len, "\r\n", 2);

    if (!end)
        return bytes.len < PROXY_HEADER_V1_BYTES_MAX ? ERR_AGAIN : ERR_MALFORMED;
    out->len = (size_t)(end - bytes.data) + 2;
    if (out->len < start + 2)
        return ERR_MALFORMED;
    return read_v1_line(slice_of(bytes.data + start, out->len - start - 2), out);
}

static void put_ipv4(const uint8_t *block, struct proxy_header *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};

    memcpy(&v4.sin_addr, block, sizeof v4.sin_addr);
    memcpy(&v4.sin_port, block + 8, sizeof v4.sin_port);
    memcpy(&out->source, &v4, sizeof v4);
    out->has_source = true;
}

static void put_ipv6(const uint8_t *block, struct proxy_header *out)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    memcpy(&v6.sin6_addr, block, sizeof v6.sin6_addr);
    memcpy(&v6.sin6_port, block + 32, sizeof v6.sin6_port);
    memcpy(&out->source, &v6, sizeof v6);
    out->has_source = true;
}

/* The address block, of the family and transport that `kind` says. */
static int read_v2_block(uint8_t kind, struct slice block, struct proxy_header *out)
{
    static const size_t sizes[V2_FAMILIES] = {0, V2_IPV4_BYTES, V2_IPV6_BYTES, V2_UNIX_BYTES};
    unsigned family = kind >> 4;
    unsigned transport = kind & 0x0F;

    if (family >= V2_FAMILIES || transport >= V2_TRANSPORTS || block.len < sizes[family])
        return ERR_MALFORMED;
    if (transport == 0)
        return 0;
    if (sizes[family] == V2_IPV4_BYTES)
        put_ipv4(block.data, out);
    else if (sizes[family] == V2_IPV6_BYTES)
        put_ipv6(block.data, out);
    return 0;
}

static int read_v2(struct slice bytes, struct proxy_header *out)
{
    uint8_t command;

    if (bytes.len < V2_FIXED_BYTES)
        return ERR_AGAIN;
    command = bytes.data[12] & 0x0F;
    out->len = V2_FIXED_BYTES + ((size_t)bytes.data[14] << 8 | bytes.data[15]);
    if ((bytes.data[12] & 0xF0) != V2_VERSION || command > V2_COMMAND_PROXY ||
        out->len > PROXY_HEADER_V2_BYTES_MAX)
        return ERR_MALFORMED;
    if (bytes.len < out->len)
        return ERR_AGAIN;
    if (command == V2_COMMAND_LOCAL)
        return 0;
    return read_v2_block(bytes.data[13],
                         slice_of(bytes.data + V2_FIXED_BYTES, out->len - V2_FIXED_BYTES), out);
}

int proxy_header_read(struct slice bytes, struct proxy_header *out)
{
    *out = (struct proxy_header){0};
    if (bytes.len == 0)
        return ERR_AGAIN;
    if (may_begin(bytes, slice_of(v2_start, sizeof v2_start)))
        return read_v2(bytes, out);
    if (may_begin(bytes, slice_str(v1_start)))
        return read_v1(bytes, out);
    return ERR_MALFORMED;
}
