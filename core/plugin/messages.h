/*
 * Messages from one plugin to others: values of JSON, which are copied. A topic begins with the
 * name of the plugin that speaks of it: "stats.changed". Nothing of a player goes this way.
 */
#ifndef SEKISHO_PLUGIN_MESSAGES_H
#define SEKISHO_PLUGIN_MESSAGES_H

#include <lua.h>
#include <stdbool.h>

struct plugin;

int message_publish(lua_State *lua);
int message_listen(lua_State *lua);

/* Whether the one listens to what the other publishes. */
bool message_listens(const struct plugin *plugin, const struct plugin *to);

#endif
