#include "plugin/plugin.h"

#include "base/clock.h"
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

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
    ERRORS_MAX = PLUGIN_FAULTS_MAX,
    ERRORS_MS = 60 * 1000,
    OVERRUNS_MAX = 3,
    OVERRUNS_MS = 10 * 60 * 1000,
    SHARE_OF_MS = 4000, /* of so long, */
    LOOK_UPS_MAX = 20,  /* of persons, within a second */
    SHARE_MS = 1000,    /* it may have the thread so long */
};

/* Players wait while a plugin is read, as they do for a call: two of their game's ticks at most. */
static const struct script_limits limits = {
    .memory_bytes = PLUGIN_MEMORY_BYTES,
    .text_bytes = PLUGIN_TEXT_BYTES,
    .run = {.instructions = 10 * 1000 * 1000, .block_bytes = 4 * 1024 * 1024, .ms = 100},
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

static void begin(struct registration *registration)
{
    registration->begun = true;
    if (registration->begin)
        registration->begin(registration);
}

void plugin_register(struct plugin *plugin, struct registration *registration,
                     void (*begins)(struct registration *registration),
                     void (*remove)(struct registration *registration))
{
    *registration = (struct registration){
        .next = plugin->registrations, .plugin = plugin, .begin = begins, .remove = remove};
    if (plugin->registrations)
        plugin->registrations->previous = registration;
    plugin->registrations = registration;
    if (plugin->active)
        begin(registration);
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

bool plugin_has_channel(const struct plugin *plugin, const char *channel)
{
    for (size_t i = 0; i < plugin->channel_count; i++)
        if (strcmp(plugin->channels[i], channel) == 0)
            return true;
    return false;
}

char *plugin_settings_path(const struct plugin *plugin)
{
    return mem_format("%s/%s.lua", plugin->host->settings, plugin->name);
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

/* A part of the file: see script_step. */
static int read_part(struct plugin *plugin, struct diag *diag)
{
    uint64_t begun = uv_hrtime();
    int err;

    plugin->diag = diag;
    plugin->host->in_lua = plugin;
    err = script_step(plugin->script, diag);
    plugin->host->in_lua = NULL;
    plugin->figures.busy_ns += uv_hrtime() - begun;
    plugin->diag = NULL;
    return err;
}

int plugin_open(struct plugins *host, const char *path, struct diag *diag, struct plugin **out)
{
    struct plugin *plugin = mem_alloc(sizeof *plugin);
    lua_State *lua;
    int err;

    *out = plugin;
    plugin->host = host;
    plugin->path = mem_strdup(path);
    if (script_open(path, &limits, diag, &plugin->script) < 0)
        return ERR_INVALID;
    lua = script_lua(plugin->script);
    *(struct plugin **)lua_getextraspace(lua) = plugin;
    libraries_offer(lua);
    api_offer(lua, api_of_plugins);
    err = read_part(plugin, diag);
    if (err == 0)
        diag_add(diag, path, 0,
                 "does not say what it is; begin with plugin { name = \"...\", version = \"1.0.0\" "
                 "}");
    else if (err == 1 && plugin->registrations)
        diag_add(diag, path, plugin->line, "plugin { ... } has to stand before all else");
    return err == 1 && !plugin->registrations ? 0 : ERR_INVALID;
}

int plugin_read_on(struct plugin *plugin, struct diag *diag)
{
    return read_part(plugin, diag);
}

void plugin_begin(struct plugin *plugin)
{
    struct registration *each = plugin->registrations;

    plugin->active = true;
    while (each && each->next) /* in the order in which they were made */
        each = each->next;
    for (; each; each = each->previous)
        begin(each);
}

void plugin_unregister(struct plugin *plugin)
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
        plugin_unregister(plugin);
        drop_tasks(plugin);
    }
    script_free(plugin->script);
    manifest_free(plugin);
    mask_free(&plugin->learnt);
    free(plugin->settings);
    free(plugin->settings_found);
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
    log_error("plugin=%s is switched off: %s; mend what is told above, and save it or try it again "
              "by `sekisho plugins reload %s`",
              plugin->name, why, plugin->name);
    plugin_unregister(plugin);
    drop_tasks(plugin);
}

bool plugin_rate_take(struct plugin *plugin, struct plugin_rate *rate, int max)
{
    uint64_t now = uv_now(plugin->host->worker->loop);

    if (now - rate->since_ms >= 1000)
        *rate = (struct plugin_rate){.since_ms = now};
    return ++rate->count <= max;
}

void plugin_check_look_up(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);

    if (!plugin_rate_take(plugin, &plugin->look_ups, LOOK_UPS_MAX))
        luaL_error(lua, "more than %d persons or UUIDs are looked up within a second",
                   LOOK_UPS_MAX);
}

void plugin_log(struct plugin *plugin, int level, const char *text)
{
    char *masked = mask_apply(&plugin->learnt, text);

    log_write((enum log_level)level, "plugin=%s %s", plugin->name ? plugin->name : plugin->path,
              masked);
    free(masked);
}

/* Whether this is the last of `max` within so much time. */
static bool is_one_too_many(struct plugin *plugin, struct plugin_faults *faults, size_t max,
                            uint64_t within_ms)
{
    uint64_t now = uv_now(plugin->host->worker->loop);

    faults->at_ms[faults->count++ % max] = now; /* behind it stands the oldest of them */
    return faults->count >= max && now - faults->at_ms[faults->count % max] < within_ms;
}

/*
 * Calls that are short enough one by one may still be too many. What they took by the clock is
 * summed up, which costs little; where that is too much, the thread has to have worked so long, and
 * not only waited for the processor.
 */
void plugin_charge(struct plugin *plugin, uint64_t ns)
{
    const int64_t ns_max = (int64_t)SHARE_MS * 1000 * 1000;
    struct plugin_share *share = &plugin->share;
    uint64_t now = uv_now(plugin->host->worker->loop);
    int64_t worked;

    plugin->figures.busy_ns += ns;
    if (share->ns == 0 || now - share->since_ms >= SHARE_OF_MS)
        *share =
            (struct plugin_share){.since_ms = now, .thread_ns = clock_thread_ns() - (int64_t)ns};
    share->ns += (int64_t)ns;
    if (share->ns <= ns_max)
        return;
    worked = clock_thread_ns() - share->thread_ns;
    if (worked > ns_max)
        plugin_switch_off(plugin, "all its calls together took more than 1 s within 4 s");
    else
        share->ns = worked;
}

void plugin_overrun(struct plugin *plugin)
{
    plugin->figures.overruns++;
    if (is_one_too_many(plugin, &plugin->overruns, OVERRUNS_MAX, OVERRUNS_MS))
        plugin_switch_off(plugin, "its calls took too long 3 times within 10 minutes");
}

/* Line by line: one of the log is an event. What stands in C is nobody's to mend. */
static void log_traceback(const struct plugin *plugin, const char *traceback)
{
    static const char heading[] = "stack traceback:";
    static const char in_c[] = "[C]:";

    if (strncmp(traceback, heading, sizeof heading - 1) == 0)
        traceback += sizeof heading - 1;
    traceback += strspn(traceback, "\n\t");
    while (*traceback) {
        size_t len = strcspn(traceback, "\n");

        if (strncmp(traceback, in_c, sizeof in_c - 1) != 0)
            log_error("plugin=%s   at %.*s", plugin->name, (int)len, traceback);
        traceback += len;
        traceback += strspn(traceback, "\n\t");
    }
}

void plugin_fault(struct plugin *plugin, const struct script_fault *fault, const char *traceback)
{
    bool again = plugin->figures.errors > 0 && plugin->fault_line == fault->place.line;
    char *masked = mask_apply(&plugin->learnt, fault->message);

    log_error("plugin=%s %s:%d: %s", plugin->name, fault->place.file, fault->place.line, masked);
    free(masked);
    if (traceback && !again)
        log_traceback(plugin, traceback);
    plugin->fault_line = fault->place.line;
    plugin->figures.errors++;
    if (fault->kind == SCRIPT_FAULT_TIME)
        plugin_overrun(plugin);
    if (is_one_too_many(plugin, &plugin->errors, ERRORS_MAX, ERRORS_MS))
        plugin_switch_off(plugin, "20 errors within a minute");
}
