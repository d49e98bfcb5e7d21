#include "identity/forwarded.h"

#include "base/err.h"
#include "crypto/hash.h"
#include "identity/forwarding.h"
#include "identity/offline.h"
#include "net/address.h"
#include "protocol/wire.h"

enum { ADDRESS_CHARS_MAX = 45 };

static bool is_signed(struct slice secret, struct slice signature, struct slice data)
{
    uint8_t own[SHA256_BYTES];

    hmac_sha256(secret, data, own);
    return secret_equal(slice_of(own, sizeof own), signature);
}

static bool read_properties(struct reader *reader, struct profile *profile)
{
    int32_t count = reader_varint(reader);

    if (!reader_ok(reader) || count < 0 || count > PROFILE_PROPERTIES_MAX)
        return false;
    for (int32_t i = 0; i < count; i++) {
        struct slice name = reader_string(reader, PROFILE_PROPERTY_CHARS_MAX);
        struct slice value = reader_string(reader, PROFILE_PROPERTY_CHARS_MAX);
        struct slice signature = {0};

        if (reader_bool(reader))
            signature = reader_string(reader, PROFILE_PROPERTY_CHARS_MAX);
        if (!reader_ok(reader) || memchr(name.data, '\0', name.len) ||
            memchr(value.data, '\0', value.len) ||
            (signature.len > 0 && memchr(signature.data, '\0', signature.len)))
            return false;
        profile_add_property(profile, name, value, signature);
    }
    return true;
}

static void skip_key(struct reader *reader, int32_t version)
{
    reader_i64(reader); /* expiry */
    reader_counted(reader, PROFILE_KEY_BYTES_MAX);
    reader_counted(reader, PROFILE_KEY_SIGNATURE_BYTES_MAX);
    if (version == FORWARDING_WITH_HOLDER && reader_bool(reader))
        reader_uuid(reader);
}

static int read_data(struct reader *reader, struct forwarded *out)
{
    int32_t version = reader_varint(reader);
    struct slice address;
    struct slice name;

    if (!reader_ok(reader))
        return ERR_MALFORMED;
    if (version < FORWARDING_DEFAULT || version > FORWARDING_LAZY_SESSION)
        return ERR_UNSUPPORTED;
    address = reader_string(reader, ADDRESS_CHARS_MAX);
    out->profile.uuid = reader_uuid(reader);
    name = reader_string(reader, PROFILE_NAME_CHARS_MAX);
    if (!reader_ok(reader) || address_parse(address, 0, &out->address) < 0 ||
        !identity_name_valid(name) || !read_properties(reader, &out->profile))
        return ERR_MALFORMED;
    memcpy(out->profile.name, name.data, name.len);
    if (version == FORWARDING_WITH_KEY || version == FORWARDING_WITH_HOLDER)
        skip_key(reader, version);
    return reader_done(reader) ? 0 : ERR_MALFORMED;
}

int forwarded_read(struct slice secret, struct slice answer, struct forwarded *out)
{
    struct slice data;
    struct reader reader;
    int err;

    *out = (struct forwarded){.profile.proof = CONSENT_IDENTITY_FORWARDED};
    if (answer.len < SHA256_BYTES)
        return ERR_MALFORMED;
    data = slice_of(answer.data + SHA256_BYTES, answer.len - SHA256_BYTES);
    if (!is_signed(secret, slice_of(answer.data, SHA256_BYTES), data))
        return ERR_REFUSED;
    reader = reader_of(data);
    err = read_data(&reader, out);
    if (err < 0)
        profile_free(&out->profile);
    return err;
}
