/*
 * More connections than the process may have descriptors for: a part of these is kept back, for
 * dialling servers and for files, so that who is known goes on playing. Who has not logged in yet
 * gives way to who comes later, the oldest first: a login takes a moment, silence lasts.
 */
#include "base/log.h"
#include "session/phases.h"

#include <inttypes.h>
#include <sys/resource.h>

enum { KEPT_BACK = 4 }; /* a quarter */

static bool is_short(const struct worker *worker, rlim_t *most)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return false;
    *most = files.rlim_cur;
    return worker->hub.open > files.rlim_cur - files.rlim_cur / KEPT_BACK;
}

static struct session *oldest_login(struct session *session)
{
    while (session && !session_is_logging_in(session))
        session = session->previous;
    return session;
}

bool crowd_has_place(struct session *session)
{
    struct worker *worker = session->worker;
    struct session *oldest;
    rlim_t most;
    uint64_t count;

    if (!is_short(worker, &most))
        return true;
    if (tally_due(&worker->crowded, session_now(session), &count))
        log_warn("connections=%" PRIu64 " closed before their login: this process may have %" PRIu64
                 " files and connections open, and is short of them; raise the limit (ulimit -n, "
                 "LimitNOFILE of systemd)",
                 count, (uint64_t)most);
    oldest = oldest_login(worker->last);
    if (!oldest)
        return false;
    oldest->quiet = true;
    session_close(oldest, "gave way to a newer connection");
    return true;
}
