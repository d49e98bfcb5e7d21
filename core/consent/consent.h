/*
 * The evidence of one answer to the policy. A record exists for each time that the policy was
 * shown: who, which text, how and when, and what came of it.
 */
#ifndef SEKISHO_CONSENT_CONSENT_H
#define SEKISHO_CONSENT_CONSENT_H

#include "base/uuid.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum consent_decision {
    CONSENT_NONE = 0,
    CONSENT_ACCEPTED,
    CONSENT_DECLINED,
    CONSENT_WITHDRAWN,
    CONSENT_TIMED_OUT, /* no answer came: the time ran out, or the player left */
};

enum consent_method {
    CONSENT_METHOD_NONE = 0,
    CONSENT_METHOD_DIALOG,
    CONSENT_METHOD_BOOK, /* a click in the book */
    CONSENT_METHOD_CHAT, /* a click in the chat, or a typed command */
    CONSENT_METHOD_WEB,
};

enum consent_identity {
    CONSENT_IDENTITY_NONE = 0,
    CONSENT_IDENTITY_VERIFIED,
    CONSENT_IDENTITY_OFFLINE, /* proves nothing: the name was only claimed */
    CONSENT_IDENTITY_FORWARDED,
};

enum {
    CONSENT_NAME_BYTES = 17 * 3,
    CONSENT_VERSION_BYTES = 64 * 4 + 1,
    CONSENT_LANGUAGE_BYTES = 17,
    CONSENT_PURPOSES_BYTES = 1024,
    CONSENT_SERVER_BYTES = 65,
    CONSENT_NONCE_BYTES = 33,
    CONSENT_ACTION_BYTES = 32,
};

struct consent_record {
    int64_t seq;        /* in the ledger; 0: not there yet */
    bool erased;        /* the person's key is gone: neither player nor name can be read */
    struct uuid player; /* personal, as is the name */
    char name[CONSENT_NAME_BYTES];
    enum consent_decision decision;
    char policy[CONSENT_VERSION_BYTES]; /* its id */
    char policy_version[CONSENT_VERSION_BYTES];
    char policy_sha256[65];
    char language[CONSENT_LANGUAGE_BYTES];
    enum consent_method method;
    enum consent_identity identity;
    char purposes[CONSENT_PURPOSES_BYTES]; /* names joined by commas; required ones first */
    char server[CONSENT_SERVER_BYTES]; /* the server the player was on the way to; "" for none */
    int32_t protocol;
    int64_t shown_at_ms;
    int64_t decided_at_ms;
    char nonce[CONSENT_NONCE_BYTES];   /* hex; binds the answer to this showing */
    char scope_sha256[65];             /* of the rules as they were (rules/scope.h); "" for none */
    char action[CONSENT_ACTION_BYTES]; /* what the player did: "button", "command", "left", ... */
};

/* Whether it changes what the player agrees to: declining or leaving does not. */
bool consent_counts(const struct consent_record *record);

/* Whether the purpose of this name is among the record's. */
bool consent_has_purpose(const struct consent_record *record, const char *name);

/* The names used in JSON, tables and the store. Return borrowed static text. */
const char *consent_decision_name(enum consent_decision decision);
const char *consent_method_name(enum consent_method method);
const char *consent_identity_name(enum consent_identity identity);

/* CONSENT_..._NONE when the name is unknown. */
enum consent_decision consent_decision_by_name(const char *name);
enum consent_method consent_method_by_name(const char *name);
enum consent_identity consent_identity_by_name(const char *name);

/*
 * A record as objects of JSON: what anybody may read, and what is personal. Return owned. `decided`
 * is the time of the entry (consent/ledger.h) that holds them.
 */
json_t *consent_facts(const struct consent_record *record);
json_t *consent_personal(const struct consent_record *record);

/* The way back; `personal` NULL: erased. What is missing or no text stays empty. */
void consent_read(const json_t *facts, const json_t *personal, int64_t decided_ms,
                  struct consent_record *out);

/* One JSON object, with the fields of the operator's interface. Returns owned. */
json_t *consent_json(const struct consent_record *record);

/* The same printed, and a line break. */
void consent_print_json(const struct consent_record *record, FILE *out);

#endif
