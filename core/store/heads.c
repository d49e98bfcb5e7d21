/*
 * Signing heads over the ledger. What was signed before is taken from the file beside the key
 * (kept.h), not from the database, whose rows somebody else may have written: the chain makes the
 * last entry under that head stand for all before it, so looking at this one is enough.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/chain.h"
#include "store/kept.h"

#include <stdlib.h>

/* What the next head grows from. */
struct ground {
    struct kept kept;
    struct merkle tree; /* over as many entries */
    bool in_file;       /* `kept` is */
};

int sqlite_heads(struct sqlite *db, struct buf *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_HEADS, &row);

    while (err >= 0 && (err = sql_step(db, row)) > 0) {
        buf_append_str(out, sql_column_str(row, 0));
        buf_append_byte(out, '\n');
    }
    return err;
}

static bool equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/*
 * Adds the entries behind the tree, at most up to a place, and notes the hash of the last. Returns
 * ERR_DAMAGED when one is missing between them.
 */
static int grow(struct sqlite *db, struct merkle *tree, int64_t up_to, struct merkle_hash *last)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_LEDGER_BETWEEN, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, (int64_t)tree->size);
    sqlite3_bind_int64(row, 2, up_to);
    while ((err = sql_step(db, row)) > 0) {
        if (sqlite3_column_int64(row, 0) != (int64_t)tree->size + 1) {
            sql_reset(row);
            return ERR_DAMAGED;
        }
        *last = ledger_hash(sql_column_str(row, 1));
        merkle_append(tree, last);
    }
    return err;
}

/* ERR_DAMAGED: there is no entry. */
static int hash_at(struct sqlite *db, int64_t place, struct merkle_hash *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_LEDGER_BETWEEN, &row);

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, place - 1);
    sqlite3_bind_int64(row, 2, place);
    err = sql_find(db, row);
    if (err < 0)
        return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    *out = ledger_hash(sql_column_str(row, 1));
    sql_reset(row);
    return 0;
}

/* As the database says, or empty. */
static int tree_beside_head(struct sqlite *db, int64_t size, struct merkle *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_HEAD_NODES, &row);

    *out = (struct merkle){0};
    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, size);
    err = sql_find(db, row);
    if (err < 0)
        return err == ERR_NOT_FOUND ? 0 : err;
    if (sqlite3_column_bytes(row, 0) == (int)sizeof out->nodes) {
        out->size = (uint64_t)size;
        memcpy(out->nodes, sqlite3_column_blob(row, 0), sizeof out->nodes);
    }
    sql_reset(row);
    return 0;
}

/* The tree that the head is of; ERR_DAMAGED: the ledger is another one. */
static int tree_under(struct sqlite *db, const struct kept *kept, struct merkle *out)
{
    struct merkle_hash hash, root;
    int err = hash_at(db, kept->head.size, &hash);

    if (err == 0 && !equal(&hash, &kept->last))
        err = ERR_DAMAGED;
    if (err == 0)
        err = tree_beside_head(db, kept->head.size, out);
    if (err < 0)
        return err;
    root = merkle_root(out);
    if (out->size > 0 && equal(&root, &kept->head.root))
        return 0;
    *out = (struct merkle){0}; /* somebody took its row away: it is worked out anew */
    err = grow(db, out, kept->head.size, &hash);
    root = merkle_root(out);
    return err < 0 ? err : equal(&root, &kept->head.root) ? 0 : ERR_DAMAGED;
}

/* Of a store that kept none in a file yet: the newest of the database, if there is one. */
static int newest(struct sqlite *db, struct kept *out)
{
    sqlite3_stmt *row;
    json_t *json;
    int err = sql_prepare(db, SQL_HEAD_LAST, &row);

    if (err == 0)
        err = sql_find(db, row);
    if (err < 0)
        return err == ERR_NOT_FOUND ? 0 : err;
    json = json_loads(sql_column_str(row, 0), JSON_REJECT_DUPLICATES, NULL);
    sql_reset(row);
    err = json && ledger_head_read(json, &out->head) == 0 && out->head.size > 0 &&
                  ledger_head_holds(&out->head)
              ? hash_at(db, out->head.size, &out->last)
              : ERR_DAMAGED;
    json_decref(json);
    return err;
}

static bool is_accepted(struct sqlite *db)
{
    struct merkle_hash hash;

    return db->accepted > 0 && hash_at(db, db->accepted, &hash) == 0 &&
           equal(&hash, &db->accepted_hash);
}

/* ERR_DAMAGED: the ledger is not the one that the head stands for. */
static int find_ground(struct sqlite *db, struct ground *out)
{
    int err;

    *out = (struct ground){0};
    if (is_accepted(db))
        return 0;
    err = kept_read(db->kept, &out->kept);
    out->in_file = err == 0;
    if (err == ERR_NOT_FOUND)
        err = newest(db, &out->kept);
    if (err == ERR_MALFORMED)
        err = ERR_DAMAGED;
    if (err == ERR_IO)
        log_warn("store: %s cannot be read; let this user read it", db->kept);
    if (err < 0 || out->kept.head.size == 0)
        return err;
    return tree_under(db, &out->kept, &out->tree);
}

static int put_head(struct sqlite *db, const struct ledger_head *head, const struct merkle *tree)
{
    sqlite3_stmt *put;
    json_t *json;
    char *text;
    int err = sql_prepare(db, SQL_HEAD_PUT, &put);

    if (err < 0)
        return err;
    json = ledger_head_json(head);
    text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    sqlite3_bind_int64(put, 1, head->size);
    sql_text(put, 2, text);
    sql_bytes(put, 3, slice_of(tree->nodes, sizeof tree->nodes));
    err = sql_run(db, put);
    free(text);
    json_decref(json);
    return err;
}

/* Without a transaction of its own: what is read stays as it is, and one statement writes. */
static int sign_growth(struct sqlite *db, struct ground *ground)
{
    struct kept *kept = &ground->kept;
    int err = grow(db, &ground->tree, INT64_MAX, &kept->last);

    if (err < 0)
        return err;
    if ((int64_t)ground->tree.size > kept->head.size) {
        kept->head = (struct ledger_head){.size = (int64_t)ground->tree.size,
                                          .at_ms = clock_wall_ms(),
                                          .root = merkle_root(&ground->tree)};
        ledger_head_sign(&kept->head, db->key);
        err = put_head(db, &kept->head, &ground->tree);
        ground->in_file = false;
    } else if (!ground->in_file && kept->head.size > 0) {
        log_info("store: %s is made, from the newest head in the database", db->kept);
    }
    return err < 0 || ground->in_file || kept->head.size == 0 ? err : kept_write(db->kept, kept);
}

/* A head by another key is followed by one of this key's, over an entry that says so. */
static int note_key(struct sqlite *db, const struct ledger_head *before)
{
    struct chain_entry entry = {.kind = "key", .at_ms = clock_wall_ms()};
    uint8_t key[SIGN_PUBLIC_BYTES];
    char writer[LEDGER_WRITER_BYTES];
    json_t *facts;
    int err;

    sign_key_public(db->key, key);
    if (before->size == 0 || memcmp(before->public_key, key, sizeof key) == 0)
        return 0;
    ledger_writer(before->public_key, writer);
    log_warn("store: the ledger was signed by another key, %s, and is by %s from now on", writer,
             db->writer);
    facts = json_pack("{ss ss}", "key", db->writer, "before", writer);
    entry.facts = facts;
    err = sqlite_begin(db);
    if (err == 0)
        err = chain_append(db, &entry);
    if (err == 0)
        err = sqlite_commit(db);
    if (err < 0)
        sqlite_rollback(db);
    json_decref(facts);
    return err;
}

static void disown(struct sqlite *db)
{
    if (!db->disowned)
        log_error("store: the ledger is not the one that %s stands for: it was rewritten, or a "
                  "backup was put back. It is not signed until that is settled: see sekisho ledger "
                  "verify, and, for a backup that you put back, sekisho ledger accept-restored",
                  db->kept);
    db->disowned = true;
}

int sqlite_sign(struct sqlite *db)
{
    struct ground ground;
    int err;

    if (!db->key)
        return 0;
    err = find_ground(db, &ground);
    if (err == 0)
        err = note_key(db, &ground.kept.head);
    if (err == 0)
        err = sign_growth(db, &ground);
    if (err == ERR_DAMAGED) {
        disown(db);
        return 0;
    }
    if (err < 0)
        return err;
    if (db->disowned)
        log_info("store: the ledger is signed again");
    db->disowned = false;
    db->accepted = 0;
    return 0;
}

int sqlite_accept_restored(struct sqlite *db, const char *by, const char *reason)
{
    struct chain_entry entry = {.kind = "restored", .at_ms = clock_wall_ms()};
    struct ground ground;
    json_t *facts;
    int err = db->key ? find_ground(db, &ground) : ERR_UNSUPPORTED;

    if (err != ERR_DAMAGED)
        return err < 0 ? err : ERR_REFUSED;
    facts = json_pack("{ss ss}", "by", by, "reason", reason);
    if (ground.kept.head.size > 0) /* which records were lost can be seen from it */
        json_object_set_new(facts, "lost", ledger_head_json(&ground.kept.head));
    entry.facts = facts;
    err = chain_append(db, &entry);
    json_decref(facts);
    db->accepted = db->last;
    db->accepted_hash = db->last_hash;
    return err;
}
