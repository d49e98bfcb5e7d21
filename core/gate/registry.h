/*
 * The registries of the limbo: few entries, from a generated table (tests/tools/registries.mjs).
 * One codec tree in the join game (735 to 763) or in configuration (764, 765), one packet for each
 * registry from 766 on.
 */
#ifndef SEKISHO_GATE_REGISTRY_H
#define SEKISHO_GATE_REGISTRY_H

#include "base/buf.h"

enum {
    REGISTRY_OLDEST = 735, /* no registries on the wire before */
    REGISTRY_NEWEST = 775, /* the newest that the facts in the table cover */
};

/* The codec as a tree, 735 to 765. */
void registry_codec(int protocol, struct buf *out);

/* The overworld's dimension type as a tree, 751 to 758. */
void registry_dimension(int protocol, struct buf *out);

/* 764+: the configuration packets from the registries to the tags that the client demands. */
void registry_packets(int protocol, struct buf *packets);

#endif
