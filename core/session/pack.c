/*
 * The resource pack of 1.20.2, the one release that forgets it when it is called back into
 * configuration: what the client had is offered again when it plays, unless the server brought
 * another. Layouts: minecraft-data, packets resource_pack_send and resource_pack_receive of 764;
 * Velocity does the same in the same place.
 */
#include "base/mem.h"
#include "protocol/wire.h"
#include "session/phases.h"

enum {
    FORGETFUL = 764,
    OFFER_BYTES_MAX = 64 * 1024,
    LOADED = 0,
    ACCEPTED = 3, /* not the last word yet */
};

bool pack_matters(const struct session *session)
{
    return session->protocol == FORGETFUL;
}

void pack_offered(struct session *session, const struct packet_in *packet)
{
    struct pack *pack = &session->pack;

    buf_clear(&pack->offered);
    if (packet->body.len <= OFFER_BYTES_MAX)
        buf_append_slice(&pack->offered, packet->body);
    /* Whatever becomes of it, the one before is gone. */
    if (packet->kind == PACKET_CONFIG_C_RESOURCE_PACK)
        buf_free(&pack->loaded);
}

/* The answer stands last, behind a UUID or a hash where the version has one. */
const char *pack_answer(const struct packet_in *packet)
{
    static const char *const answers[] = {"loaded",     "declined",    "failed", "accepted",
                                          "downloaded", "invalid url", "failed", "discarded"};
    size_t answer =
        packet->body.len > 0 ? packet->body.data[packet->body.len - 1] : (size_t)PACKET_BYTES_MAX;

    return answer < sizeof answers / sizeof answers[0] ? answers[answer] : NULL;
}

void pack_tell(struct session *session, const struct packet_in *packet)
{
    const char *answer = pack_answer(packet);
    struct event *event;

    if (!answer || !event_wanted(session->worker, EVENT_PACK))
        return;
    event = event_new(EVENT_PACK, session);
    event->server = (int)session->backend->server;
    event->field = FIELD_CLIENT_RESOURCE_PACK;
    event->text = mem_strdup(answer);
    event_tell(session->worker, event);
}

bool pack_answered(struct session *session, const struct packet_in *packet)
{
    struct pack *pack = &session->pack;
    struct reader reader = reader_of(packet->body);
    int32_t result = reader_varint(&reader);
    bool own = pack->restoring;

    if (!reader_done(&reader) || result == ACCEPTED)
        return own;
    pack->restoring = false;
    if (own && result != LOADED) {
        buf_free(&pack->loaded);
    } else if (!own && result == LOADED) {
        buf_free(&pack->loaded);
        pack->loaded = pack->offered;
        pack->offered = (struct buf){0};
    }
    return own;
}

void pack_restore(struct session *session)
{
    struct pack *pack = &session->pack;
    struct buf packets = {0};
    size_t mark;

    if (!pack_matters(session) || pack->loaded.len == 0)
        return;
    pack->restoring = true;
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_RESOURCE_PACK));
    buf_append_slice(&packets, buf_slice(&pack->loaded));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
}

void pack_free(struct pack *pack)
{
    buf_free(&pack->offered);
    buf_free(&pack->loaded);
}
