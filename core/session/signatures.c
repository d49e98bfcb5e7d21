/*
 * From 1.19 on a client signs what it says with a key that the account service vouches for. A
 * server that knows the player by pseudonym gets none of it: the key would name the account, and a
 * signature can be tried against the keys of known players. Nor does one whose players a plugin may
 * stop: it would put out who skips a line that was signed. What is said goes on as said without a
 * key, which a server with enforce-secure-profile=false takes. What the client counts as seen
 * (761+) goes on as it is, so that both sides go on counting alike; in 760 it lists senders and
 * signatures, those of servers before this one, too, and is left out: nobody's messages are signed
 * on such a server, so nothing has to be seen.
 */
#include "protocol/signed_chat.h"
#include "session/phases.h"

enum {
    WITH_SIGNATURES = 759,
    WITH_SESSION = 761,
    WITHOUT_SIGNED_COMMAND = 766, /* the plain one; the signed one is another packet */
};

bool signatures_matter(const struct session *session)
{
    return session->protocol >= WITH_SIGNATURES &&
           (session->backend->keyless || told_is_pseudonymous(session->backend));
}

static void send_unsigned(struct session *session, const struct packet_in *packet)
{
    bool is_command = packet->kind != PACKET_PLAY_S_CHAT;
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));
    int err = signed_chat_strip(session->protocol, is_command, packet->body, &packets);

    packet_end(&packets, mark);
    if (err == 0)
        backend_send(session->backend, &packets);
    else
        session_malformed(session, "malformed chat");
    buf_free(&packets);
}

bool signatures_take_out(struct session *session, const struct packet_in *packet)
{
    bool is_plain_command =
        packet->kind == PACKET_PLAY_S_CHAT_COMMAND && session->protocol >= WITHOUT_SIGNED_COMMAND;

    if (!signatures_matter(session) || is_plain_command)
        return false;
    if (packet->kind == PACKET_PLAY_S_CHAT_SESSION)
        return true;
    if (packet->kind == PACKET_PLAY_S_CHAT_ACKNOWLEDGEMENT)
        return session->protocol < WITH_SESSION;
    send_unsigned(session, packet);
    return true;
}
