/*
 * The store's threads: one lane for reads and one for writes, each with a handle of its own, so
 * that who only has to be known does not wait for a write that is stuck. A reader begins anew with
 * each request, so it sees all that was answered before.
 */
#ifndef SEKISHO_STORE_LANES_H
#define SEKISHO_STORE_LANES_H

#include "store/sqlite.h"

struct lanes;

enum lane_of { LANE_READS, LANE_WRITES, LANES };

/*
 * One call on its way to a thread and back: the first member of a struct with all that it needs,
 * which the caller allocates, and the lanes give to `free_it` in the end.
 */
struct request {
    struct request *next;
    enum lane_of lane;
    bool patient; /* others go first: what plugins ask for without end is no player's wait */
    int err;      /* what `run` returned last */
    /* On the lane's thread; a write stands in a transaction, and may be tried again alone. */
    int (*run)(struct sqlite *db, struct request *request);
    /* On the loop; true: it goes to the lane once more. May be NULL. */
    bool (*answer)(void *owner, struct request *request);
    void (*free_it)(struct request *request);
};

/*
 * Takes both handles; `writes` may be NULL, and then nothing may be asked of that lane. `owner` is
 * given to answers.
 */
struct lanes *lanes_open(uv_loop_t *loop, struct sqlite *reads, struct sqlite *writes, void *owner);

void lanes_ask(struct lanes *lanes, struct request *request);

/* Carries out and answers what was asked, closes the handles, and calls `closed`. */
void lanes_close(struct lanes *lanes, void (*closed)(void *owner));

#endif
