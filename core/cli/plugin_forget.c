#include "cli/plugin_forget.h"

#include "base/err.h"
#include "cli/control.h"
#include "cli/visit.h"
#include "conf/conf.h"
#include "store/plugin_data.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct forgetting {
    const char *plugin;
    struct store *store;
    int64_t gone;
    int err;
};

/* Whether this line of `sekisho plugins --json` is about it, and it could write. */
static bool is_about(const char *line, size_t len, const char *name)
{
    json_t *one = json_loadb(line, len, 0, NULL);
    const char *named = json_string_value(json_object_get(one, "name"));
    bool is = named && strcmp(named, name) == 0 && json_object_get(one, "version");

    json_decref(one);
    return is;
}

/* In the Sekisho of this configuration, if one runs. */
static bool runs(const char *conf_path, const char *name)
{
    char *list = control_fetch(conf_path, "plugins json");
    bool found = false;
    size_t len;

    for (const char *line = list; line && *line && !found; line += len + (line[len] == '\n')) {
        len = strcspn(line, "\n");
        found = is_about(line, len, name);
    }
    free(list);
    return found;
}

static void on_dropped(void *owner, uint64_t id, int err, int64_t number)
{
    struct forgetting *forgetting = owner;

    (void)id;
    forgetting->err = err;
    if (err < 0 || number == 0)
        return;
    forgetting->gone += number;
    store_plugin_drop(forgetting->store, 0, forgetting->plugin, on_dropped);
}

static void ask(struct store *store, void *owner)
{
    struct forgetting *forgetting = owner;

    forgetting->store = store;
    store_plugin_drop(store, 0, forgetting->plugin, on_dropped);
}

static int forget(const char *url, struct forgetting *forgetting, struct diag *diag)
{
    int err = visit_store(url, STORE_SERVE, diag, ask, forgetting);

    if (err < 0 && err != ERR_NOT_FOUND)
        return err;
    if (forgetting->err < 0)
        return visit_failed(url, forgetting->err, diag);
    if (forgetting->gone == 0)
        printf("plugin %s: keeps nothing; `sekisho review` lists those that do\n",
               forgetting->plugin);
    else
        printf("plugin %s: %" PRId64 " values are erased\n", forgetting->plugin, forgetting->gone);
    return 0;
}

int plugin_forget(const char *conf_path, const char *name)
{
    struct forgetting forgetting = {.plugin = name};
    struct diag diag = {0};
    struct conf *conf = NULL;
    int err;

    if (runs(conf_path, name)) {
        fprintf(stderr,
                "sekisho plugins: %s runs, and would write anew; first take its file away, or "
                "`sekisho plugins unload %s`\n",
                name, name);
        return EXIT_FAILURE;
    }
    err = conf_load(conf_path, &diag, &conf);
    if (err == 0)
        err = forget(conf->store, &forgetting, &diag);
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
