/*
 * `sekisho ledger verify`: what is wrong with the ledger, in words, or that it holds.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/ledger.h"
#include "cli/visit.h"
#include "store/kept.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FINDINGS_TOLD_MAX = 50 };

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

    if (finding->kind != AUDIT_SIGNATURE && finding->kind != AUDIT_HEAD &&
        finding->kind != AUDIT_OTHER) {
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
        printf("the head over %" PRId64 " records is signed by none of the keys that count: if it "
               "is an older one of yours, give all of them, each by --key FILE\n",
               last);
        break;
    case AUDIT_OTHER:
        printf("the head beside the key, over %" PRId64 " records, is of other ones: the ledger "
               "was rewritten, or a backup of it was put back (if you did that, and only then: "
               "sekisho ledger accept-restored --by NAME --reason TEXT)\n",
               last);
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
    if (summary->restored > 0)
        printf(", %" PRId64 " that say that a backup was put back (kind restored)",
               summary->restored);
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

/* Before the ledger is read, which a running Sekisho lets grow meanwhile. */
static void read_kept(const struct conf *conf, struct audit *audit, struct diag *diag)
{
    char *path = store_head_path(conf->store);
    struct kept kept;
    int err = kept_read(path, &kept);

    if (err == 0)
        audit_kept(audit, &kept.head);
    else if (err == ERR_NOT_FOUND)
        fprintf(stderr,
                "sekisho ledger: without %s, the newest signed head, only what stands in "
                "the database can be told; a running Sekisho makes it\n",
                path);
    else
        diag_add(diag, path, 0,
                 "the newest signed head cannot be read; let this user read it, put it back from a "
                 "backup, or see "
                 "\"When it is not signed any more\" in docs/ledger.md");
    free(path);
}

static bool audit(const struct conf *conf, const struct audit_keys *keys, const char *saved_head,
                  struct diag *diag)
{
    struct verifying verifying = {.audit = audit_new(keys), .saved_head = saved_head};
    struct audit_summary summary;
    bool holds = false;

    read_kept(conf, verifying.audit, diag);
    (void)!visit_store(conf->store, STORE_READ, diag, ask, &verifying);
    if (verifying.err < 0)
        visit_failed(conf->store, verifying.err, diag);
    if (diag->count == 0) {
        summary = audit_end(verifying.audit);
        holds = print_summary(&summary);
    }
    audit_free(verifying.audit);
    return holds;
}

bool ledger_verify(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct audit_keys keys;
    char *saved;
    bool holds;

    if (!ledger_is_there(conf, diag))
        return false;
    if (ledger_public_keys(options, conf, &keys, diag) == ERR_NOT_FOUND)
        fprintf(stderr, "sekisho ledger: without the ledger's key beside the store, only what is "
                        "signed by the same key can be told; give it by --key\n");
    saved = options->since ? ledger_file(options->since, diag) : NULL;
    holds = diag->count == 0 && audit(conf, &keys, saved, diag);
    free(saved);
    return holds;
}
