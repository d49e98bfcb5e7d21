/*
 * The gate for what leaves: the entry in the ledger comes first. A provision is what the ledger
 * says of it, step by step: "asked" and "approved" where it takes approvals, and "given".
 */
#include "store/provision_rows.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "store/held_for.h"
#include "store/persons.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char kind[] = "provision";
static const char asked[] = "asked";
static const char approved[] = "approved";
static const char given[] = "given";

/* Takes `facts`. */
static int append(struct sqlite *db, const struct person_row *person, const char *step,
                  json_t *facts, int64_t now_ms)
{
    struct chain_entry entry = {.kind = kind, .person = person, .facts = facts, .at_ms = now_ms};
    int err;

    json_object_set_new(facts, "step", json_string(step));
    err = chain_append(db, &entry);
    json_decref(facts);
    return err;
}

int provision_append(struct sqlite *db, const struct person_row *person,
                     const struct provision *provision, json_t *fields, int64_t now_ms)
{
    json_t *facts = provision_facts(provision);

    json_object_set(facts, "fields", fields);
    return append(db, person, given, facts, now_ms);
}

/* What would leave, and what the ledger says of it; both are lists. */
struct parcel {
    json_t *values, *fields;
};

static void parcel_free(struct parcel *parcel)
{
    json_decref(parcel->values);
    json_decref(parcel->fields);
}

/* That a value was asked for under a purpose that is not its own is evidence, too. */
static int note_refusal(struct sqlite *db, const struct held_question *question, const char *field,
                        const char *held_for)
{
    struct person_row person = {0};
    struct chain_entry entry = {.kind = "refusal", .person = &person, .at_ms = question->now_ms};
    int err;

    snprintf(person.subject, sizeof person.subject, "%s", question->subject);
    entry.facts =
        json_pack("{ss ss ss}", "field", field, "purpose", question->purpose, "held_for", held_for);
    err = chain_append(db, &entry);
    json_decref(entry.facts);
    return err;
}

/* Fills the parcel, or says why not in `out`. */
static int fill(struct sqlite *db, const struct held_question *question, const json_t *names,
                struct parcel *parcel, struct store_provided *out)
{
    json_t *name;
    size_t i;

    *parcel = (struct parcel){json_array(), json_array()};
    json_array_foreach(names, i, name)
    {
        const char *field = json_string_value(name);
        int err = held_for(db, question, field, parcel->values, parcel->fields);
        char *others;

        if (err == 0)
            continue;
        if (err != ERR_REFUSED && err != ERR_NOT_FOUND)
            return err;
        others = held_else(db, question, field);
        out->refusal =
            others[0] ? mem_format("%s is held for %s, not for %s, and may not be used for that; "
                                   "give it for the purpose for which it was collected, or leave "
                                   "it out",
                                   field, others, question->purpose)
                      : mem_format("nothing is held of %s for this player; leave it out", field);
        err = others[0] ? note_refusal(db, question, field, others) : 0;
        free(others);
        return err;
    }
    return 0;
}

/* What is handed over, with the facts. */
static json_t *document(int64_t number, int64_t now_ms, const json_t *facts,
                        const struct parcel *parcel)
{
    static const char *const keys[] = {"to", "ground", "reason", "purpose"};
    char now[CLOCK_TEXT_BYTES];
    json_t *json = json_object();

    clock_format(now_ms, now);
    json_object_set_new(json, "provision", json_integer(number));
    json_object_set_new(json, "at", json_string(now));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        json_object_set(json, keys[i], json_object_get(facts, keys[i]));
    json_object_set(json, "values", parcel->values);
    return json;
}

static json_t *names_of(const struct store_wanted *wanted)
{
    json_t *names = json_array();

    for (size_t i = 0; i < wanted->field_count; i++)
        json_array_append_new(names, json_string(wanted->fields[i]));
    return names;
}

/* Whether what the player accepted still counts, in this very moment. */
static int check_permission(struct sqlite *db, const struct store_wanted *wanted,
                            struct store_provided *out)
{
    struct consent_record record;
    int err;

    if (wanted->provision.ground != PROVISION_PERMISSION)
        return 0;
    err = sqlite_consent_find(db, &wanted->player, wanted->policy, &record);
    if (err < 0 && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NOT_FOUND || record.decision != CONSENT_ACCEPTED ||
        strcmp(record.policy_version, wanted->policy_version) != 0 ||
        !consent_has_purpose(&record, wanted->provision.purpose))
        out->refusal = mem_format("the player gave no permission, or took it back");
    return 0;
}

/* Appends what the parcel's leaving says, and puts it into `out`. Takes `facts`. */
static int hand_over(struct sqlite *db, const struct person_row *person, json_t *facts,
                     const struct parcel *parcel, int64_t now_ms, struct store_provided *out)
{
    json_t *kept = json_incref(facts);
    int err;

    json_object_set(facts, "fields", parcel->fields);
    err = append(db, person, given, facts, now_ms);
    if (err == 0) {
        out->number = out->number ? out->number : db->last;
        out->given = document(out->number, now_ms, kept, parcel);
    }
    json_decref(kept);
    return err;
}

static int ask(struct sqlite *db, const struct person_row *person,
               const struct store_wanted *wanted, json_t *names, int64_t now_ms,
               struct store_provided *out)
{
    json_t *facts = provision_facts(&wanted->provision);
    int err;

    json_object_set(facts, "fields", names);
    err = append(db, person, asked, facts, now_ms);
    out->number = db->last;
    return err;
}

/* The store does not hold it: the caller had it from the player, who plays. */
static int note_in_hand(struct sqlite *db, const struct person_row *person,
                        const struct store_wanted *wanted, int64_t now_ms,
                        struct store_provided *out)
{
    json_t *fields = json_deep_copy(wanted->in_hand);
    int err = check_permission(db, wanted, out);

    if (err == 0 && !out->refusal) {
        err = provision_append(db, person, &wanted->provision, fields, now_ms);
        out->number = db->last;
    }
    json_decref(fields);
    return err;
}

static int provide(struct sqlite *db, const struct person_row *person,
                   const struct store_wanted *wanted, int64_t now_ms, struct store_provided *out)
{
    json_t *names = names_of(wanted);
    struct held_question question = {person->subject, &wanted->player, wanted->provision.purpose,
                                     now_ms};
    struct parcel parcel;
    int err = fill(db, &question, names, &parcel, out);

    if (err == 0 && !out->refusal)
        err = check_permission(db, wanted, out);
    if (err == 0 && !out->refusal) {
        if (wanted->provision.ground == PROVISION_OTHER)
            err = ask(db, person, wanted, names, now_ms, out);
        else
            err = hand_over(db, person, provision_facts(&wanted->provision), &parcel, now_ms, out);
    }
    parcel_free(&parcel);
    json_decref(names);
    return err;
}

int sqlite_provide(struct sqlite *db, const struct store_wanted *wanted, int64_t now_ms,
                   struct store_provided *out)
{
    struct person_row person;
    int err = person_of_player(db, &wanted->player, &person, NULL);

    if (err == 0 && wanted->in_hand)
        err = note_in_hand(db, &person, wanted, now_ms, out);
    else if (err == 0)
        err = provide(db, &person, wanted, now_ms, out);
    else if (err == ERR_NOT_FOUND) {
        out->refusal = mem_format("nothing is held of this player");
        err = 0;
    }
    mem_wipe(&person, sizeof person);
    return err;
}

/* A provision as its steps left it. */
struct progress {
    struct ledger_entry first; /* its facts are NULL where nothing was asked */
    json_t *approvers;         /* a list */
    bool given;
};

static void note_step(struct progress *progress, struct ledger_entry *entry)
{
    const char *step = json_string_value(json_object_get(entry->facts, "step"));

    progress->given = progress->given || !step || strcmp(step, given) == 0;
    if (step && strcmp(step, approved) == 0)
        json_array_append(progress->approvers, json_object_get(entry->facts, "by"));
    if (step && strcmp(step, asked) == 0)
        progress->first = *entry;
    else
        ledger_entry_free(entry);
}

static int read_progress(struct sqlite *db, int64_t number, struct progress *out)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_PROVISION_STEPS, &row);

    *out = (struct progress){.approvers = json_array()};
    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, number);
    while ((err = sql_step(db, row)) > 0) {
        struct ledger_entry entry;

        if (ledger_entry_read(sql_column_str(row, 1), &entry) == 0) {
            note_step(out, &entry);
            continue;
        }
        sql_reset(row);
        return ERR_DAMAGED;
    }
    return err;
}

static bool has_approved(const struct progress *progress, const char *by)
{
    json_t *one;
    size_t i;

    json_array_foreach(progress->approvers, i, one)
    {
        if (strcasecmp(json_string_value(one), by) == 0)
            return true;
    }
    return false;
}

/* The last approval: it stands in the ledger, and what leaves behind it. */
static int complete(struct sqlite *db, const struct person_row *person, struct progress *progress,
                    const struct parcel *parcel, int64_t now_ms, struct store_provided *out)
{
    json_t *facts = json_copy(progress->first.facts);

    json_object_set_new(facts, "provision", json_integer(out->number));
    json_object_set(facts, "approved_by", progress->approvers);
    return hand_over(db, person, facts, parcel, now_ms, out);
}

/* Owned; NULL: there is none. */
static char *flaw_of_approver(const struct store_person *who, const char *by)
{
    char uuid[UUID_TEXT_BYTES];
    const char *flaw;

    uuid_format(&who->player, uuid);
    flaw = provision_text_flaw(by, who->name, uuid);
    return flaw ? mem_format("--by %s", flaw) : NULL;
}

static int approve(struct sqlite *db, struct progress *progress, const char *by, int64_t now_ms,
                   struct store_provided *out)
{
    const json_t *facts = progress->first.facts;
    struct store_person who;
    struct held_question question = {progress->first.subject, &who.player,
                                     json_string_value(json_object_get(facts, "purpose")), now_ms};
    struct person_row person;
    struct parcel parcel = {NULL, NULL};
    int err = person_of_subject(db, progress->first.subject, &person, &who);

    if (err == ERR_NOT_FOUND)
        out->refusal = mem_format("the player was erased in the meantime");
    else if (err == 0)
        out->refusal = flaw_of_approver(&who, by);
    err = err == ERR_NOT_FOUND ? 0 : err;
    if (err == 0 && !out->refusal)
        err = fill(db, &question, json_object_get(facts, "fields"), &parcel, out);
    if (err == 0 && !out->refusal) {
        json_array_append_new(progress->approvers, json_string(by));
        out->approvals = (int)json_array_size(progress->approvers);
        err = append(db, &person, approved,
                     json_pack("{sI ss}", "provision", (json_int_t)out->number, "by", by), now_ms);
    }
    if (err == 0 && !out->refusal && out->approvals >= PROVISION_APPROVERS)
        err = complete(db, &person, progress, &parcel, now_ms, out);
    parcel_free(&parcel);
    mem_wipe(&person, sizeof person);
    return err;
}

int sqlite_provision_approve(struct sqlite *db, int64_t number, const char *by, int64_t now_ms,
                             struct store_provided *out)
{
    struct progress progress;
    int err = read_progress(db, number, &progress);

    out->number = number;
    if (err == 0 && progress.given)
        out->refusal = mem_format("provision %lld has been given already", (long long)number);
    else if (err == 0 && !progress.first.facts)
        out->refusal = mem_format("no provision %lld waits for approval; see sekisho provision "
                                  "list",
                                  (long long)number);
    else if (err == 0 && has_approved(&progress, by))
        out->refusal = mem_format("%s has approved it already; another person has to, too", by);
    else if (err == 0)
        err = approve(db, &progress, by, now_ms, out);
    if (progress.first.facts)
        ledger_entry_free(&progress.first);
    json_decref(progress.approvers);
    return err;
}

void sqlite_provided_free(struct store_provided *provided)
{
    json_decref(provided->given);
    free((void *)(uintptr_t)provided->refusal);
    *provided = (struct store_provided){0};
}

int sqlite_provision_page(struct sqlite *db, int64_t after, struct provision_row *out, int max)
{
    sqlite3_stmt *row;
    int err = sql_prepare(db, SQL_PROVISIONS, &row);
    int found = 0;

    if (err < 0)
        return err;
    sqlite3_bind_int64(row, 1, after);
    sqlite3_bind_int(row, 2, max);
    while (found < max && (err = sql_step(db, row)) > 0) {
        if (ledger_entry_read(sql_column_str(row, 1), &out[found].entry) < 0) {
            sql_reset(row);
            return ERR_DAMAGED;
        }
        out[found].name = mem_strdup(sql_column_str(row, 2));
        out[found].uuid = mem_strdup(sql_column_str(row, 3));
        found++;
    }
    if (err > 0)
        sql_reset(row);
    return err < 0 ? err : found;
}

void sqlite_provision_row_free(struct provision_row *row)
{
    if (!row->name)
        return;
    ledger_entry_free(&row->entry);
    free(row->name);
    free(row->uuid);
    *row = (struct provision_row){0};
}
