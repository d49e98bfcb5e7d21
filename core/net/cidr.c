#include "net/cidr.h"

#include "base/err.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { MAPPED_BITS = 96 };

static const uint8_t mapped_prefix[12] = {[10] = 0xFF, [11] = 0xFF};

int cidr_parse(const char *text, struct cidr *out)
{
    char host[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    unsigned long offset = 0;
    unsigned long bits;
    char *end = NULL;

    if (len >= sizeof host)
        return ERR_INVALID;
    memcpy(host, text, len);
    host[len] = '\0';
    if (inet_pton(AF_INET, host, out->bytes + sizeof mapped_prefix) == 1) {
        memcpy(out->bytes, mapped_prefix, sizeof mapped_prefix);
        offset = MAPPED_BITS;
    } else if (inet_pton(AF_INET6, host, out->bytes) != 1) {
        return ERR_INVALID;
    }
    bits = 128 - offset;
    if (slash) {
        bits = isdigit((unsigned char)slash[1]) ? strtoul(slash + 1, &end, 10) : 129;
        if ((end && *end) || bits > 128 - offset)
            return ERR_INVALID;
    }
    out->bits = (unsigned)(bits + offset);
    return 0;
}

static void to_bytes(const struct sockaddr *address, uint8_t bytes[static 16])
{
    const void *any = address;

    if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)any)->sin6_addr, 16);
        return;
    }
    memcpy(bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(bytes + sizeof mapped_prefix, &((const struct sockaddr_in *)any)->sin_addr, 4);
}

bool cidr_has(const struct cidr *network, const struct sockaddr *address)
{
    size_t whole = network->bits / 8;
    uint8_t mask = (uint8_t)(0xFF00 >> network->bits % 8);
    uint8_t bytes[16];

    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return false;
    to_bytes(address, bytes);
    if (memcmp(bytes, network->bytes, whole) != 0)
        return false;
    return whole == 16 || ((bytes[whole] ^ network->bytes[whole]) & mask) == 0;
}

bool cidr_is_public(const struct sockaddr *address)
{
    static const char *const others[] = {
        "0.0.0.0/8",      "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
        "172.16.0.0/12",  "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15",  "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",    "::/96",
        "64:ff9b:1::/48", "100::/64",        "2001::/23",      "2001:db8::/32",  "2002::/16",
        "fc00::/7",       "fe80::/10",       "fec0::/10",      "ff00::/8",
    };

    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct cidr network;

        if (cidr_parse(others[i], &network) < 0)
            abort();
        if (cidr_has(&network, address))
            return false;
    }
    return true;
}
