/*
 * Counts what peers can cause as often as they like, so that it is logged at a sane rate: the first
 * time, then at most once a minute with how often it was. `{0}` is a valid empty tally.
 */
#ifndef SEKISHO_BASE_TALLY_H
#define SEKISHO_BASE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

struct tally {
    uint64_t total;
    uint64_t untold; /* since the last time that it was told */
    uint64_t told_at_ms;
};

/* One more. True when it is time to tell; `*count` is then how many it is told of. */
bool tally_due(struct tally *tally, uint64_t now_ms, uint64_t *count);

#endif
