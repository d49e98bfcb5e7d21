/*
 * Plugins that may read values of players in plain: a `reveal` rule of a server names them, or they
 * listen to the messages of one that may. What they say of players is text like any other, so it is
 * not looked at what they send, but to whom: to other machines only what is about a player, through
 * the gate for provisions.
 */
#ifndef SEKISHO_PLUGIN_READER_H
#define SEKISHO_PLUGIN_READER_H

#include "plugin/plugin.h"

#include <stdio.h>

bool reader_is(struct plugin *plugin);

/* Whether a rule of this server, an index into conf->servers, reveals the field to it. */
bool reader_of_field(const struct plugin *plugin, size_t server, const struct plugin_read *read);

/* A line each: what they read in plain and where, and whom they talk to; nothing, where there are
 * none. */
void readers_print(const struct plugins *host, FILE *out);

/* Of one, behind what stands in the line: ", in plain on lobby, survival"; or nothing. */
void reader_print_servers(const struct plugin *plugin, const struct plugin_read *read, FILE *out);

/* What it says of a host that it talks to, a line. */
void reader_print_host(struct plugin *plugin, const struct plugin_host *host, FILE *out);

#endif
