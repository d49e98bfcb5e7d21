/*
 * What the files share that carry the calls of store.h to the lanes: a call is a struct with its
 * request first, made by the caller's thread and freed by it once it was answered.
 */
#ifndef SEKISHO_STORE_CALLS_H
#define SEKISHO_STORE_CALLS_H

#include "store/lanes.h"

#include <stdlib.h>

struct store {
    void *owner; /* is given to the callers' callbacks */
    void (*closed)(void *owner);
    uint8_t secret[STORE_SECRET_BYTES];
    struct consent_put *puts;   /* the loop's: answers that are on their way to the disk */
    struct store_scope *scopes; /* the loop's; one that is there is not changed */
    struct lanes *lanes;        /* whose owner is the store */
};

/* Of a call that is one object and owns nothing. */
static inline void call_free(struct request *request)
{
    free(request);
}

static inline void call_begin(struct request *request, enum lane_of lane,
                              int (*run)(struct sqlite *db, struct request *request),
                              bool (*answer)(void *owner, struct request *request),
                              void (*free_it)(struct request *request))
{
    *request = (struct request){.lane = lane, .run = run, .answer = answer, .free_it = free_it};
}

/* One that is answered with a text; what else a call has stands behind it. */
struct text_call {
    struct request request;
    uint64_t id;
    char *text; /* the answer; owned */
    store_text_cb done;
};

/* Where the answer belongs; what an attempt before this one left is gone. */
char **text_call_out(struct text_call *call);

/* Tells the caller, who asked for it. */
bool text_call_answer(void *owner, struct request *request);

/* Of a call that owns nothing but its answer. */
void text_call_free(struct request *request);

#endif
