/* Any text as a Lua file whose keys are looked for. */
#include "script/locate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_repeat(void *owner, const struct locate_repeat *repeat)
{
    size_t *count = owner;

    *count += repeat->line >= repeat->first_line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t repeats = 0;

    (void)locate_key(slice_of(data, size), "servers.lobby.address");
    (void)locate_key(slice_of(data, size), "listen");
    locate_repeats(slice_of(data, size), on_repeat, &repeats);
    return 0;
}
