/*
 * What plugins there are, and what they cost: for `sekisho plugins`.
 */
#include "base/mem.h"
#include "plugin/folder.h"
#include "plugin/host.h"
#include "plugin/reader.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

static const char *state_of(const struct plugin_file *file)
{
    if (file->plugin)
        return file->plugin->off ? "off" : "runs";
    if (file->asleep)
        return "asleep";
    return file->unloaded ? "unloaded" : "failed";
}

static const char *why_of(const struct plugin_file *file)
{
    return file->plugin && file->plugin->off ? file->plugin->why_off : file->why;
}

/* Not of one that is not there by intent. */
static bool is_required(const struct plugin_file *file)
{
    if (file->plugin)
        return file->plugin->required;
    return file->required && !file->asleep && !file->unloaded;
}

static double busy_ms(const struct plugin *plugin)
{
    return (double)plugin->figures.busy_ns / 1e6;
}

static void print_one(const struct plugin_file *file, FILE *out)
{
    const struct plugin *plugin = file->plugin;
    const char *why = why_of(file);

    fprintf(out, "%-16s %-10s %-8s", file->name ? file->name : "?", plugin ? plugin->version : "-",
            state_of(file));
    if (plugin)
        fprintf(out,
                " %6zu KiB %9.1f ms  %" PRIu64 " calls, %" PRIu64 " errors, %" PRIu64
                " overruns, %zu waiting, %zu timers",
                script_memory(plugin->script) / 1024, busy_ms(plugin), plugin->figures.calls,
                plugin->figures.errors, plugin->figures.overruns, plugin->task_count,
                plugin->timer_count);
    fprintf(out, "  %s\n", file->path);
    if (is_required(file))
        fprintf(out, "  is required: nobody comes in %s\n",
                plugin && !plugin->off ? "unless it answered" : "until it runs");
    if (why)
        fprintf(out, "  %s%s\n", plugin && !plugin->off ? "its new version is not loaded: " : "",
                why);
}

void folder_print(const struct plugins *host, FILE *out)
{
    for (const struct plugin_file *file = host->files; file; file = file->next)
        print_one(file, out);
    if (!host->files)
        fprintf(out, "there are no plugins in %s/; `sekisho plugin new NAME` makes one\n",
                host->folder);
}

static void print_list(const char *what, char *const *list, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i == 0 ? what : ", ", list[i]);
    if (count > 0)
        fputc('\n', out);
}

static void print_manifest(struct plugin *plugin, FILE *out)
{
    fprintf(out, "\nplugin %s: version %s, %s\n", plugin->name, plugin->version, plugin->path);
    for (size_t i = 0; i < plugin->read_count; i++) {
        fprintf(out, "  reads %s for %s", field_name(plugin->reads[i].field),
                plugin->reads[i].purpose);
        reader_print_servers(plugin, &plugin->reads[i], out);
        fputc('\n', out);
    }
    for (size_t i = 0; i < plugin->host_count; i++)
        reader_print_host(plugin, &plugin->hosts[i], out);
    if (plugin->required)
        fprintf(out, "  is required: nobody comes in unless it answered\n");
    print_list("  talks on the channels ", plugin->channels, plugin->channel_count, out);
    print_list("  depends on ", plugin->depends, plugin->depend_count, out);
}

void folder_print_manifests(const struct plugins *host, FILE *out)
{
    bool follows = false; /* another one that sleeps */

    for (const struct plugin_file *file = host->files; file; file = file->next) {
        if (file->plugin)
            print_manifest(file->plugin, out);
        else if (file->asleep)
            fprintf(out, "%splugin %s: %s\n", follows ? "" : "\n", file->name, file->why);
        follows = file->asleep;
    }
}

static void print_one_json(const struct plugin_file *file, FILE *out)
{
    const struct plugin *plugin = file->plugin;
    json_t *json =
        json_pack("{ss ss s:s? s:s? sb}", "file", file->path, "state", state_of(file), "name",
                  file->name, "why", why_of(file), "required", is_required(file));
    char *text;

    if (plugin)
        json_object_update_new(
            json,
            json_pack("{ss sI sf sI sI sI sI sI}", "version", plugin->version, "memory_bytes",
                      (json_int_t)script_memory(plugin->script), "busy_ms", busy_ms(plugin),
                      "calls", (json_int_t)plugin->figures.calls, "errors",
                      (json_int_t)plugin->figures.errors, "overruns",
                      (json_int_t)plugin->figures.overruns, "waiting",
                      (json_int_t)plugin->task_count, "timers", (json_int_t)plugin->timer_count));
    text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
    fprintf(out, "%s\n", text ? text : "{}");
    free(text);
    json_decref(json);
}

void folder_print_json(const struct plugins *host, FILE *out)
{
    for (const struct plugin_file *file = host->files; file; file = file->next)
        print_one_json(file, out);
}
