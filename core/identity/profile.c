#include "identity/profile.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>

enum { WITH_HOLDER = 760 };

static char *copy(struct slice text)
{
    return mem_strndup((const char *)text.data, text.len);
}

void profile_add_property(struct profile *profile, struct slice name, struct slice value,
                          struct slice signature)
{
    struct profile_property *property;

    profile->properties = mem_resize(profile->properties,
                                     (profile->property_count + 1) * sizeof *profile->properties);
    property = &profile->properties[profile->property_count++];
    *property = (struct profile_property){
        .name = copy(name),
        .value = copy(value),
        .signature = signature.data ? copy(signature) : NULL,
    };
}

void profile_put_properties(const struct profile *profile, struct buf *out)
{
    wire_put_varint(out, (int32_t)profile->property_count);
    for (size_t i = 0; i < profile->property_count; i++) {
        const struct profile_property *property = &profile->properties[i];

        wire_put_cstr(out, property->name);
        wire_put_cstr(out, property->value);
        wire_put_bool(out, property->signature);
        if (property->signature)
            wire_put_cstr(out, property->signature);
    }
}

static void free_key(struct profile_key *key)
{
    if (!key)
        return;
    buf_free(&key->der);
    buf_free(&key->signature);
    free(key);
}

/* Bytes behind their VarInt length, of which there are 1 to `max`. */
static int read_bytes(struct reader *reader, size_t max, struct buf *out)
{
    struct slice bytes = reader_counted(reader, max);

    buf_append_slice(out, bytes);
    return reader_ok(reader) && bytes.len > 0 ? 0 : ERR_MALFORMED;
}

static int read_signed_key(struct reader *reader, struct profile_key *key)
{
    key->expires_at_ms = reader_i64(reader);
    if (read_bytes(reader, PROFILE_KEY_BYTES_MAX, &key->der) < 0)
        return ERR_MALFORMED;
    return read_bytes(reader, PROFILE_KEY_SIGNATURE_BYTES_MAX, &key->signature);
}

int profile_read_key(struct profile *profile, int protocol, struct reader *reader)
{
    struct profile_key *key = mem_alloc(sizeof *key);
    bool given = reader_bool(reader);
    int err = given ? read_signed_key(reader, key) : 0;

    if (err == 0 && protocol >= WITH_HOLDER) {
        key->has_holder = reader_bool(reader);
        if (key->has_holder)
            key->holder = reader_uuid(reader);
    }
    if (err == 0 && !reader_done(reader))
        err = ERR_MALFORMED;
    if (err < 0 || !given) {
        free_key(key);
        return err;
    }
    free_key(profile->key);
    profile->key = key;
    return 0;
}

void profile_free(struct profile *profile)
{
    for (size_t i = 0; i < profile->property_count; i++) {
        free(profile->properties[i].name);
        free(profile->properties[i].value);
        free(profile->properties[i].signature);
    }
    free(profile->properties);
    free_key(profile->key);
    *profile = (struct profile){0};
}
