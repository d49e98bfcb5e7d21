/*
 * What the files of /privacy share: privacy.c (the words, the policy, what was accepted),
 * consents.c (choices and withdrawal), held.c (what is held), rights.c (requests) and inquiry.c.
 */
#ifndef SEKISHO_SESSION_PRIVACY_H
#define SEKISHO_SESSION_PRIVACY_H

#include "gate/page.h"
#include "gate/privacy.h"
#include "session/phases.h"

enum { PRIVACY_WITH_DIALOG = 771 };

/* What stands behind a word. All borrowed for the call. */
struct asked {
    struct slice argument;
    const struct page_click *click; /* NULL: it was typed, or clicked in the chat */
};

/* What is written in dialogs, by its place in page_click.written. */
enum privacy_field {
    PRIVACY_FIELD_COMPANY = 0,
    PRIVACY_FIELD_NAME,
    PRIVACY_FIELD_EMAIL,
    PRIVACY_FIELD_ACCOUNT,
    PRIVACY_FIELD_MESSAGE,
    PRIVACY_FIELD_VALUE,
    PRIVACY_FIELDS,
};

extern const char *const privacy_keys[PRIVACY_FIELDS];

/* In the player's language. Borrowed. */
const char *privacy_words_for(const struct session *session, enum message message);
const char *privacy_field_label(const struct session *session, enum field field);
const char *privacy_purpose_label(const struct session *session, const char *purpose);

struct page privacy_page(const struct session *session, enum message title);
void privacy_show(struct session *session, struct page *page); /* takes what is in it */
/* A sentence: in the chat, or as a page where the player stands before the gate's dialog. */
void privacy_say(struct session *session, struct text *line); /* takes it */
void privacy_line(struct session *session, enum message message);

/* "Or type: /privacy WORDS", for who cannot click; nothing in a dialog. */
void privacy_tell_command(const struct session *session, const char *words, struct page *page);

/* A code that whoever confirms has to have seen; good for one try. */
void privacy_expect_code(struct session *session, enum privacy_word word, int part);
bool privacy_is_confirmed(struct session *session, enum privacy_word word, int part,
                          struct slice code);

/*
 * Of one part (phases.h, addition.c): what counts, or NULL; the version that it is of, where that
 * is still known; and what it is called, in the player's language.
 */
const struct agreed *privacy_agreed(const struct session *session, int part);
const struct policy *privacy_version(const struct session *session, int part);
const char *privacy_title(const struct session *session, int part);

/* Reads the id of a part off the front of the argument; without one it is everybody's. */
int privacy_part(const struct session *session, struct slice *argument);

/* "WORD", or "WORD ID" for what a server adds. Returns owned. */
char *privacy_words_of(const struct session *session, enum privacy_word word, int part);

/* A button for each accepted part but this one, which asks the same of that. */
void privacy_offer_parts(const struct session *session, enum privacy_word word, int but,
                         struct page *page);

/* The words. */
void privacy_policy(struct session *session, const struct asked *asked);
void privacy_status(struct session *session, const struct asked *asked);
void privacy_mirror(struct session *session, const struct asked *asked);
void privacy_choose(struct session *session, const struct asked *asked);
void privacy_withdraw(struct session *session, const struct asked *asked);
void privacy_data(struct session *session, const struct asked *asked);
void privacy_export(struct session *session, const struct asked *asked);
void privacy_correct(struct session *session, const struct asked *asked);
void privacy_erase(struct session *session, const struct asked *asked);
void privacy_requests(struct session *session, const struct asked *asked);
void privacy_ask(struct session *session, const struct asked *asked);

/* held.c: the list to choose from, behind a sentence. */
void privacy_list_to_correct(struct session *session, enum message first);
void held_free(struct session *session);
void rights_free(struct session *session);

#endif
