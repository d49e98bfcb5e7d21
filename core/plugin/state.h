/*
 * What a plugin hands on to its next version: JSON, without anything of a player.
 */
#ifndef SEKISHO_PLUGIN_STATE_H
#define SEKISHO_PLUGIN_STATE_H

struct plugin;

/* What its handlers of "plugin.save" return, the first that returns something. Owned; NULL: none.
 */
char *state_save(struct plugin *plugin);

/* Calls the handlers of "plugin.restore" with it. */
void state_restore(struct plugin *plugin, const char *state);

#endif
