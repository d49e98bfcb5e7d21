/*
 * Where a client comes from: the peer's own address, or the one that a trusted peer tells for it,
 * in a PROXY header here or signed in upstream.c. Limits count the address that is told.
 */
#include "base/err.h"
#include "base/log.h"
#include "net/proxy_header.h"
#include "session/phases.h"

#include <inttypes.h>

static bool is_trusted(const struct conf_listener *listener, const struct sockaddr *address)
{
    for (size_t i = 0; i < listener->trusted_count; i++)
        if (cidr_has(&listener->trusted[i], address))
            return true;
    return false;
}

static void take_address(struct session *session, const struct sockaddr *address)
{
    address_key(address, session->address_key);
    address_host(address, session->address);
}

bool inbound_welcome(struct session *session, const struct conf_listener *listener)
{
    struct worker *worker = session->worker;
    struct sockaddr_storage storage = {0};
    const struct sockaddr *address = (const struct sockaddr *)&storage;
    int len = sizeof storage;
    uint64_t count;

    if (uv_tcp_getpeername(conn_handle(session->client), (struct sockaddr *)&storage, &len) < 0)
        return false;
    if (listener->proxy_protocol && !is_trusted(listener, address)) {
        if (tally_due(&worker->untrusted, session_now(session), &count))
            log_warn("connections=%" PRIu64 " closed at once: the listener %s:%u has "
                     "proxy_protocol = true, and they come from outside of its trusted networks",
                     count, listener->address.host, listener->address.port);
        return false;
    }
    take_address(session, address);
    return true;
}

/* Behind a proxy that vouches for players every connection has the proxy's address at first. */
static bool is_address_open(const struct session *session)
{
    return session->worker->conf->auth == CONF_AUTH_FORWARDED;
}

static void count_in(struct session *session)
{
    session->limited = true;
    session->verdict =
        limits_open(session->worker->limits, session->address_key, session_now(session));
}

void inbound_begin(struct session *session)
{
    session_move(session, SESSION_HANDSHAKE);
    if (is_address_open(session))
        return;
    count_in(session);
    if (session->verdict == LIMITS_FLOODING)
        session_close(session, "far too many connections from one address");
}

void inbound_vouched(struct session *session, const struct sockaddr *address)
{
    take_address(session, address);
    count_in(session);
}

void inbound_end(struct session *session)
{
    if (session->limited)
        limits_close(session->worker->limits, session->address_key, session_now(session));
    session->limited = false;
}

bool inbound_is_probe(const struct session *session)
{
    return session->proxied && conn_kept(session->client).len == 0 &&
           (session->state == SESSION_PROXY_HEADER || session->state == SESSION_HANDSHAKE);
}

static void refuse(struct session *session)
{
    uint64_t count;

    session->quiet = true;
    if (tally_due(&session->worker->headless, session_now(session), &count))
        log_warn("connections=%" PRIu64 " closed: from a trusted network, but without a PROXY "
                 "header; let the proxy in front send one (\"send-proxy-v2\" in HAProxy), or take "
                 "proxy_protocol out of the listener",
                 count);
    session_close(session, "no PROXY header");
}

size_t inbound_header(struct session *session, struct slice bytes)
{
    struct proxy_header header;
    int err = proxy_header_read(bytes, &header);

    if (err == ERR_AGAIN)
        return 0;
    if (err < 0) {
        refuse(session);
        return 0;
    }
    if (header.has_source)
        take_address(session, (const struct sockaddr *)&header.source);
    inbound_begin(session);
    return header.len;
}
