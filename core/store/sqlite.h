/*
 * The SQL of the embedded store. All calls to one handle come from one thread of the store's own
 * (opening and closing from the loop's, before and after that runs) and block.
 */
#ifndef SEKISHO_STORE_SQLITE_H
#define SEKISHO_STORE_SQLITE_H

#include "base/buf.h"
#include "store/store.h"

struct sqlite;

struct store_scope {
    struct store_scope *next;
    char sha256[65];
    char *text;
    bool kept; /* it is on disk */
};

/* As database_open; returns an owned handle. */
int sqlite_open(const char *path, enum store_mode mode, struct diag *diag, struct sqlite **out)
    __attribute__((warn_unused_result));
void sqlite_close(struct sqlite *db); /* accepts NULL */

/* The installation's secret, made at the first opening for serving. */
int sqlite_secret(struct sqlite *db, uint8_t out[static STORE_SECRET_BYTES])
    __attribute__((warn_unused_result));

/* A transaction of writes. On an error in between, sqlite_rollback. */
int sqlite_begin(struct sqlite *db) __attribute__((warn_unused_result));
int sqlite_commit(struct sqlite *db) __attribute__((warn_unused_result));
void sqlite_rollback(struct sqlite *db);

int sqlite_consent_put(struct sqlite *db, const struct consent_record *record)
    __attribute__((warn_unused_result));
int sqlite_observe(struct sqlite *db, const struct store_observation *observation)
    __attribute__((warn_unused_result));
int sqlite_visit(struct sqlite *db, const struct uuid *player, const char *server)
    __attribute__((warn_unused_result));

/* What an earlier version put down, carried over; after opening to serve. */
int sqlite_upgrade(struct sqlite *db) __attribute__((warn_unused_result));

/*
 * Signs a head over the ledger, if it has grown since the last one, or that is by another key;
 * outside of a transaction. A ledger that the head kept beside the key does not stand for is not
 * signed, which is logged once.
 */
int sqlite_sign(struct sqlite *db) __attribute__((warn_unused_result));

/* As store_accept_restored, within a transaction: the next sqlite_sign signs what is there. */
int sqlite_accept_restored(struct sqlite *db, const char *by, const char *reason)
    __attribute__((warn_unused_result));

/* Entries behind a place, at most `max`, as chain_page; their lines are owned by the caller. */
int sqlite_ledger_page(struct sqlite *db, const char *player, int64_t after,
                       struct store_entry *out, int max) __attribute__((warn_unused_result));
/* All signed heads, oldest first, a line each. */
int sqlite_heads(struct sqlite *db, struct buf *out) __attribute__((warn_unused_result));

int sqlite_document_put(struct sqlite *db, const struct store_document *document)
    __attribute__((warn_unused_result));
/* The one whose hash begins so, to free; ERR_NOT_FOUND, or ERR_REFUSED when there are several. */
int sqlite_document_find(struct sqlite *db, const char *sha256, struct store_document **out)
    __attribute__((warn_unused_result));

int sqlite_scope_put(struct sqlite *db, const char *sha256, const char *text)
    __attribute__((warn_unused_result));
/* All of them, in front of the list at `out`. */
int sqlite_scopes(struct sqlite *db, struct store_scope **out) __attribute__((warn_unused_result));

/*
 * Erases what has expired, from the write-ahead log, too; outside of a transaction. Where the clock
 * `went_back`, or may have while nobody looked, values of a time to come are from now on: they are
 * kept no longer than their rule says.
 */
int sqlite_sweep(struct sqlite *db, int64_t now_ms, bool went_back)
    __attribute__((warn_unused_result));

int sqlite_consent_find(struct sqlite *db, const struct uuid *player, const char *policy,
                        struct consent_record *out) __attribute__((warn_unused_result));

/*
 * Records behind entry `*after`, at most `max`, of one player (UUID text or name) or of all (NULL).
 * Returns how many there are and moves `*after`, or an error.
 */
int sqlite_consent_page(struct sqlite *db, const char *player, int64_t *after,
                        struct consent_record *out, int max) __attribute__((warn_unused_result));

int sqlite_inquiry_put(struct sqlite *db, const struct store_inquiry *inquiry)
    __attribute__((warn_unused_result));
int sqlite_inquiry_answered(struct sqlite *db, int64_t number, int64_t at_ms)
    __attribute__((warn_unused_result));

/* Owns its texts. */
struct inquiries {
    struct store_inquiry *items;
    size_t count;
};

/* All that can be read, oldest first. What was read is set even on an error, to be freed. */
int sqlite_inquiries(struct sqlite *db, struct inquiries *out) __attribute__((warn_unused_result));
void inquiry_free_texts(struct store_inquiry *inquiry);

/* What a player wrote in inquiries, as sqlite_held_page. */
int sqlite_inquiry_held_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                             struct store_held *out, int max) __attribute__((warn_unused_result));

/* What plugins keep of a player, likewise. */
int sqlite_plugin_held_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                            struct store_held *out, int max) __attribute__((warn_unused_result));

/* As store_person_find. */
int sqlite_person_find(struct sqlite *db, const char *player, struct store_person *out)
    __attribute__((warn_unused_result));

/*
 * Values behind `*after`, at most `max`, to free. Returns how many there are and moves `*after`;
 * there may be more until it returns 0.
 */
int sqlite_held_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                     struct store_held *out, int max) __attribute__((warn_unused_result));
void sqlite_held_free(struct store_held *held);

/* As store_counted, store_visited; owned. */
int sqlite_counted(struct sqlite *db, const struct uuid *player, char **out)
    __attribute__((warn_unused_result));
int sqlite_visited(struct sqlite *db, const struct uuid *player, char **out)
    __attribute__((warn_unused_result));

/* As their namesakes in store.h; the first two complete the request. */
int sqlite_request_put(struct sqlite *db, struct data_request *request)
    __attribute__((warn_unused_result));
int sqlite_request_move(struct sqlite *db, const struct store_request_step *step,
                        struct data_request *out) __attribute__((warn_unused_result));
int sqlite_request_find(struct sqlite *db, int64_t number, struct data_request *out)
    __attribute__((warn_unused_result));
int sqlite_request_page(struct sqlite *db, const struct uuid *player, int64_t *after,
                        struct data_request *out, int max) __attribute__((warn_unused_result));

/*
 * As store_request_run. ERR_NOT_FOUND, ERR_REFUSED come before anything was written.
 */
int sqlite_request_run(struct sqlite *db, const struct store_request_step *step,
                       struct data_request *out) __attribute__((warn_unused_result));

/*
 * Outside of a transaction: what erasures leave to be done once they are durable. Whoever is there
 * although their erasure was begun is erased again, the write-ahead log is emptied, and erasures of
 * which nothing is left to do are done. Without any of it, costs nothing. An error: it is to be
 * tried `again` from time to time; without that, what failed before is left alone.
 */
int sqlite_settle(struct sqlite *db, bool again) __attribute__((warn_unused_result));

/* As store_mask, within a transaction. */
int sqlite_mask(struct sqlite *db, const struct uuid *player) __attribute__((warn_unused_result));

/* As store_search. */
int sqlite_search(struct sqlite *db, const struct uuid *player,
                  const uint8_t key[static SEAL_KEY_BYTES]) __attribute__((warn_unused_result));

/* The next sqlite_settle makes the file anew. */
void sqlite_rewrite(struct sqlite *db);

/* As their namesakes in store.h; texts are owned by the caller. */
int sqlite_figures(struct sqlite *db, const struct store_question *question, int64_t now_ms,
                   char **out) __attribute__((warn_unused_result));
int sqlite_release_find(struct sqlite *db, const char *period, char **out)
    __attribute__((warn_unused_result));
int sqlite_release_put(struct sqlite *db, const char *period, const char *text, char **out)
    __attribute__((warn_unused_result));

/* As their namesakes in store.h. */
int sqlite_rules_loaded(struct sqlite *db, const char *rules, int64_t now_ms)
    __attribute__((warn_unused_result));
int sqlite_rule_used(struct sqlite *db, const char *rule, int64_t now_ms)
    __attribute__((warn_unused_result));
int sqlite_survey(struct sqlite *db, int64_t now_ms, char **out)
    __attribute__((warn_unused_result));
int sqlite_review_put(struct sqlite *db, const char *text, char **sha256)
    __attribute__((warn_unused_result));
int sqlite_review_find(struct sqlite *db, int64_t number, char **out)
    __attribute__((warn_unused_result));
int sqlite_reviewed(struct sqlite *db, int64_t *out_ms) __attribute__((warn_unused_result));

#endif
