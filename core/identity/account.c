#include "identity/account.h"

#include "base/err.h"

#include <ctype.h>
#include <jansson.h>
#include <strings.h>

bool account_name_valid(struct slice name)
{
    if (name.len < 1 || name.len > PROFILE_NAME_CHARS_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] > '~' || !(isalnum(name.data[i]) || name.data[i] == '_'))
            return false;
    return true;
}

/* A text of an object; NULL data where there is none. */
static struct slice text_of(const json_t *object, const char *key)
{
    const json_t *text = json_object_get(object, key);

    if (!json_is_string(text))
        return (struct slice){0};
    return slice_of(json_string_value(text), json_string_length(text));
}

/* The wire counts UTF-16 units, of which no text has more than it has bytes. */
static bool fits(struct slice text)
{
    return text.data && text.len <= PROFILE_PROPERTY_CHARS_MAX;
}

static int read_property(const json_t *property, struct profile *out)
{
    struct slice name = text_of(property, "name");
    struct slice value = text_of(property, "value");
    struct slice signature = text_of(property, "signature");
    const json_t *given = json_object_get(property, "signature");

    if (!fits(name) || !fits(value))
        return ERR_MALFORMED;
    if (given && !json_is_null(given) && !fits(signature))
        return ERR_MALFORMED;
    profile_add_property(out, name, value, signature);
    return 0;
}

static int read_properties(const json_t *properties, struct profile *out)
{
    if (!properties)
        return 0;
    if (!json_is_array(properties) || json_array_size(properties) > PROFILE_PROPERTIES_MAX)
        return ERR_MALFORMED;
    for (size_t i = 0; i < json_array_size(properties); i++)
        if (read_property(json_array_get(properties, i), out) < 0)
            return ERR_MALFORMED;
    return 0;
}

static int read_person(const json_t *root, const char *name, struct profile *out)
{
    struct slice id = text_of(root, "id");
    struct slice spelled = text_of(root, "name");

    if (id.len != UUID_PLAIN_BYTES - 1 ||
        uuid_parse(json_string_value(json_object_get(root, "id")), &out->uuid) < 0)
        return ERR_MALFORMED;
    if (!account_name_valid(spelled) || spelled.len != strlen(name) ||
        strncasecmp((const char *)spelled.data, name, spelled.len) != 0)
        return ERR_MALFORMED;
    memcpy(out->name, spelled.data, spelled.len);
    out->proof = CONSENT_IDENTITY_VERIFIED;
    return read_properties(json_object_get(root, "properties"), out);
}

int account_read(struct slice json, const char *name, struct profile *out)
{
    json_t *root = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
    int err;

    *out = (struct profile){0};
    err = json_is_object(root) ? read_person(root, name, out) : ERR_MALFORMED;
    if (err < 0)
        profile_free(out);
    json_decref(root);
    return err;
}
