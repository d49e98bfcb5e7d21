#include "net/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum {
    NEUTRAL_PORT = 25565,
    V4_BYTES = 4,
    V6_BYTES = 16,
    V4_AT = V6_BYTES - V4_BYTES, /* in a mapped address */
    VERSION_2_LOCAL = 0x20,
    VERSION_2_PROXY = 0x21,
    TCP_OVER_V4 = 0x11,
    TCP_OVER_V6 = 0x21,
};

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
    int address_bytes = as_v4 ? V4_BYTES : V6_BYTES;

    buf_append_byte(out, VERSION_2_PROXY);
    buf_append_byte(out, as_v4 ? TCP_OVER_V4 : TCP_OVER_V6);
    put_u16((uint16_t)(2 * address_bytes + 2 * 2), out);
    put_address(from, as_v4, out);
    put_address(to, as_v4, out);
    put_u16(from->port, out);
    put_u16(to->port, out);
}

void proxy_header_write(enum proxy_header_version version, struct slice source,
                        const struct sockaddr *destination, struct buf *out)
{
    static const uint8_t signature[] = {'\r', '\n', '\r', '\n', '\0', '\r',
                                        '\n', 'Q',  'U',  'I',  'T',  '\n'};
    struct end from;
    struct end to;
    bool known = read_source(source, &from) && read_destination(destination, &to);

    if (version == PROXY_HEADER_V2)
        buf_append(out, signature, sizeof signature);
    if (known && version == PROXY_HEADER_V1) {
        put_v1(&from, &to, out);
    } else if (known) {
        put_v2(&from, &to, out);
    } else if (version == PROXY_HEADER_V1) {
        buf_append_str(out, "PROXY UNKNOWN\r\n");
    } else {
        buf_append_byte(out, VERSION_2_LOCAL);
        buf_append_byte(out, 0);
        put_u16(0, out);
    }
}
