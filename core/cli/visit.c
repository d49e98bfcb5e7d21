#include "cli/visit.h"

#include "base/err.h"

#include <string.h>

static void on_closed(void *owner)
{
    (void)owner;
}

static int visit(const char *url, enum store_mode mode, struct diag *diag,
                 void (*ask)(struct store *store, void *owner), void *owner)
{
    struct store *store;
    uv_loop_t loop;
    int err;

    uv_loop_init(&loop);
    err = store_open(url, mode, &loop, owner, diag, &store);
    if (err == 0) {
        if (ask)
            ask(store, owner);
        store_close(store, on_closed);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&loop);
    return err;
}

int visit_store(const char *url, enum store_mode mode, struct diag *diag,
                void (*ask)(struct store *store, void *owner), void *owner)
{
    /* Only who looks learns that there is nothing; who serves makes it. */
    int err = mode == STORE_SERVE ? visit(url, STORE_READ, diag, NULL, NULL) : 0;

    return err < 0 ? err : visit(url, mode, diag, ask, owner);
}

int visit_failed(const char *url, int err, struct diag *diag)
{
    static const struct {
        int err;
        const char *remedy;
    } remedies[] = {
        {ERR_DAMAGED,
         "; put a backup in its place, or save what can be read by sqlite3's .recover"},
        {ERR_FULL, "; make room on its disk"},
        {ERR_READ_ONLY, "; run this as the user that Sekisho runs as"},
        {ERR_BUSY, "; another program holds it, end that one"},
    };
    const char *remedy = "";

    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
        if (remedies[i].err == err)
            remedy = remedies[i].remedy;
    diag_add(diag, url, 0, "%s%s", err_text(err), remedy);
    return err;
}

/* Control characters: those of ASCII, and those of Latin-1, which UTF-8 writes as C2 80 to C2 9F.
 */
void visit_print_text(const char *text, FILE *out)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool is_wide = at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F;

        fputc((*at < ' ' && *at != '\n') || *at == 0x7F || is_wide ? '?' : *at, out);
        at += is_wide;
    }
}
