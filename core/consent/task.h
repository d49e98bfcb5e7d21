/*
 * A task: what a server has to be told for a request, by RCON or a webhook. It outlives restarts
 * and outages; what it needs of the player goes when it ends, and the request it belongs to is done
 * only then.
 */
#ifndef SEKISHO_CONSENT_TASK_H
#define SEKISHO_CONSENT_TASK_H

#include <stdbool.h>
#include <stdint.h>

enum task_state {
    TASK_NONE = 0,
    TASK_PREPARED, /* noted before an erasure destroys what it takes; begins with the erasure */
    TASK_OPEN,     /* tried when its time comes */
    TASK_STUCK,    /* a person is needed: to mend it and retry, or to drop it */
    TASK_DONE,     /* the server was told */
    TASK_DROPPED,  /* a person decided that it need not be */
};

/* What comes of an attempt, or of a person. */
enum task_step {
    TASK_STEP_NONE = 0,
    TASK_STEP_CLAIM, /* an attempt begins: until it must have ended, nobody else may begin one */
    TASK_STEP_TOLD,
    TASK_STEP_AGAIN, /* later, unless there were TASK_ATTEMPTS_MAX */
    TASK_STEP_STUCK,
    TASK_STEP_RETRY, /* by a person, as the next */
    TASK_STEP_DROP,
};

enum {
    TASK_ATTEMPTS_MAX = 20,
    TASK_REST_MS_MAX = 60 * 60 * 1000,
};

/* "open". Returns borrowed static text. */
const char *task_state_name(enum task_state state);
enum task_state task_state_by_name(const char *name); /* TASK_NONE: there is no such one */

static inline bool task_has_ended(enum task_state state)
{
    return state == TASK_DONE || state == TASK_DROPPED;
}

/*
 * How long to rest after so many failed attempts (at least 1): from seconds to an hour, so that all
 * of them together take a night. Half of it is chance, of any 32 bits.
 */
int64_t task_rest_ms(int attempts, uint32_t chance);

#endif
