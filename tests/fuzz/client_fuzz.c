/* What a client says: the first byte chooses the version, the rest is a packet's body. */
#include "gate/limbo.h"
#include "gate/notice.h"
#include "gate/offer.h"
#include "gate/page.h"
#include "protocol/mods.h"
#include "protocol/nbt.h"
#include "protocol/settings.h"
#include "protocol/signed_chat.h"
#include "session/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_click(struct slice body)
{
    static char service[] = "service";
    static char statistics[] = "statistics";
    static struct policy_purpose purposes[] = {{.name = service},
                                               {.name = statistics, .optional = true}};
    static char language[] = "en";
    static struct policy_text texts[] = {{.language = language}};
    struct policy policy = {
        .purposes = purposes, .purpose_count = 2, .texts = texts, .text_count = 1};
    struct offer offer = {
        .policy = &policy, .text = &texts[0], .nonce = "0123456789abcdef", .protocol = 771};

    (void)offer_read_click(&offer, body);
    (void)notice_is_leave(body);
}

static void read_page_click(struct slice body)
{
    static const char *const keys[] = {"message", "value"};
    struct page_click click;
    struct buf text = {0};

    if (page_read_click(&page_of_privacy, body, keys, sizeof keys / sizeof keys[0], &click))
        nbt_read_text(click.written[0], &text);
    nbt_read_text(body, &text);
    buf_free(&text);
}

/* The layouts of signed chat, and what the two kinds of packet make of the same bytes. */
static void read_chat(struct slice body)
{
    static const int protocols[] = {759, 760, 761, 770};
    struct buf out = {0};

    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        (void)!signed_chat_strip(protocols[i], false, body, &out);
        (void)!signed_chat_strip(protocols[i], true, body, &out);
        buf_clear(&out);
    }
    buf_free(&out);
}

static void read_mods(struct slice body)
{
    static const char *const channels[] = {"FML|HS", "fml:loginwrapper", "neoforge:register"};
    struct buf list = {0};

    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
        (void)mods_read(slice_str(channels[i]), body, &list);
    buf_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int protocols[] = {4, 47, 107, 315, 340, 393, 754, 757, 764, 768, 771, 775};
    struct slice body = slice_of(data + 1, size > 0 ? size - 1 : 0);
    int protocol = protocols[size > 0 ? data[0] % (sizeof protocols / sizeof protocols[0]) : 0];
    struct settings settings;
    struct slice channel;
    struct slice payload;
    struct slice brand;
    struct buf again = {0};
    int64_t id;

    if (settings_read(protocol, body, &settings) == 0)
        settings_write(protocol, &settings, &again);
    if (custom_payload_read(protocol, body, &channel, &payload) == 0 &&
        brand_read(protocol, payload, &brand) == 0)
        brand_write(protocol, brand, &again);
    (void)limbo_keep_alive_id(protocol, false, body, &id);
    if (body.len > 0)
        (void)status_ping_of(body, true);
    read_mods(body);
    read_click(body);
    read_page_click(body);
    read_chat(body);
    buf_free(&again);
    return 0;
}
