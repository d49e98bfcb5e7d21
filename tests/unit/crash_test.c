/*
 * A process that records consents is killed again and again, at any moment: what it acknowledged is
 * there, what nobody asked for is not, and the ledger holds.
 */
#include "consent/audit.h"
#include "store/store.h"

#include "base/mem.h"
#include "fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 200, AT_ONCE = 16, PLAYERS_MAX = 1 << 20, LIVES_US_MAX = 25000 };

/* What is known of a player, by number. */
enum { ASKED = 1, ACKNOWLEDGED = 2, FOUND = 4 };

struct writer {
    uv_loop_t loop;
    struct store *store;
    uint32_t next;
    int out;
};

struct reader {
    struct store *store;
    struct audit *audit;
    uint8_t *known;
    size_t found;
};

static void say(struct writer *writer, uint32_t number, uint32_t what)
{
    uint32_t word = number << 2 | what;

    if (write(writer->out, &word, sizeof word) != (ssize_t)sizeof word)
        _exit(1);
}

static void on_put(void *owner, uint64_t id, int err);

static void put_next(struct writer *writer)
{
    struct consent_record record = {.decision = CONSENT_ACCEPTED,
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_VERIFIED,
                                    .name = "Player",
                                    .purposes = "service"};
    uint32_t number = writer->next++;

    memcpy(record.player.bytes, &number, sizeof number);
    say(writer, number, ASKED);
    store_consent_put(writer->store, number, &record, on_put);
}

static void on_put(void *owner, uint64_t id, int err)
{
    if (err < 0)
        _exit(2);
    say(owner, (uint32_t)id, ACKNOWLEDGED);
    put_next(owner);
}

static void write_until_killed(const char *url, uint32_t first, int out)
{
    struct writer writer = {.next = first, .out = out};
    struct diag diag = {0};

    uv_loop_init(&writer.loop);
    if (store_open(url, STORE_SERVE, &writer.loop, &writer, &diag, &writer.store) < 0)
        _exit(3);
    for (int i = 0; i < AT_ONCE; i++)
        put_next(&writer);
    uv_run(&writer.loop, UV_RUN_DEFAULT);
    _exit(4);
}

static void wait_us(long us)
{
    struct timespec time = {.tv_nsec = us * 1000};

    nanosleep(&time, NULL);
}

/* One life of the process. Returns the first number that it did not use. */
static uint32_t live_and_die(const char *url, uint32_t first, long lives_us, uint8_t *known)
{
    uint32_t next = first;
    uint32_t word;
    int pipes[2];
    int status;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        close(pipes[0]);
        write_until_killed(url, first, pipes[1]);
    }
    close(pipes[1]);
    /* From the first sign of life on; by chance that is before it opened, or amid its first. */
    if (lives_us % 4 != 0 && read(pipes[0], &word, sizeof word) == (ssize_t)sizeof word)
        known[word >> 2] |= word & 3;
    wait_us(lives_us);
    kill(child, SIGKILL);
    while (read(pipes[0], &word, sizeof word) == (ssize_t)sizeof word)
        known[word >> 2] |= word & 3;
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (next < PLAYERS_MAX && known[next])
        next++;
    return next;
}

static void on_record(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct reader *reader = owner;
    uint32_t number;

    (void)id;
    assert_int_equal(err, 0);
    if (!record)
        return;
    memcpy(&number, record->player.bytes, sizeof number);
    assert_true(number < PLAYERS_MAX);
    assert_true(reader->known[number] & ASKED);
    assert_false(reader->known[number] & FOUND);
    reader->known[number] |= FOUND;
    reader->found++;
}

static void on_heads(void *owner, uint64_t id, int err, const char *lines)
{
    struct reader *reader = owner;

    (void)id;
    assert_int_equal(err, 0);
    for (const char *line = lines; *line; line += strcspn(line, "\n") + 1) {
        char *head = mem_strndup(line, strcspn(line, "\n"));

        audit_head(reader->audit, head);
        free(head);
    }
}

static void on_entry(void *owner, uint64_t id, int err, const struct store_entry *entry)
{
    struct reader *reader = owner;

    (void)id;
    assert_int_equal(err, 0);
    if (entry)
        audit_entry(reader->audit, entry->place, entry->line, entry->key);
}

static void on_closed(void *owner)
{
    (void)owner;
}

static void check_all(const char *url, struct reader *reader)
{
    struct audit_summary summary;
    struct diag diag = {0};
    uv_loop_t loop;

    uv_loop_init(&loop);
    assert_int_equal(store_open(url, STORE_READ, &loop, reader, &diag, &reader->store), 0);
    reader->audit = audit_new(NULL);
    store_consent_list(reader->store, 0, NULL, on_record);
    store_heads(reader->store, 0, on_heads);
    store_ledger_list(reader->store, 0, NULL, on_entry);
    store_close(reader->store, on_closed);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    summary = audit_end(reader->audit);
    assert_int_equal(summary.finding_count, 0);
    assert_int_equal(summary.entries, reader->found);
    audit_free(reader->audit);
}

static void what_was_acknowledged_survives_and_nothing_else_appears(void **state)
{
    struct reader reader = {.known = mem_alloc(PLAYERS_MAX)};
    char *url = mem_format("sqlite:%s/data/sekisho.db", (const char *)*state);
    uint32_t next = 0;
    unsigned seed = 1;

    for (int i = 0; i < KILLS; i++) {
        next = live_and_die(url, next, (long)(rand_r(&seed) % LIVES_US_MAX), reader.known);
        assert_true(next < PLAYERS_MAX);
    }
    check_all(url, &reader);
    assert_true(reader.found > KILLS);
    for (uint32_t i = 0; i < next; i++)
        if (reader.known[i] & ACKNOWLEDGED)
            assert_true(reader.known[i] & FOUND);
    free(reader.known);
    free(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_acknowledged_survives_and_nothing_else_appears,
                                        fixture_folder, fixture_no_folder),
    };

    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
