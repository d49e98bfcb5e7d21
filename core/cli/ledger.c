/*
 * `sekisho ledger`: does the ledger hold, the newest signed head over it, the key to check it with;
 * and proofs of single records (proof.c).
 */
#include "cli/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/proof.h"
#include "cli/visit.h"
#include "consent/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FINDINGS_TOLD_MAX = 50, FILE_BYTES_MAX = 64 * 1024 };

struct verifying {
    struct audit *audit;
    const char *saved_head; /* a line; NULL: none was given */
    int err;
};

static void on_heads(void *owner, uint64_t id, int err, const char *lines)
{
    struct verifying *verifying = owner;

    (void)id;
    if (err < 0)
        verifying->err = err;
    while (err >= 0 && *lines) {
        size_t len = strcspn(lines, "\n");
        char *line = mem_strndup(lines, len);

        audit_head(verifying->audit, line);
        free(line);
        lines += len + (lines[len] == '\n');
    }
    if (verifying->saved_head)
        audit_head(verifying->audit, verifying->saved_head);
}

static void on_entry(void *owner, uint64_t id, int err, const struct store_entry *entry)
{
    struct verifying *verifying = owner;

    (void)id;
    if (err < 0)
        verifying->err = err;
    if (entry)
        audit_entry(verifying->audit, entry->place, entry->line,
                    entry->has_key ? entry->key : NULL);
}

/* Both are asked of the lane for reads, so the heads come first. */
static void ask(struct store *store, void *owner)
{
    (void)owner;
    store_heads(store, 0, on_heads);
    store_ledger_list(store, 0, NULL, on_entry);
}

static void print_finding(const struct audit_finding *finding)
{
    int64_t first = finding->first;
    int64_t last = finding->last;

    if (finding->kind != AUDIT_SIGNATURE && finding->kind != AUDIT_HEAD) {
        printf(first == last ? "record %" PRId64 : "records %" PRId64, first);
        if (first != last)
            printf(" to %" PRId64, last);
        printf(": ");
    }
    switch (finding->kind) {
    case AUDIT_MISSING: printf("missing, removed from the database\n"); break;
    case AUDIT_UNREADABLE: printf("not readable as a record any more\n"); break;
    case AUDIT_MOVED:
        printf("written as %" PRId64 " to %" PRId64 ": moved, or something was %s before\n",
               first + finding->offset, last + finding->offset,
               finding->offset < 0 ? "put in" : "taken out");
        break;
    case AUDIT_CHANGED: printf("changed: the record behind knows another text\n"); break;
    case AUDIT_ONE_OF: printf("one of the two was changed\n"); break;
    case AUDIT_CUT_OFF: printf("missing: a signed head stands for them\n"); break;
    case AUDIT_REWRITTEN:
        printf("rewritten, at least one of them: the signed head over %" PRId64
               " records is of other ones\n",
               last);
        break;
    case AUDIT_SEALED: printf("the personal part does not open with its person's key\n"); break;
    case AUDIT_KEYLESS:
        printf("its person's key is gone, and no erasure is recorded: somebody deleted it\n");
        break;
    case AUDIT_SIGNATURE:
        printf("the head over %" PRId64 " records is not signed by this key\n", last);
        break;
    case AUDIT_HEAD: printf("a head that cannot be read\n"); break;
    case AUDIT_NONE: break;
    }
}

static void print_good(const struct audit_summary *summary)
{
    char at[CLOCK_TEXT_BYTES];

    printf("the ledger holds: %" PRId64 " records", summary->entries);
    if (summary->erased > 0)
        printf(", %" PRId64 " of them of persons who were erased", summary->erased);
    if (summary->signed_entries > 0) {
        clock_format(summary->signed_at_ms, at);
        printf("; %zu signed heads hold, the newest over %" PRId64 " records, of %s",
               summary->heads, summary->signed_entries, at);
    }
    printf("\n");
    if (summary->entries > summary->signed_entries)
        printf("not signed yet: %" PRId64 "; a running Sekisho signs every half minute\n",
               summary->entries - summary->signed_entries);
}

static bool print_summary(const struct audit_summary *summary)
{
    if (summary->finding_count == 0) {
        print_good(summary);
        return true;
    }
    for (size_t i = 0; i < summary->finding_count && i < FINDINGS_TOLD_MAX; i++)
        print_finding(&summary->findings[i]);
    if (summary->finding_count > FINDINGS_TOLD_MAX)
        printf("and %zu findings more\n", summary->finding_count - FINDINGS_TOLD_MAX);
    printf("the ledger does not hold: restore the database from a backup that does, and find out "
           "who could write to it\n");
    return false;
}

char *ledger_file(const char *path, struct diag *diag)
{
    FILE *file = fopen(path, "r");
    char *text;
    size_t len;

    if (!file) {
        diag_add(diag, path, 0, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    text = mem_alloc(FILE_BYTES_MAX + 1);
    len = fread(text, 1, FILE_BYTES_MAX, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

int ledger_public_key(const struct cli_options *options, const struct conf *conf,
                      uint8_t out[static SIGN_PUBLIC_BYTES], struct diag *diag)
{
    struct sign_key *key;
    char *text;
    char *path;
    int err;

    if (options->key) {
        text = ledger_file(options->key, diag);
        if (!text)
            return ERR_INVALID;
        err = sign_public_read(text, out);
        free(text);
        if (err < 0)
            diag_add(diag, options->key, 0,
                     "this is no public key of Ed25519 in PEM, as sekisho ledger key prints it");
        return err < 0 ? ERR_INVALID : 0;
    }
    if (!conf)
        return ERR_NOT_FOUND;
    path = store_key_path(conf->store);
    err = sign_key_open(path, diag, &key);
    free(path);
    if (err < 0)
        return err;
    sign_key_public(key, out);
    sign_key_free(key);
    return 0;
}

static bool verify(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct verifying verifying = {0};
    char *saved = options->since ? ledger_file(options->since, diag) : NULL;
    uint8_t key[SIGN_PUBLIC_BYTES];
    int err = ledger_public_key(options, conf, key, diag);
    struct audit_summary summary;
    bool holds = false;

    if (err == ERR_NOT_FOUND)
        fprintf(stderr, "sekisho ledger: without the ledger's key beside the store, only what is "
                        "signed by the same key can be told; give it by --key\n");
    if (diag->count == 0) {
        verifying.audit = audit_new(err == 0 ? key : NULL);
        verifying.saved_head = saved;
        err = visit_store(conf->store, STORE_READ, diag, ask, &verifying);
        if (err == ERR_NOT_FOUND)
            diag_add(diag, conf->store, 0, "there are no records yet: sekisho run makes the store");
        if (verifying.err < 0)
            visit_failed(conf->store, verifying.err, diag);
        summary = audit_end(verifying.audit);
        holds = diag->count == 0 && print_summary(&summary);
        audit_free(verifying.audit);
    }
    free(saved);
    return holds;
}

static void on_newest(void *owner, uint64_t id, int err, const char *lines)
{
    char **newest = owner;
    const char *at = lines;

    (void)id;
    for (const char *line = lines; err >= 0 && *line; line += strcspn(line, "\n") + 1)
        at = line;
    if (err >= 0 && *at)
        *newest = mem_strndup(at, strcspn(at, "\n"));
}

static void ask_heads(struct store *store, void *owner)
{
    (void)owner;
    store_heads(store, 0, on_newest);
}

static char *newest_head(const struct conf *conf, struct diag *diag)
{
    char *newest = NULL;
    int err = visit_store(conf->store, STORE_READ, diag, ask_heads, &newest);

    if (!newest && (err == 0 || err == ERR_NOT_FOUND))
        diag_add(diag, conf->store, 0,
                 "nothing is signed yet; a running Sekisho signs its records every half minute");
    return newest;
}

static bool print_head(const struct cli_options *options, const struct conf *conf,
                       struct diag *diag)
{
    char *head = newest_head(conf, diag);

    (void)options;
    if (head)
        printf("%s\n", head);
    free(head);
    return head;
}

static bool print_key(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    uint8_t key[SIGN_PUBLIC_BYTES];
    int err = ledger_public_key(options, conf, key, diag);
    char *path;
    char *pem;

    if (err == ERR_NOT_FOUND) {
        path = store_key_path(conf->store);
        diag_add(diag, path, 0, "there is no key yet: sekisho run makes it");
        free(path);
    }
    if (err < 0)
        return false;
    pem = sign_public_pem(key);
    fputs(pem, stdout);
    free(pem);
    return true;
}

static const struct verb {
    struct cli_word word;
    bool (*run)(const struct cli_options *options, const struct conf *conf, struct diag *diag);
    bool alone; /* needs no configuration */
} verbs[] = {
    {{"verify", {CLI_CONF | CLI_KEY | CLI_SINCE, 1, 1}, "[--key PEM] [--since HEAD]"},
     verify,
     false},
    {{"prove", {CLI_CONF | CLI_SINCE, 1, 2}, "PLAYER, or --since HEAD"}, proof_make, false},
    {{"check", {CLI_KEY, 2, 2}, "PROOF [--key PEM]"}, proof_check, true},
    {{"head", {CLI_CONF, 1, 1}, "[-c FILE]"}, print_head, false},
    {{"key", {CLI_CONF, 1, 1}, "[-c FILE]"}, print_key, false},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

int cli_ledger(int argc, char **argv)
{
    struct cli_options options;
    const struct verb *verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    struct diag diag = {0};
    struct conf *conf = NULL;
    bool done = false;

    if (!verb)
        return EXIT_FAILURE;
    if (verb->alone || conf_load(options.conf_path, &diag, &conf) == 0)
        done = verb->run(&options, conf, &diag);
    diag_print(&diag, stderr);
    if (diag.count > 0)
        done = false;
    diag_free(&diag);
    conf_free(conf);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
