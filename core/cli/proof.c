#include "cli/proof.h"

#include "base/err.h"
#include "base/mem.h"
#include "cli/ledger.h"
#include "cli/visit.h"
#include "consent/consent.h"
#include "consent/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char of_records[] = "sekisho-proof-1";
static const char of_growth[] = "sekisho-growth-1";

/* While the ledger is read. */
struct making {
    const char *player; /* NULL: the growth since another head is proven */
    struct ledger_head head;
    json_t *head_json; /* NULL: nothing is signed yet */
    json_t *records;   /* of the player, without their paths */
    int64_t unsigned_records;
    bool several; /* of this name */
    uint8_t key[SEAL_KEY_BYTES];
    bool has_key;
    struct merkle_hash *leaves; /* as many as the head stands for */
    size_t leaf_count;
    int err;
};

static void on_heads(void *owner, uint64_t id, int err, const char *lines)
{
    struct making *making = owner;

    (void)id;
    if (err < 0)
        making->err = err;
    while (err >= 0 && *lines) {
        size_t len = strcspn(lines, "\n");
        json_t *json = json_loadb(lines, len, 0, NULL);

        if (json && ledger_head_read(json, &making->head) == 0) {
            json_decref(making->head_json);
            making->head_json = json_incref(json);
        }
        json_decref(json);
        lines += len + (lines[len] == '\n');
    }
    if (making->head_json)
        making->leaves = mem_array((size_t)making->head.size, sizeof *making->leaves);
}

/* The key of this record's personal part, in hex, and no other's; NULL: it has no such part. */
static json_t *piece_key_json(const struct store_entry *entry)
{
    char text[2 * SEAL_KEY_BYTES + 1] = "";
    uint8_t piece_key[SEAL_KEY_BYTES];
    struct ledger_entry read;

    if (ledger_entry_read(entry->line, &read) == 0) {
        if (seal_piece_key(entry->key, buf_slice(&read.sealed), piece_key) == 0)
            hex_encode(slice_of(piece_key, sizeof piece_key), text);
        ledger_entry_free(&read);
    }
    return text[0] ? json_string(text) : NULL;
}

static void on_record(void *owner, uint64_t id, int err, const struct store_entry *entry)
{
    struct making *making = owner;
    json_t *key = entry ? piece_key_json(entry) : NULL;

    (void)id;
    if (err < 0)
        making->err = err;
    if (!key || !making->head_json) {
        json_decref(key);
        return;
    }
    if (making->has_key && memcmp(making->key, entry->key, SEAL_KEY_BYTES) != 0)
        making->several = true;
    memcpy(making->key, entry->key, SEAL_KEY_BYTES);
    making->has_key = true;
    if (entry->place > making->head.size)
        making->unsigned_records++;
    else
        json_array_append_new(making->records,
                              json_pack("{ss sI sO}", "entry", entry->line, "index",
                                        (json_int_t)entry->place - 1, "key", key));
    json_decref(key);
}

static void on_entry(void *owner, uint64_t id, int err, const struct store_entry *entry)
{
    struct making *making = owner;

    (void)id;
    if (err < 0)
        making->err = err;
    if (entry && making->head_json && (int64_t)making->leaf_count < making->head.size)
        making->leaves[making->leaf_count++] = ledger_hash(entry->line);
}

static void ask(struct store *store, void *owner)
{
    struct making *making = owner;

    store_heads(store, 0, on_heads);
    if (making->player)
        store_ledger_list(store, 0, making->player, on_record);
    store_ledger_list(store, 0, NULL, on_entry);
}

static json_t *path_json(const struct merkle_hash *path, size_t len)
{
    json_t *json = json_array();

    for (size_t i = 0; i < len; i++)
        json_array_append_new(json, ledger_hash_json(&path[i]));
    return json;
}

static json_t *prove_records(const struct making *making)
{
    struct merkle_hash path[MERKLE_PATH_MAX];
    json_t *record;
    size_t i;

    json_array_foreach(making->records, i, record)
    {
        size_t index = (size_t)json_integer_value(json_object_get(record, "index"));
        size_t len = merkle_inclusion(making->leaves, making->leaf_count, index, path);

        json_object_set_new(record, "path", path_json(path, len));
    }
    return json_pack("{ss sO sO}", "format", of_records, "head", making->head_json, "records",
                     making->records);
}

static json_t *prove_growth(const struct making *making, const struct ledger_head *old)
{
    struct merkle_hash path[MERKLE_PATH_MAX];
    size_t len = merkle_consistency(making->leaves, making->leaf_count, (size_t)old->size, path);

    return json_pack("{ss so sO so}", "format", of_growth, "old", ledger_head_json(old), "head",
                     making->head_json, "path", path_json(path, len));
}

static bool read_head_file(const char *path, struct ledger_head *out, struct diag *diag)
{
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    bool good = json && ledger_head_read(json, out) == 0 && out->size > 0;

    if (!good)
        diag_add(diag, path, 0, "this is no head, as sekisho ledger head prints it");
    json_decref(json);
    return good;
}

/* What makes a proof impossible; NULL: nothing. */
static const char *obstacle(const struct making *making, const struct ledger_head *old)
{
    if (!making->head_json)
        return "nothing is signed yet; a running Sekisho signs its records every half minute";
    if ((int64_t)making->leaf_count < making->head.size)
        return "records are missing; see sekisho ledger verify";
    if (!making->player)
        return old->size > making->head.size
                   ? "the head that was given is newer than all that are here"
                   : NULL;
    if (making->several)
        return "several players have this name; take the UUID, which sekisho consent list shows";
    if (json_array_size(making->records) > 0)
        return NULL;
    return making->unsigned_records > 0
               ? "this player's records are not signed yet; try again in half a minute"
               : "no record is of this player";
}

static bool print(json_t *proof)
{
    json_dumpf(proof, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(proof);
    return true;
}

bool proof_make(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct making making = {.player = options->word_count > 1 ? options->words[1] : NULL};
    struct ledger_head old = {0};
    const char *why;
    bool made = false;
    int err;

    if (!making.player == !options->since) {
        fprintf(stderr, "sekisho ledger prove: name a player, or an older head by --since FILE\n");
        return false;
    }
    if (options->since && !read_head_file(options->since, &old, diag))
        return false;
    making.records = json_array();
    err = visit_store(conf->store, STORE_READ, diag, ask, &making);
    if (making.err < 0)
        visit_failed(conf->store, making.err, diag);
    why = err == ERR_NOT_FOUND ? "there are no records yet: sekisho run makes the store"
                               : obstacle(&making, &old);
    if (diag->count == 0 && why)
        diag_add(diag, conf->store, 0, "%s", why);
    if (diag->count == 0)
        made = print(making.player ? prove_records(&making) : prove_growth(&making, &old));
    if (made && making.unsigned_records > 0)
        fprintf(stderr,
                "sekisho ledger: %" PRId64 " newer records are not signed yet, and not in it\n",
                making.unsigned_records);
    json_decref(making.records);
    json_decref(making.head_json);
    free(making.leaves);
    mem_wipe(making.key, sizeof making.key);
    return made;
}

/* Returns how many hashes there are, or -1. */
static int read_path(const json_t *json, struct merkle_hash path[static MERKLE_PATH_MAX])
{
    size_t len = json_array_size(json);

    if (!json_is_array(json) || len > MERKLE_PATH_MAX)
        return -1;
    for (size_t i = 0; i < len; i++)
        if (ledger_hash_read(json_array_get(json, i), &path[i]) < 0)
            return -1;
    return (int)len;
}

/* A consent in the form of `sekisho consent list --json`, anything else as it is. */
static void print_entry(const struct ledger_entry *entry, const char *line, const json_t *personal)
{
    struct consent_record record;

    if (strcmp(entry->kind, "consent") != 0) {
        printf("%s\n", line);
        return;
    }
    consent_read(entry->facts, personal, entry->at_ms, &record);
    record.seq = entry->seq;
    consent_print_json(&record, stdout);
}

/* The personal part of an entry, by the key of it alone. Returns owned; NULL: it does not open. */
static json_t *open_entry(const struct ledger_entry *entry, const char *key)
{
    uint8_t piece_key[SEAL_KEY_BYTES];
    struct buf plain = {0};
    json_t *json = NULL;

    if (key && hex_decode(key, piece_key, sizeof piece_key) == 0 &&
        unseal(piece_key, buf_slice(&entry->sealed), &plain) == 0)
        json = json_loadb((const char *)plain.data, plain.len, 0, NULL);
    buf_free(&plain);
    return json;
}

/* What is wrong with one record of a proof; NULL: nothing, and it was printed. */
static const char *check_record(const json_t *json, const struct ledger_head *head)
{
    const char *line = json_string_value(json_object_get(json, "entry"));
    int64_t index = json_integer_value(json_object_get(json, "index"));
    struct merkle_hash path[MERKLE_PATH_MAX];
    int len = read_path(json_object_get(json, "path"), path);
    struct ledger_entry entry;
    struct merkle_hash leaf;
    json_t *personal;

    if (!line || len < 0 || index < 0 || ledger_entry_read(line, &entry) < 0)
        return "a record cannot be read";
    leaf = ledger_hash(line);
    personal = open_entry(&entry, json_string_value(json_object_get(json, "key")));
    if (entry.sealed.len > 0 && personal &&
        merkle_includes(&head->root, (uint64_t)head->size, (uint64_t)index, &leaf, path,
                        (size_t)len)) {
        print_entry(&entry, line, personal);
        json_decref(personal);
        ledger_entry_free(&entry);
        return NULL;
    }
    ledger_entry_free(&entry);
    if (!personal)
        return "the personal part of a record does not open with its key";
    json_decref(personal);
    return "a record is not among those that the head stands for";
}

static const char *check_records(const json_t *proof, const struct ledger_head *head)
{
    const json_t *records = json_object_get(proof, "records");
    const char *why = json_array_size(records) > 0 ? NULL : "there is no record in it";

    for (size_t i = 0; i < json_array_size(records) && !why; i++)
        why = check_record(json_array_get(records, i), head);
    return why;
}

static const char *check_growth(const json_t *proof, const struct ledger_head *head)
{
    struct merkle_hash path[MERKLE_PATH_MAX];
    int len = read_path(json_object_get(proof, "path"), path);
    struct ledger_head old;

    if (ledger_head_read(json_object_get(proof, "old"), &old) < 0 || len < 0)
        return "the older head or the path cannot be read";
    if (memcmp(old.public_key, head->public_key, SIGN_PUBLIC_BYTES) != 0 ||
        !ledger_head_holds(&old))
        return "the older head is not signed by the same key";
    if (!merkle_extends(&old.root, (uint64_t)old.size, &head->root, (uint64_t)head->size, path,
                        (size_t)len))
        return "the newer head does not stand for what the older one stood for";
    printf("the first %" PRId64 " records are the same under both heads\n", old.size);
    return NULL;
}

static const char *check(const json_t *proof, const struct audit_keys *keys)
{
    const char *format = json_string_value(json_object_get(proof, "format"));
    struct ledger_head head;

    if (!format || ledger_head_read(json_object_get(proof, "head"), &head) < 0 || head.size <= 0)
        return "this is no proof, as sekisho ledger prove prints it";
    if (keys->count > 0 && !audit_counts(keys, head.public_key))
        return "the head is signed by another key";
    if (!ledger_head_holds(&head))
        return "the signature of the head does not hold";
    if (strcmp(format, of_records) == 0)
        return check_records(proof, &head);
    if (strcmp(format, of_growth) == 0)
        return check_growth(proof, &head);
    return "this is a proof of a kind that this Sekisho does not know";
}

bool proof_check(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    const char *path = options->words[1];
    json_t *proof = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    struct audit_keys keys;
    int err = ledger_public_keys(options, conf, &keys, diag);
    const char *why = "this is no proof, as sekisho ledger prove prints it";

    if (err == 0 || err == ERR_NOT_FOUND)
        why = proof ? check(proof, &keys) : why;
    json_decref(proof);
    if (diag->count > 0)
        return false;
    if (why) {
        diag_add(diag, path, 0, "%s", why);
        return false;
    }
    printf("the proof holds%s\n",
           err == 0 ? "" : ", by the key that it names; give the operator's by --key to be sure");
    return true;
}
