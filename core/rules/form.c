#include "rules/form.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "rules/category.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { PSEUDONYM_BYTES = 16, ADDRESS_BYTES_MAX = 16, NAME_HASH_CHARS = 14 };

static void mask(uint8_t *bytes, size_t len, unsigned bits)
{
    for (size_t i = 0; i < len; i++) {
        unsigned left = bits > i * 8 ? bits - (unsigned)i * 8 : 0;

        if (left < 8)
            bytes[i] &= (uint8_t)(0xFF00 >> left);
    }
}

static void put_truncated(struct slice address, unsigned v4_bits, unsigned v6_bits, struct buf *out)
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

static void put_pseudonym(const uint8_t *key, const struct field_value *value, struct buf *out)
{
    uint8_t digest[SHA256_BYTES];
    char text[PSEUDONYM_BYTES * 2 + 1];

    keyed(key, field_name(value->field), value->bytes, digest);
    hex_encode(slice_of(digest, PSEUDONYM_BYTES), text);
    buf_append_str(out, text);
}

void form_epoch_key(const struct form *form, const uint8_t key[static SHA256_BYTES], int64_t now_ms,
                    uint8_t out[static SHA256_BYTES])
{
    char epoch[24];

    if (form->epoch_ms == 0) {
        memcpy(out, key, SHA256_BYTES);
        return;
    }
    snprintf(epoch, sizeof epoch, "%lld", (long long)(now_ms / form->epoch_ms));
    keyed(key, "epoch", slice_str(epoch), out);
}

/* "20-39": the multiples of the width around a number that is not negative. */
static void put_bucket(struct slice number, int64_t width, struct buf *out)
{
    char digits[24] = "";
    int64_t low;

    if (number.len >= sizeof digits)
        return;
    memcpy(digits, number.data, number.len);
    low = strtoll(digits, NULL, 10) / width * width;
    buf_append_format(out, "%lld-%lld", (long long)low, (long long)(low + width - 1));
}

void form_put(const struct form *form, const uint8_t key[static SHA256_BYTES], int64_t now_ms,
              const struct field_value *value, struct buf *out)
{
    uint8_t epoch_key[SHA256_BYTES];

    switch (form->kind) {
    case FIELD_FORM_FULL: buf_append_slice(out, value->bytes); break;
    case FIELD_FORM_FLAG:
        buf_append_str(out, value->bytes.len == 0 || slice_is(value->bytes, "0") ? "no" : "yes");
        break;
    case FIELD_FORM_BUCKET: put_bucket(value->bytes, form->width, out); break;
    case FIELD_FORM_TRUNCATE: put_truncated(value->bytes, form->v4_bits, form->v6_bits, out); break;
    case FIELD_FORM_PSEUDONYM:
        form_epoch_key(form, key, now_ms, epoch_key);
        put_pseudonym(epoch_key, value, out);
        mem_wipe(epoch_key, sizeof epoch_key);
        break;
    case FIELD_FORM_CATEGORY: category_put(value, out); break;
    case FIELD_FORM_NONE:
    case FIELD_FORM_DROP:
    case FIELD_FORM_COUNT:
    case FIELD_FORM_FUNCTION:
    case FIELD_FORMS: break;
    }
}

const char *form_text(const struct form *form, char out[static FORM_TEXT_BYTES])
{
    char inner[FORM_TEXT_BYTES / 2];
    char epoch[CLOCK_TEXT_BYTES];

    if (form->kind == FIELD_FORM_TRUNCATE) {
        snprintf(inner, sizeof inner, "truncate(%d, %d)", form->v4_bits, form->v6_bits);
    } else if (form->kind == FIELD_FORM_BUCKET) {
        snprintf(inner, sizeof inner, "bucket(%lld)", (long long)form->width);
    } else if (form->kind == FIELD_FORM_PSEUDONYM && form->epoch_ms > 0) {
        clock_format_duration(form->epoch_ms, epoch);
        snprintf(inner, sizeof inner, "pseudonym(\"%s\")", epoch);
    } else {
        snprintf(inner, sizeof inner, "%s", field_form_name(form->kind));
    }
    if (!form->counted)
        snprintf(out, FORM_TEXT_BYTES, "%s", inner);
    else if (form->kind == FIELD_FORM_FULL)
        snprintf(out, FORM_TEXT_BYTES, "count");
    else
        snprintf(out, FORM_TEXT_BYTES, "count(%s)", inner);
    return out;
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
