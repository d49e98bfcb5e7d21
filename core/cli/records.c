#include "cli/records.h"

#include "base/err.h"

struct reading {
    struct store *store;
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

static void on_closed(void *owner)
{
    (void)owner;
}

int records_read(const char *url, const char *player, struct diag *diag, records_cb each,
                 void *owner)
{
    struct reading reading = {.each = each, .owner = owner};
    uv_loop_t loop;
    int err;

    uv_loop_init(&loop);
    err = store_open(url, STORE_READ, &loop, &reading, diag, &reading.store);
    if (err == 0) {
        store_consent_list(reading.store, 0, player, on_record);
        store_close(reading.store, on_closed);
        uv_run(&loop, UV_RUN_DEFAULT);
        err = reading.err;
    }
    uv_loop_close(&loop);
    if (reading.err < 0)
        diag_add(diag, url, 0, "could not be read to the end: %s%s", err_text(reading.err),
                 reading.err == ERR_DAMAGED ? "; put a backup in its place, or save what can be "
                                              "read by sqlite3's .recover"
                                            : "");
    return err;
}
