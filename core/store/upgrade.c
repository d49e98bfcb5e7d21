/*
 * Of schema 2, which held consents in columns of their own: they become the first entries of the
 * ledger, in the order in which they were made. Begun by database.c, which has put them aside.
 */
#include "base/log.h"
#include "store/sql.h"

static const char old_consents[] =
    "SELECT player, name, decision, policy_version, policy_sha256, language, method, identity,"
    " purposes, server, protocol, shown_at, decided_at, nonce, action, scope FROM consent_2"
    " ORDER BY id";

static const char the_rest[] =
    "INSERT INTO observation (subject, server, field, purpose, value, policy_version, rules_hash,"
    " observed_at, expires_at) SELECT p.subject, o.server, o.field, o.purpose, o.value,"
    " o.policy_version, o.rules_hash, o.observed_at, o.expires_at"
    " FROM observation_2 o JOIN person p ON p.player = o.player;"
    "INSERT INTO visit (subject, server) SELECT subject, '' FROM person;"
    "DROP TABLE observation_2; DROP TABLE consent_2;";

static void read_old(sqlite3_stmt *row, struct consent_record *out)
{
    char text[UUID_TEXT_BYTES];

    *out = (struct consent_record){0};
    sql_column_text(row, 0, text, sizeof text);
    if (uuid_parse(text, &out->player) < 0)
        log_error("store: a consent of an earlier version has no valid player");
    sql_column_text(row, 1, out->name, sizeof out->name);
    out->decision = consent_decision_by_name(sql_column_str(row, 2));
    sql_column_text(row, 3, out->policy_version, sizeof out->policy_version);
    sql_column_text(row, 4, out->policy_sha256, sizeof out->policy_sha256);
    sql_column_text(row, 5, out->language, sizeof out->language);
    out->method = consent_method_by_name(sql_column_str(row, 6));
    out->identity = consent_identity_by_name(sql_column_str(row, 7));
    sql_column_text(row, 8, out->purposes, sizeof out->purposes);
    sql_column_text(row, 9, out->server, sizeof out->server);
    out->protocol = sqlite3_column_int(row, 10);
    out->shown_at_ms = sqlite3_column_int64(row, 11);
    out->decided_at_ms = sqlite3_column_int64(row, 12);
    sql_column_text(row, 13, out->nonce, sizeof out->nonce);
    sql_column_text(row, 14, out->action, sizeof out->action);
    sql_column_text(row, 15, out->scope_sha256, sizeof out->scope_sha256);
}

static int convert(struct sqlite *db, sqlite3_stmt *row)
{
    struct consent_record record;
    int code;

    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        int err;

        read_old(row, &record);
        err = sqlite_consent_put(db, &record);
        if (err < 0)
            return err;
    }
    if (code == SQLITE_DONE)
        code = sqlite3_exec(db->handle, the_rest, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : database_error(db->handle, code);
}

int sqlite_upgrade(struct sqlite *db)
{
    sqlite3_stmt *row;
    int err;

    if (sqlite3_prepare_v2(db->handle, old_consents, -1, &row, NULL) != SQLITE_OK)
        return 0; /* there is nothing put aside */
    err = sqlite_begin(db);
    if (err == 0)
        err = convert(db, row);
    sqlite3_finalize(row);
    if (err == 0)
        err = sqlite_commit(db);
    if (err < 0)
        sqlite_rollback(db);
    return err;
}
