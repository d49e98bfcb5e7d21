/* What a load balancer says of a connection, or whoever got to the port. */
#include "base/err.h"
#include "net/address.h"
#include "net/proxy_header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header header;
    char text[ADDRESS_TEXT_BYTES];
    int err = proxy_header_read(slice_of(data, size), &header);

    if (err == ERR_AGAIN && size >= PROXY_HEADER_V2_BYTES_MAX)
        abort(); /* it would be waited for without bound */
    if (err == 0 && (header.len > size || header.len == 0))
        abort();
    if (err == 0 && header.has_source)
        address_text((const struct sockaddr *)&header.source, text);
    return 0;
}
