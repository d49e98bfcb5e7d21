#include "cli/reading.h"

#include "base/err.h"

static void on_closed(void *owner)
{
    (void)owner;
}

int reading(const char *url, void *owner, void (*ask)(struct store *store, void *owner),
            struct diag *diag)
{
    struct store *store;
    uv_loop_t loop;
    int err;

    uv_loop_init(&loop);
    err = store_open(url, STORE_READ, &loop, owner, diag, &store);
    if (err == 0) {
        ask(store, owner);
        store_close(store, on_closed);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&loop);
    return err;
}

void reading_failed(const char *url, int err, struct diag *diag)
{
    diag_add(diag, url, 0, "could not be read to the end: %s%s", err_text(err),
             err == ERR_DAMAGED ? "; put a backup in its place, or save what can be read by "
                                  "sqlite3's .recover"
                                : "");
}
