/* What answers at the port of a console. */
#include "net/rcon.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        struct rcon_packet packet;
        int len = rcon_packet_read(slice_of(data + at, size - at), &packet);

        if (len <= 0) {
            if (len == 0 && size - at >= 4 + RCON_PACKET_BYTES_MAX)
                abort(); /* it would be waited for without bound */
            break;
        }
        if ((size_t)len > size - at || packet.text.data + packet.text.len > data + at + len)
            abort();
        at += (size_t)len;
    }
    return 0;
}
