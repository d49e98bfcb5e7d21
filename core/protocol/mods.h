/*
 * The list of mods in what a client of Forge or NeoForge says while it shakes hands with its
 * server.
 */
#ifndef SEKISHO_PROTOCOL_MODS_H
#define SEKISHO_PROTOCOL_MODS_H

#include "base/buf.h"

#include <stdbool.h>

/*
 * Appends the names, with commas between them and versions behind an @ where the client says them,
 * when `data` on this plugin channel is a list of mods: "FML|HS" in play up to 1.12.2,
 * "fml:loginwrapper" in login from 1.13 on, "neoforge:register" in configuration, which names the
 * channels of mods: those without one are not there. Returns whether it is.
 */
bool mods_read(struct slice channel, struct slice data, struct buf *out);

/* Whether a list of mods can come on this channel behind the login. */
bool mods_are_listed(struct slice channel);

#endif
