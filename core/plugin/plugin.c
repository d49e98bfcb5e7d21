#include "plugin/plugin.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/host.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/libraries.h"
#include "plugin/manifest.h"
#include "plugin/screen_words.h"
#include "plugin/task.h"
#include "script/text_words.h"

#include <stdlib.h>
#include <string.h>

enum { ERRORS_MAX = 20, ERRORS_MS = 60 * 1000, OVERRUNS_MAX = 3 };

static const struct script_limits limits = {
    .memory_bytes = PLUGIN_MEMORY_BYTES,
    .text_bytes = PLUGIN_TEXT_BYTES,
    .run = {.instructions = 20 * 1000 * 1000, .block_bytes = 4 * 1024 * 1024, .ms = 2000},
    .call = {.instructions = 1000 * 1000, .block_bytes = 1024 * 1024, .ms = 20},
};

struct plugin *plugin_of(lua_State *lua)
{
    return *(struct plugin **)lua_getextraspace(lua);
}

struct worker *plugin_worker(lua_State *lua)
{
    return plugin_of(lua)->host->worker;
}

void plugin_register(struct plugin *plugin, struct registration *registration,
                     void (*remove)(struct registration *registration))
{
    *registration =
        (struct registration){.next = plugin->registrations, .plugin = plugin, .remove = remove};
    if (plugin->registrations)
        plugin->registrations->previous = registration;
    plugin->registrations = registration;
}

void registration_unlink(struct registration *registration)
{
    struct plugin *plugin = registration->plugin;

    if (registration->previous)
        registration->previous->next = registration->next;
    else
        plugin->registrations = registration->next;
    if (registration->next)
        registration->next->previous = registration->previous;
}

const char *plugin_purpose(const struct plugin *plugin, enum field field)
{
    for (size_t i = 0; i < plugin->read_count; i++)
        if (plugin->reads[i].field == field)
            return plugin->reads[i].purpose;
    return NULL;
}

const struct plugin_host *plugin_host_find(const struct plugin *plugin, const char *name)
{
    const struct plugin_host *best = NULL;
    size_t best_fit = 0;

    for (size_t i = 0; i < plugin->host_count; i++) {
        size_t fit = host_fit(plugin->hosts[i].pattern, name);

        if (fit > best_fit) {
            best_fit = fit;
            best = &plugin->hosts[i];
        }
    }
    return best;
}

int plugin_load(struct plugins *host, const char *path, struct diag *diag, struct plugin **out)
{
    struct plugin *plugin = mem_alloc(sizeof *plugin);
    int err;

    plugin->host = host;
    plugin->path = mem_strdup(path);
    plugin->loading = true;
    err = script_open(path, &limits, diag, &plugin->script);
    if (err == 0) {
        lua_State *lua = script_lua(plugin->script);

        *(struct plugin **)lua_getextraspace(lua) = plugin;
        text_words_offer(lua);
        libraries_offer(lua);
        api_offer(lua);
        host->in_lua = plugin;
        err = script_run(plugin->script, 0, diag);
        host->in_lua = NULL;
    }
    if (err == 0 && !plugin->name) {
        diag_add(diag, path, 0,
                 "does not say what it is; begin with plugin { name = \"...\", version = \"1.0.0\" "
                 "}");
        err = ERR_INVALID;
    }
    plugin->loading = false;
    if (err < 0)
        plugin_free(plugin);
    else
        *out = plugin;
    return err;
}

static void take_out(struct plugin *plugin)
{
    while (plugin->registrations)
        plugin->registrations->remove(plugin->registrations);
    screen_words_forget(plugin);
}

static void drop_tasks(struct plugin *plugin)
{
    struct task *task = plugin->tasks;

    while (task) {
        struct task *next = task->next;

        if (task == plugin->running) {
            task = next;
            continue;
        }
        task_drop(task);
        task = plugin->tasks; /* others may have gone with it */
    }
}

void plugin_free(struct plugin *plugin)
{
    if (!plugin)
        return;
    plugin->leaving = true;
    if (plugin->script) {
        take_out(plugin);
        drop_tasks(plugin);
    }
    script_free(plugin->script);
    manifest_free(plugin);
    mask_free(&plugin->learnt);
    free(plugin->why_off);
    free(plugin->path);
    free(plugin);
}

void plugin_switch_off(struct plugin *plugin, const char *why)
{
    if (plugin->off)
        return;
    plugin->off = true;
    plugin->why_off = mem_strdup(why);
    log_error("plugin=%s is switched off: %s; `sekisho plugins` shows it, a reload tries it again",
              plugin->name, why);
    take_out(plugin);
    drop_tasks(plugin);
}

void plugin_log(struct plugin *plugin, int level, const char *text)
{
    char *masked = mask_apply(&plugin->learnt, text);

    log_write((enum log_level)level, "plugin=%s %s", plugin->name, masked);
    free(masked);
}

/* Too many within a minute, and it is of no use. */
static void count_error(struct plugin *plugin)
{
    uint64_t now = uv_now(plugin->host->worker->loop);

    plugin->figures.errors++;
    if (now - plugin->errors_since_ms >= ERRORS_MS) {
        plugin->errors_since_ms = now;
        plugin->errors_now = 0;
    }
    if (++plugin->errors_now >= ERRORS_MAX)
        plugin_switch_off(plugin, "20 errors within a minute");
}

void plugin_fault(struct plugin *plugin, const struct script_fault *fault, const char *traceback)
{
    char *masked = mask_apply(&plugin->learnt, fault->message);

    log_error("plugin=%s %s:%d: %s", plugin->name, fault->place.file, fault->place.line, masked);
    free(masked);
    if (traceback)
        plugin_log(plugin, LOG_ERROR, traceback);
    if (fault->kind == SCRIPT_FAULT_TIME) {
        plugin->figures.overruns++;
        if (++plugin->overruns_now >= OVERRUNS_MAX)
            plugin_switch_off(plugin, "ran for too long several times");
    }
    count_error(plugin);
}
