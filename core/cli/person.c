#include "cli/person.h"

#include "base/clock.h"
#include "base/err.h"
#include "cli/records.h"

#include <string.h>

/* While the store is read. */
struct search {
    struct person *person;
    const char *policy; /* its id */
    int count;
    bool several, counts;
};

static bool does_count(const struct consent_record *record)
{
    return record->decision == CONSENT_ACCEPTED || record->decision == CONSENT_WITHDRAWN;
}

/* Oldest first. Declining or leaving later does not undo an acceptance. */
static void on_record(void *owner, const struct store *store, const struct consent_record *record)
{
    struct search *search = owner;
    struct consent_record *known = &search->person->record;

    if (record->policy[0] && strcmp(record->policy, search->policy) != 0)
        return;
    if (search->count++ > 0 && !uuid_equal(&known->player, &record->player))
        search->several = true;
    if (!does_count(record) && search->counts)
        return;
    search->counts = does_count(record);
    *known = *record;
    scope_free(search->person->scope);
    search->person->scope = record->decision == CONSENT_ACCEPTED
                                ? scope_new(store_scope(store, record->scope_sha256))
                                : NULL;
}

int person_find(const char *store, const char *policy, const char *who, struct diag *diag,
                struct person *out)
{
    struct search search = {.person = out, .policy = policy};
    int err;

    *out = (struct person){0};
    err = records_read(store, who, diag, on_record, &search);
    if (err < 0 && err != ERR_NOT_FOUND) {
        person_free(out);
        return err;
    }
    if (search.count > 0 && !search.several)
        return 0;
    if (search.several)
        diag_add(diag, store, 0,
                 "several players had this name; take the UUID, which sekisho consent list shows");
    else
        diag_add(diag, store, 0, "no record is of this player: they were never shown the policy");
    person_free(out);
    return ERR_NOT_FOUND;
}

void person_free(struct person *person)
{
    scope_free(person->scope);
    *person = (struct person){0};
}

static void print_standing(const struct consent_record *record, const struct policy_set *policies,
                           FILE *out)
{
    struct standing standing = policy_set_standing(policies, record->policy_version,
                                                   record->policy_sha256, clock_wall_ms());
    char day[CLOCK_DAY_BYTES];

    switch (standing.kind) {
    case STANDING_ASK:
        fprintf(out,
                "             is asked anew at the next join: the policy is another one now\n");
        break;
    case STANDING_GOES_ON:
        fprintf(out, "             goes on without being asked: version %s allows no more\n",
                policies->current->version);
        break;
    case STANDING_GRACE:
        clock_format_day(standing.deadline_ms, day);
        fprintf(out, "             goes on with that until %s, and is asked anew then\n", day);
        break;
    case STANDING_NONE:
    case STANDING_CURRENT: break;
    }
}

bool person_print(const struct person *person, const struct policy_set *policies, FILE *out)
{
    const struct consent_record *record = &person->record;
    char uuid[UUID_TEXT_BYTES];
    char decided[CLOCK_TEXT_BYTES];
    bool accepted = record->decision == CONSENT_ACCEPTED;

    uuid_format(&record->player, uuid);
    clock_format(record->decided_at_ms, decided);
    fprintf(out, "  player:    %s, %s: %s %s, policy version %s (%s)\n", record->name, uuid,
            consent_decision_name(record->decision), decided, record->policy_version,
            record->language);
    if (!accepted) {
        fprintf(out, "             nothing is kept or told before this player accepts\n");
        return false;
    }
    fprintf(out, "             for: %s\n", record->purposes);
    print_standing(record, policies, out);
    return true;
}

void person_print_added(const struct person *person, const struct policy_set *policies, FILE *out)
{
    const struct consent_record *record = &person->record;
    char decided[CLOCK_TEXT_BYTES];

    fprintf(out, "  besides:   %s: ", policies->current->id);
    if (record->decision == CONSENT_NONE) {
        fprintf(out, "never answered\n");
        return;
    }
    clock_format(record->decided_at_ms, decided);
    fprintf(out, "%s %s, policy version %s (%s)\n", consent_decision_name(record->decision),
            decided, record->policy_version, record->language);
    if (record->decision != CONSENT_ACCEPTED)
        return;
    fprintf(out, "             for: %s\n", record->purposes);
    print_standing(record, policies, out);
}

void person_print_rule(const struct person *person, const struct rules *rules, enum rules_word word,
                       enum field field, FILE *out)
{
    const struct policy_purpose *purpose = scope_purpose(rules, word, field);
    bool accepted = person->record.decision == CONSENT_ACCEPTED;
    const char *why = accepted ? scope_wider(person->scope, rules, word, field) : NULL;

    fprintf(out, "  %-10s ", word == RULES_COLLECT ? "kept:" : "forwarded:");
    if (!accepted)
        fprintf(out,
                "does not apply to this player, who has not accepted the policy that the server "
                "adds\n");
    else if (why)
        fprintf(out, "does not apply to this player until they accept anew: %s\n", why);
    else if (!purpose)
        fprintf(out, "no rule; the default holds for this player as for everybody\n");
    else if (scope_has_purpose(rules, purpose, person->record.purposes))
        fprintf(out, "applies to this player\n");
    else if (purpose->optional)
        fprintf(out, "does not apply to this player, who did not choose %s\n", purpose->name);
    else
        fprintf(out,
                "does not apply to this player until they accept anew: %s was no purpose, or an "
                "optional one, when they accepted\n",
                purpose->name);
}

void person_print_deed(const struct person *person, const struct rules *rules,
                       const struct deed *deed, FILE *out)
{
    struct acts *accepted = scope_acts(person->scope, rules);
    bool agreed = deed_is_allowed(deed, accepted);

    if (!deed_is_allowed(deed, rules_acts(rules)))
        fprintf(out, "  %-10s refused for this player as for everybody\n", "");
    else if (agreed)
        fprintf(out, "  %-10s allowed with this player\n", "");
    else
        fprintf(out,
                "  %-10s refused for this player until they accept anew: the rules that they "
                "accepted did not allow it\n",
                "");
    acts_free(accepted);
}
