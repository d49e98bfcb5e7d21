/*
 * The empty world that Sekisho serves itself, with the fewest packets that a vanilla client needs,
 * and the hand-over from there (or from a lost backend) to a backend's world.
 */
#ifndef SEKISHO_GATE_LIMBO_H
#define SEKISHO_GATE_LIMBO_H

#include "base/buf.h"
#include "gate/tree.h"
#include "identity/profile.h"

#include <stdbool.h>
#include <stdint.h>

enum { LIMBO_ENTITY = 1 }; /* the player's number in it */

/* Registry data and join packets, built once for each version and shared by all players. */
struct limbo_cache;

struct limbo_cache *limbo_cache_new(void); /* returns owned */
void limbo_cache_free(struct limbo_cache *cache);

/* The newest protocol that the limbo can serve; players above it wait in a dialog instead. */
int limbo_newest(void);

/*
 * 764+: the configuration packets, in two parts: the known-packs question (766+; empty before),
 * and, after its answer, registries, tags and finish_configuration. Both are complete packets,
 * borrowed until limbo_cache_free.
 */
struct slice limbo_known_packs(struct limbo_cache *cache, int protocol);
struct slice limbo_registries(struct limbo_cache *cache, int protocol);

/*
 * The play packets from join game to the player standing in the void: join, abilities, spawn,
 * commands, chunk or "wait for chunks" event, position. Appends to `packets`.
 */
void limbo_join(struct limbo_cache *cache, int protocol, struct buf *packets);

/* What can be typed there: /accept, /decline, /policy, /choose, /language and /privacy. */
void limbo_add_commands(struct tree *tree);

/* 47+: the player in the list of players, which no vanilla server leaves empty. */
void limbo_list_player(int protocol, const struct profile *profile, struct buf *packets);

/* A keep-alive in play or configuration, with the id in this version's shape. */
void limbo_keep_alive(int protocol, bool configuration, int32_t id, struct buf *packets);

/* Reads the id of a keep-alive answer's body (without packet id). False when malformed. */
bool limbo_keep_alive_id(int protocol, bool configuration, struct slice body, int64_t *out);

/*
 * Below 764: turns a backend's join game (id and body) for a client that already stands in a world
 * into what makes it change worlds: join game (up to 578 with another dimension) and respawn.
 * Forge of up to 1.12.2 wants the join game as it is, and respawns in another dimension and back.
 * Returns 0 or ERR_MALFORMED, and then appends nothing.
 */
int limbo_switch_join(int protocol, bool forge, struct slice join_game, struct buf *packets)
    __attribute__((warn_unused_result));

#endif
