/*
 * How a game server is told who a player is: the formats of Velocity (modern) and BungeeCord
 * (legacy, BungeeGuard). What goes into them has passed the server's rules already: told.c makes
 * `struct forwarding`, and nothing else of a player gets here.
 */
#ifndef SEKISHO_IDENTITY_FORWARDING_H
#define SEKISHO_IDENTITY_FORWARDING_H

#include "identity/profile.h"

enum {
    FORWARDING_WITH_LOGIN_PLUGIN = 393, /* modern forwarding needs these messages */
    FORWARDING_HOST_BYTES_MAX = 32767,  /* Spigot's limit of a host name with an identity in it */
    FORWARDING_ANSWER_BYTES_MAX = 1024 * 1024, /* vanilla's limit of an answer in the login */
};

/* The login plugin channel on which a server asks for modern forwarding. */
#define FORWARDING_CHANNEL "velocity:player_info"

/* Versions of modern forwarding, as Velocity counts them. */
enum forwarding_version {
    FORWARDING_DEFAULT = 1,
    FORWARDING_WITH_KEY = 2,     /* 759 */
    FORWARDING_WITH_HOLDER = 3,  /* 760: the key names its holder */
    FORWARDING_LAZY_SESSION = 4, /* 761+: the key comes later, with a chat session */
};

/* Who the server is told that the player is. Borrowed for the call. */
struct forwarding {
    const struct profile *profile;
    struct slice address;          /* as text, without port */
    const struct profile_key *key; /* of the chat; NULL: none, or none that may be told */
};

/*
 * The version to answer a request with: its body is one byte, the highest version that the server
 * knows; no byte means the first. A version above ours is answered with our highest. Returns an
 * enum forwarding_version, or ERR_UNSUPPORTED when the request makes no sense.
 */
int forwarding_choose(struct slice request, int protocol, bool has_key)
    __attribute__((warn_unused_result));

/*
 * Appends the answer: 32 bytes of HMAC-SHA256 under the secret, then what they sign. Source:
 * docs.papermc.io, "Configuring player information forwarding"; PaperMC/Velocity. Returns 0, or
 * ERR_TOO_LARGE with nothing appended.
 */
int forwarding_modern(struct slice secret, enum forwarding_version version,
                      const struct forwarding *told, struct buf *out)
    __attribute__((warn_unused_result));

/*
 * Appends to the host name in `out` a zero byte and address, a zero byte and UUID, and when there
 * are any a zero byte and the properties as JSON. Source: SpigotMC/BungeeCord. Returns 0, or
 * ERR_TOO_LARGE when the whole is longer than FORWARDING_HOST_BYTES_MAX.
 */
int forwarding_legacy(const struct forwarding *told, struct buf *out)
    __attribute__((warn_unused_result));

/*
 * Legacy forwarding puts the identity where a mod loader has its marker ("\0FML2\0"); as BungeeCord
 * and Velocity do, the marker becomes a property then. Nothing for an empty one.
 */
void forwarding_add_marker(struct profile *profile, struct slice marker);

/* BungeeGuard: the secret as a property. The caller wipes it with forwarding_wipe_token. */
void forwarding_add_token(struct profile *profile, struct slice secret);
void forwarding_wipe_token(struct profile *profile);

#endif
