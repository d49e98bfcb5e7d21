#include "base/tally.h"

enum { TALLY_EVERY_MS = 60000 };

bool tally_due(struct tally *tally, uint64_t now_ms, uint64_t *count)
{
    bool first = tally->total == 0;

    tally->total++;
    tally->untold++;
    if (!first && now_ms - tally->told_at_ms < TALLY_EVERY_MS)
        return false;
    *count = tally->untold;
    tally->untold = 0;
    tally->told_at_ms = now_ms;
    return true;
}
