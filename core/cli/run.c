/*
 * `sekisho run`: loads everything, listens, and serves until it is told to stop. The first SIGTERM
 * or SIGINT says goodbye to the players and ends with 0; a second one ends at once.
 */
#include "base/err.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/reloader.h"
#include "cli/report.h"
#include "identity/permissions.h"
#include "net/host.h"
#include "net/url.h"
#include "plugin/host.h"
#include "session/errands.h"
#include "session/worker.h"
#include "web/web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct run {
    uv_loop_t loop;
    uv_signal_t term, interrupt;
    struct conf *conf;
    struct worker *worker;
    const char *conf_path;
    struct reloader *reloader;
};

/* A core file would hold what players said and where they came from. */
static void forbid_core_dumps(void)
{
    struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* whose leak check has to trace the process */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* A connection takes a descriptor, a relayed player two. */
static void raise_file_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* Players are served without those that do not load. */
static void open_plugins(struct worker *worker)
{
    struct diag diag = {0};

    worker->plugins = plugins_open(worker, worker->conf->plugins, &diag);
    for (const struct plugin *each = worker->plugins->first; each; each = each->next)
        log_info("plugin=%s version %s is loaded", each->name, each->version);
    diag_log(&diag);
    if (diag.count > 0)
        log_error("plugins: not all are loaded, and Sekisho serves without those; mend the above");
    diag_free(&diag);
}

static int load(struct run *run, const char *conf_path, struct diag *diag)
{
    struct policies *policies;
    struct ruleset *set;

    if (cli_load(conf_path, diag, &run->conf, &policies) < 0 ||
        secret_check_servers(run->conf, diag) < 0) {
        policies_free(policies);
        return ERR_INVALID;
    }
    run->worker = worker_new(&run->loop, run->conf, policies);
    if (store_open(run->conf->store, STORE_SERVE, &run->loop, run->worker, diag,
                   &run->worker->store) < 0)
        return ERR_INVALID;
    if (ruleset_load(run->conf, policies, store_secret(run->worker->store), diag, &set) < 0)
        return ERR_INVALID;
    worker_rule(run->worker, set);
    if (ruleset_check_coming(run->conf, policies, diag) < 0 ||
        permissions_load(run->conf, diag, &run->worker->permissions) < 0)
        return ERR_INVALID;
    if (secrets_open(run->conf, SECRET_CREATE, diag, &run->worker->secrets) < 0)
        return ERR_INVALID;
    open_plugins(run->worker);
    return 0;
}

static void on_reviewed(void *owner, uint64_t id, int err, int64_t wall_ms)
{
    const struct worker *worker = owner;
    char *overdue = err < 0 ? NULL : report_overdue(wall_ms + worker->conf->review_every_ms);

    (void)id;
    if (overdue)
        log_warn("%s", overdue);
    free(overdue);
}

static void on_store_closed(void *owner)
{
    (void)owner;
}

static void on_plugins_ended(void *owner)
{
    struct run *run = owner;

    plugins_close(run->worker->plugins);
    run->worker->plugins = NULL;
    errands_close(run->worker->errands);
    uv_close((uv_handle_t *)&run->term, NULL);
    uv_close((uv_handle_t *)&run->interrupt, NULL);
    store_close(run->worker->store, on_store_closed);
    run->worker->store = NULL;
}

static void on_drained(void *owner)
{
    struct run *run = owner;

    web_close(run->worker);
    reloader_close(run->reloader);
    run->reloader = NULL;
    plugins_end(run->worker->plugins, on_plugins_ended, run);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct run *run = signal->data;

    (void)number;
    if (run->worker->draining) {
        log_warn("stopped at once");
        _exit(EXIT_FAILURE);
    }
    log_info("stopping: players are told, records are finished");
    event_tell_of(run->worker, EVENT_PROXY_STOP, NULL);
    worker_drain(run->worker, on_drained, run);
}

static void watch_signals(struct run *run)
{
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(&run->loop, &run->term);
    uv_signal_init(&run->loop, &run->interrupt);
    run->term.data = run;
    run->interrupt.data = run;
    uv_signal_start(&run->term, on_signal, SIGTERM);
    uv_signal_start(&run->interrupt, on_signal, SIGINT);
}

static void announce_open(const struct conf_server *server)
{
    char address[CONF_ADDRESS_BYTES];

    if (conf_server_is_open(server))
        log_warn("server=%s checks no secret: whoever reaches %s can enter it under any name; let "
                 "a firewall keep all but Sekisho out, or use forwarding = \"modern\"",
                 server->name, conf_address_text(&server->address, address));
}

/* What the service says can be changed on its way. */
static bool is_asked_in_clear(const char *session_server)
{
    int port;
    char *host = url_host(slice_str(session_server), &port);
    bool is_here = host && host_is_here(host);

    free(host);
    return !is_here && strncasecmp(session_server, "http://", 7) == 0;
}

static void announce_permissions(const struct run *run)
{
    const char *warning = permissions_warning(run->worker->permissions, run->conf->auth);

    if (warning)
        log_warn("%s", warning);
}

static void announce(const struct conf *conf)
{
    if (conf->auth == CONF_AUTH_OFFLINE)
        log_warn("auth = \"offline\": anybody can claim any name; records say identity=offline");
    if (conf->auth == CONF_AUTH_ONLINE)
        log_info("auth = \"online\": %s says who a player is; records say identity=verified",
                 conf->session_server);
    if (conf->auth == CONF_AUTH_ONLINE && is_asked_in_clear(conf->session_server))
        log_warn("session_server is asked without encryption: whoever stands between can vouch for "
                 "anybody; use https://");
    if (conf->auth == CONF_AUTH_FORWARDED)
        log_info("auth = \"forwarded\": the proxy in front vouches for players; let nobody else "
                 "reach the port");
    if (conf->server_count == 0)
        log_info("no servers are configured: players who accepted wait in the limbo");
    for (size_t i = 0; i < conf->server_count; i++)
        announce_open(&conf->servers[i]);
}

static void release(struct run *run)
{
    if (run->worker)
        plugins_close(run->worker->plugins);
    if (run->worker && run->worker->store)
        store_close(run->worker->store, on_store_closed);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    worker_free(run->worker);
    conf_free(run->conf);
    uv_loop_close(&run->loop);
}

/* Nothing is called ready before all of it is. */
static int serve(struct run *run, struct diag *diag)
{
    watch_signals(run);
    announce(run->conf);
    announce_permissions(run);
    if (worker_listen(run->worker, diag) < 0 || web_open(run->worker, diag) < 0) {
        diag_print(diag, stderr);
        worker_drain(run->worker, on_drained, run);
        return EXIT_FAILURE;
    }
    run->worker->errands = errands_new(run->worker);
    run->reloader = reloader_new(run->worker, run->conf_path);
    store_reviewed(run->worker->store, 0, on_reviewed);
    worker_announce(run->worker);
    plugins_serve(run->worker->plugins);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    return EXIT_SUCCESS;
}

int cli_run(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct run run = {0};
    int status = EXIT_FAILURE;

    if (cli_options(argc, argv, 0, &options) < 0)
        return EXIT_FAILURE;
    forbid_core_dumps();
    raise_file_limit();
    uv_loop_init(&run.loop);
    run.conf_path = options.conf_path;
    if (load(&run, options.conf_path, &diag) == 0)
        status = serve(&run, &diag);
    else
        diag_print(&diag, stderr);
    diag_free(&diag);
    release(&run);
    return status;
}
