/*
 * What a player asks of whoever holds their data, and where that stands:
 *
 *   received -> verified -> running -> done          any of the first two -> refused, cancelled
 *           \-> failed (nobody could show that it is the player who asks)
 *
 * A request made in the game by a proven session is verified as it comes. One from outside is only
 * received, until a one-time code that such a session was shown comes with it, or an operator
 * decides, with a reason.
 */
#ifndef SEKISHO_CONSENT_REQUEST_H
#define SEKISHO_CONSENT_REQUEST_H

#include "consent/consent.h"

#include <jansson.h>

enum data_request_kind {
    DATA_REQUEST_NONE = 0,
    DATA_REQUEST_DISCLOSURE,
    DATA_REQUEST_CORRECTION,
    DATA_REQUEST_ERASURE,
    DATA_REQUEST_STOP, /* of use: the consent ends, what is held goes, the evidence stays */
};

enum data_request_state {
    DATA_REQUEST_NOWHERE = 0,
    DATA_REQUEST_RECEIVED, /* who asks is not shown yet */
    DATA_REQUEST_VERIFIED, /* waits for the operator */
    DATA_REQUEST_RUNNING,  /* begun; others have to do their part */
    DATA_REQUEST_DONE,
    DATA_REQUEST_FAILED,
    DATA_REQUEST_REFUSED,
    DATA_REQUEST_CANCELLED, /* by the player, or because the person was erased */
};

enum data_request_event {
    DATA_REQUEST_VERIFY = 1, /* by a code, or by the operator's decision */
    DATA_REQUEST_FAIL,
    DATA_REQUEST_RUN,
    DATA_REQUEST_FINISH,
    DATA_REQUEST_REFUSE,
    DATA_REQUEST_CANCEL,
};

/* Who says that it is the player who asks. */
enum data_request_proof {
    DATA_REQUEST_UNPROVEN = 0,
    DATA_REQUEST_BY_SESSION, /* of a player whose identity is verified or forwarded */
    DATA_REQUEST_BY_CODE,    /* that such a session was shown */
    DATA_REQUEST_BY_OPERATOR,
};

enum {
    DATA_REQUEST_TEXT_BYTES = 1024,
    DATA_REQUEST_SUBJECT_BYTES = 33,
    DATA_REQUEST_BY_BYTES = 128
};

struct data_request {
    int64_t number; /* counts from 1, and is never used again */
    enum data_request_kind kind;
    enum data_request_state state;
    enum data_request_proof proof;
    char subject[DATA_REQUEST_SUBJECT_BYTES];
    bool was_open;      /* when it was made: it is answered instead of a second one */
    bool erased;        /* there is no such person any more: neither player nor name is known */
    struct uuid player; /* personal, as is all that follows up to the times */
    char name[CONSENT_NAME_BYTES];
    char server[CONSENT_SERVER_BYTES];    /* of a correction: where the value is held; "": all */
    char field[CONSENT_SERVER_BYTES];     /* of a correction */
    char value[DATA_REQUEST_TEXT_BYTES];  /* what it should be */
    char reason[DATA_REQUEST_TEXT_BYTES]; /* of a refusal, failure or decision, in words */
    char by[DATA_REQUEST_BY_BYTES];       /* which operator acted last; "": none has */
    int64_t received_at_ms;               /* wall time, as the others */
    int64_t due_at_ms;
    int64_t changed_at_ms; /* when it came into its state */
};

/* The names used in JSON, tables and the store. Return borrowed static text. */
const char *data_request_kind_name(enum data_request_kind kind);
const char *data_request_state_name(enum data_request_state state);
const char *data_request_proof_name(enum data_request_proof proof);

/* ..._NONE, ..._NOWHERE, ..._UNPROVEN when the name is unknown. */
enum data_request_kind data_request_kind_by_name(const char *name);
enum data_request_state data_request_state_by_name(const char *name);
enum data_request_proof data_request_proof_by_name(const char *name);

/* The only way from one state to another. DATA_REQUEST_NOWHERE: that cannot happen there. */
enum data_request_state data_request_next(enum data_request_state state,
                                          enum data_request_event event);

/* Somebody still has something to do. */
bool data_request_is_open(const struct data_request *request);

/*
 * Open and past its day. One that was received later than now counts, too: a clock was wrong, and
 * nobody knows when its day is.
 */
bool data_request_is_overdue(const struct data_request *request, int64_t now_ms);

/* What anybody may read of it, as it stands in the ledger at each step. Returns owned. */
json_t *data_request_facts(const struct data_request *request);

/* All of it. Returns owned. */
json_t *data_request_json(const struct data_request *request, int64_t now_ms);

#endif
