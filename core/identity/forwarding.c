#include "identity/forwarding.h"

#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "protocol/wire.h"

#include <jansson.h>
#include <stdlib.h>

enum {
    WITH_SESSION = 761,
    WITH_HOLDER = 760,
    HIGHEST_SANE = 127, /* a version is a signed byte */
};

static const char token_name[] = "bungeeguard-token";

/* The chat key of 760 does not fit the form of 759: a server that knows only that gets none. */
static enum forwarding_version version_with_key(int highest, int protocol)
{
    if (protocol < WITH_HOLDER)
        return FORWARDING_WITH_KEY;
    return highest >= FORWARDING_WITH_HOLDER ? FORWARDING_WITH_HOLDER : FORWARDING_DEFAULT;
}

int forwarding_choose(struct slice request, int protocol, bool has_key)
{
    int highest = FORWARDING_DEFAULT;

    if (request.len > 0)
        highest = request.data[0];
    if (request.len > 1 || highest < FORWARDING_DEFAULT || highest > HIGHEST_SANE)
        return ERR_UNSUPPORTED;
    if (highest == FORWARDING_DEFAULT)
        return FORWARDING_DEFAULT;
    if (protocol >= WITH_SESSION && highest >= FORWARDING_LAZY_SESSION)
        return FORWARDING_LAZY_SESSION;
    if (protocol >= WITH_SESSION || !has_key)
        return FORWARDING_DEFAULT;
    return (int)version_with_key(highest, protocol);
}

static void put_counted(const struct buf *bytes, struct buf *out)
{
    wire_put_varint(out, (int32_t)bytes->len);
    buf_append_slice(out, buf_slice(bytes));
}

static void put_key(const struct profile_key *key, enum forwarding_version version, struct buf *out)
{
    wire_put_i64(out, key->expires_at_ms);
    put_counted(&key->der, out);
    put_counted(&key->signature, out);
    if (version < FORWARDING_WITH_HOLDER)
        return;
    wire_put_bool(out, key->has_holder);
    if (key->has_holder)
        wire_put_uuid(out, &key->holder);
}

int forwarding_modern(struct slice secret, enum forwarding_version version,
                      const struct forwarding *told, struct buf *out)
{
    bool with_key = version == FORWARDING_WITH_KEY || version == FORWARDING_WITH_HOLDER;
    uint8_t signature[SHA256_BYTES];
    struct buf data = {0};
    int err = 0;

    wire_put_varint(&data, (int32_t)version);
    wire_put_string(&data, told->address);
    wire_put_uuid(&data, &told->profile->uuid);
    wire_put_cstr(&data, told->profile->name);
    profile_put_properties(told->profile, &data);
    if (with_key)
        put_key(told->key, version, &data);
    if (data.len + sizeof signature > FORWARDING_ANSWER_BYTES_MAX) {
        err = ERR_TOO_LARGE;
    } else {
        hmac_sha256(secret, buf_slice(&data), signature);
        buf_append(out, signature, sizeof signature);
        buf_append_slice(out, buf_slice(&data));
    }
    buf_free(&data);
    return err;
}

/* Owned; NULL where a text is no UTF-8. */
static json_t *property_json(const struct profile_property *property)
{
    json_t *json = json_object();

    if (json_object_set_new(json, "name", json_string(property->name)) < 0 ||
        json_object_set_new(json, "value", json_string(property->value)) < 0 ||
        (property->signature &&
         json_object_set_new(json, "signature", json_string(property->signature)) < 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int put_json(const struct profile *profile, struct buf *out)
{
    json_t *list = json_array();
    char *text = NULL;
    int err = 0;

    for (size_t i = 0; i < profile->property_count && err == 0; i++)
        if (json_array_append_new(list, property_json(&profile->properties[i])) < 0)
            err = ERR_MALFORMED;
    if (err == 0)
        text = json_dumps(list, JSON_COMPACT);
    if (text) {
        buf_append_str(out, text);
        mem_wipe(text, strlen(text));
    }
    free(text);
    json_decref(list);
    return text ? 0 : ERR_MALFORMED;
}

int forwarding_legacy(const struct forwarding *told, struct buf *out)
{
    char uuid[UUID_PLAIN_BYTES];
    int err = 0;

    uuid_format_plain(&told->profile->uuid, uuid);
    buf_append_byte(out, 0);
    buf_append_slice(out, told->address);
    buf_append_byte(out, 0);
    buf_append_str(out, uuid);
    if (told->profile->property_count > 0) {
        buf_append_byte(out, 0);
        err = put_json(told->profile, out);
    }
    return err == 0 && out->len > FORWARDING_HOST_BYTES_MAX ? ERR_TOO_LARGE : err;
}

void forwarding_add_marker(struct profile *profile, struct slice marker)
{
    static const char oldest[] = "\0FML";
    struct slice no_signature = slice_of("", 0);
    struct buf text = {0};

    if (marker.len == 0)
        return;
    if (slice_equal(marker, slice_of(oldest, sizeof oldest))) {
        profile_add_property(profile, slice_str("forgeClient"), slice_str("true"), no_signature);
        return;
    }
    buf_append_slice(&text, marker);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == 0)
            text.data[i] = 1;
    profile_add_property(profile, slice_str("extraData"), buf_slice(&text), no_signature);
    buf_free(&text);
}

void forwarding_add_token(struct profile *profile, struct slice secret)
{
    profile_add_property(profile, slice_str(token_name), secret, slice_of("", 0));
}

void forwarding_wipe_token(struct profile *profile)
{
    for (size_t i = 0; i < profile->property_count; i++)
        if (strcmp(profile->properties[i].name, token_name) == 0)
            mem_wipe(profile->properties[i].value, strlen(profile->properties[i].value));
}
