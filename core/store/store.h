/*
 * Where records live. Every call is answered on the loop, later, through a callback that gets the
 * owner's pointer and the id that the caller gave, never a pointer to a session: sessions end while
 * answers are under way.
 *
 * A write is answered when it is durable (or has failed); writes that wait together share one
 * transaction, and are carried out in the order in which they were made. Reads never wait for
 * writes, however long those are stuck; what was answered before is seen by each.
 */
#ifndef SEKISHO_STORE_STORE_H
#define SEKISHO_STORE_STORE_H

#include "base/diag.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "consent/consent.h"
#include "consent/request.h"
#include "crypto/seal.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { STORE_SECRET_BYTES = 32 };

struct store;

enum store_mode {
    STORE_SERVE = 1, /* to write; what is missing is created */
    STORE_READ,      /* to look, beside a running server or alone; never creates anything */
};

/*
 * Opens "sqlite:PATH" (file mode 0600, folder 0700) and reads or makes the installation's secret.
 * Serving from a database that cannot be written is possible, and logged: known players go on,
 * newcomers wait. Blocks; called before the loop runs. `owner` is given to all callbacks. Returns
 * 0 and an owned store; ERR_NOT_FOUND without an entry when there is nothing to look at yet; or an
 * error with an entry in `diag`.
 */
int store_open(const char *url, enum store_mode mode, uv_loop_t *loop, void *owner,
               struct diag *diag, struct store **out) __attribute__((warn_unused_result));

/* Carries out what was asked, answers it, then frees the store and calls `closed`. */
void store_close(struct store *store, void (*closed)(void *owner));

/* STORE_SECRET_BYTES that no other installation has. Borrowed until store_close. */
const uint8_t *store_secret(const struct store *store);

typedef void (*store_done_cb)(void *owner, uint64_t id, int err);

/* err ERR_NOT_FOUND: this player never answered. `record` is borrowed for the call, NULL on err. */
typedef void (*store_consent_cb)(void *owner, uint64_t id, int err,
                                 const struct consent_record *record);

/* Called once a record, oldest first, then once with NULL; a negative err ends the list. */
typedef void (*store_list_cb)(void *owner, uint64_t id, int err,
                              const struct consent_record *record);

/* Writes a record; only where the store was opened to serve. Borrows it.
 * err: ERR_FULL, ERR_READ_ONLY, ERR_BUSY, ERR_DAMAGED, ERR_IO, ERR_NOT_FOUND (no such file). */
void store_consent_put(struct store *store, uint64_t id, const struct consent_record *record,
                       store_done_cb done);

/*
 * The player's latest acceptance or withdrawal of the policy with this id: what counts now.
 * Declining or leaving later does not undo an acceptance. What was put of them before is waited
 * for. The record has no name: what is sealed is not opened for this, so that a join does not wait
 * for it.
 */
void store_consent_find(struct store *store, uint64_t id, const struct uuid *player,
                        const char *policy, store_consent_cb done);

/* All records, or those of one player, given by UUID text or name in any case; NULL for all. */
void store_consent_list(struct store *store, uint64_t id, const char *player, store_list_cb each);

/*
 * The rules that consents cite by their hash (rules/scope.h): there are as many as there were
 * changes of rules, so all of them are in memory.
 */
void store_scope_put(struct store *store, const char *sha256, const char *text);

/* Returns borrowed until store_close; NULL when there is none. */
const char *store_scope(const struct store *store, const char *sha256);

/* An entry of the ledger (consent/ledger.h) as it stands in the database. */
struct store_entry {
    int64_t place; /* where it stands; its own number should be the same */
    char *line;
    bool has_key;
    uint8_t key[SEAL_KEY_BYTES]; /* of the person that it is about: secret */
};

/* Called once an entry, in their order, then once with NULL; a negative err ends the list. */
typedef void (*store_entry_cb)(void *owner, uint64_t id, int err, const struct store_entry *entry);
void store_ledger_list(struct store *store, uint64_t id, const char *player, store_entry_cb each);

/* The signed heads, oldest first, a line of JSON each; borrowed for the call. */
typedef void (*store_heads_cb)(void *owner, uint64_t id, int err, const char *lines);
void store_heads(struct store *store, uint64_t id, store_heads_cb done);

/* "data/sekisho.key" signs the ledger of the store at "sqlite:data/sekisho.db". Returns owned. */
char *store_key_path(const char *url);

/* "data/sekisho.head" has its newest signed head (kept.h). Returns owned. */
char *store_head_path(const char *url);

/*
 * That a backup was put back, so that the ledger is not the one that the newest head stands for:
 * enters it in the ledger with who said so and why, which everybody may read for good; then it is
 * signed again. Borrows both. err: ERR_REFUSED: the ledger is the right one; ERR_UNSUPPORTED: there
 * is no key; else as store_consent_put.
 */
void store_accept_restored(struct store *store, uint64_t id, const char *by, const char *reason,
                           store_done_cb done);

/* A text of a policy as it was shown; all owned. */
struct store_document {
    char *sha256, *policy, *version, *language, *title, *text;
};

/* Keeps a text for good, so that records that cite it can be understood. Borrows it. */
void store_document_put(struct store *store, const struct store_document *document);

/* `document` is borrowed for the call. err: ERR_NOT_FOUND, ERR_REFUSED (several begin so), ... */
typedef void (*store_document_cb)(void *owner, uint64_t id, int err,
                                  const struct store_document *document);

/* The text whose hash begins so. */
void store_document_find(struct store *store, uint64_t id, const char *sha256,
                         store_document_cb done);
void store_document_free(struct store_document *document);

struct store_observation {
    struct uuid player; /* who is known by a consent */
    const char *server;
    const char *field;
    const char *purpose;
    const char *policy_version;
    const char *rules_hash;
    const char *form;    /* as rules write it; NULL: not known */
    bool counted;        /* adds one to the tally of this value, with no person attached */
    bool counts_players; /* of a tally, it is also told how many players a month are in it */
    struct slice value;  /* passed a rule; nothing else may be put here */
    int64_t observed_at_ms;
    int64_t expires_at_ms;
};

/* Keeps a value. Borrows it. Failures are logged once until it works again; nobody waits for it. */
void store_observe(struct store *store, const struct store_observation *observation);

/*
 * That a player was sent to a server, which can know them from then on, and has to be told when
 * they are erased. Borrows it; nobody waits for it. Of who is not known (any more) nothing is kept.
 */
void store_visit(struct store *store, const struct uuid *player, const char *server);

/* What a player asked of those who run the servers; for the purpose "inquiry" and no other. */
struct store_inquiry {
    int64_t number; /* counts from 1; given by the store */
    struct uuid player;
    char player_name[CONSENT_NAME_BYTES]; /* given by the store */
    /* As the catalogue takes the fields "inquiry.*" (field_takes); "" or NULL: left out. */
    const char *company, *name, *email, *account, *message;
    int64_t asked_at_ms;
    int64_t expires_at_ms;  /* as long as the policy keeps for that purpose */
    int64_t answered_at_ms; /* 0: not yet */
};

enum { STORE_INQUIRIES_OPEN_MAX = 5 }; /* of one player */

/*
 * Keeps an inquiry, sealed under its player's key. Borrows it. err: ERR_NOT_FOUND (nobody knows the
 * player: no answer to the policy, or erased), ERR_REFUSED (so many wait for an answer already), or
 * as store_consent_put.
 */
void store_inquiry_put(struct store *store, uint64_t id, const struct store_inquiry *inquiry,
                       store_done_cb done);

/* Called once an inquiry, oldest first, then once with NULL; a negative err ends the list. */
typedef void (*store_inquiry_cb)(void *owner, uint64_t id, int err,
                                 const struct store_inquiry *inquiry);

void store_inquiry_list(struct store *store, uint64_t id, store_inquiry_cb each);

/* That somebody answered the inquiry with this number. err: ERR_NOT_FOUND, ... */
void store_inquiry_answered(struct store *store, uint64_t id, int64_t number, int64_t at_ms,
                            store_done_cb done);

/* Who a player is to the store; {0} in `name` for nobody. */
struct store_person {
    struct uuid player;
    char subject[DATA_REQUEST_SUBJECT_BYTES]; /* who they are in the ledger */
    char name[CONSENT_NAME_BYTES];            /* the one they had when they answered last */
};

/* err ERR_NOT_FOUND: nobody; ERR_REFUSED: several have this name. `person` is NULL then. */
typedef void (*store_person_cb)(void *owner, uint64_t id, int err,
                                const struct store_person *person);

/* By UUID text, or by name in any case. */
void store_person_find(struct store *store, uint64_t id, const char *player, store_person_cb found);

/* A value that is held of a player; all borrowed for the call. */
struct store_held {
    const char *server, *field, *purpose, *policy_version;
    bool can_be_corrected; /* it was observed */
    struct slice value;    /* personal, in the form that the rules left */
    int64_t observed_at_ms;
    int64_t expires_at_ms;
    int64_t corrected_at_ms; /* 0: it is as it was observed */
};

/* Called once a value, oldest first, then once with NULL; a negative err ends the list. */
typedef void (*store_held_cb)(void *owner, uint64_t id, int err, const struct store_held *held);

/*
 * All that is held of a player apart from their consents and requests: values, then what they wrote
 * in inquiries, of no server and no version, then what plugins keep, with "plugin NAME" for a
 * server, the key for a field, and no version.
 */
void store_held_list(struct store *store, uint64_t id, const struct uuid *player,
                     store_held_cb each);

/* `text` is borrowed for the call, NULL on err. */
typedef void (*store_text_cb)(void *owner, uint64_t id, int err, const char *text);

/* That a player is among those counted this month (form = count): an array of objects in JSON. */
void store_counted(struct store *store, uint64_t id, const struct uuid *player, store_text_cb done);

/* The servers that a player was sent to: an array of names in JSON; "" is any that there was. */
void store_visited(struct store *store, uint64_t id, const struct uuid *player, store_text_cb done);

enum { STORE_REQUESTS_OPEN_MAX = 16 }; /* of one player */

/* `request` is borrowed for the call, NULL on err. */
typedef void (*store_request_cb)(void *owner, uint64_t id, int err,
                                 const struct data_request *request);

/*
 * Makes a request. Borrows it: kind, player, proof, the parts of a correction, the reason and the
 * times have to be set; number, subject, name and state are found. It is received, and verified
 * where it has a proof. The same one that is open already is answered instead of a second one.
 * err: ERR_NOT_FOUND: nothing is held of this player; ERR_TOO_LARGE: too many are open;
 * ERR_UNSUPPORTED: of what should be corrected no value is held; else as store_consent_put.
 */
void store_request_put(struct store *store, uint64_t id, const struct data_request *request,
                       store_request_cb done);

/* Once a request, oldest first, of one player or of all (NULL); then once with NULL. */
void store_request_list(struct store *store, uint64_t id, const struct uuid *player,
                        store_request_cb each);

/* err ERR_NOT_FOUND: there is none of this number. */
void store_request_find(struct store *store, uint64_t id, int64_t number, store_request_cb found);

/* What happens to a request. */
struct store_request_step {
    int64_t number;
    const struct uuid *player; /* whose it has to be; NULL: anybody's */
    enum data_request_event event;
    enum data_request_proof proof; /* DATA_REQUEST_VERIFY: who said so */
    const char *by;                /* which operator does it; NULL: none, as when a player does */
    const char *reason;            /* in words; NULL: as it was */
    int64_t at_ms;
};

/* Borrows it. err ERR_NOT_FOUND: there is no such request, or it is somebody else's; ERR_REFUSED:
 * that cannot happen in the state that it is in; else as store_consent_put. */
void store_request_move(struct store *store, uint64_t id, const struct store_request_step *step,
                        store_request_cb done);

/*
 * Carries out a verified request: of the step, which it borrows, the event is known. Disclosure:
 * nothing to do here, it is done. Correction: the value is another one from now on, and marked as
 * corrected. Stop: the consent is withdrawn, and what is held goes. Erasure: the person is gone
 * when this is answered, and the request is done, or runs on while somebody else has to do their
 * part. err ERR_NOT_FOUND: no such request, or nothing to correct; ERR_REFUSED: it is not verified;
 * ERR_DAMAGED: something would be left of the person, nothing was changed; else as
 * store_consent_put.
 */
void store_request_run(struct store *store, uint64_t id, const struct store_request_step *step,
                       store_request_cb done);

/*
 * Puts zeros in the place of the UUID of a person who was erased wherever others have it, in values
 * that are kept of them and in the words of their requests. Looks through all of those.
 */
void store_mask(struct store *store, uint64_t id, const struct uuid *player, store_done_cb done);

/*
 * Looks for a person who was erased in the database's file as it lies on the disk: copies of rows
 * may stand in its unused parts. err ERR_DAMAGED: something is there that no row has: words which
 * somebody wrote, and which stay, do not count. Reads the whole file, while
 * which other reads wait: nothing for a store that serves players.
 */
void store_search(struct store *store, uint64_t id, const struct uuid *player,
                  const uint8_t key[static SEAL_KEY_BYTES], store_done_cb done);

/* Makes the file anew without them. Others cannot write meanwhile. */
void store_rewrite(struct store *store, uint64_t id, store_done_cb done);

enum { STORE_PERIOD_BYTES = 8 };

/* What numbers of players are asked for. */
struct store_question {
    char period[STORE_PERIOD_BYTES]; /* "2026-10", a month */
    int64_t begin_ms, end_ms;
    int k;                         /* of consent/figures.h */
    const char *purposes, *fields; /* whose values are counted: arrays of JSON */
};

/*
 * The numbers of a period as they may be published, as JSON (docs/statistics.md). err:
 * ERR_NOT_FOUND: nothing had been recorded yet when the period ended.
 */
void store_figures(struct store *store, uint64_t id, const struct store_question *question,
                   store_text_cb done);

/*
 * What was published of a period. err: ERR_NOT_FOUND: nothing was; ERR_DAMAGED: it is not kept as
 * the ledger says that it was published.
 */
void store_release_find(struct store *store, uint64_t id, const char *period, store_text_cb done);

/* Publishes, once and for all: what is answered is what was published first. */
void store_release_put(struct store *store, uint64_t id, const char *period, const char *text,
                       store_text_cb done);

/*
 * The rules that hold from now on, an array of [server, word, field] in JSON: since when each is
 * there is noted, others are forgotten. Borrows it; nobody waits for it, nor for the next.
 */
void store_rules_loaded(struct store *store, const char *rules);

/* That a rule, of that array, made something of a value; once a day is enough. Borrows it. */
void store_rule_used(struct store *store, const char *rule);

/* The state of what is recorded, as JSON: a list of objects for each part (review.c names them). */
void store_survey(struct store *store, uint64_t id, store_text_cb done);

/* Keeps a review that was signed off, and answers with its SHA-256, which stands in the ledger. */
void store_review_put(struct store *store, uint64_t id, const char *text, store_text_cb done);

/* err: ERR_NOT_FOUND; ERR_DAMAGED: it is not kept as the ledger says that it was signed off. */
void store_review_find(struct store *store, uint64_t id, int64_t number, store_text_cb done);

/* err ERR_NOT_FOUND: nothing is recorded yet. */
typedef void (*store_time_cb)(void *owner, uint64_t id, int err, int64_t wall_ms);

/* When the last review was signed off; where there is none, when the records begin. */
void store_reviewed(struct store *store, uint64_t id, store_time_cb done);

#endif
