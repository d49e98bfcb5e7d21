#include "net/proxy_header.h"

#include "base/err.h"
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum {
    NEUTRAL_PORT = 25565,
    V4_BYTES = 4,
    V6_BYTES = 16,
    V4_AT = V6_BYTES - V4_BYTES, /* in a mapped address */
    TCP_OVER_V4 = 0x11,
    TCP_OVER_V6 = 0x21,
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

static const uint8_t v2_start[] = {'\r', '\n', '\r', '\n', '\0', '\r',
                                   '\n', 'Q',  'U',  'I',  'T',  '\n'};

/* Any address in IPv6's form: IPv4 is mapped. */
struct end {
    struct in6_addr address;
    uint16_t port;
};

static bool is_v4(const struct end *end)
{
    return IN6_IS_ADDR_V4MAPPED(&end->address);
}

static void map_v4(const struct in_addr *v4, struct in6_addr *out)
{
    memset(out, 0, sizeof *out);
    memset(out->s6_addr + V4_AT - 2, 0xFF, 2);
    memcpy(out->s6_addr + V4_AT, v4, V4_BYTES);
}

static bool read_source(struct slice text, struct end *out)
{
    char host[INET6_ADDRSTRLEN] = "";
    struct in_addr v4;

    out->port = NEUTRAL_PORT;
    if (text.len >= sizeof host)
        return false;
    memcpy(host, text.data, text.len);
    if (inet_pton(AF_INET, host, &v4) == 1) {
        map_v4(&v4, &out->address);
        return true;
    }
    return inet_pton(AF_INET6, host, &out->address) == 1;
}

static bool read_destination(const struct sockaddr *address, struct end *out)
{
    const void *any = address;

    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = any;

        map_v4(&v4->sin_addr, &out->address);
        out->port = ntohs(v4->sin_port);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = any;

        out->address = v6->sin6_addr;
        out->port = ntohs(v6->sin6_port);
    } else {
        return false;
    }
    return true;
}

static void put_text(const struct end *end, bool as_v4, struct buf *out)
{
    char text[INET6_ADDRSTRLEN];
    const uint8_t *bytes = end->address.s6_addr;

    buf_append_str(out, as_v4 ? inet_ntop(AF_INET, bytes + V4_AT, text, sizeof text)
                              : inet_ntop(AF_INET6, bytes, text, sizeof text));
}

static void put_v1(const struct end *from, const struct end *to, struct buf *out)
{
    bool as_v4 = is_v4(from) && is_v4(to);

    buf_append_format(out, "PROXY TCP%d ", as_v4 ? 4 : 6);
    put_text(from, as_v4, out);
    buf_append_byte(out, ' ');
    put_text(to, as_v4, out);
    buf_append_format(out, " %u %u\r\n", from->port, to->port);
}

static void put_u16(uint16_t value, struct buf *out)
{
    buf_append_byte(out, (uint8_t)(value >> 8));
    buf_append_byte(out, (uint8_t)value);
}

static void put_address(const struct end *end, bool as_v4, struct buf *out)
{
    size_t at = as_v4 ? V4_AT : 0;

    buf_append(out, end->address.s6_addr + at, V6_BYTES - at);
}

static void put_v2(const struct end *from, const struct end *to, struct buf *out)
{
    bool as_v4 = is_v4(from) && is_v4(to);

    buf_append_byte(out, V2_VERSION | V2_COMMAND_PROXY);
    buf_append_byte(out, as_v4 ? TCP_OVER_V4 : TCP_OVER_V6);
    put_u16(as_v4 ? V2_IPV4_BYTES : V2_IPV6_BYTES, out);
    put_address(from, as_v4, out);
    put_address(to, as_v4, out);
    put_u16(from->port, out);
    put_u16(to->port, out);
}

void proxy_header_write(enum proxy_header_version version, struct slice source,
                        const struct sockaddr *destination, struct buf *out)
{
    struct end from;
    struct end to;
    bool known = read_source(source, &from) && read_destination(destination, &to);

    if (version == PROXY_HEADER_V2)
        buf_append(out, v2_start, sizeof v2_start);
    if (known && version == PROXY_HEADER_V1) {
        put_v1(&from, &to, out);
    } else if (known) {
        put_v2(&from, &to, out);
    } else if (version == PROXY_HEADER_V1) {
        buf_append_str(out, "PROXY UNKNOWN\r\n");
    } else {
        buf_append_byte(out, V2_VERSION | V2_COMMAND_LOCAL);
        buf_append_byte(out, 0);
        put_u16(0, out);
    }
}

/* Reading. */

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

static void take_ipv4(const uint8_t *block, struct proxy_header *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};

    memcpy(&v4.sin_addr, block, sizeof v4.sin_addr);
    memcpy(&v4.sin_port, block + 8, sizeof v4.sin_port);
    memcpy(&out->source, &v4, sizeof v4);
    out->has_source = true;
}

static void take_ipv6(const uint8_t *block, struct proxy_header *out)
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
        take_ipv4(block.data, out);
    else if (sizes[family] == V2_IPV6_BYTES)
        take_ipv6(block.data, out);
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
