/* A ledger that is tampered with in every way: the audit says what, and where. */
#include "consent/audit.h"

#include "base/mem.h"
#include "crypto/random.h"
#include "fixture.h"

#include <string.h>

enum { ENTRIES = 20, LINES = ENTRIES + 2 };

struct scene {
    struct sign_key *key;
    struct audit_keys keys; /* its public half */
    uint8_t person_key[SEAL_KEY_BYTES];
    char *lines[LINES]; /* by place; NULL: there is none */
    char *heads[3];     /* over 5, 10 and 20 */
};

/* What an entry says is as good as any; its place and the hash before it are what matters. */
static char *entry_line(const struct scene *scene, int64_t seq, struct merkle_hash previous)
{
    struct ledger_entry entry = {.seq = seq,
                                 .at_ms = 1767225600000 + seq,
                                 .kind = "consent",
                                 .subject = "0123456789abcdef0123456789abcdef",
                                 .previous = previous};
    char *line;

    entry.facts = json_pack("{sI}", "number", (json_int_t)seq);
    seal(scene->person_key, slice_str("{\"player_name\":\"Somebody\"}"), &entry.sealed);
    line = ledger_entry_write(&entry);
    ledger_entry_free(&entry);
    return line;
}

static char *head_line(const struct scene *scene, const struct merkle *tree)
{
    struct ledger_head head = {
        .size = (int64_t)tree->size, .at_ms = 1767225600000, .root = merkle_root(tree)};
    json_t *json;
    char *line;

    ledger_head_sign(&head, scene->key);
    json = ledger_head_json(&head);
    line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return line;
}

static void begin(struct scene *scene, void **state)
{
    char *path = mem_format("%s/ledger.key", (const char *)*state);
    struct merkle_hash previous = {{0}};
    struct merkle tree = {0};
    struct diag diag = {0};
    size_t heads = 0;

    *scene = (struct scene){0};
    (void)remove(path);
    assert_int_equal(sign_key_make(path, &diag, &scene->key), 0);
    sign_key_public(scene->key, scene->keys.keys[scene->keys.count++]);
    random_bytes(scene->person_key, sizeof scene->person_key);
    for (int i = 1; i <= ENTRIES; i++) {
        scene->lines[i] = entry_line(scene, i, previous);
        previous = ledger_hash(scene->lines[i]);
        merkle_append(&tree, &previous);
        if (i == 5 || i == 10 || i == 20)
            scene->heads[heads++] = head_line(scene, &tree);
    }
    free(path);
}

static struct audit *audit_all(const struct scene *scene)
{
    struct audit *audit = audit_new(&scene->keys);

    for (size_t i = 3; i > 0; i--)
        audit_head(audit, scene->heads[i - 1]);
    for (int64_t i = 1; i < LINES; i++)
        if (scene->lines[i])
            audit_entry(audit, i, scene->lines[i], scene->person_key);
    return audit;
}

static void end(struct scene *scene)
{
    for (size_t i = 0; i < LINES; i++)
        free(scene->lines[i]);
    for (size_t i = 0; i < 3; i++)
        free(scene->heads[i]);
    sign_key_free(scene->key);
}

/* Exactly one thing is wrong. */
static void assert_found(struct scene *scene, enum audit_kind kind, int64_t first, int64_t last)
{
    struct audit *audit = audit_all(scene);
    struct audit_summary summary = audit_end(audit);

    assert_int_equal(summary.finding_count, 1);
    assert_int_equal(summary.findings[0].kind, kind);
    assert_int_equal(summary.findings[0].first, first);
    assert_int_equal(summary.findings[0].last, last);
    audit_free(audit);
    end(scene);
}

static void replace(char **line, char *by)
{
    free(*line);
    *line = by;
}

/* The same line with another fact in it. */
static char *altered(const char *line)
{
    char *copy = mem_strdup(line);
    char *at = strstr(copy, "\"number\":");

    at[strlen("\"number\":")] = at[strlen("\"number\":")] == '7' ? '8' : '7';
    return copy;
}

static void what_was_not_touched_holds(void **state)
{
    struct scene scene;
    struct audit *audit;
    struct audit_summary summary;

    begin(&scene, state);
    audit = audit_all(&scene);
    summary = audit_end(audit);
    assert_int_equal(summary.finding_count, 0);
    assert_int_equal(summary.entries, ENTRIES);
    assert_int_equal(summary.signed_entries, ENTRIES);
    assert_int_equal(summary.heads, 3);
    assert_int_equal(summary.erased, 0);
    audit_free(audit);
    end(&scene);
}

static void each_entry_that_was_changed_is_named(void **state)
{
    struct scene scene;

    for (int i = 1; i < ENTRIES - 1; i++) {
        begin(&scene, state);
        replace(&scene.lines[i], altered(scene.lines[i]));
        assert_found(&scene, AUDIT_CHANGED, i, i);
    }
    begin(&scene, state);
    replace(&scene.lines[ENTRIES - 1], altered(scene.lines[ENTRIES - 1]));
    assert_found(&scene, AUDIT_ONE_OF, ENTRIES - 1, ENTRIES);
    begin(&scene, state);
    replace(&scene.lines[ENTRIES], altered(scene.lines[ENTRIES]));
    assert_found(&scene, AUDIT_REWRITTEN, 11, ENTRIES);
}

static void what_was_removed_is_named(void **state)
{
    struct scene scene;

    begin(&scene, state);
    replace(&scene.lines[7], NULL);
    replace(&scene.lines[8], NULL);
    assert_found(&scene, AUDIT_MISSING, 7, 8);
    begin(&scene, state);
    for (int i = 18; i <= ENTRIES; i++)
        replace(&scene.lines[i], NULL);
    assert_found(&scene, AUDIT_CUT_OFF, 18, ENTRIES);
}

static void what_closed_a_gap_is_named(void **state)
{
    struct scene scene;
    struct audit *audit;
    struct audit_summary summary;

    begin(&scene, state);
    free(scene.lines[7]);
    for (int i = 7; i <= ENTRIES; i++)
        scene.lines[i] = scene.lines[i + 1];
    audit = audit_all(&scene);
    summary = audit_end(audit);
    assert_int_equal(summary.finding_count, 2);
    assert_int_equal(summary.findings[0].kind, AUDIT_MOVED);
    assert_int_equal(summary.findings[0].first, 7);
    assert_int_equal(summary.findings[0].offset, 1);
    assert_int_equal(summary.findings[1].kind, AUDIT_CUT_OFF);
    audit_free(audit);
    end(&scene);
}

static void what_was_put_in_shows_by_what_it_moved(void **state)
{
    struct scene scene;

    begin(&scene, state);
    for (int i = ENTRIES + 1; i > 7; i--)
        scene.lines[i] = scene.lines[i - 1];
    scene.lines[7] = entry_line(&scene, 7, ledger_hash(scene.lines[6]));
    assert_found(&scene, AUDIT_MOVED, 8, ENTRIES + 1);
}

static void two_that_changed_places_are_both_named(void **state)
{
    struct scene scene;
    struct audit *audit;
    struct audit_summary summary;
    char *line;

    begin(&scene, state);
    line = scene.lines[12];
    scene.lines[12] = scene.lines[13];
    scene.lines[13] = line;
    audit = audit_all(&scene);
    summary = audit_end(audit);
    assert_int_equal(summary.finding_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(summary.findings[i].kind, AUDIT_MOVED);
        assert_int_equal(summary.findings[i].first, 12 + i);
        assert_int_equal(summary.findings[i].offset, i == 0 ? 1 : -1);
    }
    audit_free(audit);
    end(&scene);
}

static void a_chain_that_was_made_anew_does_not_hold_under_the_signed_heads(void **state)
{
    struct scene scene;

    begin(&scene, state);
    for (int i = 7; i <= ENTRIES; i++)
        replace(&scene.lines[i], entry_line(&scene, i, ledger_hash(scene.lines[i - 1])));
    assert_found(&scene, AUDIT_REWRITTEN, 6, 10);
}

static void a_head_of_another_key_does_not_count(void **state)
{
    struct merkle tree = {0};
    struct scene scene;
    struct scene other;

    begin(&other, state);
    begin(&scene, state);
    for (int i = 1; i <= 5; i++) {
        struct merkle_hash hash = ledger_hash(scene.lines[i]);

        merkle_append(&tree, &hash);
    }
    replace(&scene.heads[0], head_line(&other, &tree));
    assert_found(&scene, AUDIT_SIGNATURE, 5, 5);
    end(&other);
}

static void a_person_whose_key_is_gone_has_an_erasure_or_was_deleted(void **state)
{
    struct ledger_entry erasure = {
        .seq = 2, .kind = "erasure", .subject = "0123456789abcdef0123456789abcdef"};
    struct audit_summary summary;
    struct audit *audit;
    struct scene scene;

    begin(&scene, state);
    erasure.previous = ledger_hash(scene.lines[1]);
    erasure.facts = json_object();
    replace(&scene.lines[2], ledger_entry_write(&erasure));
    json_decref(erasure.facts);
    for (int entries = 1; entries <= 2; entries++) {
        audit = audit_new(&scene.keys);
        for (int i = 1; i <= entries; i++)
            audit_entry(audit, i, scene.lines[i], NULL);
        summary = audit_end(audit);
        assert_int_equal(summary.erased, 1);
        assert_int_equal(summary.finding_count, entries == 1 ? 1 : 0);
        if (entries == 1)
            assert_int_equal(summary.findings[0].kind, AUDIT_KEYLESS);
        audit_free(audit);
    }
    end(&scene);
}

static void a_wrong_key_of_a_person_is_told(void **state)
{
    uint8_t wrong[SEAL_KEY_BYTES] = {1};
    struct audit_summary summary;
    struct audit *audit;
    struct scene scene;

    begin(&scene, state);
    audit = audit_new(&scene.keys);
    audit_entry(audit, 1, scene.lines[1], scene.person_key);
    audit_entry(audit, 2, scene.lines[2], wrong);
    summary = audit_end(audit);
    assert_int_equal(summary.finding_count, 1);
    assert_int_equal(summary.findings[0].kind, AUDIT_SEALED);
    assert_int_equal(summary.findings[0].first, 2);
    audit_free(audit);
    end(&scene);
}

static struct ledger_head head_of(const char *line)
{
    json_t *json = json_loads(line, 0, NULL);
    struct ledger_head head;

    assert_int_equal(ledger_head_read(json, &head), 0);
    json_decref(json);
    return head;
}

/* All entries and none of the database's heads, under one that was kept elsewhere. */
static void assert_kept(const struct scene *scene, const struct ledger_head *kept, size_t findings)
{
    struct audit *audit = audit_new(&scene->keys);
    struct audit_summary summary;

    audit_kept(audit, kept);
    for (int64_t i = 1; i < LINES; i++)
        if (scene->lines[i])
            audit_entry(audit, i, scene->lines[i], scene->person_key);
    summary = audit_end(audit);
    assert_int_equal(summary.finding_count, findings);
    if (findings > 0) {
        assert_int_equal(summary.findings[0].kind, AUDIT_OTHER);
        assert_int_equal(summary.findings[0].last, kept->size);
    }
    audit_free(audit);
}

static void a_ledger_of_another_head_than_the_kept_one_is_told(void **state)
{
    struct ledger_head kept;
    struct scene scene;

    begin(&scene, state);
    for (size_t i = 0; i < 3; i++) {
        kept = head_of(scene.heads[i]);
        assert_kept(&scene, &kept, 0);
        kept.root.bytes[7] ^= 1;
        assert_kept(&scene, &kept, 1);
    }
    kept = head_of(scene.heads[2]);
    replace(&scene.lines[ENTRIES], NULL); /* as in a backup of before */
    assert_kept(&scene, &kept, 1);
    end(&scene);
}

static void heads_by_each_of_several_keys_count(void **state)
{
    struct audit_summary summary;
    struct audit *audit;
    struct scene scene, other;

    begin(&scene, state);
    other = scene;
    for (int both = 0; both < 2; both++) {
        memset(other.keys.keys, 0, sizeof other.keys.keys);
        other.keys.count = 1;
        if (both)
            memcpy(other.keys.keys[other.keys.count++], scene.keys.keys[0], SIGN_PUBLIC_BYTES);
        audit = audit_all(&other);
        summary = audit_end(audit);
        assert_int_equal(summary.heads, both ? 3 : 0);
        assert_int_equal(summary.finding_count, both ? 0 : 3);
        audit_free(audit);
    }
    end(&scene);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_was_not_touched_holds),
        IN_FOLDER(each_entry_that_was_changed_is_named),
        IN_FOLDER(what_was_removed_is_named),
        IN_FOLDER(what_closed_a_gap_is_named),
        IN_FOLDER(what_was_put_in_shows_by_what_it_moved),
        IN_FOLDER(two_that_changed_places_are_both_named),
        IN_FOLDER(a_chain_that_was_made_anew_does_not_hold_under_the_signed_heads),
        IN_FOLDER(a_head_of_another_key_does_not_count),
        IN_FOLDER(a_person_whose_key_is_gone_has_an_erasure_or_was_deleted),
        IN_FOLDER(a_wrong_key_of_a_person_is_told),
        IN_FOLDER(a_ledger_of_another_head_than_the_kept_one_is_told),
        IN_FOLDER(heads_by_each_of_several_keys_count),
    };

    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
