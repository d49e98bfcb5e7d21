#include "cli/reloader.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/orders.h"
#include "cli/plugin_orders.h"
#include "cli/watch.h"
#include "identity/permissions.h"
#include "plugin/folder.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The wall clock may be set, so it is looked at this often at least. */
enum { LOOK_MS = 5 * 1000 };

/* Who asked for one reading. */
struct asker {
    struct asker *next;
    struct control_request *request;
};

struct reloader {
    struct worker *worker;
    const char *conf_path;
    uv_signal_t hangup;
    uv_timer_t clock;
    int open_handles; /* of these two */
    struct control *control;
    struct watch *watch;
    struct conf *conf; /* that today's rules point into; NULL: the worker's */
    struct asker *waiting;
    char *last_failure; /* as it was told: what stays wrong is not told at each change */
    bool asked;         /* again, while it was being read */
    bool loud;          /* by a person, who wants to know that nothing changed */
    bool closing;

    /* The reading under way; the thread's, while it is. */
    uv_work_t work;
    bool busy;
    struct asker *askers;
    struct conf *fresh_conf;
    struct policies *fresh_policies; /* NULL: they are what they were */
    struct permissions *fresh_permissions;
    struct ruleset *fresh;
    struct diag diag;
};

static bool same_servers(const struct conf *a, const struct conf *b)
{
    bool same = a->server_count == b->server_count;

    for (size_t i = 0; same && i < a->server_count; i++)
        same = strcmp(a->servers[i].name, b->servers[i].name) == 0;
    return same;
}

/* A policy that is what it was is not another one. */
static void drop_if_same(struct reloader *reloader)
{
    if (!policies_same(reloader->fresh_policies, reloader->worker->policies))
        return;
    policies_free(reloader->fresh_policies);
    reloader->fresh_policies = NULL;
}

static struct policies *taken_policies(const struct reloader *reloader)
{
    return reloader->fresh_policies ? reloader->fresh_policies : reloader->worker->policies;
}

/* Of the configuration only what belongs to policy and rules is taken; the rest needs a start. */
static void read_all(uv_work_t *work)
{
    struct reloader *reloader = work->data;
    const struct worker *worker = reloader->worker;
    const struct policies *policies;

    if (cli_load(reloader->conf_path, &reloader->diag, &reloader->fresh_conf,
                 &reloader->fresh_policies) < 0)
        return;
    if (!same_servers(worker->conf, reloader->fresh_conf)) {
        diag_add(&reloader->diag, reloader->conf_path, 0,
                 "servers came or went, which a reload cannot do; start Sekisho anew");
        return;
    }
    secrets_check(worker->secrets, reloader->fresh_conf, &reloader->diag);
    (void)!permissions_load(reloader->fresh_conf, &reloader->diag, &reloader->fresh_permissions);
    drop_if_same(reloader);
    policies = taken_policies(reloader);
    if (ruleset_load(reloader->fresh_conf, policies, store_secret(worker->store), &reloader->diag,
                     &reloader->fresh) == 0)
        (void)!ruleset_check_coming(reloader->fresh_conf, policies, &reloader->diag);
    if (reloader->diag.count > 0) {
        ruleset_free(reloader->fresh);
        reloader->fresh = NULL;
    }
}

/* A line; whether anything about it changed. */
static bool compare_policy(const struct reloader *reloader, FILE *out)
{
    const char *before = reloader->worker->policy->version;
    const char *after = taken_policies(reloader)->own->current->version;

    if (!reloader->fresh_policies)
        fprintf(out, "policy: as it was, version %s\n", before);
    else if (strcmp(before, after) == 0)
        fprintf(out, "policy: has new files; version %s stays in effect\n", before);
    else
        fprintf(out, "policy: version %s is in effect, after %s\n", after, before);
    if (strcmp(before, after) != 0)
        log_info("policy: version %s is in effect, after %s", after, before);
    return reloader->fresh_policies != NULL;
}

/* A line a server; whether any rule changed. */
static bool compare(const struct ruleset *before, const struct ruleset *after, FILE *out)
{
    bool changed = false;

    for (size_t i = 0; i < after->count; i++) {
        bool same = strcmp(rules_hash(before->rules[i]), rules_hash(after->rules[i])) == 0;

        changed = changed || !same;
        fprintf(out, "server %s: %s\n", rules_server(after->rules[i])->name,
                same ? "as it was" : "has new rules");
    }
    return changed || strcmp(before->scope_sha256, after->scope_sha256) != 0;
}

/* As compare_policy. */
static bool compare_permissions(const struct reloader *reloader, FILE *out)
{
    const struct permissions *fresh = reloader->fresh_permissions;
    bool same = permissions_same(reloader->worker->permissions, fresh);
    const char *warning = permissions_warning(fresh, reloader->worker->conf->auth);

    if (permissions_path(fresh) || !same)
        fprintf(out, "permissions: %s\n", same ? "as they were" : "have changed");
    if (!same)
        log_info("permissions: loaded anew; they hold from now on");
    if (!same && warning)
        log_warn("%s", warning);
    return !same;
}

static void watch_folder(void *owner, const char *folder)
{
    char *inside = mem_format("%s/policy.lua", folder);

    watch_file(owner, inside);
    free(inside);
}

/* Also a folder inside that cannot be read yet: it is being written. */
static void watch_policy(struct reloader *reloader, const char *folder)
{
    watch_folder(reloader->watch, folder);
    policy_set_folders(folder, watch_folder, reloader->watch);
}

static void watch_path(void *owner, const char *path)
{
    watch_file(owner, path);
}

static void watch_files(struct reloader *reloader)
{
    const struct ruleset *set = reloader->worker->ruleset;
    const struct conf *conf = reloader->conf ? reloader->conf : reloader->worker->conf;

    if (permissions_path(reloader->worker->permissions))
        watch_file(reloader->watch, permissions_path(reloader->worker->permissions));
    watch_policy(reloader, conf->policy);
    for (size_t i = 0; i < conf->server_count; i++)
        if (conf->servers[i].policy)
            watch_policy(reloader, conf->servers[i].policy);
    for (size_t i = 0; i < set->count; i++)
        for (size_t file = 0; file < rules_file_count(set->rules[i]); file++)
            watch_file(reloader->watch, rules_file(set->rules[i], file));
    folder_each_path(reloader->worker->plugins, watch_path, reloader->watch);
}

/* Behind a reading; it is done once more where it came before the watch. */
static void watch_again(struct reloader *reloader)
{
    watch_files(reloader);
    if (!watch_grew(reloader->watch))
        return;
    reloader->asked = true;
    reloader->loud = false;
}

static void take(struct reloader *reloader, FILE *out)
{
    bool changed = compare_policy(reloader, out);

    changed = compare(reloader->worker->ruleset, reloader->fresh, out) || changed;
    if (changed)
        log_info("rules: loaded anew; they hold from now on, for players who are there as well");
    changed = compare_permissions(reloader, out) || changed;
    if (!changed && reloader->loud)
        log_info("rules: loaded anew, nothing has changed");
    permissions_free(reloader->worker->permissions);
    reloader->worker->permissions = reloader->fresh_permissions;
    reloader->fresh_permissions = NULL;
    worker_renew(reloader->worker, taken_policies(reloader), reloader->fresh);
    reloader->fresh_policies = NULL;
    conf_free(reloader->conf);
    reloader->conf = reloader->fresh_conf;
    reloader->fresh = NULL;
    reloader->fresh_conf = NULL;
    event_tell_of(reloader->worker, EVENT_PROXY_RELOAD, NULL);
    free(reloader->last_failure);
    reloader->last_failure = NULL;
}

static void complain(struct reloader *reloader, const char *text)
{
    bool told = reloader->last_failure && strcmp(reloader->last_failure, text) == 0;

    free(reloader->last_failure);
    reloader->last_failure = mem_strdup(text);
    if (told && !reloader->loud)
        return;
    diag_log(&reloader->diag);
    log_error("rules: not loaded, the old ones go on; mend the above");
}

static void answer(struct reloader *reloader, bool ok, const char *text)
{
    while (reloader->askers) {
        struct asker *asker = reloader->askers;

        reloader->askers = asker->next;
        control_answer(asker->request, ok, text);
        free(asker);
    }
}

static void drop(struct reloader *reloader)
{
    ruleset_free(reloader->fresh);
    policies_free(reloader->fresh_policies);
    permissions_free(reloader->fresh_permissions);
    conf_free(reloader->fresh_conf);
    diag_free(&reloader->diag);
    reloader->fresh = NULL;
    reloader->fresh_policies = NULL;
    reloader->fresh_permissions = NULL;
    reloader->fresh_conf = NULL;
    reloader->diag = (struct diag){0};
}

static void begin(struct reloader *reloader);

static void free_when_done(struct reloader *reloader)
{
    if (!reloader->closing || reloader->busy || reloader->open_handles > 0)
        return;
    conf_free(reloader->conf);
    free(reloader->last_failure);
    free(reloader);
}

static void on_read(uv_work_t *work, int status)
{
    struct reloader *reloader = work->data;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool ok = reloader->fresh && !reloader->closing;

    (void)status;
    if (!out)
        abort();
    if (ok)
        take(reloader, out);
    else
        diag_print(&reloader->diag, out);
    fflush(out);
    if (!ok && !reloader->closing)
        complain(reloader, text);
    if (!reloader->closing) {
        ok = plugin_orders_refresh(reloader->worker, out) && ok;
        watch_again(reloader);
    }
    fclose(out);
    answer(reloader, ok, text);
    free(text);
    drop(reloader);
    reloader->busy = false;
    if (reloader->asked && !reloader->closing)
        begin(reloader);
    free_when_done(reloader);
}

/* Reads all files; when that is under way, once more behind it. */
static void begin(struct reloader *reloader)
{
    reloader->asked = reloader->busy;
    if (reloader->busy)
        return;
    reloader->busy = true;
    reloader->askers = reloader->waiting;
    reloader->waiting = NULL;
    reloader->work.data = reloader;
    uv_queue_work(reloader->worker->loop, &reloader->work, read_all, on_read);
}

static void on_hangup(uv_signal_t *signal, int number)
{
    struct reloader *reloader = signal->data;

    (void)number;
    reloader->loud = true;
    begin(reloader);
}

static void on_changed(void *owner)
{
    struct reloader *reloader = owner;

    reloader->loud = false;
    begin(reloader);
}

static void set_clock(struct reloader *reloader);

/* The day of another version may have come, and somebody's time of grace may be over. */
static void on_clock(uv_timer_t *timer)
{
    struct reloader *reloader = timer->data;

    if (policies_next_ms(reloader->worker->policies) <= clock_wall_ms()) {
        reloader->loud = false;
        begin(reloader);
    }
    worker_check_standing(reloader->worker);
    set_clock(reloader);
}

static void set_clock(struct reloader *reloader)
{
    int64_t until_ms = policies_next_ms(reloader->worker->policies) - clock_wall_ms();

    uv_timer_start(&reloader->clock, on_clock,
                   until_ms > 0 && until_ms < LOOK_MS ? (uint64_t)until_ms : LOOK_MS, 0);
}

static void print_shadows(struct reloader *reloader, struct control_request *request)
{
    const struct ruleset *set = reloader->worker->ruleset;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        abort();
    for (size_t i = 0; i < set->count; i++)
        rules_print_shadow(set->rules[i], out);
    fclose(out);
    control_answer(request, true, size > 0 ? text : "no server has shadow = true\n");
    free(text);
}

/* A line for each kind of act of a server that was refused: server, how often, kind. */
static void print_refused(struct reloader *reloader, struct control_request *request)
{
    const struct worker *worker = reloader->worker;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        abort();
    for (size_t i = 0; i < worker->conf->server_count; i++)
        for (int act = 0; act < ACTS; act++)
            if (worker->refused[i][act].total > 0)
                fprintf(out, "%s %" PRIu64 " %s\n", worker->conf->servers[i].name,
                        worker->refused[i][act].total, act_name((enum act)act));
    fclose(out);
    control_answer(request, true, text);
    free(text);
}

static void on_command(void *owner, struct control_request *request, const char *command)
{
    struct reloader *reloader = owner;
    struct asker *asker;

    if (strcmp(command, "shadow") == 0) {
        print_shadows(reloader, request);
        return;
    }
    if (strcmp(command, "refused") == 0) {
        print_refused(reloader, request);
        return;
    }
    if (orders_obey(reloader->worker, request, command))
        return;
    if (plugin_orders_obey(reloader->worker, request, command)) {
        watch_again(reloader);
        if (!reloader->busy && reloader->asked)
            begin(reloader);
        return;
    }
    if (strcmp(command, "reload") != 0) {
        control_answer(request, false, "this Sekisho does not know the command; update it\n");
        return;
    }
    asker = mem_alloc(sizeof *asker);
    asker->request = request;
    asker->next = reloader->waiting;
    reloader->waiting = asker;
    reloader->loud = true;
    begin(reloader);
}

struct reloader *reloader_new(struct worker *worker, const char *conf_path)
{
    struct reloader *reloader = mem_alloc(sizeof *reloader);

    reloader->worker = worker;
    reloader->conf_path = conf_path;
    uv_signal_init(worker->loop, &reloader->hangup);
    reloader->hangup.data = reloader;
    uv_signal_start(&reloader->hangup, on_hangup, SIGHUP);
    uv_timer_init(worker->loop, &reloader->clock);
    reloader->clock.data = reloader;
    reloader->open_handles = 2;
    set_clock(reloader);
    reloader->control = control_open(worker->loop, conf_path, on_command, reloader);
    reloader->watch = watch_new(worker->loop, on_changed, reloader);
    watch_files(reloader);
    (void)watch_grew(reloader->watch);
    return reloader;
}

static void on_closed(uv_handle_t *handle)
{
    struct reloader *reloader = handle->data;

    reloader->open_handles--;
    free_when_done(reloader);
}

void reloader_close(struct reloader *reloader)
{
    if (!reloader)
        return;
    reloader->closing = true;
    while (reloader->waiting) {
        struct asker *asker = reloader->waiting;

        reloader->waiting = asker->next;
        control_answer(asker->request, false, "Sekisho is shutting down\n");
        free(asker);
    }
    control_close(reloader->control);
    watch_close(reloader->watch);
    uv_close((uv_handle_t *)&reloader->hangup, on_closed);
    uv_close((uv_handle_t *)&reloader->clock, on_closed);
}
