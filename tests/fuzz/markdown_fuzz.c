/* A policy's text, through every way in which it is shown. */
#include "gate/offer.h"
#include "web/page.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char name[] = "en";
    static char title[] = "Privacy policy";
    struct slice markdown = slice_of(data, size);
    struct policy_text text = {.language = name, .title = title};
    struct policy policy = {.id = name, .texts = &text, .text_count = 1};
    struct offer offer = {.policy = &policy, .text = &text, .nonce = "0123456789abcdef"};
    struct page page = {.policy = &policy, .text = &text};
    struct buf packets = {0};

    if (!slice_is_utf8(markdown) || memchr(data, 0, size) || size > POLICY_TEXT_BYTES_MAX)
        return 0;
    text.document = document_parse(markdown);
    if (text.document && text.document->block_count > 0) {
        offer.protocol = 775;
        offer_dialog(&offer, PROTOCOL_CONFIGURATION, &packets);
        offer.protocol = 47;
        offer_book(&offer, &packets);
        offer.protocol = 766;
        offer_book(&offer, &packets);
        offer.protocol = 4;
        offer_chat_page(&offer, 1, &packets);
        free(page_policy(&page, "K7QM-4XPA"));
    }
    buf_free(&packets);
    document_free(text.document);
    return 0;
}
