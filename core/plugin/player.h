/*
 * A player as plugins see them: a name for a session, which may be over.
 */
#ifndef SEKISHO_PLUGIN_PLAYER_H
#define SEKISHO_PLUGIN_PLAYER_H

#include "base/uuid.h"

#include <lua.h>
#include <stdint.h>

struct plugins;
struct session;

struct player {
    uint64_t session;
    struct uuid uuid;
};

/* Pushes the player of a session, the same object each time; nil for one that has gone. */
void player_push(lua_State *lua, uint64_t session);

/* The same of one who may have gone: an event that waited is about them all the same. */
void player_push_known(lua_State *lua, uint64_t session, const struct uuid *uuid);

/* The player at `index`, or an error. */
struct player *player_check(lua_State *lua, int index);

/* Where they are connected; NULL: they have left. */
struct session *player_session(lua_State *lua, const struct player *player);

/* The pseudonym of a player, as text: another one in each plugin, so that two cannot compare whom
 * they know. */
void player_push_hash(lua_State *lua, const struct uuid *uuid);

/* The word `hash` of players, and of persons who may be away. */
int player_hash(lua_State *lua);

/* The session has ended, and everybody heard of it. */
void players_forget(struct plugins *host, uint64_t session);

#endif
