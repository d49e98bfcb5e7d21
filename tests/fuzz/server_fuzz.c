/* What a game server says: its join game, its texts, trees of NBT. */
#include "gate/limbo.h"
#include "protocol/nbt.h"
#include "protocol/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int protocols[] = {4,   5,   47,  107, 340, 393, 477, 573, 735,
                                    751, 754, 757, 758, 759, 760, 761, 763};
    struct slice body = slice_of(data + 1, size > 0 ? size - 1 : 0);
    int protocol = protocols[size > 0 ? data[0] % (sizeof protocols / sizeof protocols[0]) : 0];
    struct reader reader = reader_of(body);
    struct buf out = {0};

    (void)!limbo_switch_join(protocol, false, body, &out);
    buf_clear(&out);
    text_translate_json(body, protocol, PROTOCOL_PLAY, &out);
    buf_clear(&out);
    text_translate_json(body, 775, PROTOCOL_CONFIGURATION, &out);
    nbt_skip(&reader, protocol);
    buf_free(&out);
    return 0;
}
