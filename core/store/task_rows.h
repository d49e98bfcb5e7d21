/*
 * Tasks as the rooms of the store write them.
 */
#ifndef SEKISHO_STORE_TASK_ROWS_H
#define SEKISHO_STORE_TASK_ROWS_H

#include "store/sql.h"
#include "store/tasks.h"

/* As store_tasks_prepare. */
int sqlite_tasks_prepare(struct sqlite *db, const struct store_telling *telling, int64_t now_ms)
    __attribute__((warn_unused_result));

/*
 * Begins what was prepared for a subject, and writes into the ledger that it will leave. Within
 * the transaction that erases.
 */
int sqlite_tasks_begin(struct sqlite *db, const char *subject, int64_t now_ms)
    __attribute__((warn_unused_result));

int sqlite_task_move(struct sqlite *db, const struct store_task_step *step)
    __attribute__((warn_unused_result));

/*
 * Tasks behind number `after`, at most `max`, to free; of those that are due by `due_ms`, or of all
 * (0). Returns how many there are, or an error.
 */
int sqlite_task_page(struct sqlite *db, int64_t after, int64_t due_ms, struct store_task *out,
                     int max) __attribute__((warn_unused_result));
void sqlite_task_free(struct store_task *task);

#endif
