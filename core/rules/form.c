#include "rules/form.h"

#include "base/uuid.h"

#include <arpa/inet.h>

enum { PSEUDONYM_BYTES = 16, ADDRESS_BYTES_MAX = 16, NAME_HASH_CHARS = 14 };

static void mask(uint8_t *bytes, size_t len, unsigned bits)
{
    for (size_t i = 0; i < len; i++) {
        unsigned left = bits > i * 8 ? bits - (unsigned)i * 8 : 0;

        if (left < 8)
            bytes[i] &= (uint8_t)(0xFF00 >> left);
    }
}

void form_truncate(struct slice address, unsigned v4_bits, unsigned v6_bits, struct buf *out)
{
    char text[INET6_ADDRSTRLEN] = "";
    uint8_t bytes[ADDRESS_BYTES_MAX];

    if (address.len >= sizeof text)
        return;
    memcpy(text, address.data, address.len);
    if (inet_pton(AF_INET, text, bytes) == 1) {
        mask(bytes, 4, v4_bits);
        buf_append_str(out, inet_ntop(AF_INET, bytes, text, sizeof text));
    } else if (inet_pton(AF_INET6, text, bytes) == 1) {
        mask(bytes, 16, v6_bits);
        buf_append_str(out, inet_ntop(AF_INET6, bytes, text, sizeof text));
    }
}

/* HMAC of label, a zero byte, and the value. */
static void keyed(const uint8_t *key, const char *label, struct slice value,
                  uint8_t out[static SHA256_BYTES])
{
    struct buf message = {0};

    buf_append_str(&message, label);
    buf_append_byte(&message, 0);
    buf_append_slice(&message, value);
    hmac_sha256(slice_of(key, SHA256_BYTES), buf_slice(&message), out);
    buf_free(&message);
}

void form_pseudonym(const uint8_t key[static SHA256_BYTES], const struct field_value *value,
                    struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    char text[PSEUDONYM_BYTES * 2 + 1];

    keyed(key, field_name(value->field), value->bytes, digest);
    hex_encode(slice_of(digest, PSEUDONYM_BYTES), text);
    buf_append_str(out, text);
}

void form_address(const uint8_t key[static SHA256_BYTES], const char *label, struct slice who,
                  struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    char text[INET6_ADDRSTRLEN];

    keyed(key, label, who, digest);
    digest[0] = 0xFD;
    buf_append_str(out, inet_ntop(AF_INET6, digest, text, sizeof text));
}

void form_uuid(const uint8_t key[static SHA256_BYTES], struct slice who, struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    char text[UUID_TEXT_BYTES];
    struct uuid uuid;

    keyed(key, "player.uuid told", who, digest);
    memcpy(uuid.bytes, digest, UUID_BYTES);
    uuid.bytes[6] = (uuid.bytes[6] & 0x0F) | 0x80; /* version 8 */
    uuid.bytes[8] = (uuid.bytes[8] & 0x3F) | 0x80; /* RFC 9562's variant */
    uuid_format(&uuid, text);
    buf_append_str(out, text);
}

void form_name(const uint8_t key[static SHA256_BYTES], struct slice who, struct buf *out)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567"; /* 5 bits each */
    uint8_t digest[SHA256_BYTES];

    keyed(key, "player.name told", who, digest);
    buf_append_str(out, "p_");
    for (size_t i = 0; i < NAME_HASH_CHARS; i++)
        buf_append_byte(out, (uint8_t)digits[digest[i] & 31]);
}
