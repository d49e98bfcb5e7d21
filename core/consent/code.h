/*
 * One-time codes: a player who cannot be shown the policy in the game gets one, and answers with it
 * on the web page. A code is good for ten minutes and one answer. Its first half finds it, its
 * second half is secret: five wrong ones end it, so it cannot be guessed.
 */
#ifndef SEKISHO_CONSENT_CODE_H
#define SEKISHO_CONSENT_CODE_H

#include "consent/consent.h"

#include <stdbool.h>
#include <stdint.h>

enum { CODE_TEXT_BYTES = 10 }; /* "K7QM-4XPA" and a zero */

struct codes;

/* Who it was given to: what the record of the answer will say. */
struct code_holder {
    struct uuid player;
    char name[CONSENT_NAME_BYTES];
    enum consent_identity identity;
    int protocol;
    char server[CONSENT_SERVER_BYTES];
    int64_t shown_at_ms; /* wall time at which the page showed the policy; 0: not yet */
    char shown_version[CONSENT_VERSION_BYTES]; /* and what it showed */
    char shown_sha256[65];
};

struct codes *codes_new(void); /* returns owned */
void codes_free(struct codes *codes);

/*
 * A code for this player, instead of an older one. When far too many are out, the oldest ends.
 * `now_ms` is any clock that does not go back.
 */
void codes_issue(struct codes *codes, const struct code_holder *holder, uint64_t now_ms,
                 char text[static CODE_TEXT_BYTES]);

/*
 * Whose code this is, typed by somebody (any case, with or without the dash). NULL when it does not
 * count. Returns borrowed until the next call.
 */
struct code_holder *codes_find(struct codes *codes, const char *text, uint64_t now_ms);

/*
 * Whether a code is this player's, who uses it up by that. Under another name it stays, for its
 * owner may yet use it, and counts as a wrong one: guessers get no more tries.
 */
bool codes_prove(struct codes *codes, const char *text, const struct uuid *player, uint64_t now_ms);

/* Ends a code that was answered. */
void codes_end(struct codes *codes, const char *text);

#endif
