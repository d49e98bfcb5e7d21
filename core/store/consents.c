/*
 * Consents: entries of the ledger about persons, who become known here.
 */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "store/chain.h"
#include "store/plugin_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char kind[] = "consent";

static int put_person(struct sqlite *db, const struct consent_record *record,
                      struct person_row *out)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_PERSON_PUT, &put);

    if (err < 0)
        return err;
    random_hex(out->subject, (LEDGER_SUBJECT_BYTES - 1) / 2);
    random_bytes(out->key, sizeof out->key);
    sql_uuid(put, 1, &record->player);
    sql_text(put, 2, out->subject);
    sql_text(put, 3, record->name);
    sql_bytes(put, 4, slice_of(out->key, sizeof out->key));
    return sql_run(db, put);
}

static int rename_person(struct sqlite *db, const struct consent_record *record)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_PERSON_RENAME, &put);

    if (err < 0)
        return err;
    sql_uuid(put, 1, &record->player);
    sql_text(put, 2, record->name);
    return sql_run(db, put);
}

/* The person of a record, by the name that they have now. */
static int meet_person(struct sqlite *db, const struct consent_record *record,
                       struct person_row *out)
{
    sqlite3_stmt *row;
    bool renamed;
    int err = sql_prepare(db, SQL_PERSON_FIND, &row);

    if (err < 0)
        return err;
    sql_uuid(row, 1, &record->player);
    err = sql_step(db, row);
    if (err <= 0)
        return err < 0 ? err : put_person(db, record, out);
    if (sqlite3_column_bytes(row, 2) != SEAL_KEY_BYTES) {
        sql_reset(row);
        return ERR_DAMAGED;
    }
    sql_column_text(row, 0, out->subject, sizeof out->subject);
    renamed = strcmp(sql_column_str(row, 1), record->name) != 0;
    memcpy(out->key, sqlite3_column_blob(row, 2), SEAL_KEY_BYTES);
    sql_reset(row);
    return renamed ? rename_person(db, record) : 0;
}

int sqlite_consent_put(struct sqlite *db, const struct consent_record *record)
{
    struct person_row person;
    struct chain_entry entry = {.kind = kind, .person = &person, .at_ms = record->decided_at_ms};
    int err = meet_person(db, record, &person);

    if (err < 0)
        return err;
    entry.facts = consent_facts(record);
    entry.personal = consent_personal(record);
    err = chain_append(db, &entry);
    if (err == 0 && consent_counts(record))
        err = plugin_rows_narrow(db, person.subject, record->policy,
                                 record->decision == CONSENT_ACCEPTED ? record->purposes : "");
    json_decref(entry.facts);
    json_decref(entry.personal);
    mem_wipe(&person, sizeof person);
    return err;
}

/*
 * From a row of id and entry, and the person's key; NULL: what is sealed stays so. False: this
 * entry is another one, or cannot be read.
 */
static bool read_record(sqlite3_stmt *row, const uint8_t *key, struct consent_record *out)
{
    struct ledger_entry entry;
    json_t *personal;
    bool is_consent;

    if (ledger_entry_read(sql_column_str(row, 1), &entry) < 0) {
        log_error("store: entry %lld of the ledger cannot be read; sekisho ledger verify tells "
                  "more",
                  sqlite3_column_int64(row, 0));
        return false;
    }
    is_consent = strcmp(entry.kind, kind) == 0;
    if (is_consent) {
        personal = chain_open_sealed(key, buf_slice(&entry.sealed));
        consent_read(entry.facts, personal, entry.at_ms, out);
        out->seq = entry.seq;
        json_decref(personal);
    }
    ledger_entry_free(&entry);
    return is_consent;
}

static bool counts_for(const struct consent_record *record, const char *policy)
{
    return consent_counts(record) &&
           (record->policy[0] == '\0' || strcmp(record->policy, policy) == 0);
}

int sqlite_consent_find(struct sqlite *db, const struct uuid *player, const char *policy,
                        struct consent_record *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_CONSENTS_OF, &row);

    if (err < 0)
        return err;
    sql_uuid(row, 1, player);
    while ((err = sql_step(db, row)) > 0) {
        if (!read_record(row, NULL, out) || !counts_for(out, policy))
            continue;
        sql_reset(row);
        out->player = *player;
        out->erased = false;
        return 0;
    }
    return err < 0 ? err : ERR_NOT_FOUND;
}

int sqlite_consent_page(struct sqlite *db, const char *player, int64_t *after,
                        struct consent_record *out, int max)
{
    sqlite3_stmt *row;
    int err = chain_page(db, player, *after, &row);
    int found = 0;

    if (err < 0)
        return err;
    while (found < max && (err = sql_step(db, row)) > 0) {
        bool has_key = sqlite3_column_bytes(row, 2) == SEAL_KEY_BYTES;

        *after = sqlite3_column_int64(row, 0);
        found += read_record(row, has_key ? sqlite3_column_blob(row, 2) : NULL, &out[found]);
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}
