#include "cli/records.h"

#include "cli/reading.h"

struct listing {
    struct store *store;
    const char *player;
    records_cb each;
    void *owner;
    int err;
};

static void on_record(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct listing *listing = owner;

    (void)id;
    if (err < 0)
        listing->err = err;
    if (record)
        listing->each(listing->owner, listing->store, record);
}

static void ask(struct store *store, void *owner)
{
    struct listing *listing = owner;

    listing->store = store;
    store_consent_list(store, 0, listing->player, on_record);
}

int records_read(const char *url, const char *player, struct diag *diag, records_cb each,
                 void *owner)
{
    struct listing listing = {.player = player, .each = each, .owner = owner};
    int err = reading(url, &listing, ask, diag);

    if (listing.err < 0)
        reading_failed(url, listing.err, diag);
    return err < 0 ? err : listing.err;
}
