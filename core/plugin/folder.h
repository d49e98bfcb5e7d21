/*
 * The folder of the plugins: NAME.lua, or NAME/init.lua. What is new or changed in it is loaded in
 * the order in which plugins depend on each other; what does not load leaves the one that runs
 * untouched.
 */
#ifndef SEKISHO_PLUGIN_FOLDER_H
#define SEKISHO_PLUGIN_FOLDER_H

#include "base/diag.h"
#include "crypto/hash.h"
#include "plugin/plugin.h"

#include <stdbool.h>
#include <stdio.h>

/* What a plugin was made of, as it was then. */
struct plugin_part {
    char *path;
    char *hash; /* SHA-256; NULL: it was not there, or could not be read */
};

struct plugin_file {
    struct plugin_file *next; /* by path */
    char *path;
    char *name;            /* as it said last; NULL: it never said any */
    struct plugin *plugin; /* that runs; NULL: none */
    struct plugin *fresh;  /* that may take its place, while the folder is refreshed */
    char *why;             /* why it, or its new version, is not loaded; NULL: it is */
    char *trouble;         /* why it cannot be loaded, on the way there */
    bool required;         /* as it said last */
    bool asleep;           /* since it has no settings, which is no mistake */
    bool unloaded;         /* by a person, or by itself; stays so */
    bool waits;            /* for another plugin: tried again whenever the folder is looked at */
    bool found;            /* in the folder, just now */
    bool seen;             /* in a search for a cycle */
    struct plugin_part *parts;
    size_t part_count;
};

/* What a person wants of one plugin. */
struct folder_wish {
    enum folder_deed { FOLDER_RELOAD = 1, FOLDER_LOAD, FOLDER_UNLOAD } deed;
    const char *name; /* of the plugin, or of its file without ".lua" */
};

/*
 * Loads what is new, loads anew what changed, unloads what is gone. `wish` NULL: nothing besides.
 * What is wrong goes to `diag`, a line for each thing that was done to `out` (NULL: nobody reads).
 */
void folder_refresh(struct plugins *host, const struct folder_wish *wish, struct diag *diag,
                    FILE *out);

/*
 * A plugin that is required and does not run, since it failed or was switched off; NULL: there is
 * none. One that a person unloaded, or that has no settings, is missed by nobody. Borrowed.
 */
const char *folder_missing(const struct plugins *host);

/* The plugin has ended itself, and what depends on it goes, too. */
void folder_forget(struct plugin *plugin);

/* Every plugin is gone already. */
void folder_close(struct plugins *host);

/* folder_order.c: who comes first. */

/* Whose next version says this name, or whose plugin has it; NULL: nobody's. */
struct plugin_file *folder_named(const struct plugins *host, const char *name);

/* One whose next version can be read on now: all that it depends on runs. NULL: none can. */
struct plugin_file *folder_ready(const struct plugins *host);

/* Why it cannot: what it depends on is missing, or depends on it. Returns owned. */
char *folder_trouble(const struct plugins *host, struct plugin_file *file);

/* folder_parts.c: what each was made of. */

/* What was read of its next version, whether it could be loaded or not. */
void folder_parts_note(struct plugin_file *file, const struct plugin *plugin);
void folder_parts_free(struct plugin_file *file);

/* Whether anything of that is another now, or was never read. */
bool folder_is_changed(const struct plugin_file *file);

/* Whether there is a file with its settings; where not, whether there is one is part of it. */
bool folder_has_settings(struct plugin *plugin);

/* Calls `each` with every file that is to be watched, also those that are not there yet. */
void folder_each_path(const struct plugins *host, void (*each)(void *owner, const char *path),
                      void *owner);

/* report.c: `sekisho plugins`, and what `sekisho check` says of them. */
void folder_print(const struct plugins *host, FILE *out);
void folder_print_manifests(const struct plugins *host, FILE *out);
void folder_print_json(const struct plugins *host, FILE *out);

#endif
