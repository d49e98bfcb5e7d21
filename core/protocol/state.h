/* The phases of a connection, as the protocol numbers and names them. */
#ifndef SEKISHO_PROTOCOL_STATE_H
#define SEKISHO_PROTOCOL_STATE_H

enum protocol_state {
    PROTOCOL_HANDSHAKE = 0,
    PROTOCOL_STATUS,
    PROTOCOL_LOGIN,
    PROTOCOL_CONFIGURATION, /* 764 (1.20.2) and later */
    PROTOCOL_PLAY,
    PROTOCOL_STATES,
};

/* Who receives: clientbound goes to the player, serverbound to the server. */
enum protocol_direction {
    PROTOCOL_CLIENTBOUND = 0,
    PROTOCOL_SERVERBOUND,
    PROTOCOL_DIRECTIONS,
};

#endif
