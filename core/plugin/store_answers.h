/*
 * What the store answers to a plugin: the task that asked goes on with it, or with nil and why not.
 * `owner` is the worker, `id` the task's.
 */
#ifndef SEKISHO_PLUGIN_STORE_ANSWERS_H
#define SEKISHO_PLUGIN_STORE_ANSWERS_H

#include "store/plugin_data.h"

#include <stdint.h>

struct task;

void store_answer_done(void *owner, uint64_t id, int err);    /* true */
void store_answer_deleted(void *owner, uint64_t id, int err); /* whether there was something */
void store_answer_number(void *owner, uint64_t id, int err, int64_t number);
void store_answer_found(void *owner, uint64_t id, int err, const struct store_plugin_row *row);

/* Row by row, then NULL: put into the list that lies on the top of the task's thread. */
void store_answer_listed(void *owner, uint64_t id, int err, const struct store_plugin_row *row);

/* For `cancel` of a task that waits for a list; `waited` is its plugin. */
void store_answer_forget_list(void *waited);

/* For other answers: the task; NULL: nobody waits any more. And what is said of an error. */
struct task *store_answer_task(void *owner, uint64_t id);
const char *store_answer_why(int err);

#endif
