/*
 * Held values read for a purpose: who has none gets nothing.
 */
#ifndef SEKISHO_STORE_HELD_FOR_H
#define SEKISHO_STORE_HELD_FOR_H

#include "store/sql.h"

#include <jansson.h>

/* What is read, of whom and for what. Borrowed. */
struct held_question {
    const char *subject;
    const struct uuid *player; /* the same one */
    const char *purpose;
    int64_t now_ms;
};

/*
 * Appends the values of one field to `values`, and to `fields` one object for each server and form
 * in which they are held; both are lists. Returns 0; ERR_REFUSED where it is held for other
 * purposes alone, which is logged; or ERR_NOT_FOUND.
 */
int held_for(struct sqlite *db, const struct held_question *question, const char *field,
             json_t *values, json_t *fields) __attribute__((warn_unused_result));

/* For which purposes a field is held apart from the question's. Returns owned; "" for none. */
char *held_else(struct sqlite *db, const struct held_question *question, const char *field);

#endif
