/* Any text as a Lua file whose keys are looked for. */
#include "script/locate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)locate_key(slice_of(data, size), "servers.lobby.address");
    (void)locate_key(slice_of(data, size), "listen");
    return 0;
}
