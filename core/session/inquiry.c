/*
 * /privacy ask: a question to those who run the servers. What is written is kept for the purpose
 * "inquiry" alone, as long as the policy says, and answered by people (`sekisho inquiry`).
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "protocol/nbt.h"
#include "session/privacy.h"

#include <inttypes.h>
#include <stdlib.h>

enum { FIELDS_ASKED = 5, CHARS_MAX = 64, MESSAGE_CHARS_MAX = 1000, MESSAGE_LINES = 8 };

/* In the order of the dialog, and of enum privacy_field. */
static const enum field fields[FIELDS_ASKED] = {
    [PRIVACY_FIELD_COMPANY] = FIELD_INQUIRY_COMPANY,
    [PRIVACY_FIELD_NAME] = FIELD_INQUIRY_NAME,
    [PRIVACY_FIELD_EMAIL] = FIELD_INQUIRY_EMAIL,
    [PRIVACY_FIELD_ACCOUNT] = FIELD_INQUIRY_ACCOUNT,
    [PRIVACY_FIELD_MESSAGE] = FIELD_INQUIRY_MESSAGE,
};

static void show_form(struct session *session)
{
    struct page page = privacy_page(session, MESSAGE_PRIVACY_ASK);

    page_say(&page, privacy_words_for(session, MESSAGE_ASK_INTRO));
    for (size_t i = 0; i < FIELDS_ASKED; i++) {
        bool is_message = i == PRIVACY_FIELD_MESSAGE;

        page.fields[page.field_count++] =
            (struct page_field){.key = privacy_keys[i],
                                .label = privacy_field_label(session, fields[i]),
                                .chars_max = is_message ? MESSAGE_CHARS_MAX : CHARS_MAX,
                                .lines = is_message ? MESSAGE_LINES : 1};
    }
    page_act(&page, privacy_words_for(session, MESSAGE_SEND), mem_strdup("ask"))->with_inputs =
        true;
    privacy_tell_command(session, "ask …", &page);
    privacy_show(session, &page);
}

static void on_asked(void *owner, uint64_t id, int err)
{
    struct session *session = worker_session(owner, id);

    log_info("session=%" PRIu64 " inquiry recorded=%s", id, err < 0 ? "no" : "yes");
    if (!session)
        return;
    session->privacy.waits = false;
    privacy_line(session, err == 0               ? MESSAGE_ASKED
                          : err == ERR_REFUSED   ? MESSAGE_ASK_TOO_MANY
                          : err == ERR_NOT_FOUND ? MESSAGE_STATUS_NONE
                                                 : MESSAGE_NO_ANSWER);
}

/* What was written, field by field; each is zero-terminated. False: one is too long, or no text. */
static bool read_written(const struct asked *asked, struct buf written[FIELDS_ASKED])
{
    for (size_t i = 0; i < FIELDS_ASKED; i++) {
        if (asked->click)
            nbt_read_text(asked->click->written[i], &written[i]);
        else if (i == PRIVACY_FIELD_MESSAGE)
            buf_append_slice(&written[i], asked->argument);
        if (!field_takes(fields[i], buf_text(&written[i])))
            return false;
    }
    return true;
}

static void put(struct session *session, const struct policy_purpose *purpose,
                struct buf written[FIELDS_ASKED])
{
    struct store_inquiry inquiry = {.player = session->profile.uuid,
                                    .company = buf_text(&written[PRIVACY_FIELD_COMPANY]),
                                    .name = buf_text(&written[PRIVACY_FIELD_NAME]),
                                    .email = buf_text(&written[PRIVACY_FIELD_EMAIL]),
                                    .account = buf_text(&written[PRIVACY_FIELD_ACCOUNT]),
                                    .message = buf_text(&written[PRIVACY_FIELD_MESSAGE]),
                                    .asked_at_ms = clock_wall_ms()};

    inquiry.expires_at_ms = inquiry.asked_at_ms + purpose->keep_ms;
    session->privacy.waits = true;
    store_inquiry_put(session->worker->store, session->id, &inquiry, on_asked);
}

void privacy_ask(struct session *session, const struct asked *asked)
{
    const struct policy_purpose *purpose = policy_purpose_find(session->worker->policy, "inquiry");
    struct buf written[FIELDS_ASKED] = {{0}};

    if (!purpose)
        privacy_line(session, MESSAGE_ASK_CLOSED);
    else if (session->privacy.waits)
        return; /* one after the other */
    else if (!read_written(asked, written))
        privacy_line(session, MESSAGE_TOO_LONG);
    else if (written[PRIVACY_FIELD_MESSAGE].len == 0)
        show_form(session);
    else
        put(session, purpose, written);
    for (size_t i = 0; i < FIELDS_ASKED; i++)
        buf_free(&written[i]);
}
