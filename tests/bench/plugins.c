/*
 * What plugins cost: an event that nobody hears, one that a handler in Lua hears, an idle plugin,
 * and the timers of a thousand. FOLDER takes the plugins. Part of `make bench`.
 */
#include "plugin/host.h"

#include "base/mem.h"
#include "script/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 1000 * 1000, SAMPLES = 20 * 1000, TURNS = 20 * 1000, MANY = 1000 };

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;

    return (*left > *right) - (*left < *right);
}

static char *path_of(const char *folder, int number)
{
    return mem_format("%s/bench-plugins/p%d.lua", folder, number);
}

static void write_plugin(const char *folder, int number, const char *body)
{
    char *path = path_of(folder, number);
    FILE *file = fopen(path, "w");

    if (!file ||
        fprintf(file, "plugin { name = \"p%d\", version = \"1\" }\n%s\n", number, body) < 0 ||
        fclose(file) != 0)
        abort();
    free(path);
}

static void remove_plugin(const char *folder, int number)
{
    char *path = path_of(folder, number);

    unlink(path);
    free(path);
}

static void open_plugins(struct worker *worker, const char *folder)
{
    char *path = mem_format("%s/bench-plugins", folder);
    struct diag diag = {0};

    worker->plugins = plugins_open(worker, path, &diag);
    if (diag.count > 0) {
        diag_print(&diag, stderr);
        exit(EXIT_FAILURE);
    }
    free(path);
}

static void close_plugins(struct worker *worker)
{
    plugins_close(worker->plugins);
    worker->plugins = NULL;
    uv_run(worker->loop, UV_RUN_DEFAULT);
}

/* The mean of an event of a kind that has no handler. */
static double unheard_ns(struct worker *worker)
{
    int64_t begun = now_ns();

    for (int i = 0; i < ROUNDS; i++) {
        event_tell_of(worker, EVENT_PROXY_STOP, NULL);
        __asm__ volatile("" ::: "memory");
    }
    return (double)(now_ns() - begun) / ROUNDS;
}

/* The median of one that a handler hears, from its making to its end. */
static int64_t heard_ns(struct worker *worker)
{
    static int64_t took[SAMPLES];

    for (int i = 0; i < SAMPLES; i++) {
        int64_t begun = now_ns();

        event_tell_of(worker, EVENT_PROXY_RELOAD, NULL);
        took[i] = now_ns() - begun;
    }
    qsort(took, SAMPLES, sizeof took[0], compare);
    return took[SAMPLES / 2];
}

/* The mean of a turn of the loop in which no timer is due. */
static double turn_ns(struct worker *worker)
{
    int64_t begun = now_ns();

    for (int i = 0; i < TURNS; i++)
        uv_run(worker->loop, UV_RUN_NOWAIT);
    return (double)(now_ns() - begun) / TURNS;
}

static size_t idle_bytes(const struct worker *worker)
{
    return script_memory(worker->plugins->first->script);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : ".";
    char *inside = mem_format("%s/bench-plugins", folder);
    struct conf conf = {.path = (char[]){"bench.lua"}};
    uv_loop_t loop;
    struct worker worker = {.loop = &loop, .conf = &conf};
    double alone;
    double many;

    uv_loop_init(&loop);
    mkdir(inside, 0700);
    write_plugin(folder, 0,
                 "local n = 0\non(\"proxy.reload\", function() n = n + 1 end)\n"
                 "every(3600, function() end)");
    open_plugins(&worker, folder);
    printf("plugins: an event that nobody hears %.1f ns, one that a handler hears %lld ns at the "
           "median\n",
           unheard_ns(&worker), (long long)heard_ns(&worker));
    printf("plugins: an idle one takes %zu KiB\n", idle_bytes(&worker) / 1024);
    alone = turn_ns(&worker);
    close_plugins(&worker);
    for (int i = 0; i < MANY; i++)
        write_plugin(folder, i, "every(3600, function() end)");
    open_plugins(&worker, folder);
    many = turn_ns(&worker);
    printf("plugins: a turn of the loop with one timer %.0f ns, with those of %d plugins %.0f ns\n",
           alone, MANY, many);
    close_plugins(&worker);
    for (int i = 0; i < MANY; i++)
        remove_plugin(folder, i);
    rmdir(inside);
    free(inside);
    return EXIT_SUCCESS;
}
