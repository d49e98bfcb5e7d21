/*
 * Numbers of players as they may be published. In a table each player stands in one row; a row of
 * fewer than k players is not named, and all numbers are rounded down to multiples of k. So a
 * number stands for any of k, whatever else is published, and neither the sum of the rows, nor
 * another table or month of almost the same players, tells how few make a difference: whoever tries
 * all that could have led to the same numbers finds no group that must be of 1 to k - 1 players.
 */
#ifndef SEKISHO_CONSENT_FIGURES_H
#define SEKISHO_CONSENT_FIGURES_H

#include "base/slice.h"

#include <jansson.h>
#include <stdint.h>

struct figure {
    char *value; /* owned */
    int64_t players;
};

/* The rows of one table. `{0}` has none. */
struct figures {
    struct figure *rows;
    size_t count;
    int64_t unreadable; /* whose value is no text: they make one row */
};

/* Adds a row. */
void figures_add(struct figures *figures, struct slice value, int64_t players);
void figures_clear(struct figures *figures); /* to use it again, or to free it */

/*
 * Tables of the same players: an object with their number, "players", and "tables", an array of
 * arrays of rows ("value", "players") in the same order. Returns owned; NULL when there are fewer
 * than k players. `k` is at least 3. Reorders the rows.
 */
json_t *figures_publish(struct figures *tables, size_t count, int k);

#endif
