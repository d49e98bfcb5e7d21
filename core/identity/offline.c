#include "identity/offline.h"

#include "base/buf.h"
#include "identity/profile.h"

#include <openssl/evp.h>
#include <stdlib.h>

bool identity_name_valid(struct slice name)
{
    if (name.len < 1 || name.len > PROFILE_NAME_CHARS_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] > '~' || strchr("\"'`/\\", name.data[i]))
            return false;
    return true;
}

void identity_offline_uuid(struct slice name, struct uuid *out)
{
    struct buf source = {0};

    buf_append_str(&source, "OfflinePlayer:");
    buf_append_slice(&source, name);
    if (!EVP_Digest(source.data, source.len, out->bytes, NULL, EVP_md5(), NULL))
        abort();
    buf_free(&source);
    out->bytes[6] = (out->bytes[6] & 0x0F) | 0x30; /* version 3 */
    out->bytes[8] = (out->bytes[8] & 0x3F) | 0x80; /* RFC 4122's variant */
}
