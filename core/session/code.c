/*
 * The last way to the policy: a disconnect text with a web page's address and a one-time code, for
 * players whose game cannot show it.
 */
#include "consent/code.h"
#include "session/phases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITH_DIALOG = 771 };

bool code_is_possible(const struct session *session)
{
    return session->worker->codes != NULL;
}

static bool brand_begins(const struct session *session, const char *beginning)
{
    size_t len = strlen(beginning);

    return session->brand.len >= len && memcmp(session->brand.data, beginning, len) == 0;
}

bool code_is_needed(const struct session *session)
{
    return session->protocol < WITH_DIALOG && session->forge == FORGE_NONE &&
           (session->marker_len > 0 || brand_begins(session, "forge") ||
            brand_begins(session, "neoforge") || brand_begins(session, "fml"));
}

static void add_line(struct text *text, const char *line)
{
    text_add(text, text_new("\n"));
    text_add(text, text_new(line));
}

void code_say_goodbye(struct session *session, enum message message, const char *reason)
{
    const struct conf *conf = session->worker->conf;
    struct code_holder holder = {.player = session->profile.uuid,
                                 .identity = session->profile.proof,
                                 .protocol = session->protocol};
    struct text *text = session_words(session, message);
    struct text *label = session_words(session, MESSAGE_CODE);
    char code[CODE_TEXT_BYTES];
    struct buf encoded = {0};

    snprintf(holder.server, sizeof holder.server, "%s", route_destination(session));
    memcpy(holder.name, session->profile.name, strlen(session->profile.name) + 1);
    codes_issue(session->worker->codes, &holder, session_now(session), code);
    text_add(text, text_new("\n\n"));
    text_add(text, text_new(conf->web_public_url))->underlined = true;
    text_add(text, text_new("\n\n"));
    text_add(text, label);
    add_line(text, "");
    text_add(text, text_new(code))->bold = true;
    text_write(text, session->protocol, session->down, &encoded);
    session_pass_goodbye(session, buf_slice(&encoded), reason);
    buf_free(&encoded);
    text_free(text);
}
