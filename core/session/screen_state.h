/*
 * What screen.c, screen_cookie.c and screen_page.c keep of a session's screen.
 */
#ifndef SEKISHO_SESSION_SCREEN_STATE_H
#define SEKISHO_SESSION_SCREEN_STATE_H

#include "session/screen.h"

enum { SCREEN_SOUNDS_MAX = 8, SCREEN_COOKIES_MAX = 8, SCREEN_NONCE_BYTES = 8 };

struct screen_bar {
    struct screen_bar *next;
    const void *owner;
    struct hud_bar bar; /* its text is the next one */
    struct text *text;
};

struct screen_sound {
    char *name;
    struct hud_sound sound;
};

struct screen_cookie {
    void *owner;
    char *key;
    uint64_t ticket;
    screen_cookie_cb answered;
};

/* The page that was shown last, until it is answered. */
struct screen_page {
    struct page page; /* its texts, keys and words are owned below */
    void *owner;
    uint64_t ticket;
    screen_page_cb answered;
    char nonce[2 * SCREEN_NONCE_BYTES + 1];
    char *title;
    char *close;
    char *labels[PAGE_FIELDS_MAX];
    char *words[PAGE_FIELDS_MAX];
    char *written[PAGE_FIELDS_MAX]; /* NULL: nothing */
    uint64_t drawn_at_ms;
};

struct screen {
    struct screen_bar *bars; /* from the top */
    size_t bar_count;
    struct text *header, *footer;
    bool has_tab_list;
    const void *tab_list_owner;
    struct buf waiting; /* packets for the next world */
    size_t waiting_count;
    struct screen_sound sounds[SCREEN_SOUNDS_MAX];
    size_t sound_count;
    struct screen_cookie cookies[SCREEN_COOKIES_MAX];
    size_t cookie_count;
    struct screen_page *page;
};

/* Made when it is needed first. */
struct screen *screen_of(struct session *session);

/* 0, or why nothing can be shown at all: ERR_CLOSED, ERR_UNSUPPORTED, ERR_FULL. */
int screen_usable(const struct session *session);
bool screen_is_there(const struct session *session);

/* Now, or in the next world. Takes the packets; the latter: if the version has them. */
int screen_deliver(struct session *session, struct buf *packets);
int screen_deliver_if(bool is_possible, struct session *session, struct buf *packets);

/* Those that this owner asked for are not waited for any more. */
void screen_forget_cookies(struct screen *screen, const void *owner);

/* Without a word to its owner, and with one. */
void screen_page_drop(struct screen *screen);
void screen_page_close(struct session *session);
/* The first, and from the player's screen as well, where it may still be open. */
void screen_page_take_down(struct session *session);

#endif
