/* The play packets of the limbo, from join game to the player's position; see limbo.h. */
#ifndef SEKISHO_GATE_LIMBO_JOIN_H
#define SEKISHO_GATE_LIMBO_JOIN_H

#include "base/buf.h"

void limbo_join_packets(int protocol, struct buf *packets);

#endif
