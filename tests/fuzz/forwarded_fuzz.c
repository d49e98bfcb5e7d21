/* What a proxy in front says of a player, signed as it would: the reader sees all of it. */
#include "crypto/hash.h"
#include "identity/forwarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice secret = {(const uint8_t *)"secret", 6};
    uint8_t signature[SHA256_BYTES];
    struct buf answer = {0};
    struct forwarded forwarded;

    (void)!forwarded_read(secret, slice_of(data, size), &forwarded);
    hmac_sha256(secret, slice_of(data, size), signature);
    buf_append(&answer, signature, sizeof signature);
    buf_append(&answer, data, size);
    if (forwarded_read(secret, buf_slice(&answer), &forwarded) == 0) {
        buf_clear(&answer);
        profile_put_properties(&forwarded.profile, &answer);
        profile_free(&forwarded.profile);
    }
    buf_free(&answer);
    return 0;
}
