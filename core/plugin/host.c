#include "plugin/host.h"
#include "plugin/dispatch.h"

#include "base/mem.h"
#include "plugin/folder.h"
#include "plugin/http.h"
#include "plugin/task.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 250, END_MS = 2000 };

static void on_look(uv_timer_t *timer)
{
    struct plugins *host = timer->data;
    void (*ended)(void *owner) = host->ended;

    dispatch_look(host);
    if (!ended || (host->dispatches && uv_now(timer->loop) < host->end_by_ms))
        return;
    host->ended = NULL;
    ended(host->owner);
}

void plugins_append(struct plugins *host, struct plugin *plugin)
{
    struct plugin **place = &host->first;

    while (*place)
        place = &(*place)->next;
    *place = plugin;
}

/* The folder "plugins" beside the configuration. Returns owned. */
static char *settings_folder(const char *conf_path)
{
    const char *slash = strrchr(conf_path, '/');

    return mem_format("%.*splugins", slash ? (int)(slash - conf_path) + 1 : 0, conf_path);
}

struct plugins *plugins_new(struct worker *worker, const char *folder)
{
    struct plugins *host = mem_alloc(sizeof *host);

    host->worker = worker;
    host->folder = mem_strdup(folder);
    host->settings = settings_folder(worker->conf->path);
    table_init(&host->queues, worker->sessions.seed);
    table_init(&host->tasks, worker->sessions.seed);
    uv_timer_init(worker->loop, &host->look);
    uv_timer_start(&host->look, on_look, LOOK_MS, LOOK_MS);
    uv_timer_stop(&host->look);
    host->look.data = host;
    worker->events.owner = host;
    worker->events.fire = dispatch_fire;
    worker->events.wanted |= HOST_EVENTS;
    return host;
}

int plugins_add(struct plugins *host, const char *path, struct diag *diag)
{
    struct plugin *plugin;
    int err = plugin_open(host, path, diag, &plugin);

    if (err == 0)
        err = plugin_read_on(plugin, diag);
    if (err < 0) {
        plugin_free(plugin);
        return err;
    }
    plugins_append(host, plugin);
    plugin_begin(plugin);
    tasks_settle(host);
    return 0;
}

struct plugins *plugins_open(struct worker *worker, const char *folder, struct diag *diag)
{
    struct plugins *host = plugins_new(worker, folder);

    folder_refresh(host, NULL, diag, NULL);
    return host;
}

void plugins_serve(struct plugins *host)
{
    if (!host)
        return;
    host->serving = true;
    event_tell_of(host->worker, EVENT_PROXY_START, NULL);
}

void plugins_take_out(struct plugins *host, struct plugin *plugin)
{
    struct plugin **place = &host->first;

    while (*place != plugin)
        place = &(*place)->next;
    *place = plugin->next;
}

static struct plugin *leaving_one(struct plugins *host)
{
    struct plugin *plugin = host->first;

    while (plugin && !plugin->leaving)
        plugin = plugin->next;
    return plugin;
}

void plugins_bury(struct plugins *host)
{
    struct plugin *plugin;

    if (host->burying || host->ending > 0)
        return;
    host->burying = true;
    while ((plugin = leaving_one(host))) { /* more may be leaving when one is gone */
        plugins_take_out(host, plugin);
        folder_forget(plugin);
        plugin_free(plugin);
    }
    host->burying = false;
}

static void on_closed(uv_handle_t *look)
{
    struct plugins *host = look->data;

    free(host->folder);
    free(host->settings);
    free(host);
}

void plugins_end(struct plugins *host, void (*ended)(void *owner), void *owner)
{
    if (!host || !host->dispatches) {
        ended(owner);
        return;
    }
    host->ended = ended;
    host->owner = owner;
    host->end_by_ms = uv_now(host->worker->loop) + END_MS;
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
    folder_close(host);
    dispatch_close(host);
    http_close(host->http);
    table_free(&host->tasks);
    uv_close((uv_handle_t *)&host->look, on_closed);
}
