#include "plugin/folder.h"

#include "base/log.h"
#include "base/mem.h"
#include "plugin/dispatch.h"
#include "plugin/host.h"
#include "plugin/state.h"
#include "plugin/task.h"
#include "script/source.h"

#include <stdlib.h>
#include <string.h>

/* One look at the folder. */
struct refresh {
    struct plugins *host;
    const struct folder_wish *wish;
    struct diag *diag;
    FILE *out;
};

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

/* A file of its own, or a folder with init.lua. Returns owned; NULL: it is no plugin. */
static char *path_of(const char *folder, const uv_dirent_t *entry)
{
    char *path;

    if (entry->name[0] == '.')
        return NULL;
    if (ends_with(entry->name, ".lua"))
        return ends_with(entry->name, "_test.lua") ? NULL
                                                   : mem_format("%s/%s", folder, entry->name);
    path = mem_format("%s/%s/init.lua", folder, entry->name);
    if (source_exists(path))
        return path;
    free(path);
    return NULL;
}

static void free_file(struct plugin_file *file)
{
    folder_parts_free(file);
    free(file->path);
    free(file->name);
    free(file->why);
    free(file);
}

/* "greeter" of "plugins/greeter.lua" and "plugins/greeter/init.lua". */
static bool is_called(const struct plugins *host, const struct plugin_file *file, const char *name)
{
    const char *inside = file->path + strlen(host->folder) + 1;
    size_t len = strcspn(inside, "/");

    if (file->name)
        return strcmp(file->name, name) == 0;
    if (!inside[len])
        len -= strlen(".lua");
    return strlen(name) == len && strncmp(inside, name, len) == 0;
}

static bool is_wished(const struct refresh *refresh, const struct plugin_file *file)
{
    return refresh->wish && is_called(refresh->host, file, refresh->wish->name);
}

static void say(const struct refresh *refresh, const char *name, const char *what)
{
    if (!refresh->host->only_looks)
        log_info("plugin=%s %s", name, what);
    if (refresh->out)
        fprintf(refresh->out, "plugin %s: %s\n", name, what);
}

/* Takes `why`: it, or its next version, is not loaded; NULL: it is. */
static void set_why(struct plugin_file *file, char *why)
{
    free(file->why);
    file->why = why;
}

/* Takes `why`. The same again is told to who asks, but is no news. */
static void fail(struct refresh *refresh, struct plugin_file *file, int line, char *why)
{
    if (!file->why || strcmp(file->why, why) != 0 || refresh->wish)
        diag_add(refresh->diag, file->path, line, "%s%s", why,
                 file->plugin ? " (the one that runs goes on)" : "");
    plugin_free(file->fresh);
    file->fresh = NULL;
    set_why(file, why);
}

/* The same where entries tell it from `count` on. */
static void fall(struct refresh *refresh, struct plugin_file *file, size_t count)
{
    const struct diag *diag = refresh->diag;

    plugin_free(file->fresh);
    file->fresh = NULL;
    if (count < diag->count && count < DIAG_ENTRIES_MAX)
        set_why(file, diag_text(&diag->entries[count]));
    else
        set_why(file,
                mem_format("%s: %s", diag->entries[count].file, diag->entries[count].message));
}

static void unload(struct refresh *refresh, struct plugin_file *file, const char *what)
{
    struct plugin *plugin = file->plugin;

    say(refresh, plugin->name, what);
    file->plugin = NULL;
    plugins_take_out(refresh->host, plugin);
    plugin_free(plugin);
}

/* It is loaded only with settings, and has none: as its author meant it. */
static void lay_down(struct refresh *refresh, struct plugin_file *file)
{
    plugin_free(file->fresh);
    file->fresh = NULL;
    file->asleep = true;
    set_why(file,
            mem_format("waits for its settings, %s/%s.lua", refresh->host->settings, file->name));
    if (file->plugin)
        unload(refresh, file, "was unloaded: it has no settings any more");
}

/* Reads its next version up to the manifest. */
static void open_next(struct refresh *refresh, struct plugin_file *file)
{
    size_t told = refresh->diag->count;
    int err = plugin_open(refresh->host, file->path, refresh->diag, &file->fresh);
    const struct plugin_file *other;

    file->asleep = file->waits = file->unloaded = false;
    if (file->fresh->name) {
        free(file->name);
        file->name = mem_strdup(file->fresh->name);
        file->required = file->fresh->required;
    }
    if (err == 0 && file->fresh->optional && !folder_has_settings(file->fresh)) {
        folder_parts_note(file, file->fresh);
        lay_down(refresh, file);
        return;
    }
    folder_parts_note(file, file->fresh);
    if (err < 0) {
        fall(refresh, file, told);
        return;
    }
    for (other = refresh->host->files; other; other = other->next)
        if (other != file && other->name && strcmp(other->name, file->name) == 0 &&
            (other->plugin || other->fresh))
            break;
    file->waits = other; /* which may go */
    if (other)
        fail(refresh, file, file->fresh->line,
             mem_format("the plugin \"%s\" is %s already; give this one another name, or remove "
                        "one of them",
                        file->name, other->path));
}

/* Whoever depends on it is to know the new one. */
static void open_dependants(struct refresh *refresh, const char *name)
{
    for (struct plugin_file *file = refresh->host->files; file; file = file->next)
        for (size_t i = 0; file->plugin && !file->fresh && i < file->plugin->depend_count; i++)
            if (strcmp(file->plugin->depends[i], name) == 0)
                open_next(refresh, file);
}

/* The new one, which is read to its end, in the place of the old one. */
static void put_in_place(struct refresh *refresh, struct plugin_file *file)
{
    struct plugins *host = refresh->host;
    struct plugin *old = file->plugin;
    struct plugin *fresh = file->fresh;
    char *state = old ? state_save(old) : NULL;
    char *what = old ? mem_format("version %s is loaded, after %s", fresh->version, old->version)
                     : mem_format("version %s is loaded", fresh->version);

    if (old) {
        fresh->learnt = old->learnt; /* which it may be given as the old one's state */
        old->learnt = (struct mask){0};
        plugins_take_out(host, old);
        plugin_unregister(old);
    }
    file->plugin = fresh;
    file->fresh = NULL;
    fresh->file = file;
    set_why(file, NULL);
    plugins_append(host, fresh);
    plugin_begin(fresh);
    if (state)
        state_restore(fresh, state);
    if (host->serving)
        dispatch_tell(fresh, EVENT_PROXY_START);
    plugin_free(old); /* the events behind those that wait in it are the new one's */
    say(refresh, fresh->name, what);
    if (old)
        open_dependants(refresh, file->name);
    free(what);
    free(state);
}

static void finish_next(struct refresh *refresh, struct plugin_file *file)
{
    size_t told = refresh->diag->count;
    int err = plugin_read_on(file->fresh, refresh->diag);

    folder_parts_note(file, file->fresh);
    if (err == 0 && !file->fresh->settings && folder_has_settings(file->fresh))
        fail(refresh, file, 0,
             mem_format("%s/%s.lua is there, and nothing reads it: call settings { ... }, or take "
                        "the file away",
                        refresh->host->settings, file->name));
    else if (err < 0)
        fall(refresh, file, told);
    else
        put_in_place(refresh, file);
}

/* In its place by its path; new, or known. */
static void find(struct plugins *host, char *path)
{
    struct plugin_file **place = &host->files;
    struct plugin_file *file;

    while (*place && strcmp((*place)->path, path) < 0)
        place = &(*place)->next;
    if (!*place || strcmp((*place)->path, path) != 0) {
        file = mem_alloc(sizeof *file);
        file->path = mem_strdup(path);
        file->next = *place;
        *place = file;
    }
    (*place)->found = true;
    free(path);
}

static void drop_lost(struct refresh *refresh)
{
    struct plugin_file **place = &refresh->host->files;

    while (*place) {
        struct plugin_file *file = *place;

        if (file->found) {
            place = &file->next;
            continue;
        }
        if (file->plugin)
            unload(refresh, file, "was unloaded: its file is gone");
        *place = file->next;
        free_file(file);
    }
}

/* A folder that is not there has no plugins. */
static void look(struct refresh *refresh)
{
    struct plugins *host = refresh->host;
    uv_fs_t scan;
    uv_dirent_t entry;

    for (struct plugin_file *file = host->files; file; file = file->next)
        file->found = false;
    if (uv_fs_scandir(NULL, &scan, host->folder, 0, NULL) >= 0)
        while (uv_fs_scandir_next(&scan, &entry) >= 0) {
            char *path = path_of(host->folder, &entry);

            if (path)
                find(host, path);
        }
    uv_fs_req_cleanup(&scan);
    drop_lost(refresh);
}

static bool is_at_work(const struct plugin_file *file)
{
    return file->plugin && !file->plugin->off;
}

static bool is_due(const struct refresh *refresh, const struct plugin_file *file)
{
    if (is_wished(refresh, file))
        return refresh->wish->deed == FOLDER_RELOAD ||
               (refresh->wish->deed == FOLDER_LOAD && !is_at_work(file));
    return !file->unloaded && (file->waits || folder_is_changed(file));
}

/* What depends on one that is gone goes, too. */
static void drop_orphans(struct refresh *refresh)
{
    struct plugin_file *file = refresh->host->files;

    while (file) {
        bool orphan = false;

        for (size_t i = 0; file->plugin && i < file->plugin->depend_count; i++)
            orphan = orphan || !folder_named(refresh->host, file->plugin->depends[i]);
        if (!orphan) {
            file = file->next;
            continue;
        }
        set_why(file, folder_trouble(refresh->host, file));
        file->waits = true;
        diag_add(refresh->diag, file->path, file->plugin->line, "%s", file->why);
        unload(refresh, file, "was unloaded: it depends on a plugin that is gone");
        file = refresh->host->files;
    }
}

/* Returns whether there is such a plugin. */
static bool obey(struct refresh *refresh)
{
    struct plugin_file *file = refresh->host->files;

    while (file && !is_wished(refresh, file))
        file = file->next;
    if (file && refresh->wish->deed == FOLDER_LOAD && is_at_work(file))
        say(refresh, file->plugin->name, "runs already; `reload` reads it anew");
    if (!file || refresh->wish->deed != FOLDER_UNLOAD)
        return file;
    file->unloaded = true;
    set_why(file, mem_strdup("was unloaded by hand"));
    if (file->plugin)
        unload(refresh, file, "was unloaded by hand");
    return true;
}

static void complain_of_wish(struct refresh *refresh)
{
    const char *meant = NULL;
    char advice[DIAG_ADVICE_BYTES];

    for (struct plugin_file *file = refresh->host->files; file && !meant; file = file->next)
        if (file->name)
            meant = diag_nearest(refresh->wish->name, (const char *const *)&file->name, 1);
    diag_add(refresh->diag, refresh->host->folder, 0, "there is no plugin \"%s\"; %s",
             refresh->wish->name, diag_advice(advice, meant, "`sekisho plugins` lists them"));
}

static void load_all(struct refresh *refresh)
{
    struct plugins *host = refresh->host;
    struct plugin_file *file;

    for (file = host->files; file; file = file->next)
        if (is_due(refresh, file))
            open_next(refresh, file);
    while ((file = folder_ready(host)))
        finish_next(refresh, file);
    for (file = host->files; file; file = file->next)
        file->trouble = file->fresh ? folder_trouble(host, file) : NULL;
    for (file = host->files; file; file = file->next) {
        if (!file->fresh)
            continue;
        file->waits = true;
        fail(refresh, file, file->fresh->line, file->trouble);
    }
}

void folder_refresh(struct plugins *host, const struct folder_wish *wish, struct diag *diag,
                    FILE *out)
{
    struct refresh refresh = {.host = host, .wish = wish, .diag = diag, .out = out};

    host->burying = true; /* who ends itself meanwhile waits for us */
    look(&refresh);
    if (wish && !obey(&refresh))
        complain_of_wish(&refresh);
    drop_orphans(&refresh);
    load_all(&refresh);
    drop_orphans(&refresh);
    host->burying = false;
    tasks_settle(host);
}

const char *folder_missing(const struct plugins *host)
{
    for (const struct plugin *plugin = host->first; plugin; plugin = plugin->next)
        if (plugin->required && plugin->off)
            return plugin->name;
    for (const struct plugin_file *file = host->files; file; file = file->next)
        if (file->required && !file->plugin && !file->asleep && !file->unloaded)
            return file->name;
    return NULL;
}

void folder_forget(struct plugin *plugin)
{
    struct plugin_file *file = plugin->file;
    struct diag diag = {0};
    struct refresh refresh = {.host = plugin->host, .diag = &diag};

    if (!file || plugin->host->closing)
        return;
    log_info("plugin=%s has unloaded itself", plugin->name);
    file->plugin = NULL;
    file->unloaded = true;
    set_why(file, mem_strdup("has unloaded itself"));
    drop_orphans(&refresh);
    diag_log(&diag);
    diag_free(&diag);
}

void folder_close(struct plugins *host)
{
    struct plugin_file *file;

    while ((file = host->files)) {
        host->files = file->next;
        free_file(file);
    }
}
