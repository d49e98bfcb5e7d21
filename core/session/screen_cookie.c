/*
 * Cookies of plugins: what a client keeps, and the answers that are waited for.
 */
#include "base/err.h"
#include "base/mem.h"
#include "protocol/wire.h"
#include "session/screen_state.h"

#include <stdlib.h>

enum { KEY_CHARS_MAX = 256 };

int screen_store_cookie(struct session *session, const char *key, struct slice value)
{
    struct buf packets = {0};

    if (value.len > SCREEN_COOKIE_BYTES_MAX)
        return ERR_TOO_LARGE;
    return screen_deliver_if(hud_store_cookie(key, value, session->protocol, &packets), session,
                             &packets);
}

int screen_ask_cookie(struct session *session, void *owner, const char *key, uint64_t ticket,
                      screen_cookie_cb answered)
{
    struct screen *screen = screen_of(session);
    struct buf packets = {0};
    int err;

    if (screen->cookie_count == SCREEN_COOKIES_MAX)
        return ERR_FULL;
    err =
        screen_deliver_if(hud_request_cookie(key, session->protocol, &packets), session, &packets);
    if (err == 0)
        screen->cookies[screen->cookie_count++] = (struct screen_cookie){
            .owner = owner, .key = mem_strdup(key), .ticket = ticket, .answered = answered};
    return err;
}

static void drop_cookie(struct screen *screen, size_t at)
{
    free(screen->cookies[at].key);
    screen->cookie_count--;
    for (size_t i = at; i < screen->cookie_count; i++)
        screen->cookies[i] = screen->cookies[i + 1];
}

static void answer_cookie(struct screen *screen, size_t at, struct slice value)
{
    struct screen_cookie cookie = screen->cookies[at];

    screen->cookies[at].key = NULL;
    drop_cookie(screen, at);
    free(cookie.key);
    cookie.answered(cookie.owner, cookie.ticket, value);
}

bool screen_awaits_cookie(const struct session *session, struct slice key)
{
    for (size_t i = 0; session->screen && i < session->screen->cookie_count; i++)
        if (slice_is(key, session->screen->cookies[i].key))
            return true;
    return false;
}

bool screen_cookie_answered(struct session *session, struct slice body)
{
    struct screen *screen = session->screen;
    struct reader reader = reader_of(body);
    struct slice key = reader_string(&reader, KEY_CHARS_MAX);
    struct slice value = {0};

    if (screen && reader_bool(&reader))
        value = reader_counted(&reader, SCREEN_COOKIE_BYTES_MAX);
    if (!screen || !reader_ok(&reader))
        return false;
    for (size_t i = 0; i < screen->cookie_count; i++) {
        if (!slice_is(key, screen->cookies[i].key))
            continue;
        answer_cookie(screen, i, value);
        return true;
    }
    return false;
}

void screen_lose_cookies(struct session *session)
{
    while (session->screen && session->screen->cookie_count > 0)
        answer_cookie(session->screen, session->screen->cookie_count - 1, (struct slice){0});
}

void screen_forget_cookies(struct screen *screen, const void *owner)
{
    for (size_t i = screen->cookie_count; i > 0; i--)
        if (screen->cookies[i - 1].owner == owner)
            drop_cookie(screen, i - 1);
}
