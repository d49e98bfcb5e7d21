/*
 * From 1.19 on a client signs what it says with a key that the account service vouches for. A
 * server that knows the player by pseudonym gets none of it: the key would name the account, and a
 * signature can be tried against the keys of known players. What is said goes on as said without a
 * key, which a server with enforce-secure-profile=false takes. What the client counts as seen
 * (761+) goes on as it is, so that both sides go on counting alike; in 760 it lists senders and
 * signatures, those of servers before this one, too, and is left out: nobody's messages are signed
 * on such a server, so nothing has to be seen. Layouts: minecraft-data, packets chat_message,
 * chat_command, chat_command_signed, message_acknowledgement, chat_session_update.
 */
#include "protocol/wire.h"
#include "session/phases.h"

enum {
    WITH_SIGNATURES = 759,
    WITH_SEEN_LIST = 760,
    WITH_SESSION = 761,
    WITHOUT_SIGNED_COMMAND = 766, /* the plain one; the signed one is another packet */
    SIGNATURE_BYTES = 256,
    TEXT_CHARS_MAX = 32767,
    NAME_CHARS_MAX = 256,
};

bool signatures_matter(const struct session *session)
{
    return session->protocol >= WITH_SIGNATURES && told_is_pseudonymous(session->backend);
}

/* Up to 760 a signature says how long it is. */
static void skip_signature(int protocol, struct reader *reader)
{
    int32_t len = SIGNATURE_BYTES;

    if (protocol < WITH_SESSION)
        len = reader_varint(reader);
    reader_bytes(reader, len < 0 ? SIZE_MAX : (size_t)len);
}

static void put_unsigned_message(int protocol, struct reader *reader, struct buf *out)
{
    if (protocol >= WITH_SESSION) {
        if (reader_bool(reader))
            skip_signature(protocol, reader);
        wire_put_bool(out, false);
    } else {
        skip_signature(protocol, reader);
        wire_put_varint(out, 0);
    }
}

static void put_unsigned_command(int protocol, struct reader *reader, struct buf *out)
{
    int32_t count = reader_varint(reader);

    for (int32_t i = 0; i < count && reader_ok(reader); i++) {
        reader_string(reader, NAME_CHARS_MAX);
        skip_signature(protocol, reader);
    }
    wire_put_varint(out, 0);
}

/* What follows the signatures. */
static void put_tail(int protocol, struct reader *reader, struct buf *out)
{
    if (protocol >= WITH_SESSION) {
        buf_append_slice(out, reader_rest(reader));
        return;
    }
    reader_bool(reader);
    wire_put_bool(out, false); /* no preview was signed */
    if (protocol < WITH_SEEN_LIST)
        return;
    wire_put_varint(out, 0);
    wire_put_bool(out, false);
}

static void send_unsigned(struct session *session, const struct packet_in *packet)
{
    int protocol = session->protocol;
    struct reader reader = reader_of(packet->body);
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(session->map, packet->kind));

    wire_put_string(&packets, reader_string(&reader, TEXT_CHARS_MAX));
    buf_append_slice(&packets, reader_bytes(&reader, 2 * sizeof(int64_t))); /* time and salt */
    if (packet->kind == PACKET_PLAY_S_CHAT)
        put_unsigned_message(protocol, &reader, &packets);
    else
        put_unsigned_command(protocol, &reader, &packets);
    put_tail(protocol, &reader, &packets);
    packet_end(&packets, mark);
    if (reader_ok(&reader))
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
