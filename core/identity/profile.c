#include "identity/profile.h"

#include "base/mem.h"
#include "protocol/wire.h"

#include <stdlib.h>

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
