/*
 * `sekisho task list|retry|drop`: what servers have still to be told, and what a person decides
 * where telling them fails.
 */
#include "base/clock.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/visit.h"
#include "consent/provision.h"
#include "store/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const struct cli_options *options;
    const char *url;
    struct diag *diag;
    struct store *store;
    struct store_task_step step;
    int64_t number; /* of the task that is retried or dropped */
    int count;      /* of those that were listed */
    bool found;
    int err;
};

static void print_json(const struct store_task *task)
{
    char created[CLOCK_TEXT_BYTES], next[CLOCK_TEXT_BYTES], ended[CLOCK_TEXT_BYTES];
    bool open = task->state == TASK_OPEN;
    json_t *json;

    clock_format(task->created_at_ms, created);
    clock_format(task->next_at_ms, next);
    clock_format(task->ended_at_ms, ended);
    json = json_pack(
        "{sI sI ss ss si ss ss? ss? ss? ss? ss?}", "task", (json_int_t)task->number, "request",
        (json_int_t)task->request, "server", task->server, "state", task_state_name(task->state),
        "attempts", task->attempts, "created_at", created, "next_at", open ? next : NULL,
        "ended_at", task_has_ended(task->state) ? ended : NULL, "problem",
        task->problem[0] ? task->problem : NULL, "player_name", task->name[0] ? task->name : NULL,
        "player_uuid", task->uuid[0] ? task->uuid : NULL);
    if (!json)
        abort();
    json_dumpf(json, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(json);
}

static void print_line(const struct store_task *task)
{
    char time[CLOCK_TEXT_BYTES];

    printf("%" PRId64 "  %-16s %-14s ", task->number, task->server, task_state_name(task->state));
    if (task_has_ended(task->state)) {
        clock_format(task->ended_at_ms, time);
        printf("%s\n", time);
        return;
    }
    clock_format(task->next_at_ms, time);
    printf("%s %s, attempts: %d", task->name, task->uuid, task->attempts);
    if (task->state == TASK_OPEN)
        printf(", next %s", time);
    if (task->request)
        printf(", for request %" PRId64, task->request);
    printf("%s%s\n", task->problem[0] ? ": " : "", task->problem);
}

static void on_listed(void *owner, uint64_t id, int err, const struct store_task *task)
{
    struct job *job = owner;

    (void)id;
    if (!task) {
        job->err = err;
        return;
    }
    job->count++;
    if (job->options->json)
        print_json(task);
    else
        print_line(task);
}

static void ask_for_list(struct store *store, void *owner)
{
    store_task_list(store, 0, on_listed);
    (void)owner;
}

static int list(struct job *job)
{
    int err = visit_store(job->url, STORE_READ, job->diag, ask_for_list, job);

    if (err < 0 && err != ERR_NOT_FOUND)
        return err;
    if (job->err < 0)
        (void)visit_failed(job->url, job->err, job->diag);
    else if (job->count == 0 && !job->options->json)
        printf("no tasks: no server has to be told anything\n");
    return job->err;
}

static void on_moved(void *owner, uint64_t id, int err)
{
    struct job *job = owner;

    (void)id;
    job->err = err;
    if (err == ERR_NOT_FOUND)
        fprintf(stderr, "sekisho task: it has ended in the meantime\n");
    else if (err < 0)
        job->err = visit_failed(job->url, err, job->diag);
}

/* What stands in the ledger for good must not name whom it is about. */
static bool is_fit(const struct store_task *task, const char *what, const char *text)
{
    const char *flaw = provision_text_flaw(text, task->name, task->uuid);

    if (flaw)
        fprintf(stderr, "sekisho task: %s %s\n", what, flaw);
    return !flaw;
}

static bool may_move(const struct job *job, const struct store_task *task)
{
    if (task_has_ended(task->state)) {
        fprintf(stderr, "sekisho task: task %" PRId64 " has ended already: %s\n", task->number,
                task_state_name(task->state));
        return false;
    }
    return job->step.step == TASK_STEP_RETRY ||
           (is_fit(task, "--by", job->step.by) && is_fit(task, "--reason", job->step.reason));
}

static void on_met(void *owner, uint64_t id, int err, const struct store_task *task)
{
    struct job *job = owner;

    (void)id;
    if (!task && err < 0)
        job->err = visit_failed(job->url, err, job->diag);
    else if (!task && !job->found)
        fprintf(stderr, "sekisho task: there is no task %" PRId64 "; see sekisho task list\n",
                job->number);
    if (!task || task->number != job->number)
        return;
    job->found = true;
    if (may_move(job, task))
        store_task_move(job->store, 0, &job->step, on_moved);
}

static void ask_to_move(struct store *store, void *owner)
{
    struct job *job = owner;

    job->store = store;
    store_task_list(store, 0, on_met);
}

static int move(struct job *job)
{
    const struct cli_options *options = job->options;
    bool drop = strcmp(options->words[0], "drop") == 0;
    char *end;

    job->number = strtoll(options->words[1], &end, 10);
    if (*end || job->number < 1) {
        fprintf(stderr, "sekisho task: \"%s\" is no number of a task; see sekisho task list\n",
                options->words[1]);
        return ERR_INVALID;
    }
    if (drop && (!options->by || !options->reason)) {
        fprintf(stderr, "sekisho task: that a server need not be told is somebody's decision; add "
                        "--by NAME --reason TEXT, which stand in the ledger\n");
        return ERR_INVALID;
    }
    job->step = (struct store_task_step){.number = job->number,
                                         .step = drop ? TASK_STEP_DROP : TASK_STEP_RETRY,
                                         .at_ms = clock_wall_ms(),
                                         .by = options->by,
                                         .reason = options->reason};
    job->err = ERR_NOT_FOUND; /* until it was done */
    return visit_store(job->url, STORE_SERVE, job->diag, ask_to_move, job) < 0 ? ERR_IO : job->err;
}

static const struct verb {
    struct cli_word word;
    int (*run)(struct job *job);
} verbs[] = {
    {{"list", {CLI_CONF | CLI_JSON, 1, 1}, "[--json]"}, list},
    {{"retry", {CLI_CONF, 2, 2}, "N"}, move},
    {{"drop", {CLI_CONF | CLI_BY | CLI_REASON, 2, 2}, "N --by NAME --reason TEXT"}, move},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

int cli_task(int argc, char **argv)
{
    const struct verb *verb;
    struct cli_options options;
    struct diag diag = {0};
    struct job job = {.options = &options, .diag = &diag};
    struct conf *conf = NULL;
    int err;

    verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    if (!verb)
        return EXIT_FAILURE;
    err = conf_load(options.conf_path, &diag, &conf);
    if (err == 0) {
        job.url = conf->store;
        err = verb->run(&job);
    }
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
