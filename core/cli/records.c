#include "cli/records.h"

#include "cli/visit.h"

struct reading {
    struct store *store;
    const char *player;
    records_cb each;
    void *owner;
    int err;
};

static void on_record(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct reading *reading = owner;

    (void)id;
    if (err < 0)
        reading->err = err;
    if (record)
        reading->each(reading->owner, reading->store, record);
}

static void ask(struct store *store, void *owner)
{
    struct reading *reading = owner;

    reading->store = store;
    store_consent_list(store, 0, reading->player, on_record);
}

int records_read(const char *url, const char *player, struct diag *diag, records_cb each,
                 void *owner)
{
    struct reading reading = {.player = player, .each = each, .owner = owner};
    int err = visit_store(url, STORE_READ, diag, ask, &reading);

    return err == 0 && reading.err < 0 ? visit_failed(url, reading.err, diag) : err;
}
