/*
 * Verified requests carried out.
 */
#include "base/err.h"
#include "base/mem.h"
#include "store/erasure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_CONSENTS = 16, POLICIES_MAX = 64 };

/* Returns how many values are other ones now, or an error. */
static int correct(struct sqlite *db, const struct data_request *request, int64_t at_ms)
{
    sqlite3_stmt *put;
    int err = sql_prepare(db, SQL_CORRECT, &put);

    if (err < 0)
        return err;
    sql_text(put, 1, request->subject);
    sql_text(put, 2, request->field);
    sql_text(put, 3, request->server);
    sql_bytes(put, 4, slice_str(request->value));
    sqlite3_bind_int64(put, 5, at_ms);
    err = sql_run(db, put);
    return err < 0 ? err : sqlite3_changes(db->handle);
}

/* The latest answers to each policy that count. */
struct answers {
    struct consent_record of[POLICIES_MAX];
    int count;
};

static void note_answer(struct answers *answers, const struct consent_record *record)
{
    int i = 0;

    if (!consent_counts(record))
        return;
    while (i < answers->count && strcmp(answers->of[i].policy, record->policy) != 0)
        i++;
    if (i == POLICIES_MAX)
        return;
    answers->of[i] = *record;
    answers->count += i == answers->count;
}

static int read_answers(struct sqlite *db, const struct data_request *request,
                        struct answers *answers)
{
    struct consent_record *page = mem_array(PAGE_CONSENTS, sizeof *page);
    char player[UUID_TEXT_BYTES];
    int64_t after = 0;
    int count;

    uuid_format(&request->player, player);
    do {
        count = sqlite_consent_page(db, player, &after, page, PAGE_CONSENTS);
        for (int i = 0; i < count; i++)
            note_answer(answers, &page[i]);
    } while (count == PAGE_CONSENTS);
    free(page);
    return count < 0 ? count : 0;
}

static int withdraw(struct sqlite *db, const struct data_request *request, int64_t at_ms)
{
    struct answers *answers = mem_alloc(sizeof *answers);
    int err = read_answers(db, request, answers);

    for (int i = 0; err == 0 && i < answers->count; i++) {
        struct consent_record *record = &answers->of[i];

        if (record->decision != CONSENT_ACCEPTED)
            continue;
        record->decision = CONSENT_WITHDRAWN;
        record->method = CONSENT_METHOD_NONE;
        record->identity = CONSENT_IDENTITY_NONE;
        record->shown_at_ms = record->decided_at_ms = at_ms;
        record->nonce[0] = '\0';
        snprintf(record->action, sizeof record->action, "request");
        snprintf(record->name, sizeof record->name, "%s", request->name);
        err = sqlite_consent_put(db, record);
    }
    free(answers);
    return err;
}

/* The evidence stays, and what was asked for. */
static int stop(struct sqlite *db, const struct data_request *request, int64_t at_ms)
{
    static const enum statement statements[] = {SQL_ERASE_OBSERVATIONS, SQL_ERASE_COUNTED,
                                                SQL_ERASE_PLUGIN_PERSONALS};
    int err = withdraw(db, request, at_ms);

    for (size_t i = 0; err == 0 && i < sizeof statements / sizeof statements[0]; i++) {
        sqlite3_stmt *erase;

        err = sql_prepare(db, statements[i], &erase);
        if (err < 0)
            return err;
        sql_text(erase, 1, request->subject);
        err = sql_run(db, erase);
    }
    sql_unsettle(db);
    return err;
}

static int carry_out(struct sqlite *db, const struct store_request_step *order,
                     struct data_request *request)
{
    struct store_request_step step = *order;
    int err;

    step.event = DATA_REQUEST_RUN;
    err = sqlite_request_move(db, &step, request);
    if (err == 0 && request->kind == DATA_REQUEST_ERASURE)
        return erasure_run(db, request, &step);
    if (err == 0 && request->kind == DATA_REQUEST_STOP)
        err = stop(db, request, step.at_ms);
    step = (struct store_request_step){
        .number = step.number, .event = DATA_REQUEST_FINISH, .at_ms = step.at_ms};
    return err < 0 ? err : sqlite_request_move(db, &step, request);
}

int sqlite_request_run(struct sqlite *db, const struct store_request_step *step,
                       struct data_request *out)
{
    int changed;
    int err = sqlite_request_find(db, step->number, out);

    if (err < 0)
        return err;
    if (out->erased || !data_request_next(out->state, DATA_REQUEST_RUN))
        return ERR_REFUSED;
    if (out->kind == DATA_REQUEST_CORRECTION) {
        changed = correct(db, out, step->at_ms);
        if (changed <= 0)
            return changed < 0 ? changed : ERR_NOT_FOUND;
    }
    return carry_out(db, step, out);
}
