/*
 * What plugins were made of: whether that is as it was, and where to look whether it changes.
 */
#include "base/mem.h"
#include "plugin/folder.h"
#include "plugin/host.h"
#include "script/source.h"

#include <stdlib.h>
#include <string.h>

void folder_parts_free(struct plugin_file *file)
{
    for (size_t i = 0; i < file->part_count; i++) {
        free(file->parts[i].path);
        free(file->parts[i].hash);
    }
    free(file->parts);
    file->parts = NULL;
    file->part_count = 0;
}

/* Takes the hash. */
static void add_part(struct plugin_file *file, const char *path, char *hash)
{
    file->parts = mem_resize(file->parts, (file->part_count + 1) * sizeof *file->parts);
    file->parts[file->part_count++] = (struct plugin_part){.path = mem_strdup(path), .hash = hash};
}

/* NULL: it could not be read. */
static char *hash_of(struct slice text)
{
    char hash[SHA256_TEXT_BYTES];

    if (!text.data)
        return NULL;
    sha256_hex(text, hash);
    return mem_strdup(hash);
}

void folder_parts_note(struct plugin_file *file, const struct plugin *plugin)
{
    folder_parts_free(file);
    if (!plugin->script)
        add_part(file, file->path, NULL);
    for (size_t i = 0; plugin->script && i < script_source_count(plugin->script); i++)
        add_part(file, script_path(plugin->script, i), hash_of(script_source(plugin->script, i)));
    if (plugin->settings)
        add_part(file, plugin->settings,
                 plugin->settings_found ? mem_strdup(plugin->settings_found) : NULL);
}

static bool is_as_it_was(const struct plugin_part *part)
{
    struct diag untold = {0};
    struct source source;
    char *hash = NULL;
    bool same;

    if (source_read(part->path, &untold, &source) == 0)
        hash = hash_of(source_slice(&source));
    same = hash && part->hash ? strcmp(hash, part->hash) == 0 : !hash && !part->hash;
    free(hash);
    source_free(&source);
    diag_free(&untold);
    return same;
}

bool folder_has_settings(struct plugin *plugin)
{
    struct plugin_part part = {.path = plugin_settings_path(plugin)};
    bool has = !is_as_it_was(&part);

    if (!has && !plugin->settings)
        plugin->settings = mem_strdup(part.path);
    free(part.path);
    return has;
}

bool folder_is_changed(const struct plugin_file *file)
{
    for (size_t i = 0; i < file->part_count; i++)
        if (!is_as_it_was(&file->parts[i]))
            return true;
    return file->part_count == 0;
}

/* What is in a folder is told by any path in it; one that is not there, by the folder above. */
static void each_in(const char *folder, void (*each)(void *owner, const char *path), void *owner)
{
    char *inside = mem_format("%s/.", folder);

    each(owner, source_exists(folder) ? inside : folder);
    free(inside);
}

void folder_each_path(const struct plugins *host, void (*each)(void *owner, const char *path),
                      void *owner)
{
    each_in(host->folder, each, owner);
    each_in(host->settings, each, owner);
    for (const struct plugin_file *file = host->files; file; file = file->next)
        for (size_t i = 0; i < file->part_count; i++)
            if (source_exists(file->parts[i].path))
                each(owner, file->parts[i].path);
}
