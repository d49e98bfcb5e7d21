/*
 * What the states of a session do: the calls between session.c, which receives and times, and the
 * files of the phases.
 */
#ifndef SEKISHO_SESSION_PHASES_H
#define SEKISHO_SESSION_PHASES_H

#include "identity/session_service.h"
#include "session/commands.h"
#include "session/session.h"

struct page;

/* A packet from a peer. Both slices are borrowed for the call. */
struct packet_in {
    enum packet_kind kind;
    struct slice whole; /* with its id */
    struct slice body;  /* behind its id */
};

/*
 * inbound.c: where the client comes from, and its place in the limits. A connection that is not
 * welcome is none of ours; a probe is one that a health check opened, and says nothing.
 */
bool inbound_welcome(struct session *session, const struct conf_listener *listener);
void inbound_begin(struct session *session); /* the address is known: the handshake is due */
size_t inbound_header(struct session *session, struct slice bytes); /* returns bytes consumed */
void inbound_vouched(struct session *session, const struct sockaddr *address);
void inbound_end(struct session *session);
bool inbound_is_probe(const struct session *session);

/*
 * crowd.c: false: nobody can give way to this new connection, which has no place. Ends the oldest
 * of those that have not logged in yet, where the process is short of descriptors.
 */
bool crowd_has_place(struct session *session);

/* listing.c: the server list. */
void listing_packet(struct session *session, const struct packet_in *packet);

/* login.c: from the handshake to a known identity. */
void login_welcome(struct session *session); /* says that the login succeeded */
void login_packet(struct session *session, const struct packet_in *packet);
void login_add_host(const struct session *session, struct event *event); /* as it is configured */
void login_identified(struct session *session);       /* the profile is complete */
bool login_is_within_limits(struct session *session); /* else says goodbye */
void login_found(void *owner, uint64_t id, int err, const struct consent_record *record);

/* encrypt.c: online mode, from a claimed name to a proven identity. */
void encrypt_begin(struct session *session, struct slice login_start);
void encrypt_packet(struct session *session, const struct packet_in *packet);
void encrypt_answered(void *owner, uint64_t id, enum session_service_answer answer,
                      struct profile *profile);
void encrypt_left(struct session *session); /* the client is gone, or about to be */

/* upstream.c: a proxy in front that vouches for the player. */
void upstream_ask(struct session *session);
void upstream_answered(struct session *session, struct slice body);

/* lounge.c: the client is with Sekisho alone: in configuration, or in the limbo. */
void lounge_packet(struct session *session, const struct packet_in *packet);
void lounge_tick(struct session *session);
void lounge_enter(struct session *session);     /* to wherever gate or waiting room can be shown */
void lounge_call_back(struct session *session); /* 764+: from a world into configuration */
void lounge_remember(struct session *session, const struct packet_in *packet);

/* standing.c: what the player's acceptance counts for while the policy changes. */
struct terms terms_of(const struct consent_record *record);
struct agreed agreed_of(const struct consent_record *record);
void standing_found(struct session *session, const struct consent_record *record);
void standing_say(struct session *session); /* in the chat, once, if there is anything to say */
const char *standing_preface(const struct session *session); /* why it is asked; may be NULL */
void standing_check(struct session *session);                /* as time goes by */
void standing_renew(struct session *session, const struct policies *before);
bool standing_is_of_player(const struct session *session, const struct consent_record *record);
void standing_tell(struct session *session, const struct standing *standing,
                   const struct policy *policy); /* that it changed, if it did */

/*
 * addition.c: what single servers ask for besides. A part is 0 for the policy of all, else counts
 * the worker's additions from 1; one that was asked for may be GONE before the answer.
 */
enum { ADDITION_GONE = -1 };
void additions_begin(struct session *session);
void addition_found(struct session *session, const struct consent_record *record);
int addition_part(const struct session *session, size_t server); /* to be asked for it; 0: none */
const struct policy_set *addition_set(const struct session *session, int part);
const struct policy *addition_policy(const struct session *session, int part);
/* The part whose id the words begin with, and what follows; GONE: none. */
int addition_named(const struct session *session, struct slice words, struct slice *rest);
size_t additions_count(const struct session *session);
void addition_declined(struct session *session); /* gate.part */
void addition_forget(struct session *session, int part);
void addition_withdrawn(struct session *session, int part); /* that one alone: its server is left */
bool additions_let_wait(const struct session *session); /* one was withdrawn: nowhere is no end */
bool addition_is_declined(const struct session *session, size_t server);
void addition_ask_again(struct session *session, size_t server);
void addition_tell(const struct session *session, size_t server, struct rules_subject *subject);
const char *addition_version(const struct session *session, size_t server,
                             const char *purpose); /* of an added purpose; else NULL */
void addition_say(struct session *session, size_t server);
void additions_check(struct session *session);
void additions_renew(struct session *session, const struct policies *before);

/* gate.c: the policy shown, answered, recorded. */
void gate_show(struct session *session);
void gate_click(struct session *session, struct slice body);
void gate_command(struct session *session, struct slice command);
void gate_talk(struct session *session); /* a line in the chat that is no command */
void gate_tick(struct session *session);
bool gate_has_dialog(const struct session *session); /* stands before it, now */
/* To it, from /privacy, at once or soon: its screen waits for an answer. Elsewhere nothing. */
void gate_back(struct session *session);
void gate_free(struct session *session); /* nothing is shown, nor answered */
void gate_timed_out(struct session *session);
void gate_withdrawn(struct session *session); /* tells of it */
void gate_left(struct session *session);      /* the client is gone, or about to be */

/* pace.c: how fast a client may make us say things. */
bool pace_may_say(struct session *session); /* something small; counts it */
bool pace_may_complete(struct session *session);
bool pace_may_change(struct session *session); /* where it is to go; counts it */
/* Something as long as the policy, which was sent last then. */
bool pace_may_draw(const struct session *session, uint64_t drawn_at_ms);

/* route.c: the player's way between servers. */
enum { ROUTE_NONE = -1 };
/* The server of the host name that was typed, else the first of `try` that did not fail. */
int route_candidate(const struct session *session);
const char *route_known_host(const struct session *session);  /* configured; NULL: none fits */
const char *route_destination(const struct session *session); /* its name; "": there is none */
void route_begin(struct session *session);                 /* to the first candidate that answers */
void route_switch(struct session *session, size_t server); /* by wish_go alone */
void route_wanted_ready(struct session *session); /* is called whenever it may be the time */
void route_lost(struct backend *backend, const char *why);
void route_kicked(struct backend *backend, const char *why); /* by its own words, session->reason */
/* Why the player is in another world, or is not, and the words of the server that was left. */
void route_say_notice(struct session *session);
void route_tick(struct session *session);
void route_abandon(struct session *session); /* leaves all servers, for none */
void route_forget_wanted(struct session *session);
void route_lose_wanted(struct session *session); /* the player stays where they are */
bool route_waits(const struct session *session); /* no server to go to, and that is no end */
bool route_asks(struct session *session); /* the next server asks for more than was accepted */

/*
 * wish.c: the player is to be with another server, in place of where they were wanted before.
 * Returns WISH_OPEN: `then` is called once, with 0 when they are there, or why not; else that at
 * once. ERR_CLOSED: they left; ERR_AGAIN: they are at the gate or between two servers; ERR_BUSY:
 * they were wanted elsewhere meanwhile; ERR_REFUSED: they were kept, or sent elsewhere; ERR_IO: the
 * server did not take them; ERR_FULL: they changed too often; ERR_UNSUPPORTED: it asks for more
 * than they accepted, which they cannot be shown now.
 */
int wish_go(struct session *session, size_t server, const struct wish *wish);
void wish_failed(struct session *session, size_t server, int err); /* if it is for that server */
void wish_settle(struct session *session, int err); /* whichever is open: that is where they are */
void wish_forget(struct session *session, uint64_t ticket); /* nobody waits for it any more */

/* recall.c: back from a server to where Sekisho can show something. */
bool recall_is_possible(const struct session *session);
void recall_to_lounge(struct session *session);                    /* what was accepted stays */
void recall_saying(struct session *session, enum message message); /* and where they stand next */

/* backend.c: one server's connection. */
const struct conf_server *backend_server(const struct backend *backend);
void backend_dial(struct backend *backend, size_t server);
void backend_close(struct backend *backend);
void backend_hand_over(struct session *session); /* the client to the backend, which is ready */
void backend_link(struct session *session);      /* and the client is ready, too */
void backend_joined(struct session *session);    /* the client stands in its world */
void backend_joined_unseen(struct session *session);
void backend_pass_answer(struct session *session, const struct packet_in *packet);
void backend_send(struct backend *backend, const struct buf *packets);
void backend_go_on(struct backend *backend); /* with what it sent behind a message that waited */

/* introduction.c: who is coming, in the form that the server takes and its rules allow. */
void introduction_begin(struct backend *backend); /* connected: the first bytes to the server */
bool introduction_asked(struct backend *backend, struct slice body); /* true: about forwarding */
bool introduction_is_done(const struct backend *backend); /* may the server let the player in? */

/* relay.c: frames between the two. Both return the bytes consumed. */
size_t relay_from_client(struct session *session, struct slice bytes);
size_t relay_from_backend(struct session *session, struct slice bytes);
void relay_close_bundle(struct session *session); /* what follows is not part of the server's */

/*
 * command.c: what players type of the commands that Sekisho answers (commands.h). Where it says so,
 * true: the packet went no further, or went on in another form.
 */
bool command_is(struct slice line, const char *name, struct slice *argument); /* in any case */
bool command_may_answer(const struct session *session);       /* there is a screen to answer on */
void command_say(struct session *session, struct text *line); /* takes it */
bool command_is_for(const struct session *session, const struct command *command);
bool command_run(struct session *session, struct slice line); /* without its slash; as above */
bool command_typed(struct session *session, const struct packet_in *packet); /* as above */
void command_swallowed(struct session *session, const struct packet_in *packet);

/* completion.c: and while they type; as above. */
bool command_completed(struct session *session, const struct packet_in *packet);
bool command_add_completion(struct session *session, const struct packet_in *packet);
/* Where no server would answer. */
void command_completed_alone(struct session *session, const struct packet_in *packet);

/* command_tree.c: and what the client knows of them from 393 on. */
bool command_add_to_tree(struct session *session, const struct packet_in *packet); /* as above */
void command_tell_tree(struct session *session); /* in the waiting room */

/* said.c: what a player says, as events. True: it goes on when that was answered. */
bool said_is_asked(struct session *session, const struct packet_in *packet);

/* payload.c: plugin messages between client and server, as events. */
bool payload_is_wanted(const struct session *session, enum packet_kind kind, struct slice channel);
bool payload_is_asked(struct session *session, const struct packet_in *packet); /* as above */
void payload_ask_held(struct session *session); /* behind acts_put_held, when that was sent */
int payload_send(struct session *session, const char *channel, struct slice data); /* to the server;
 0, ERR_REFUSED by its rules, ERR_FULL: it does not read, ERR_CLOSED: there is none */

/* signatures.c: of the chat, for servers that may not know whose they are. */
bool signatures_matter(const struct session *session);
bool signatures_take_out(struct session *session, const struct packet_in *packet); /* as above */

/*
 * acts.c: what the server does to the client, and channels in both directions, as far as the
 * server's rules allow it.
 */
enum verdict { VERDICT_PASS, VERDICT_DROP, VERDICT_OPEN }; /* OPEN: the whole packet tells */
enum { ACTS_NAME_CHARS_MAX = 256 };
bool acts_are_named(enum packet_kind kind); /* a packet whose name, its first part, is judged */
enum verdict acts_judge(struct session *session, enum packet_kind kind, struct slice name);
bool acts_matter(enum packet_kind kind); /* a server's packet that is judged when it is whole */
bool acts_take(struct session *session, const struct packet_in *packet); /* as above */
bool acts_pass_query(struct backend *backend, struct slice body);        /* in the login, to mods */
bool acts_ask_cookie(struct backend *backend, struct slice body); /* there, too; true: it waits */
bool acts_allow(const struct backend *backend, enum act act, struct slice name);
void acts_put_held(struct session *session, struct buf *packets);

/* traces.c: what a server leaves on the screen of a client of up to 1.20.1. */
bool traces_matter(const struct session *session);
void traces_note(struct session *session, const struct packet_in *packet);
void traces_listed(struct session *session, const struct uuid *uuid); /* by the limbo */
void traces_clear(struct session *session, struct buf *packets);

/* pack.c: the resource pack, which 1.20.2 forgets in configuration. */
bool pack_matters(const struct session *session);
void pack_offered(struct session *session, const struct packet_in *packet);
bool pack_answered(struct session *session, const struct packet_in *packet); /* to us */
const char *pack_answer(const struct packet_in *packet); /* "loaded"; NULL: none that is known */
void pack_tell(struct session *session, const struct packet_in *packet); /* whoever listens */
void pack_restore(struct session *session); /* the client plays again */
void pack_free(struct pack *pack);

/* chat_key.c: a change of worlds that would come before the client's chat key. */
void chat_key_joined(struct session *session); /* a join game is on its way to the client */
void chat_key_told(struct session *session);
bool chat_key_is_due(const struct session *session); /* so it has to wait */

/* forge.c: the handshake of Forge up to 1.12.2, behind the login. */
void forge_begin(struct session *session);         /* the marker is known */
bool forge_matters(const struct session *session); /* may a server's plugin message be its hello? */
void forge_note(struct session *session, const struct packet_in *packet);
void forge_joined(struct session *session); /* a join game is on its way to the client */
void forge_reset(struct session *session);  /* another server comes: shakes hands anew */

/* code.c: the policy on the web page instead. */
bool code_is_possible(const struct session *session); /* there is such a page */
bool code_is_needed(const struct session *session);   /* a limbo would break its mod loader */
void code_say_goodbye(struct session *session, enum message message, const char *reason);

/* channels.c: plugin channels that the client registered, kept for the servers to come. */
bool channels_remember(struct session *session, struct slice channel, struct slice data);
bool channels_are_listed(struct slice channel); /* on this one, which is not one of a mod */
void channels_filter(const struct backend *backend, struct slice names, enum act act,
                     struct buf *out); /* appends those that may be used for it */
void channels_put(struct session *session, int id, struct buf *packets);

/* known.c: before any rule has seen it. Appends it; false: nothing is known. */
bool known_field(const struct session *session, enum field field, struct buf *out);

/* told.c: what a server is told, by its rules. */
struct rules_subject told_subject(const struct backend *backend);
void told_host(const struct backend *backend, struct buf *out);
void told_address(const struct backend *backend, struct buf *out);
void told_profile(const struct backend *backend, struct profile *out); /* which the caller frees */
const struct profile_key *told_key(const struct backend *backend);     /* NULL: none */
/* What another player may know: as the reader's server would. False: nothing. */
bool told_to(const struct session *reader, const struct session *player, enum field field,
             struct buf *out);
bool told_is_pseudonymous(const struct backend *backend); /* so nothing may tell who it is */
void told_settings(struct session *session, int id, struct buf *packets);
void told_brand(struct session *session, int id, struct buf *packets);
void told_protocol(const struct backend *backend); /* which goes as it is */
void told_anew(struct session *session); /* in play: what was agreed to is not what it was */

/* mirror.c: what each server was told in this session, for the player's own eyes. */
struct mirror_value {
    enum field field;
    size_t number; /* among several of one field */
    enum field_form form;
    struct slice bytes; /* as told */
};
void mirror_note(const struct backend *backend, const struct mirror_value *value);
void mirror_show(const struct session *session, struct page *page);
void mirror_free(struct session *session);

/* privacy.c: what a player asks about themselves. True: the click was about it. */
bool privacy_click(struct session *session, struct slice body);
void privacy_rights(struct session *session); /* at the gate: what there is to ask for */
void privacy_free(struct session *session);   /* what was agreed to counts no more */

/* kept.c: what is kept, by the rules of the server that the player is with. */
void kept_visit_begins(struct session *session);
void kept_visit_ends(struct backend *backend);
void kept_state(struct session *session, enum field field,
                struct slice value); /* once, if the same */
void kept_settings(struct session *session);
void kept_channels(struct session *session);
void kept_mods(struct session *session, struct slice channel, struct slice data);
bool kept_wants_packs(const struct session *session); /* answers to resource packs */
void kept_pack(struct session *session, const struct packet_in *packet);
void kept_chat(struct session *session, const struct packet_in *packet);

#endif
