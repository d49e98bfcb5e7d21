#include "session/screen.h"

#include "base/err.h"
#include "base/mem.h"
#include "gate/book.h"
#include "gate/notice.h"
#include "protocol/wire.h"
#include "session/screen_state.h"

#include <stdlib.h>

enum {
    WITH_CONFIGURATION = 764,
    WITHOUT_STANCE = 47, /* 1.7 tells the height of the head as well */
    WAITING_MAX = 32,
    BARS_MAX = 16,
};

struct screen *screen_of(struct session *session)
{
    if (!session->screen)
        session->screen = mem_alloc(sizeof *session->screen);
    return session->screen;
}

int screen_usable(const struct session *session)
{
    if (session->closing || session->state == SESSION_FINISH)
        return ERR_CLOSED;
    if (session->protocol > PROTOCOL_NEWEST)
        return ERR_UNSUPPORTED;
    /* What the client does not read is not to pile up: past the hard limit it would be put out. */
    return conn_queued(session->client) > CONN_HIGH_BYTES ? ERR_FULL : 0;
}

/*
 * The player is past the gate, and the client stands in a world: from 1.20.2 on that of before is
 * gone when it comes back from configuration, though it may be told of play already.
 */
bool screen_is_there(const struct session *session)
{
    bool past = session->state == SESSION_RELAY || session->state == SESSION_CONNECT ||
                session->state == SESSION_WAIT;
    bool between = session->state == SESSION_RELAY && session->protocol >= WITH_CONFIGURATION &&
                   !session->backend->joined;

    return past && !between && command_may_answer(session);
}

int screen_deliver(struct session *session, struct buf *packets)
{
    int err = screen_usable(session);

    if (err == 0 && screen_is_there(session)) {
        session_send(session, packets);
    } else if (err == 0) {
        struct screen *screen = screen_of(session);

        /* Counted by how many, whatever they say: what fits tells nothing of it. */
        if (screen->waiting_count == WAITING_MAX)
            err = ERR_FULL;
        else
            buf_append_slice(&screen->waiting, buf_slice(packets));
        screen->waiting_count += err == 0;
    }
    buf_free(packets);
    return err;
}

int screen_deliver_if(bool is_possible, struct session *session, struct buf *packets)
{
    return is_possible ? screen_deliver(session, packets) : ERR_UNSUPPORTED;
}

int screen_say(struct session *session, const struct text *line)
{
    struct buf packets = {0};

    notice_chat(line, session->protocol, &packets);
    return screen_deliver(session, &packets);
}

int screen_action_bar(struct session *session, const struct text *text)
{
    struct buf packets = {0};

    return screen_deliver_if(hud_action_bar(text, session->protocol, &packets), session, &packets);
}

int screen_title(struct session *session, const struct hud_title *title)
{
    struct buf packets = {0};

    return screen_deliver_if(hud_title(title, session->protocol, &packets), session, &packets);
}

int screen_clear_title(struct session *session, bool reset)
{
    struct buf packets = {0};

    return screen_deliver_if(hud_clear_title(reset, session->protocol, &packets), session,
                             &packets);
}

static struct screen_bar **find_bar(struct screen *screen, const struct uuid *uuid)
{
    struct screen_bar **at = &screen->bars;

    while (*at && !uuid_equal(&(*at)->bar.uuid, uuid))
        at = &(*at)->next;
    return at;
}

static void bar_free(struct screen_bar *bar)
{
    text_free(bar->text);
    free(bar);
}

/* What stays need not wait: it is shown whenever a world begins. Takes the packets. */
static void show_now(struct session *session, struct buf *packets)
{
    if (screen_is_there(session))
        session_send(session, packets);
    buf_free(packets);
}

/* Behind the others, in the link at `end`: so they stand in each world as in the first. */
static void add_bar(struct session *session, struct screen_bar **end, const void *owner,
                    const struct hud_bar *bar, struct text *text)
{
    struct screen_bar *added = mem_alloc(sizeof *added);
    struct buf packets = {0};

    *added = (struct screen_bar){.owner = owner, .bar = *bar, .text = text ? text : text_new("")};
    added->bar.text = added->text;
    *end = added;
    session->screen->bar_count++;
    hud_bar_add(&added->bar, session->protocol, &packets);
    show_now(session, &packets);
}

static void change_bar(struct session *session, struct screen_bar *was, const struct hud_bar *bar,
                       struct text *text)
{
    struct hud_bar now = *bar;
    struct buf packets = {0};

    now.text = text ? text : was->text;
    hud_bar_change(&was->bar, &now, session->protocol, &packets);
    was->bar = now;
    if (text)
        text_free(was->text);
    was->text = text ? text : was->text;
    show_now(session, &packets);
}

bool screen_bar_is_there(const struct session *session, const struct uuid *uuid)
{
    return session->screen && *find_bar(session->screen, uuid);
}

int screen_bar_put(struct session *session, const void *owner, const struct hud_bar *bar,
                   struct text *text)
{
    struct screen *screen = screen_of(session);
    struct screen_bar **at = find_bar(screen, &bar->uuid);
    int err = screen_usable(session);

    if (err == 0 && packet_map_id(session->map, PACKET_PLAY_C_BOSS_BAR) < 0)
        err = ERR_UNSUPPORTED;
    if (err == 0 && !*at && screen->bar_count == BARS_MAX)
        err = ERR_FULL;
    if (err < 0)
        text_free(text);
    else if (*at)
        change_bar(session, *at, bar, text);
    else
        add_bar(session, at, owner, bar, text);
    return err;
}

static void remove_bar(struct session *session, struct screen_bar **at)
{
    struct screen_bar *bar = *at;
    struct buf packets = {0};

    *at = bar->next;
    session->screen->bar_count--;
    hud_bar_remove(&bar->bar.uuid, session->protocol, &packets);
    show_now(session, &packets);
    bar_free(bar);
}

int screen_bar_remove(struct session *session, const struct uuid *uuid)
{
    struct screen_bar **at = session->screen ? find_bar(session->screen, uuid) : NULL;

    if (at && *at)
        remove_bar(session, at);
    return screen_usable(session);
}

static void put_tab_list(struct session *session)
{
    struct buf packets = {0};

    hud_tab_list(session->screen->header, session->screen->footer, session->protocol, &packets);
    show_now(session, &packets);
}

int screen_tab_list(struct session *session, const void *owner, struct text *header,
                    struct text *footer)
{
    struct screen *screen = screen_of(session);
    int err = screen_usable(session);

    if (err == 0 && packet_map_id(session->map, PACKET_PLAY_C_TAB_HEADER) < 0)
        err = ERR_UNSUPPORTED;
    if (err < 0) {
        text_free(header);
        text_free(footer);
        return err;
    }
    text_free(screen->header);
    text_free(screen->footer);
    screen->header = header;
    screen->footer = footer;
    screen->has_tab_list = header || footer;
    screen->tab_list_owner = owner;
    put_tab_list(session);
    return 0;
}

/* Of its sounds, which own their names. */
static void sounds_free(struct screen *screen)
{
    for (size_t i = 0; i < screen->sound_count; i++)
        free(screen->sounds[i].name);
    screen->sound_count = 0;
}

/* What waited, where `place` says. */
static void play_sounds(struct session *session, const struct hud_sound *place)
{
    struct screen *screen = session->screen;
    struct buf packets = {0};

    for (size_t i = 0; i < screen->sound_count; i++) {
        struct hud_sound sound = screen->sounds[i].sound;

        sound.name = screen->sounds[i].name;
        sound.has_entity = place->has_entity;
        sound.entity = place->entity;
        sound.x = place->x;
        sound.y = place->y;
        sound.z = place->z;
        hud_sound(&sound, session->protocol, &packets);
    }
    sounds_free(screen);
    session_send(session, &packets);
    buf_free(&packets);
}

int screen_sound(struct session *session, const struct hud_sound *sound)
{
    struct screen *screen = screen_of(session);
    struct hud_sound here = {.has_entity = true, .entity = session->entity};
    int err = screen_usable(session);

    if (err == 0 && screen->sound_count == SCREEN_SOUNDS_MAX)
        err = ERR_FULL;
    if (err < 0)
        return err;
    screen->sounds[screen->sound_count++] =
        (struct screen_sound){.name = mem_strdup(sound->name), .sound = *sound};
    if (hud_sound_from_entity(session->protocol) && screen_is_there(session))
        play_sounds(session, &here);
    return 0;
}

bool screen_wants_place(const struct session *session)
{
    return session->screen && session->screen->sound_count > 0 && screen_is_there(session);
}

/* A client may say anything, and no number at all; the world's border is at 30 million blocks. */
static bool is_in_world(double at)
{
    return at >= -32e6 && at <= 32e6;
}

void screen_moved(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct hud_sound at = {0};

    at.x = reader_f64(&reader);
    at.y = reader_f64(&reader);
    if (session->protocol < WITHOUT_STANCE)
        reader_f64(&reader);
    at.z = reader_f64(&reader);
    if (reader_ok(&reader) && is_in_world(at.x) && is_in_world(at.y) && is_in_world(at.z) &&
        screen_wants_place(session))
        play_sounds(session, &at);
}

int screen_message(struct session *session, const char *channel, struct slice data)
{
    struct buf packets = {0};

    hud_message(channel, data, session->protocol, &packets);
    return screen_deliver(session, &packets);
}

int screen_transfer(struct session *session, const char *host, int port)
{
    struct buf packets = {0};

    return screen_deliver_if(hud_transfer(host, port, session->protocol, &packets), session,
                             &packets);
}

/* What a book says as a page: nothing of it is clicked, so nothing of it is kept. */
static int show_pages(struct session *session, const char *title, struct prose_pages *pages)
{
    struct page page = {
        .kind = &page_of_plugin,
        .title = title,
        .close = message_text(MESSAGE_PRIVACY_CLOSE, session_locale(session)),
        .lines = pages->pages,
        .line_count = pages->count,
    };
    struct buf packets = {0};

    *pages = (struct prose_pages){0};
    page_put(&page, session->protocol, PROTOCOL_PLAY, &packets);
    page_free(&page);
    return screen_deliver(session, &packets);
}

int screen_book(struct session *session, const char *title, const char *author,
                struct prose_pages *pages)
{
    struct book book = {.title = title, .author = author, .pages = pages};
    struct buf packets = {0};

    if (session->state != SESSION_WAIT || session->protocol < BOOK_OLDEST ||
        session->protocol > BOOK_NEWEST || !screen_is_there(session))
        return show_pages(session, title, pages);
    book_put(&book, session->protocol, &packets);
    prose_free(pages);
    return screen_deliver(session, &packets);
}

void screen_joined(struct session *session)
{
    struct screen *screen = session->screen;
    struct hud_sound from_here = {.has_entity = true, .entity = session->entity};
    struct buf packets = {0};

    if (!screen || !screen_is_there(session))
        return;
    for (const struct screen_bar *bar = screen->bars; bar; bar = bar->next)
        hud_bar_add(&bar->bar, session->protocol, &packets);
    if (screen->has_tab_list)
        hud_tab_list(screen->header, screen->footer, session->protocol, &packets);
    buf_append_slice(&packets, buf_slice(&screen->waiting));
    buf_free(&screen->waiting);
    screen->waiting_count = 0;
    session_send(session, &packets);
    buf_free(&packets);
    if (hud_sound_from_entity(session->protocol))
        play_sounds(session, &from_here);
}

void screen_put_away(const struct session *session, struct buf *packets)
{
    const struct screen_bar *bar = session->screen ? session->screen->bars : NULL;

    for (; bar && session->protocol < WITH_CONFIGURATION; bar = bar->next)
        hud_bar_remove(&bar->bar.uuid, session->protocol, packets);
}

void screen_forget(struct session *session, const void *owner)
{
    struct screen *screen = session->screen;

    if (!screen)
        return;
    for (struct screen_bar **at = &screen->bars; *at;) {
        if ((*at)->owner == owner)
            remove_bar(session, at);
        else
            at = &(*at)->next;
    }
    if (screen->has_tab_list && screen->tab_list_owner == owner)
        (void)screen_tab_list(session, NULL, NULL, NULL);
    screen_forget_cookies(screen, owner);
    if (screen->page && screen->page->owner == owner)
        screen_page_take_down(session);
}

void screen_free(struct session *session)
{
    struct screen *screen = session->screen;

    if (!screen)
        return;
    while (screen->bars) {
        struct screen_bar *bar = screen->bars;

        screen->bars = bar->next;
        bar_free(bar);
    }
    sounds_free(screen);
    screen_lose_cookies(session);
    screen_page_close(session);
    text_free(screen->header);
    text_free(screen->footer);
    buf_free(&screen->waiting);
    free(screen);
    session->screen = NULL;
}
