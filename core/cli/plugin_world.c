#include "cli/plugin_world.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "plugin/alarm.h"
#include "plugin/host.h"
#include "plugin/task.h"
#include "plugin/timer.h"
#include "session/phases.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BEAT_MS = 5,
    QUIET_MS = 30,      /* without anything that happens: all has happened */
    PATIENCE_MS = 5000, /* for what should */
    PLENTY = 1000 * 1000,
    FOLDERS_OPEN = 8,
};

static void on_beat(uv_timer_t *beat)
{
    (void)beat;
}

static char *log_path(const struct plugin_world *world)
{
    return mem_format("%s/log", world->folder);
}

/* The log is a file of the test's own, which its words can look at. */
static void take_log(struct plugin_world *world)
{
    char *path = log_path(world);
    int file = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);

    free(path);
    if (file < 0)
        return;
    world->log = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    close(file);
}

static void give_log(struct plugin_world *world)
{
    if (world->log < 0)
        return;
    dup2(world->log, STDERR_FILENO);
    close(world->log);
    world->log = -1;
}

/* The operator's, with everything outside of this process left out. */
static void settle_conf(struct plugin_world *world, const struct conf *conf)
{
    struct conf *own = &world->conf;

    *own = *conf;
    snprintf(world->local, sizeof world->local, "127.0.0.1");
    (void)!cidr_parse("127.0.0.1", &world->here);
    world->listener = (struct conf_listener){.address = {.host = world->local},
                                             .proxy_protocol = true,
                                             .trusted = &world->here,
                                             .trusted_count = 1};
    own->listeners = &world->listener;
    own->listener_count = 1;
    own->auth = CONF_AUTH_OFFLINE;
    own->web.host = NULL;
    own->connections_per_ip = PLENTY;
    own->logins_per_ip = PLENTY;
    own->permissions = NULL;
    world->servers = mem_array(conf->server_count, sizeof *world->servers);
    world->hosts = mem_array(conf->server_count, sizeof *world->hosts);
    world->host_lists = mem_array(conf->server_count, sizeof *world->host_lists);
    for (size_t i = 0; i < conf->server_count; i++) {
        struct conf_server *server = &world->servers[i];

        *server = conf->servers[i];
        world->hosts[i] = mem_format("server-%zu.test", i);
        server->address =
            (struct conf_address){.host = world->local, .port = world->pretend.server_port};
        world->host_lists[i] = mem_array(server->host_count + 1, sizeof **world->host_lists);
        for (size_t j = 0; j < server->host_count; j++)
            world->host_lists[i][j] = server->hosts[j];
        world->host_lists[i][server->host_count++] = world->hosts[i];
        server->hosts = world->host_lists[i];
        server->shadow = NULL;
        server->forwarding = CONF_FORWARDING_NONE;
        server->proxy_header = PROXY_HEADER_NONE;
        server->on_erasure = (struct conf_on_erasure){0};
    }
    own->servers = world->servers;
}

static void find_port(struct plugin_world *world)
{
    char text[ADDRESS_TEXT_BYTES];

    listener_address(world->worker->listeners[0], text);
    world->port = (uint16_t)strtoul(strrchr(text, ':') + 1, NULL, 10);
}

/* "plugins/greeter.lua" and "plugins/greeter/init.lua" are greeter's. Returns owned. */
static char *name_of(const char *plugin)
{
    static const char init[] = "/init.lua";
    size_t len = strlen(plugin);
    size_t end = len - (sizeof ".lua" - 1);
    size_t begin;

    if (len > sizeof init && strcmp(plugin + len - (sizeof init - 1), init) == 0)
        end = len - (sizeof init - 1);
    for (begin = end; begin > 0 && plugin[begin - 1] != '/';)
        begin--;
    return mem_strndup(plugin + begin, end - begin);
}

/* In the test's own folder, where the plugins look then. */
static void set(struct plugin_world *world, const char *plugin, const char *settings)
{
    struct plugins *host = world->worker->plugins;
    char *name = name_of(plugin);
    char *path = mem_format("%s/%s.lua", world->folder, name);
    FILE *file = fopen(path, "w");

    if (file) {
        fputs(settings, file);
        fclose(file);
    }
    free(host->settings);
    host->settings = mem_strdup(world->folder);
    free(path);
    free(name);
}

static int load_plugins(struct plugin_world *world, const char *const *plugins, size_t count,
                        const char *settings, struct diag *diag)
{
    world->worker->plugins = plugins_new(world->worker, world->worker->conf->plugins);
    if (settings)
        set(world, plugins[count - 1], settings);
    world->worker->plugins->http_stays = true;
    for (size_t i = 0; i < count; i++)
        if (plugins_add(world->worker->plugins, plugins[i], diag) < 0)
            return ERR_INVALID;
    return 0;
}

static int build(struct plugin_world *world, const struct conf *conf, const char *const *plugins,
                 size_t plugin_count, const char *settings, struct diag *diag)
{
    struct policies *policies;
    struct ruleset *set;
    char *store;
    int err;

    if (policies_load(conf, clock_wall_ms(), diag, &policies) < 0)
        return ERR_INVALID;
    world->worker = worker_new(&world->loop, &world->conf, policies);
    if (pretend_open(&world->pretend, &world->worker->hub, world->worker->codec) < 0) {
        diag_add(diag, plugins[0], 0, "no port is free for its players");
        return ERR_IO;
    }
    for (size_t i = 0; i < conf->server_count; i++)
        world->servers[i].address.port = world->pretend.server_port;
    store = mem_format("sqlite:%s/sekisho.db", world->folder);
    err = store_open(store, STORE_SERVE, &world->loop, world->worker, diag, &world->worker->store);
    free(store);
    if (err < 0 ||
        ruleset_load(&world->conf, policies, store_secret(world->worker->store), diag, &set) < 0)
        return ERR_INVALID;
    worker_rule(world->worker, set);
    if (load_plugins(world, plugins, plugin_count, settings, diag) < 0 ||
        worker_listen(world->worker, diag) < 0)
        return ERR_INVALID;
    find_port(world);
    plugins_serve(world->worker->plugins);
    plugin_world_settle(world);
    return 0;
}

struct plugin_world *plugin_world_new(const struct conf *conf, const char *const *plugins,
                                      size_t plugin_count, const char *settings, struct diag *diag)
{
    struct plugin_world *world = mem_alloc(sizeof *world);
    const char *base = getenv("TMPDIR");

    world->log = -1;
    world->folder = mem_format("%s/sekisho-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(world->folder)) {
        diag_add(diag, world->folder, 0, "cannot be made; is there room for temporary files?");
        free(world->folder);
        free(world);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN); /* who is made up may have left when they are told something */
    uv_loop_init(&world->loop);
    uv_timer_init(&world->loop, &world->beat);
    uv_timer_start(&world->beat, on_beat, BEAT_MS, BEAT_MS);
    settle_conf(world, conf);
    take_log(world);
    if (build(world, conf, plugins, plugin_count, settings, diag) == 0)
        return world;
    plugin_world_free(world);
    return NULL;
}

static void on_store_closed(void *owner)
{
    (void)owner;
}

static void on_drained(void *owner)
{
    (void)owner;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void close_worker(struct plugin_world *world)
{
    struct worker *worker = world->worker;

    worker_drain(worker, on_drained, world);
    for (int turns = 0; worker->first && turns < PATIENCE_MS / BEAT_MS; turns++)
        uv_run(&world->loop, UV_RUN_ONCE);
    plugins_close(worker->plugins);
    worker->plugins = NULL;
    if (worker->store)
        store_close(worker->store, on_store_closed);
    worker->store = NULL;
}

void plugin_world_free(struct plugin_world *world)
{
    if (!world)
        return;
    pretend_close(&world->pretend);
    if (world->worker)
        close_worker(world);
    uv_close((uv_handle_t *)&world->beat, NULL);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    worker_free(world->worker);
    uv_loop_close(&world->loop);
    give_log(world);
    nftw(world->folder, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < world->conf.server_count; i++) {
        free(world->hosts[i]);
        free(world->host_lists[i]);
    }
    free(world->hosts);
    free(world->host_lists);
    free(world->servers);
    buf_free(&world->permissions);
    answers_clear(&world->answers);
    free(world->folder);
    free(world);
}

/* Some milliseconds at most. */
static void turn(struct plugin_world *world)
{
    uv_run(&world->loop, UV_RUN_ONCE);
    if (world->worker->plugins)
        answers_give(&world->answers, world->worker->plugins);
}

bool plugin_world_is_busy(const struct plugin_world *world)
{
    const struct plugins *host = world->worker->plugins;

    for (const struct plugin *plugin = host->first; plugin; plugin = plugin->next)
        for (const struct task *task = plugin->tasks; task; task = task->next)
            if (task->waits && !timer_naps(task))
                return true;
    return false;
}

static uint64_t happened(const struct plugin_world *world)
{
    uint64_t sum = world->pretend.heard;

    for (const struct plugin *plugin = world->worker->plugins->first; plugin; plugin = plugin->next)
        sum += plugin->figures.calls;
    return sum;
}

void plugin_world_settle(struct plugin_world *world)
{
    uint64_t begun = uv_hrtime();
    uint64_t changed = begun;
    uint64_t before = happened(world);

    for (;;) {
        uint64_t now;

        turn(world);
        now = uv_hrtime();
        if (happened(world) != before || plugin_world_is_busy(world)) {
            before = happened(world);
            changed = now;
        }
        if (now - changed >= (uint64_t)QUIET_MS * 1000000 ||
            now - begun >= (uint64_t)PATIENCE_MS * 1000000)
            return;
    }
}

bool plugin_world_wait(struct plugin_world *world, bool (*is_so)(void *owner), void *owner)
{
    uint64_t begun = uv_hrtime();

    while (!is_so(owner) && uv_hrtime() - begun < (uint64_t)PATIENCE_MS * 1000000)
        turn(world);
    return is_so(owner);
}

void plugin_world_advance(struct plugin_world *world, uint64_t ms)
{
    plugin_world_settle(world);
    while (alarms_forward(world->worker->plugins, &ms)) {
        tasks_settle(world->worker->plugins);
        plugin_world_settle(world);
    }
    plugin_world_settle(world);
}

char *plugin_world_log(const struct plugin_world *world)
{
    char *path = log_path(world);
    FILE *file = fopen(path, "r");
    struct buf text = {0};
    char piece[4096];
    size_t len;
    char *log;

    while (file && (len = fread(piece, 1, sizeof piece, file)) > 0)
        buf_append(&text, piece, len);
    if (file)
        fclose(file);
    log = text.len > 0 ? mem_strndup((const char *)text.data, text.len) : mem_strdup("");
    buf_free(&text);
    free(path);
    return log;
}

const char *plugin_world_server(const struct plugin_world *world,
                                const struct pretend_client *client)
{
    const struct session *session = world->worker->first;

    while (session && (session->closing || strcmp(session->profile.name, client->name) != 0))
        session = session->next;
    if (!session || session->backend->phase != BACKEND_LINKED)
        return NULL;
    return backend_server(session->backend)->name;
}
