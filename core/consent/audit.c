#include "consent/audit.h"

#include "base/mem.h"
#include "base/table.h"
#include "crypto/random.h"

#include <stdlib.h>
#include <string.h>

/* A person whose key is gone, or whose erasure is recorded. The node comes first. */
struct keyless {
    struct table_node node;
    struct keyless *next;
    int64_t first; /* place of what cannot be read any more; 0: there is none */
    bool erased;
};

struct audit {
    struct audit_keys keys;
    struct ledger_head kept; /* its size 0: none */
    bool kept_holds;
    struct ledger_head *heads; /* signed by them; by size, once the entries come */
    size_t head_count, head_at;
    bool sorted;

    struct merkle tree;
    int64_t last;                 /* the place that was looked at last */
    struct merkle_hash hash;      /* of what stands there */
    bool broken;                  /* the tree is none any more: places were missing */
    bool in_doubt;                /* the last entry knew another one before it: which is changed? */
    bool moved;                   /* the last entry does not belong to its place */
    int64_t held;                 /* the size of the last head that held */
    struct audit_finding suspect; /* under the first head that does not hold */
    struct audit_summary summary;
    struct table subjects; /* struct keyless by subject */
    struct keyless *keyless;
    struct audit_finding *findings;
    size_t finding_count;
};

struct audit *audit_new(const struct audit_keys *keys)
{
    struct audit *audit = mem_alloc(sizeof *audit);
    uint64_t seed;

    random_bytes((uint8_t *)&seed, sizeof seed);
    table_init(&audit->subjects, seed);
    if (keys)
        audit->keys = *keys;
    return audit;
}

void audit_free(struct audit *audit)
{
    if (!audit)
        return;
    while (audit->keyless) {
        struct keyless *next = audit->keyless->next;

        free(audit->keyless);
        audit->keyless = next;
    }
    table_free(&audit->subjects);
    free(audit->heads);
    free(audit->findings);
    free(audit);
}

/* What goes on from the finding before is part of it. */
static void find(struct audit *audit, struct audit_finding finding)
{
    struct audit_finding *last =
        audit->finding_count > 0 ? &audit->findings[audit->finding_count - 1] : NULL;

    if (last && last->kind == finding.kind && last->offset == finding.offset &&
        last->last + 1 == finding.first) {
        last->last = finding.last;
        return;
    }
    audit->findings =
        mem_resize(audit->findings, (audit->finding_count + 1) * sizeof *audit->findings);
    audit->findings[audit->finding_count++] = finding;
}

static void find_at(struct audit *audit, enum audit_kind kind, int64_t place)
{
    find(audit, (struct audit_finding){.kind = kind, .first = place, .last = place});
}

bool audit_counts(const struct audit_keys *keys, const uint8_t key[static SIGN_PUBLIC_BYTES])
{
    for (size_t i = 0; i < keys->count; i++)
        if (memcmp(keys->keys[i], key, SIGN_PUBLIC_BYTES) == 0)
            return true;
    return false;
}

void audit_kept(struct audit *audit, const struct ledger_head *head)
{
    audit->kept = *head;
}

void audit_head(struct audit *audit, const char *line)
{
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    struct ledger_head head;

    if (!json || ledger_head_read(json, &head) < 0 || head.size <= 0) {
        find_at(audit, AUDIT_HEAD, 0);
        json_decref(json);
        return;
    }
    json_decref(json);
    if (audit->keys.count == 0)
        memcpy(audit->keys.keys[audit->keys.count++], head.public_key, SIGN_PUBLIC_BYTES);
    if (!audit_counts(&audit->keys, head.public_key) || !ledger_head_holds(&head)) {
        find_at(audit, AUDIT_SIGNATURE, head.size);
        return;
    }
    audit->heads = mem_resize(audit->heads, (audit->head_count + 1) * sizeof *audit->heads);
    audit->heads[audit->head_count++] = head;
}

static int by_size(const void *a, const void *b)
{
    const struct ledger_head *left = a;
    const struct ledger_head *right = b;

    return (left->size > right->size) - (left->size < right->size);
}

static void sort_heads(struct audit *audit)
{
    if (!audit->sorted && audit->head_count > 0)
        qsort(audit->heads, audit->head_count, sizeof *audit->heads, by_size);
    audit->sorted = true;
}

static void check_kept(struct audit *audit)
{
    struct merkle_hash root;

    if (audit->kept.size != audit->last)
        return;
    root = merkle_root(&audit->tree);
    audit->kept_holds = memcmp(root.bytes, audit->kept.root.bytes, SHA256_BYTES) == 0;
}

/* All heads over as many entries as there are now. */
static void check_heads(struct audit *audit)
{
    struct merkle_hash root;

    if (audit->head_at == audit->head_count || audit->heads[audit->head_at].size > audit->last)
        return;
    root = merkle_root(&audit->tree);
    for (; audit->head_at < audit->head_count; audit->head_at++) {
        const struct ledger_head *head = &audit->heads[audit->head_at];

        if (head->size > audit->last)
            break;
        if (!audit->broken && head->size == audit->last &&
            memcmp(root.bytes, head->root.bytes, SHA256_BYTES) == 0) {
            audit->held = head->size;
            audit->summary.heads++;
            audit->summary.signed_at_ms = head->at_ms;
            continue;
        }
        if (!audit->broken)
            audit->suspect = (struct audit_finding){
                .kind = AUDIT_REWRITTEN, .first = audit->held + 1, .last = head->size};
        audit->broken = true; /* the heads to come say no more than this one */
    }
}

/*
 * An entry that knows another one before it: one of the two was changed. The entry behind tells
 * which: it knows either this one as it is, or not.
 */
static void check_link(struct audit *audit, const struct ledger_entry *entry)
{
    bool holds = memcmp(entry->previous.bytes, audit->hash.bytes, SHA256_BYTES) == 0;
    bool doubted = audit->in_doubt;

    audit->in_doubt = false;
    if (doubted)
        find_at(audit, AUDIT_CHANGED, holds ? audit->last - 1 : audit->last);
    if (!holds && !doubted)
        audit->in_doubt = true;
}

/* NULL: this is no subject. */
static struct keyless *keyless_of(struct audit *audit, const char *subject)
{
    uint8_t key[TABLE_KEY_BYTES];
    struct keyless *keyless;

    if (hex_decode(subject, key, sizeof key) < 0)
        return NULL;
    keyless = (struct keyless *)table_find(&audit->subjects, key, sizeof key);
    if (keyless)
        return keyless;
    keyless = mem_alloc(sizeof *keyless);
    table_insert(&audit->subjects, &keyless->node, key, sizeof key);
    keyless->next = audit->keyless;
    audit->keyless = keyless;
    return keyless;
}

static void note_keyless(struct audit *audit, const struct ledger_entry *entry)
{
    struct keyless *keyless = keyless_of(audit, entry->subject);

    audit->summary.erased++;
    if (keyless && keyless->first == 0)
        keyless->first = audit->last + 1;
}

static void note_erasure(struct audit *audit, const struct ledger_entry *entry)
{
    struct keyless *keyless = keyless_of(audit, entry->subject);

    if (keyless)
        keyless->erased = true;
}

static void check_sealed(struct audit *audit, const struct ledger_entry *entry, const uint8_t *key)
{
    uint8_t piece_key[SEAL_KEY_BYTES];
    struct slice sealed = buf_slice(&entry->sealed);
    struct buf plain = {0};

    if (strcmp(entry->kind, "erasure") == 0)
        note_erasure(audit, entry);
    if (sealed.len == 0)
        return;
    if (!key)
        note_keyless(audit, entry);
    else if (seal_piece_key(key, sealed, piece_key) < 0 || unseal(piece_key, sealed, &plain) < 0)
        find_at(audit, AUDIT_SEALED, audit->last + 1);
    if (plain.data)
        mem_wipe(plain.data, plain.len);
    buf_free(&plain);
}

static void check(struct audit *audit, int64_t place, const char *line, const uint8_t *key)
{
    struct ledger_entry entry;
    bool follows = !audit->moved;

    audit->moved = false;
    if (ledger_entry_read(line, &entry) < 0) {
        find_at(audit, AUDIT_UNREADABLE, place);
        audit->moved = true; /* so the next one cannot know it */
        return;
    }
    if (entry.seq != place) {
        find(audit,
             (struct audit_finding){
                 .kind = AUDIT_MOVED, .first = place, .last = place, .offset = entry.seq - place});
        audit->moved = true;
        audit->in_doubt = false;
    } else if (follows) {
        check_link(audit, &entry);
    }
    check_sealed(audit, &entry, key);
    audit->summary.restored += strcmp(entry.kind, "restored") == 0;
    ledger_entry_free(&entry);
}

void audit_entry(struct audit *audit, int64_t place, const char *line, const uint8_t *key)
{
    struct merkle_hash hash = ledger_hash(line);

    sort_heads(audit);
    if (place != audit->last + 1) {
        find(audit, (struct audit_finding){
                        .kind = AUDIT_MISSING, .first = audit->last + 1, .last = place - 1});
        audit->broken = true;
        audit->moved = true;
        audit->in_doubt = false;
        audit->last = place - 1;
    }
    check(audit, place, line, key);
    audit->last = place;
    audit->hash = hash;
    audit->summary.entries++;
    merkle_append(&audit->tree, &hash);
    check_kept(audit);
    check_heads(audit);
}

/* Why a head does not hold is known, when something was found among what it stands for. */
static bool is_explained(const struct audit *audit, int64_t first, int64_t last)
{
    for (size_t i = 0; i < audit->finding_count; i++) {
        const struct audit_finding *finding = &audit->findings[i];

        if (finding->kind != AUDIT_SIGNATURE && finding->kind != AUDIT_SEALED &&
            finding->kind != AUDIT_KEYLESS && finding->first <= last && finding->last >= first)
            return true;
    }
    return false;
}

struct audit_summary audit_end(struct audit *audit)
{
    const struct ledger_head *newest;

    sort_heads(audit);
    if (audit->in_doubt)
        find(audit, (struct audit_finding){
                        .kind = AUDIT_ONE_OF, .first = audit->last - 1, .last = audit->last});
    for (struct keyless *at = audit->keyless; at; at = at->next)
        if (at->first > 0 && !at->erased)
            find_at(audit, AUDIT_KEYLESS, at->first);
    if (audit->suspect.kind != AUDIT_NONE &&
        !is_explained(audit, audit->suspect.first, audit->suspect.last))
        find(audit, audit->suspect);
    newest = audit->head_count > 0 ? &audit->heads[audit->head_count - 1] : NULL;
    if (newest && newest->size > audit->last)
        find(audit, (struct audit_finding){
                        .kind = AUDIT_CUT_OFF, .first = audit->last + 1, .last = newest->size});
    if (audit->kept.size > 0 && !audit->kept_holds && !is_explained(audit, 1, audit->kept.size))
        find_at(audit, AUDIT_OTHER, audit->kept.size);
    audit->summary.signed_entries = audit->held;
    audit->summary.findings = audit->findings;
    audit->summary.finding_count = audit->finding_count;
    return audit->summary;
}
