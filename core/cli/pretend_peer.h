/*
 * One end of a pretended connection: packets to bytes, and bytes to packets.
 */
#ifndef SEKISHO_CLI_PRETEND_PEER_H
#define SEKISHO_CLI_PRETEND_PEER_H

#include "cli/pretend.h"
#include "protocol/packets.h"

/* What its connection tells it: each packet goes to `peer->packet`. The owner is the peer. */
extern const struct conn_events pretend_events;

/* A packet, for packet_end; of the version that is played. */
size_t pretend_begin(struct buf *packets, enum packet_kind kind);

/* Takes the packets; they go nowhere when it has hung up. */
void pretend_send(struct pretend_peer *peer, struct buf *packets);
void pretend_hang_up(struct pretend_peer *peer);

#endif
