#include "cli/plugin_orders.h"

#include "plugin/folder.h"
#include "plugin/host.h"

#include <stdlib.h>
#include <string.h>

static bool refresh(struct worker *worker, const struct folder_wish *wish, FILE *out)
{
    struct diag diag = {0};
    bool ok;

    folder_refresh(worker->plugins, wish, &diag, out);
    ok = diag.count == 0;
    diag_log(&diag);
    diag_print(&diag, out);
    diag_free(&diag);
    return ok;
}

bool plugin_orders_refresh(struct worker *worker, FILE *out)
{
    return refresh(worker, NULL, out);
}

/* "reload NAME" */
static bool read_wish(const char *words, struct folder_wish *out)
{
    static const char *const deeds[] = {
        [FOLDER_RELOAD] = "reload ", [FOLDER_LOAD] = "load ", [FOLDER_UNLOAD] = "unload "};

    for (int deed = FOLDER_RELOAD; deed <= FOLDER_UNLOAD; deed++) {
        size_t len = strlen(deeds[deed]);

        if (strncmp(words, deeds[deed], len) != 0)
            continue;
        *out = (struct folder_wish){(enum folder_deed)deed, words + len};
        return true;
    }
    return false;
}

bool plugin_orders_obey(struct worker *worker, struct control_request *request, const char *command)
{
    static const char word[] = "plugins";
    const char *rest = command + sizeof word - 1;
    struct folder_wish wish;
    char *text = NULL;
    size_t size;
    bool ok = true;
    FILE *out;

    if (strncmp(command, word, sizeof word - 1) != 0 || (*rest && *rest != ' '))
        return false;
    out = open_memstream(&text, &size);
    if (!out)
        abort();
    if (!*rest)
        folder_print(worker->plugins, out);
    else if (strcmp(rest, " json") == 0)
        folder_print_json(worker->plugins, out);
    else if (read_wish(rest + 1, &wish))
        ok = refresh(worker, &wish, out);
    else
        ok = false;
    fclose(out);
    control_answer(request, ok, text);
    free(text);
    return true;
}
