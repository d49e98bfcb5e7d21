#include "net/address.h"

#include "base/err.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

int address_parse(struct slice host, uint16_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    char text[INET6_ADDRSTRLEN];

    if (host.len >= sizeof text || memchr(host.data, '\0', host.len))
        return ERR_MALFORMED;
    memcpy(text, host.data, host.len);
    text[host.len] = '\0';
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        memcpy(out, &v4, sizeof v4);
    else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
        memcpy(out, &v6, sizeof v6);
    else
        return ERR_MALFORMED;
    return 0;
}

/* The IPv4 address of either family's form, or NULL for a genuine IPv6 address. */
static const uint8_t *address_v4(const struct sockaddr *address)
{
    const void *any = address;

    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = any;

        return (const uint8_t *)&v4->sin_addr;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = any;

        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            return v6->sin6_addr.s6_addr + 12;
    }
    return NULL;
}

static const struct sockaddr_in6 *address_v6(const struct sockaddr *address)
{
    const void *any = address;

    return any;
}

void address_host(const struct sockaddr *address, char text[static ADDRESS_TEXT_BYTES])
{
    const uint8_t *v4 = address_v4(address);

    text[0] = '\0';
    if (v4)
        inet_ntop(AF_INET, v4, text, ADDRESS_TEXT_BYTES);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &address_v6(address)->sin6_addr, text, ADDRESS_TEXT_BYTES);
}

void address_text(const struct sockaddr *address, char text[static ADDRESS_TEXT_BYTES])
{
    char host[ADDRESS_TEXT_BYTES];
    /* Both families keep the port in the same place. */
    unsigned port = ntohs(address_v6(address)->sin6_port);

    address_host(address, host);
    snprintf(text, ADDRESS_TEXT_BYTES, strchr(host, ':') ? "[%.45s]:%u" : "%.45s:%u", host, port);
}

void address_key(const struct sockaddr *address, uint8_t key[static ADDRESS_KEY_BYTES])
{
    const uint8_t *v4 = address_v4(address);

    memset(key, 0, ADDRESS_KEY_BYTES);
    if (v4)
        memcpy(key, v4, 4);
    else if (address->sa_family == AF_INET6)
        memcpy(key, address_v6(address)->sin6_addr.s6_addr, ADDRESS_KEY_BYTES);
}
