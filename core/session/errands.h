/*
 * Who tells servers what they have to be told: takes tasks from the store when their time has come,
 * a few at once, and puts down what came of each. A task that is under way when Sekisho ends is
 * tried again by the next one.
 */
#ifndef SEKISHO_SESSION_ERRANDS_H
#define SEKISHO_SESSION_ERRANDS_H

struct errands;
struct worker;

/* Begins to look for tasks in the worker's store, whose answers find this as worker->errands.
 * Returns owned. */
struct errands *errands_new(struct worker *worker);

/* Before the store is closed. What is under way is broken off. Accepts NULL. */
void errands_close(struct errands *errands);

#endif
