/* What a client says to prove itself, and what a session service answers: the first byte chooses.
 */
#include "identity/account.h"
#include "protocol/encryption.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int protocols[] = {4, 47, 759, 760, 761, 775};
    struct slice body = slice_of(data + 1, size > 0 ? size - 1 : 0);
    int protocol = protocols[size > 0 ? data[0] % (sizeof protocols / sizeof protocols[0]) : 0];
    struct encryption_response response;
    struct reader reader = reader_of(body);
    struct profile profile = {0};
    struct buf told = {0};

    (void)!encryption_response_read(protocol, body, &response);
    if (protocol == 759 || protocol == 760)
        (void)!profile_read_key(&profile, protocol, &reader);
    profile_free(&profile);
    if (account_read(body, "Steve", &profile) == 0)
        profile_put_properties(&profile, &told);
    profile_free(&profile);
    buf_free(&told);
    return 0;
}
