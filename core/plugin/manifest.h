/*
 * What a plugin says of itself: plugin { name = ..., version = ..., reads = ..., ... }.
 */
#ifndef SEKISHO_PLUGIN_MANIFEST_H
#define SEKISHO_PLUGIN_MANIFEST_H

#include <lua.h>
#include <stdbool.h>

struct plugin;

/* The word itself: reads the table that it was called with, or raises an error that says what is
 * wrong with it. */
void manifest_read(lua_State *lua);

/* Whether a plugin can be called so. */
bool manifest_is_name(const char *name);

void manifest_free(struct plugin *plugin);

#endif
