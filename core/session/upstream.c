/*
 * auth = "forwarded": another proxy stands in front and vouches for its players. It is asked once,
 * by a number that nobody can foresee; who does not answer as it would is told where to join.
 */
#include "base/err.h"
#include "base/log.h"
#include "crypto/random.h"
#include "identity/forwarded.h"
#include "identity/forwarding.h"
#include "protocol/wire.h"
#include "session/phases.h"

#include <inttypes.h>

void upstream_ask(struct session *session)
{
    struct buf packets = {0};
    size_t mark;

    if (session->protocol < FORWARDING_WITH_LOGIN_PLUGIN) {
        session_say_goodbye(session, MESSAGE_UPSTREAM_VERSION, "too old for modern forwarding");
        return;
    }
    random_bytes((uint8_t *)&session->upstream_id, sizeof session->upstream_id);
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_LOGIN_C_PLUGIN_REQUEST));
    wire_put_varint(&packets, session->upstream_id);
    wire_put_cstr(&packets, FORWARDING_CHANNEL);
    wire_put_u8(&packets, FORWARDING_LAZY_SESSION);
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    session_move(session, SESSION_UPSTREAM);
}

static const char *remedy(int err)
{
    switch (err) {
    case ERR_NOT_FOUND:
        return "nobody vouched for them: they came directly, or the proxy in front does not use "
               "modern forwarding (player-info-forwarding-mode = \"modern\" in velocity.toml)";
    case ERR_REFUSED:
        return "the signature is of another secret; give the proxy in front and "
               "forwarding_secret_file the same one";
    case ERR_UNSUPPORTED:
        return "the proxy in front answered with a version of modern forwarding that is not known";
    default: return "what should vouch for them is malformed";
    }
}

/* Whoever gets to the port can cause this as often as they like. */
static void refuse(struct session *session, int err)
{
    enum message message = err == ERR_NOT_FOUND ? MESSAGE_UPSTREAM_ONLY : MESSAGE_UPSTREAM_UNPROVEN;
    uint64_t count;

    if (tally_due(&session->worker->unproven, session_now(session), &count))
        log_warn("logins=%" PRIu64 " refused with auth = \"forwarded\"; of the last one: %s", count,
                 remedy(err));
    session_say_goodbye(session, message,
                        err == ERR_NOT_FOUND ? "nobody vouched for the player"
                                             : "forwarded identity refused");
}

void upstream_answered(struct session *session, struct slice body)
{
    struct reader reader = reader_of(body);
    bool is_asked = reader_varint(&reader) == session->upstream_id;
    bool understood = reader_bool(&reader);
    struct slice answer = reader_rest(&reader);
    struct forwarded forwarded;
    int err;

    if (!reader_ok(&reader) || !is_asked) {
        session_malformed(session, "an answer to what was not asked");
        return;
    }
    err = understood
              ? forwarded_read(secrets_of_upstream(session->worker->secrets), answer, &forwarded)
              : ERR_NOT_FOUND;
    if (err < 0) {
        refuse(session, err);
        return;
    }
    profile_free(&session->profile);
    session->profile = forwarded.profile;
    inbound_vouched(session, (const struct sockaddr *)&forwarded.address);
    if (login_is_within_limits(session))
        login_identified(session);
}
