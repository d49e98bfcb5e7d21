#include "plugin/host.h"

#include "base/log.h"
#include "base/mem.h"
#include "plugin/http.h"
#include "plugin/task.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 250, FILES_MAX = 1024 };

static void on_look(uv_timer_t *timer)
{
    dispatch_look(timer->data);
}

static void append(struct plugins *host, struct plugin *plugin)
{
    struct plugin **place = &host->first;

    while (*place)
        place = &(*place)->next;
    *place = plugin;
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

/* A file of its own, or a folder with init.lua. Returns owned; NULL: it is no plugin. */
static char *path_of(const char *folder, const uv_dirent_t *entry)
{
    if (entry->name[0] == '.')
        return NULL;
    if (entry->type == UV_DIRENT_DIR)
        return mem_format("%s/%s/init.lua", folder, entry->name);
    if (!ends_with(entry->name, ".lua") || ends_with(entry->name, "_test.lua"))
        return NULL;
    return mem_format("%s/%s", folder, entry->name);
}

int plugins_add(struct plugins *host, const char *path, struct diag *diag)
{
    struct plugin *plugin;
    int err = plugin_load(host, path, diag, &plugin);

    if (err < 0)
        return err;
    append(host, plugin);
    host->worker->events.wanted |= (uint64_t)1 << EVENT_DISCONNECT;
    log_info("plugin=%s version=%s loaded", plugin->name, plugin->version);
    tasks_settle(host);
    return 0;
}

static void load_folder(struct plugins *host, const char *folder, struct diag *diag)
{
    uv_fs_t scan;
    uv_dirent_t entry;

    /* Sorted by name; a folder that is not there has no plugins. */
    if (uv_fs_scandir(NULL, &scan, folder, 0, NULL) >= 0) {
        while (uv_fs_scandir_next(&scan, &entry) >= 0) {
            char *path = path_of(folder, &entry);

            if (path)
                (void)!plugins_add(host, path, diag);
            free(path);
        }
    }
    uv_fs_req_cleanup(&scan);
}

struct plugins *plugins_new(struct worker *worker)
{
    struct plugins *host = mem_alloc(sizeof *host);

    host->worker = worker;
    table_init(&host->queues, worker->sessions.seed);
    table_init(&host->tasks, worker->sessions.seed);
    uv_timer_init(worker->loop, &host->look);
    uv_timer_start(&host->look, on_look, LOOK_MS, LOOK_MS);
    uv_timer_stop(&host->look);
    host->look.data = host;
    worker->events.owner = host;
    worker->events.fire = dispatch_fire;
    return host;
}

struct plugins *plugins_open(struct worker *worker, const char *folder, struct diag *diag)
{
    struct plugins *host = plugins_new(worker);

    load_folder(host, folder, diag);
    return host;
}

/* Taken out of the list; NULL: there is none. */
static struct plugin *leaving_one(struct plugins *host)
{
    struct plugin **place = &host->first;
    struct plugin *plugin;

    while (*place && !(*place)->leaving)
        place = &(*place)->next;
    plugin = *place;
    if (plugin)
        *place = plugin->next;
    return plugin;
}

void plugins_bury(struct plugins *host)
{
    struct plugin *plugin;

    if (host->burying)
        return;
    host->burying = true;
    while ((plugin = leaving_one(host))) /* more may be leaving when one is gone */
        plugin_free(plugin);
    host->burying = false;
}

static void on_closed(uv_handle_t *look)
{
    free(look->data);
}

void plugins_close(struct plugins *host)
{
    if (!host)
        return;
    host->closing = true;
    dispatch_drain(host);
    for (struct plugin *plugin = host->first; plugin; plugin = plugin->next)
        plugin->leaving = true;
    plugins_bury(host);
    dispatch_close(host);
    http_close(host->http);
    table_free(&host->tasks);
    uv_close((uv_handle_t *)&host->look, on_closed);
}

void plugins_print(const struct plugins *host, FILE *out)
{
    for (const struct plugin *plugin = host->first; plugin; plugin = plugin->next)
        fprintf(out, "%s %s: %s, %zu KiB, %.1f ms in %llu calls, %llu errors, %llu overruns\n",
                plugin->name, plugin->version, plugin->off ? plugin->why_off : "runs",
                script_memory(plugin->script) / 1024, (double)plugin->figures.cpu_ns / 1e6,
                (unsigned long long)plugin->figures.calls,
                (unsigned long long)plugin->figures.errors,
                (unsigned long long)plugin->figures.overruns);
}
