/*
 * What servers have to be told, as the store keeps it: calls like those of store.h.
 */
#ifndef SEKISHO_STORE_TASKS_H
#define SEKISHO_STORE_TASKS_H

#include "consent/task.h"
#include "store/store.h"

/* What a server has to be told for a request (consent/task.h). Borrowed. */
struct store_task {
    int64_t number;  /* counts from 1 */
    int64_t request; /* 0: there is none, as when an operator erased by hand */
    const char *server;
    const char *name; /* the player's, as the server knows them; personal; "" once it has ended */
    const char *uuid; /* likewise */
    bool pseudonym;   /* those two are stand-ins */
    enum task_state state;
    int attempts;
    int64_t created_at_ms;
    int64_t next_at_ms;
    int64_t ended_at_ms; /* 0: not yet */
    const char *problem; /* what went wrong last, for people; nothing personal; "": nothing */
};

/* What servers have to be told of one player who is erased. Borrowed. */
struct store_telling {
    int64_t request; /* 0: none */
    struct uuid player;
    const struct store_task *tasks; /* their `server`, `name`, `uuid` and `pseudonym` are taken */
    size_t count;
};

/*
 * Notes what servers have to be told of a player who is about to be erased. Borrows it. It rests
 * until the erasure takes place (then it begins, however that came about), and takes the place of
 * what was noted before. A server that the player was never sent to is not told. err ERR_NOT_FOUND:
 * nobody knows the player; else as store_consent_put.
 */
void store_tasks_prepare(struct store *store, uint64_t id, const struct store_telling *telling,
                         store_done_cb done);

/* Called once a task, in the order of their numbers, then once with NULL. */
typedef void (*store_task_cb)(void *owner, uint64_t id, int err, const struct store_task *task);

/* All tasks, ended ones too. */
void store_task_list(struct store *store, uint64_t id, store_task_cb each);

/* A few of those whose time has come; at most STORE_TASKS_DUE. */
enum { STORE_TASKS_DUE = 16 };
void store_task_due(struct store *store, uint64_t id, int64_t now_ms, store_task_cb each);

struct store_task_step {
    int64_t number;
    enum task_step step;
    int attempts;        /* CLAIM: how many there were when it was read */
    int64_t at_ms;       /* now; wall time */
    int64_t next_at_ms;  /* CLAIM: until when; AGAIN: from when on */
    const char *problem; /* AGAIN, STUCK; nothing personal */
    const char *by;      /* DROP: who decided, and why, for the ledger */
    const char *reason;
};

/*
 * Borrows it. err ERR_NOT_FOUND: there is no such task, or it is in another state by now;
 * else as store_consent_put.
 */
void store_task_move(struct store *store, uint64_t id, const struct store_task_step *step,
                     store_done_cb done);

#endif
