/*
 * What plugins show a player, and ask of the client: lines, titles, boss bars, the list's header,
 * sounds, pages, books; plugin messages, cookies, transfers. What cannot be shown at the moment
 * (between two worlds, before the player has accepted) waits for the next world; boss bars and the
 * header stay from world to world until they are taken away. A server that sets the header itself
 * has it: whoever set it last.
 *
 * Functions return 0, or ERR_UNSUPPORTED where the client's version has nothing of the kind,
 * ERR_FULL where too much waits or stands already, or the client does not read what it is sent,
 * ERR_CLOSED where the player is about to leave. `owner` tells plugins apart: screen_forget takes
 * away what one of them left.
 */
#ifndef SEKISHO_SESSION_SCREEN_H
#define SEKISHO_SESSION_SCREEN_H

#include "gate/hud.h"
#include "gate/page.h"
#include "gate/prose.h"
#include "session/phases.h"

/* Of all texts of a page or book, encoded: whoever makes them sees to it. */
enum { SCREEN_PAGE_BYTES_MAX = 128 * 1024 };

struct screen; /* of a session; NULL while nothing was ever shown */

int screen_say(struct session *session, const struct text *line);
int screen_action_bar(struct session *session, const struct text *text);
int screen_title(struct session *session, const struct hud_title *title);
int screen_clear_title(struct session *session, bool reset);

/* `bar`'s uuid is random, so that no server has it; one that is there is changed. Takes `text`, in
 * place of the bar's own; NULL: it stays as it was. */
int screen_bar_put(struct session *session, const void *owner, const struct hud_bar *bar,
                   struct text *text);
bool screen_bar_is_there(const struct session *session, const struct uuid *uuid);
int screen_bar_remove(struct session *session, const struct uuid *uuid);

/* Takes both; NULL: nothing. */
int screen_tab_list(struct session *session, const void *owner, struct text *header,
                    struct text *footer);

/*
 * Where the player is. From 761 on at once; before, as soon as the client tells its place, which it
 * does each second, and with each step. Copies the name.
 */
int screen_sound(struct session *session, const struct hud_sound *sound);

int screen_message(struct session *session, const char *channel, struct slice data);
int screen_transfer(struct session *session, const char *host, int port);

/*
 * From 771 on a page; before, a book in the waiting room, where the hands are empty, and lines in
 * the chat on a server, where it would take the place of what the player holds. Takes the pages.
 */
int screen_book(struct session *session, const char *title, const char *author,
                struct prose_pages *pages);

enum { SCREEN_COOKIE_BYTES_MAX = 5120 };

int screen_store_cookie(struct session *session, const char *key, struct slice value);

/* An answer by which a plugin finds whom it was for. `value` without data: the client has none. */
typedef void (*screen_cookie_cb)(void *owner, uint64_t ticket, struct slice value);

/* Calls back once, when the client answers or has gone. */
int screen_ask_cookie(struct session *session, void *owner, const char *key, uint64_t ticket,
                      screen_cookie_cb answered);

/* What a player makes of a page. Slices are borrowed for the call. */
struct screen_answer {
    size_t action;                         /* which was clicked */
    uint32_t ticked;                       /* boxes, bit by number */
    struct slice written[PAGE_FIELDS_MAX]; /* text of who knows whom: well-formed UTF-8 */
};

/* `answer` NULL: there will be none any more. Called once for each page. */
typedef void (*screen_page_cb)(void *owner, uint64_t ticket, struct session *session,
                               const struct screen_answer *answer);

/*
 * Shows a page in place of the last one. Takes what is in it, and copies what it borrows. Words,
 * keys and numbers are given here: the caller leaves them empty.
 */
int screen_page(struct session *session, void *owner, struct page *page, uint64_t ticket,
                screen_page_cb answered);

/* A plugin is gone: what it put there, and the callbacks, which are not called any more. */
void screen_forget(struct session *session, const void *owner);

/* For the session. */
void screen_joined(struct session *session); /* the player stands in a world, or waits in ours */
/* The player goes to where nothing of plugins is shown; from 764 on the client sees to it. */
void screen_put_away(const struct session *session, struct buf *packets);
bool screen_wants_place(const struct session *session);
void screen_moved(struct session *session, const struct packet_in *packet); /* a position */
bool screen_awaits_cookie(const struct session *session, struct slice key);
bool screen_cookie_answered(struct session *session, struct slice body); /* true: it was for us */
bool screen_typed(struct session *session, struct slice line);   /* true: of a page, in the chat */
bool screen_clicked(struct session *session, struct slice body); /* true: of a page */
void screen_lose_cookies(struct session *session); /* what would answer for them is not read now */
void screen_free(struct session *session);         /* while it can still be found by its id */

#endif
