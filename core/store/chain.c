/*
 * The ledger in the database: appending to the chain. Whoever writes holds the database's lock, so
 * that several programs may append to the one chain.
 */
#include "store/chain.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>

/* Looks up the end of the chain, once in a transaction. */
static int find_end(struct sqlite *db)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_LEDGER_LAST, &row);

    if (err < 0 || db->at_end)
        return err;
    err = sql_step(db, row);
    if (err < 0)
        return err;
    db->last = 0;
    db->last_hash = (struct merkle_hash){{0}};
    if (err > 0) {
        db->last = sqlite3_column_int64(row, 0);
        db->last_hash = ledger_hash(sql_column_str(row, 1));
        sql_reset(row);
    }
    db->at_end = true;
    return 0;
}

static int put(struct sqlite *db, int64_t seq, const char *line)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_LEDGER_PUT, &put);

    if (err < 0)
        return err;
    sqlite3_bind_int64(put, 1, seq);
    sql_text(put, 2, line);
    return sql_run(db, put);
}

int chain_append(struct sqlite *db, const struct chain_entry *entry)
{
    struct ledger_entry out = {.at_ms = entry->at_ms, .facts = entry->facts};
    char *personal;
    char *line;
    int err = find_end(db);

    if (err < 0)
        return err;
    snprintf(out.kind, sizeof out.kind, "%s", entry->kind);
    snprintf(out.writer, sizeof out.writer, "%s", db->writer);
    if (entry->person)
        snprintf(out.subject, sizeof out.subject, "%s", entry->person->subject);
    out.seq = db->last + 1;
    out.previous = db->last_hash;
    if (entry->person && entry->personal) {
        personal = json_dumps(entry->personal, JSON_COMPACT | JSON_SORT_KEYS);
        seal(entry->person->key, slice_str(personal), &out.sealed);
        mem_wipe(personal, strlen(personal));
        free(personal);
    }
    line = ledger_entry_write(&out);
    buf_free(&out.sealed);
    err = put(db, out.seq, line);
    if (err == 0) {
        db->last = out.seq;
        db->last_hash = ledger_hash(line);
    } else {
        db->at_end = false;
    }
    free(line);
    return err;
}

json_t *chain_open_sealed(const uint8_t *key, struct slice sealed)
{
    uint8_t piece_key[SEAL_KEY_BYTES];
    struct buf plain = {0};
    json_t *json = NULL;

    if (!key || seal_piece_key(key, sealed, piece_key) < 0)
        return NULL;
    if (unseal(piece_key, sealed, &plain) == 0)
        json = json_loadb((const char *)plain.data, plain.len, 0, NULL);
    if (plain.data)
        mem_wipe(plain.data, plain.len);
    buf_free(&plain);
    mem_wipe(piece_key, sizeof piece_key);
    return json;
}

int chain_page(struct sqlite *db, const char *player, int64_t after, sqlite3_stmt **out)
{
    struct uuid uuid;
    int err = sql_prepare(db, player ? SQL_LEDGER_PAGE_PLAYER : SQL_LEDGER_PAGE, out);

    if (err < 0)
        return err;
    sqlite3_bind_int64(*out, 1, after);
    if (player) {
        if (uuid_parse(player, &uuid) == 0)
            sql_uuid(*out, 2, &uuid);
        sql_text(*out, 3, player);
    }
    return 0;
}

int sqlite_ledger_page(struct sqlite *db, const char *player, int64_t after,
                       struct store_entry *out, int max)
{
    sqlite3_stmt *row;
    int err = chain_page(db, player, after, &row);
    int found = 0;

    if (err < 0)
        return err;
    for (; found < max && (err = sql_step(db, row)) > 0; found++) {
        out[found] = (struct store_entry){.place = sqlite3_column_int64(row, 0),
                                          .line = mem_strdup(sql_column_str(row, 1))};
        out[found].has_key = sqlite3_column_bytes(row, 2) == SEAL_KEY_BYTES;
        if (out[found].has_key)
            memcpy(out[found].key, sqlite3_column_blob(row, 2), SEAL_KEY_BYTES);
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 && found == 0 ? err : found;
}

bool chain_cites(const char *line, const char *kind, const char *text)
{
    char sha256[SHA256_TEXT_BYTES];
    struct ledger_entry entry;
    const char *said;
    bool cites;

    if (ledger_entry_read(line, &entry) < 0)
        return false;
    sha256_hex(slice_str(text), sha256);
    said = json_string_value(json_object_get(entry.facts, "sha256"));
    cites = strcmp(entry.kind, kind) == 0 && said && strcmp(said, sha256) == 0;
    ledger_entry_free(&entry);
    return cites;
}

int chain_cite(struct sqlite *db, const char *kind, json_t *facts, const char *text)
{
    struct chain_entry entry = {.kind = kind, .facts = facts, .at_ms = clock_wall_ms()};
    char sha256[SHA256_TEXT_BYTES];
    int err;

    sha256_hex(slice_str(text), sha256);
    json_object_set_new(facts, "sha256", json_string(sha256));
    err = chain_append(db, &entry);
    json_decref(facts);
    return err;
}
