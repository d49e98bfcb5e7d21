#include "base/uuid.h"

#include "base/err.h"

#include <stdio.h>

void uuid_format_plain(const struct uuid *uuid, char text[static UUID_PLAIN_BYTES])
{
    for (int i = 0; i < UUID_BYTES; i++)
        snprintf(text + i * 2, 3, "%02x", uuid->bytes[i]);
}

void uuid_format(const struct uuid *uuid, char text[static UUID_TEXT_BYTES])
{
    char plain[UUID_PLAIN_BYTES];

    uuid_format_plain(uuid, plain);
    snprintf(text, UUID_TEXT_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", plain, plain + 8, plain + 12,
             plain + 16, plain + 20);
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

int uuid_parse(const char *text, struct uuid *out)
{
    size_t len = strlen(text);
    bool dashed = len == UUID_TEXT_BYTES - 1;
    int digits = 0;

    if (!dashed && len != UUID_PLAIN_BYTES - 1)
        return ERR_MALFORMED;
    for (size_t i = 0; i < len; i++) {
        int value = hex_value(text[i]);

        if (dashed && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-')
                return ERR_MALFORMED;
            continue;
        }
        if (value < 0)
            return ERR_MALFORMED;
        out->bytes[digits / 2] =
            (uint8_t)(digits % 2 ? out->bytes[digits / 2] | value : value << 4);
        digits++;
    }
    return 0;
}
