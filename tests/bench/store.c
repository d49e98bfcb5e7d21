/*
 * What the store does on the disk of FOLDER: durable consents a second, with so many players who
 * wait for their answer at a time, beside how often a second that disk makes 4 KiB durable; and how
 * long a look-up takes while others write. Then, with PLAYERS in it (a million): how long the store
 * takes to open, a player to be looked for, and one to be erased. Part of `make bench`.
 */
#include "store/store.h"

#include "base/err.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SYNC_BYTES = 4096,
    LOOKUPS_MAX = 1 << 20,
    PLAYERS = 1000000,
    FILLERS = 4096,
    ERASURES = 50,
};

static const double RUN_SECONDS = 1.5;

struct bench {
    uv_loop_t loop;
    struct store *store;
    uint64_t until_ns;
    uint64_t players; /* asked for so far; the last one's number */
    uint64_t written;
    uint64_t *waited_ns; /* by look-ups */
    size_t lookups;
    uint64_t looked_at_ns;
    struct data_request request; /* the last one answered */
    bool answered;
};

static uint64_t from_now(double seconds)
{
    return uv_hrtime() + (uint64_t)(seconds * 1e9);
}

static struct uuid player_of(uint64_t number)
{
    struct uuid player = {.bytes = {0}};

    number *= UINT64_C(0x9E3779B97F4A7C15); /* as spread as real ones */
    memcpy(player.bytes, &number, sizeof number);
    return player;
}

static double syncs_a_second(const char *folder)
{
    static const char block[SYNC_BYTES];
    char *path = mem_format("%s/sync", folder);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    uint64_t until_ns = from_now(RUN_SECONDS);
    int count = 0;

    for (; file >= 0 && uv_hrtime() < until_ns; count++)
        if (write(file, block, sizeof block) != (ssize_t)sizeof block || fdatasync(file) != 0)
            abort();
    close(file);
    unlink(path);
    free(path);
    return count / RUN_SECONDS;
}

static void put_next(struct bench *bench);

static void on_put(void *owner, uint64_t id, int err)
{
    struct bench *bench = owner;

    (void)id;
    if (err < 0)
        abort();
    bench->written++;
    if (uv_hrtime() < bench->until_ns)
        put_next(bench);
}

static void put_next(struct bench *bench)
{
    struct consent_record record = {.player = player_of(++bench->players),
                                    .name = "Bench",
                                    .decision = CONSENT_ACCEPTED,
                                    .policy_version = "2026-01",
                                    .language = "en",
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_VERIFIED,
                                    .purposes = "service,analytics",
                                    .server = "lobby",
                                    .protocol = 775,
                                    .action = "button"};

    memset(record.policy_sha256, 'a', sizeof record.policy_sha256 - 1);
    memset(record.nonce, 'b', sizeof record.nonce - 1);
    store_consent_put(bench->store, bench->players, &record, on_put);
}

static void find_next(struct bench *bench);

static void on_found(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct bench *bench = owner;

    (void)id;
    if (err < 0 || !record)
        abort();
    bench->waited_ns[bench->lookups++] = uv_hrtime() - bench->looked_at_ns;
    if (uv_hrtime() < bench->until_ns && bench->lookups < LOOKUPS_MAX)
        find_next(bench);
    else
        bench->answered = true;
}

static void find_next(struct bench *bench)
{
    struct uuid player = player_of(1 + bench->lookups * 7919 % bench->written);

    bench->looked_at_ns = uv_hrtime();
    store_consent_find(bench->store, 0, &player, "my-community", on_found);
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void run_writers(struct bench *bench, size_t at_once, double syncs)
{
    uint64_t before = bench->written;
    double rate;

    bench->until_ns = from_now(RUN_SECONDS);
    bench->lookups = 0;
    for (size_t i = 0; i < at_once; i++)
        put_next(bench);
    if (before > 0)
        find_next(bench);
    while (bench->written < bench->players)
        uv_run(&bench->loop, UV_RUN_ONCE);
    rate = (double)(bench->written - before) / RUN_SECONDS;
    printf("%6zu at once %14.0f consents/s %8.1f of the disk's rate", at_once, rate, rate / syncs);
    if (bench->lookups > 0) {
        qsort(bench->waited_ns, bench->lookups, sizeof *bench->waited_ns, compare);
        printf("   look-up 99 %% %6.0f us",
               (double)bench->waited_ns[bench->lookups * 99 / 100] / 1000);
    }
    printf("\n");
}

static void fill(struct bench *bench, uint64_t players)
{
    bench->until_ns = 0;
    while (bench->players < players) {
        uint64_t left = players - bench->players;

        for (uint64_t i = 0; i < (left < FILLERS ? left : FILLERS); i++)
            put_next(bench);
        while (bench->written < bench->players)
            uv_run(&bench->loop, UV_RUN_ONCE);
    }
}

static void print_times(struct bench *bench, const char *what)
{
    qsort(bench->waited_ns, bench->lookups, sizeof *bench->waited_ns, compare);
    printf("%s: half within %.3f ms, 99 %% within %.3f ms, all within %.3f ms\n", what,
           (double)bench->waited_ns[bench->lookups / 2] / 1e6,
           (double)bench->waited_ns[bench->lookups * 99 / 100] / 1e6,
           (double)bench->waited_ns[bench->lookups - 1] / 1e6);
    bench->lookups = 0;
}

static void on_request(void *owner, uint64_t id, int err, const struct data_request *request)
{
    struct bench *bench = owner;

    (void)id;
    if (err < 0 || !request)
        abort();
    bench->request = *request;
    bench->answered = true;
}

static void wait_for_answer(struct bench *bench)
{
    while (!bench->answered)
        uv_run(&bench->loop, UV_RUN_ONCE);
    bench->answered = false;
}

/* From the order to erase until nothing of the player is in the store. */
static void erase_one(struct bench *bench, uint64_t number)
{
    struct data_request request = {.kind = DATA_REQUEST_ERASURE,
                                   .player = player_of(number),
                                   .proof = DATA_REQUEST_BY_OPERATOR,
                                   .due_at_ms = 1};
    struct store_request_step step = {.at_ms = 1};
    uint64_t begun_ns;

    store_request_put(bench->store, 0, &request, on_request);
    wait_for_answer(bench);
    step.number = bench->request.number;
    begun_ns = uv_hrtime();
    store_request_run(bench->store, 0, &step, on_request);
    wait_for_answer(bench);
    bench->waited_ns[bench->lookups++] = uv_hrtime() - begun_ns;
    if (bench->request.state != DATA_REQUEST_DONE)
        abort();
}

static void on_closed(void *owner)
{
    (void)owner;
}

static void open_store(struct bench *bench, const char *url)
{
    struct diag diag = {0};

    if (store_open(url, STORE_SERVE, &bench->loop, bench, &diag, &bench->store) == 0)
        return;
    diag_print(&diag, stderr);
    exit(EXIT_FAILURE);
}

static void close_store(struct bench *bench)
{
    store_close(bench->store, on_closed);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
}

/* With many players in it. */
static void run_full(struct bench *bench, const char *url, uint64_t players)
{
    uint64_t begun_ns;

    fill(bench, players);
    close_store(bench);
    begun_ns = uv_hrtime();
    open_store(bench, url);
    printf("\nwith %llu players: opened in %.3f s\n", (unsigned long long)players,
           (double)(uv_hrtime() - begun_ns) / 1e9);
    bench->until_ns = from_now(RUN_SECONDS);
    bench->lookups = 0;
    bench->answered = false;
    find_next(bench);
    wait_for_answer(bench);
    print_times(bench, "a look-up");
    for (uint64_t i = 0; i < ERASURES; i++)
        erase_one(bench, 1 + i * players / ERASURES);
    print_times(bench, "an erasure");
}

int main(int argc, char **argv)
{
    struct bench bench = {.waited_ns = mem_array(LOOKUPS_MAX + 1, sizeof(uint64_t))};
    const char *folder = argc > 1 ? argv[1] : ".";
    char *path = mem_format("%s/bench.db", folder);
    char *url = mem_format("sqlite:%s", path);
    uint64_t players = argc > 2 ? strtoull(argv[2], NULL, 10) : PLAYERS;
    double syncs = syncs_a_second(folder);

    unlink(path);
    uv_loop_init(&bench.loop);
    open_store(&bench, url);
    printf("\nthe store: a disk that makes 4 KiB durable %.0f times/s\n", syncs);
    for (size_t at_once = 1; at_once <= 4096; at_once *= 16)
        run_writers(&bench, at_once, syncs);
    run_full(&bench, url, players);
    close_store(&bench);
    uv_loop_close(&bench.loop);
    unlink(path);
    free(url);
    free(path);
    free(bench.waited_ns);
    return EXIT_SUCCESS;
}
