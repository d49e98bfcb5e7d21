/*
 * A player from accept to goodbye. One struct, one owner (the worker's loop), one mover of states:
 * session_move. What happens in each state stands in a file of its own: login.c, lounge.c (the
 * player is between servers, with Sekisho), gate.c, backend.c, relay.c.
 *
 *   [PROXY_HEADER] -> HANDSHAKE -> STATUS
 *                             \-> LOGIN -> [UPSTREAM, or ENCRYPT -> VERIFY] -> LOOKUP ->
 * [ACKNOWLEDGE] -> known: CONNECT -> [RECONFIGURE] -> RELAY
 *                                                 \-> newcomer: SETTLE -> [limbo] -> GATE
 *                                                        -> RECORD -> CONNECT, or FINISH
 *   RELAY -> (server lost) -> CONNECT ...          any -> FINISH (goodbye said) -> gone
 */
#ifndef SEKISHO_SESSION_SESSION_H
#define SEKISHO_SESSION_SESSION_H

#include "base/table.h"
#include "base/uuid.h"
#include "consent/consent.h"
#include "gate/messages.h"
#include "identity/profile.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/dial.h"
#include "protocol/packets.h"
#include "protocol/settings.h"
#include "protocol/text.h"
#include "session/commands.h"
#include "session/worker.h"

enum session_state {
    SESSION_NONE = 0,
    SESSION_PROXY_HEADER, /* where the client comes from is due */
    SESSION_HANDSHAKE,    /* nothing heard yet */
    SESSION_STATUS,       /* the server list asks */
    SESSION_LOGIN,        /* login start is due */
    SESSION_ENCRYPT,      /* online mode: the client's half of the encryption is due */
    SESSION_VERIFY,       /* the session service is asked who this is; frames wait */
    SESSION_UPSTREAM,     /* the word of the proxy in front is due */
    SESSION_LOOKUP,       /* the store is asked whether this player accepted */
    SESSION_ACKNOWLEDGE,  /* 764+: login_acknowledged is due */
    SESSION_SETTLE,       /* 764+: the client's settings are due, they hold the language */
    SESSION_LIMBO_PACKS,  /* 766+: the answer to known packs is due */
    SESSION_LIMBO_READY,  /* 764+: the end of configuration is due */
    SESSION_LIMBO_ENTER,  /* in the limbo: settings and first sign of a loaded world are due */
    SESSION_GATE,         /* the policy is on the screen */
    SESSION_RECORD,       /* the answer is on its way to the disk */
    SESSION_WAIT,         /* accepted, and there is no server to go to */
    SESSION_CONNECT,      /* a backend is dialled and logged in to */
    SESSION_RECONFIGURE,  /* 764+: the client is called back into configuration */
    SESSION_RELAY,        /* playing */
    SESSION_FINISH,       /* goodbye is being written */
    SESSION_STATES,
};

enum {
    SESSION_MARKER_BYTES_MAX = 32,
    SESSION_TOKEN_BYTES = 4,
    SESSION_COMPRESSION_THRESHOLD = 256, /* vanilla's; most backends have the same, so frames fit */
};

enum backend_phase {
    BACKEND_NONE = 0,
    BACKEND_DIAL,  /* being connected */
    BACKEND_LOGIN, /* connected, login under way */
    BACKEND_READY, /* logged in, held until the client is ready for it */
    BACKEND_LINKED,
};

/* Where a client of Forge up to 1.12.2 is with its handshake. */
enum forge_phase {
    FORGE_NONE = 0, /* no such client */
    FORGE_FRESH,    /* waits for a server's hello */
    FORGE_SHAKING,
    FORGE_DONE, /* with a server that has Forge, or with one that has not */
};

/* What a player accepted. */
struct terms {
    char version[CONSENT_VERSION_BYTES];
    char sha256[POLICY_SHA256_TEXT_BYTES];
};

/* Of the record that counts, what is asked for while a player plays; a whole one is large. */
struct agreed {
    struct terms terms;
    char scope_sha256[POLICY_SHA256_TEXT_BYTES];
    char language[CONSENT_LANGUAGE_BYTES];
    enum consent_method method;
    enum consent_identity identity;
    int64_t decided_at_ms;
};

/* A server at the other end; all zero but `session` while there is none. */
struct backend {
    struct session *session;
    enum backend_phase phase;
    size_t server; /* index into conf->servers */
    struct dial *dial;
    struct conn *conn;
    int threshold;
    uint64_t begun_at_ms;
    uint64_t heard_at_ms;
    uint64_t linked_at_ms;
    uint64_t kept[FIELDS]; /* hash of what was last kept of each field, for this server */
    char *cookie;          /* that it asked for in the login, while the client is asked; owned */
    bool keyless;          /* it gets no chat key, so that what is said can be stopped */
    bool introduced;       /* it asked for modern forwarding, and got it */
    bool joined;           /* its join game went to the client */
    bool told;             /* and plugins heard of it, once */
    bool said_goodbye;     /* put the player out, or did not let them in; else it was lost */
    int64_t ping_id;       /* of its last keep-alive, as long as none was answered */
    bool pinged;
    bool ping_answered;
    bool bundle_open; /* 762+: what it sends is between two bundle delimiters */
    size_t skip_left; /* of a frame of its that goes nowhere: bytes still to come */
};

/* So many in the second that is counted. */
struct pace {
    uint64_t since_ms;
    int count;
};

/* 1.20.2: the server's resource pack (pack.c). */
struct pack {
    struct buf offered; /* body of the packet whose answer is due */
    struct buf loaded;  /* and of the one that the client has */
    bool restoring;     /* offered again: the answer is ours */
};

/* What a player answered to a policy that servers add (addition.c). */
struct addition {
    bool accepted;  /* and it counts for something */
    bool declined;  /* in this session: its servers are left out */
    bool withdrawn; /* the same; who has nowhere else to go waits */
    bool said;      /* how it stands */
    struct agreed agreed;
    struct standing standing;
    policy_purposes purposes; /* as bits of its current version */
    const struct grant *grant;
};

/* The showing of the policy; all zero before it. */
struct gate {
    bool showing;
    int part;   /* which policy it is (addition.c) */
    bool aside; /* 771+: from its dialog to what /privacy answers, and not back yet */
    const struct policy_text *text;
    policy_purposes chosen;          /* optional ones that the player ticked */
    int64_t shown_at_ms;             /* wall time */
    uint64_t drawn_at_ms;            /* when the whole text was sent last */
    const struct policy_text *asked; /* a language that waits for its turn to be drawn */
    char nonce[CONSENT_NONCE_BYTES];
    struct consent_record *answer;           /* on its way to the disk; owned, NULL: none */
    struct document *pages[EVENT_PAGES_MAX]; /* of plugins, shown behind the text; owned */
    size_t page_count;
};

enum { PRIVACY_CODE_BYTES = 7 };

/* What /privacy remembers between two clicks; all zero before it. */
struct privacy {
    struct consent_record *coming; /* a choice that is on its way to the disk; owned, NULL: none */
    char code[PRIVACY_CODE_BYTES]; /* confirms what is asked; "": nothing is */
    int confirms;                  /* which word */
    int of_part;                   /* and for which policy (addition.c) */
    struct held_list *held;        /* what is held, as far as the store told it; owned */
    struct page *requests;         /* the same of requests */
    bool waits;                    /* for the store's word on what it was asked to keep */
    int64_t shown_at_ms;           /* wall time at which it was shown */
    uint64_t drawn_at_ms;          /* when the policy was sent last */
};

enum { WISH_NONE = 0, WISH_OPEN = 1, WISH_BEGINS = 2 };

/* Which server the player is to be with, and who waits for it (wish.c). */
struct wish {
    void *owner;
    uint64_t ticket; /* by which the owner finds whom it was for */
    void (*then)(void *owner, uint64_t ticket, int err); /* NULL: nobody waits */
    size_t server;
    int state;
    int err; /* what came of it */
};

struct session {
    struct table_node node; /* in worker->sessions, by id; first: a node is its session */
    struct table_node seat; /* in worker->seats, by UUID, while seated */
    bool seated;
    struct session *previous, *next;
    struct worker *worker;
    uint64_t id;
    enum session_state state;
    bool closing;
    uint64_t opened_at_ms; /* loop time, as all that is not said to be wall time */
    uint64_t moved_at_ms;
    uv_timer_t tick;

    struct conn *client;
    uint8_t address_key[ADDRESS_KEY_BYTES];
    char address[ADDRESS_TEXT_BYTES]; /* personal: leaves only as a field value */
    bool proxied;                     /* came by a listener with PROXY headers */
    bool limited;                     /* counted in the limits of its address */
    bool quiet;                       /* its end is not worth a line in the log */
    enum limits_verdict verdict;
    int protocol;
    const struct packet_map *map;
    enum protocol_state up;   /* the phase of what the client sends */
    enum protocol_state down; /* the phase of what it is sent */
    int threshold;
    unsigned pending; /* so many events are not done, asked or told */
    unsigned asking;  /* so many events wait for their answers, and the client for them */
    unsigned unheard; /* of those the server's plugin messages: what it sends next waits, too */
    unsigned visit; /* counts the servers that were left: what was held for one is not the next's */
    bool logged_in; /* player.login was told of, player.disconnect not yet */
    bool joined;    /* and player.join */
    const char *cause; /* of its end; static, NULL: Sekisho's own, or a plugin's */
    bool chosen;       /* and server.choose */
    int last_server;   /* in whose world it stood last; ROUTE_NONE */
    bool counted;      /* among worker->players */
    size_t pass_left;  /* of a frame from the client whose head has gone: bytes still to come */

    uint8_t token[SESSION_TOKEN_BYTES]; /* ENCRYPT: what the client has to send back */
    struct profile profile;
    int32_t upstream_id; /* of the question to the proxy in front */
    char *host;          /* as typed by the player, lower case; owned, NULL before the handshake */
    uint8_t marker[SESSION_MARKER_BYTES_MAX]; /* what a mod loader appends to it */
    size_t marker_len;
    enum forge_phase forge;
    char language[CONSENT_LANGUAGE_BYTES]; /* of an earlier acceptance */
    char spoken[CONSENT_LANGUAGE_BYTES];   /* chosen by the player on the screen */
    bool accepted;                         /* and it counts for something */
    struct agreed agreed;
    struct standing standing;   /* of that acceptance */
    struct addition *additions; /* one for each of the worker's; owned, NULL: there are none */
    size_t looked_up;           /* so many of them, in the store */
    int destination; /* server to go to first, else where the player came from; ROUTE_NONE */
    int origin;
    struct wish wish;
    bool standing_said;
    policy_purposes purposes;  /* that this player agreed to, as bits of the current version */
    const struct grant *grant; /* and the rules that stood then; borrowed from the worker */
    bool has_settings;
    struct settings settings;
    struct buf brand;    /* empty: not said yet */
    struct buf held;     /* packets from the client that wait for a backend (packet.h) */
    struct buf channels; /* that it registered, in order, each with a zero behind it */
    struct buf bars;     /* UUIDs of the boss bars that its screen has */
    struct buf listed;   /* UUIDs of its list of players */
    char completing[COMMAND_NAME_BYTES_MAX + 2]; /* a server completes this, and we add to it */
    bool spawned;                                /* stands in a world */
    bool in_limbo;                               /* which is Sekisho's own */
    bool moved_once;                             /* gave a sign that its world is loaded */
    uint64_t joined_at_ms;
    bool key_told;      /* the client's chat key, since then */
    bool reconfiguring; /* 764+: called back into configuration, its word on it is due */

    int32_t ping_id; /* of Sekisho's own keep-alive */
    bool ping_open;  /* its answer is due */
    uint64_t pinged_at_ms;

    struct pace answers; /* small answers */
    struct pace completions;
    uint64_t completion; /* the last one that was asked for: the client takes no other */
    struct pace changes; /* of the server that it is to go to */

    struct gate gate;
    struct privacy privacy;
    struct screen *screen;       /* what plugins show there; owned, NULL: nothing */
    int32_t entity;              /* the player's number in the world */
    struct mirror_entry *mirror; /* newest first; owned by mirror.c */
    size_t mirrored;             /* how many */
    struct pack pack;
    struct backend slots[2];
    struct backend *backend; /* the server that the player is with, or on the way to; a slot */
    struct backend *wanted;  /* the one the player asked for, up to its login; NULL: none */
    size_t skip_left;        /* bytes of a frame from the client that goes nowhere */
    bool *tried;             /* servers that failed this player lately, by index */
    struct text *notice;     /* said in the chat once the next world stands; owned */
    struct buf reason;       /* a server's disconnect text, in the client's dialect; empty: none */
};

/* A peer connected. Borrows `from`, what the configuration says of the listener. */
void session_new(struct worker *worker, struct listener *listener,
                 const struct conf_listener *from);

/* The only way from one state to another: restarts the state's time-out. */
void session_move(struct session *session, enum session_state state);

/* Ends at once, without a word. Idempotent. */
void session_close(struct session *session, const char *reason);

/* From here on the server list counts this player: who is still asked does not play yet. */
void session_count(struct session *session);
void session_uncount(struct session *session);

/*
 * What this player agreed to counts no more: from play, or on the way there, back to the gate. The
 * server's connection is closed when this returns. Accepts a session in any state.
 */
void session_to_gate(struct session *session);

/* A sentence in the player's language; where nothing told it, in the policy's and in English. */
struct text *session_words(const struct session *session, enum message message);

/* Nothing more comes in or out but what is queued; it has its own deadline. */
void session_finish(struct session *session, const char *reason);

/* Says goodbye in the client's phase and language, and ends when it was read. */
void session_say_goodbye(struct session *session, enum message message, const char *reason);

/* The same with a disconnect text that is already encoded for the client's phase. */
void session_pass_goodbye(struct session *session, struct slice encoded, const char *reason);

/* The player's locale as far as it is known; NULL before anything told it. */
const char *session_locale(const struct session *session);

/* A line in the chat, in play. Takes `line`. */
void session_say(struct session *session, struct text *line);

/* Sends a list of packets, framed for this client. */
void session_send(struct session *session, const struct buf *packets);

/* Appends such a list as frames for this client. False: the session was closed. */
bool session_frame(struct session *session, const struct buf *packets, struct buf *frames);

/* What the client sent while something was waited for is taken in. */
void session_go_on(struct session *session);

/* Starts the regular look at what may last too long, which rests while a player plays. */
void session_watch(struct session *session);

/* Milliseconds of the loop's clock. */
uint64_t session_now(const struct session *session);

/* Up to the login's end, or in the server list. */
bool session_is_logging_in(const struct session *session);

/* The client broke the protocol. */
void session_malformed(struct session *session, const char *where);

#endif
