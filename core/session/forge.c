/*
 * The handshake of Forge up to 1.12.2 (FML1). It runs in play, on the plugin channel FML|HS, ahead
 * of a server's join game. A client waits for the server's hello once; a join game without one is a
 * vanilla server's, and ends the wait as well. Only a reset lets it wait again, and only a client
 * that is done understands one: what is half way stays so.
 * Source: FMLHandshakeClientState of Forge 1.7.10 and 1.12.2; Velocity sends the same reset.
 */
#include "protocol/settings.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <string.h>

enum { WITH_RESET = 5, WITHOUT_FML1 = 393, RESET = 0xFE };

static const char handshake_channel[] = "FML|HS";

void forge_begin(struct session *session)
{
    static const char fml1[] = "\0FML";

    if (session->protocol >= WITH_RESET && session->protocol < WITHOUT_FML1 &&
        slice_equal(slice_of(session->marker, session->marker_len), slice_of(fml1, sizeof fml1)))
        session->forge = FORGE_FRESH;
}

bool forge_matters(const struct session *session)
{
    return session->forge == FORGE_FRESH;
}

void forge_note(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice channel = reader_string(&reader, WIRE_STRING_CHARS_MAX);

    if (session->forge == FORGE_FRESH && reader_ok(&reader) && slice_is(channel, handshake_channel))
        session->forge = FORGE_SHAKING;
}

void forge_joined(struct session *session)
{
    if (session->forge == FORGE_SHAKING || (session->forge == FORGE_FRESH && !session->spawned))
        session->forge = FORGE_DONE;
}

void forge_reset(struct session *session)
{
    static const uint8_t reset[] = {RESET, 0};
    struct buf packets = {0};
    size_t mark;

    if (session->forge != FORGE_DONE)
        return;
    session->forge = FORGE_FRESH;
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_CUSTOM_PAYLOAD));
    custom_payload_write(session->protocol, handshake_channel, slice_of(reset, sizeof reset),
                         &packets);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
}
