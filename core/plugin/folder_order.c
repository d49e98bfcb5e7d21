/*
 * In which order plugins are loaded: each after all that it depends on.
 */
#include "base/mem.h"
#include "plugin/folder.h"
#include "plugin/host.h"

#include <string.h>

/* As it is to be: the version that may come, or the one that runs. */
static const struct plugin *coming(const struct plugin_file *file)
{
    return file->fresh ? file->fresh : file->plugin;
}

struct plugin_file *folder_named(const struct plugins *host, const char *name)
{
    for (struct plugin_file *file = host->files; file; file = file->next) {
        const struct plugin *plugin = coming(file);

        if (plugin && plugin->name && strcmp(plugin->name, name) == 0)
            return file;
    }
    return NULL;
}

static bool runs(const struct plugin_file *file)
{
    return file && file->plugin && !file->fresh;
}

/* Whether `from`, or what it depends on, depends on `file`. Marks what it has seen. */
static bool leads_to(const struct plugins *host, struct plugin_file *from,
                     const struct plugin_file *file)
{
    const struct plugin *plugin = coming(from);

    if (from->seen || !plugin)
        return false;
    from->seen = true;
    for (size_t i = 0; i < plugin->depend_count; i++) {
        struct plugin_file *next = folder_named(host, plugin->depends[i]);

        if (next && (next == file || leads_to(host, next, file)))
            return true;
    }
    return false;
}

static bool is_in_cycle(const struct plugins *host, struct plugin_file *file)
{
    for (struct plugin_file *each = host->files; each; each = each->next)
        each->seen = false;
    return leads_to(host, file, file);
}

static bool is_ready(const struct plugins *host, struct plugin_file *file)
{
    for (size_t i = 0; i < file->fresh->depend_count; i++)
        if (!runs(folder_named(host, file->fresh->depends[i])))
            return false;
    return file->fresh->depend_count == 0 || !is_in_cycle(host, file);
}

struct plugin_file *folder_ready(const struct plugins *host)
{
    for (struct plugin_file *file = host->files; file; file = file->next)
        if (file->fresh && is_ready(host, file))
            return file;
    return NULL;
}

/* Somebody who has not loaded and said this name before, or whose file is called so. */
static const struct plugin_file *fallen(const struct plugins *host, const char *name)
{
    for (const struct plugin_file *file = host->files; file; file = file->next)
        if (!coming(file) && file->name && strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

static const char *nearest(const struct plugins *host, const char *name)
{
    const char *best = NULL;

    for (const struct plugin_file *file = host->files; file && !best; file = file->next)
        if (file->name)
            best = diag_nearest(name, (const char *const *)&file->name, 1);
    return best;
}

char *folder_trouble(const struct plugins *host, struct plugin_file *file)
{
    const struct plugin *plugin = coming(file);

    for (size_t i = 0; i < plugin->depend_count; i++) {
        const char *name = plugin->depends[i];
        const char *meant;

        if (folder_named(host, name))
            continue;
        if (fallen(host, name))
            return mem_format("depends on \"%s\", which is not loaded; see there", name);
        meant = nearest(host, name);
        if (meant)
            return mem_format("depends on \"%s\", which is not there; did you mean \"%s\"?", name,
                              meant);
        return mem_format("depends on \"%s\", which is not there; put it into %s/", name,
                          host->folder);
    }
    for (size_t i = 0; is_in_cycle(host, file) && i < plugin->depend_count; i++) {
        struct plugin_file *other = folder_named(host, plugin->depends[i]);

        if (other == file)
            return mem_strdup("depends on itself; leave that out of `depends`");
        for (struct plugin_file *each = host->files; each; each = each->next)
            each->seen = false;
        if (leads_to(host, other, file))
            return mem_format("depends on \"%s\", which depends on it; one of them has to do "
                              "without the other",
                              plugin->depends[i]);
    }
    return mem_strdup("depends on a plugin that is not loaded; see there");
}
