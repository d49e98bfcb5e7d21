/*
 * The decision table in words, for admins: the same table that players' values meet.
 */
#include "base/clock.h"
#include "rules/decision.h"

enum { FORM_TEXT_BYTES = 96 };

static void form_text(const struct decision *decision, char *out, size_t size)
{
    if (decision->form == FIELD_FORM_TRUNCATE)
        snprintf(out, size, "truncate(%d, %d)", decision->v4_bits, decision->v6_bits);
    else
        snprintf(out, size, "%s", field_form_name(decision->form));
}

static void kept_text(const struct rules *rules, enum field field, char *out, size_t size)
{
    const struct decision *decision = &rules->collect[field];
    const struct policy_purpose *purpose = &rules->policy->purposes[decision->purpose];
    char form[FORM_TEXT_BYTES];
    char keep[CLOCK_TEXT_BYTES];

    if (decision->form == FIELD_FORM_NONE || decision->form == FIELD_FORM_DROP) {
        snprintf(out, size, "not kept");
        return;
    }
    form_text(decision, form, sizeof form);
    clock_format_duration(decision->keep_ms, keep);
    snprintf(out, size, "%s for %s%s, %s", form, purpose->name,
             purpose->optional ? " (who opted in)" : "", keep);
}

static bool is_identity(enum field field)
{
    return field == FIELD_PLAYER_UUID || field == FIELD_PLAYER_NAME;
}

static void told_identity_text(const struct rules *rules, enum field field, char *out, size_t size)
{
    const struct decision *decision = &rules->forward[field];
    const struct policy_purpose *purpose = &rules->policy->purposes[decision->purpose];
    enum field_form form = decision_identity_form(rules, field);
    bool chosen = decision->form != FIELD_FORM_NONE && purpose->optional;

    if (form == FIELD_FORM_PSEUDONYM)
        snprintf(out, size, "pseudonym%s",
                 decision->form == FIELD_FORM_NONE && rules->server->third_party
                     ? " (a third party learns no identity without a rule)"
                     : "");
    else if (decision->form == FIELD_FORM_NONE)
        snprintf(out, size, "full (the game needs it)");
    else
        snprintf(out, size, "full for %s%s", purpose->name,
                 chosen ? " (who opted in; a pseudonym for others)" : "");
}

static void told_text(const struct rules *rules, enum field field, char *out, size_t size)
{
    const struct decision *decision = &rules->forward[field];
    const struct policy_purpose *purpose = &rules->policy->purposes[decision->purpose];
    const struct field_info *info = field_info(field);
    char form[FORM_TEXT_BYTES];

    if (is_identity(field)) {
        told_identity_text(rules, field, out, size);
    } else if (info->needed) {
        snprintf(out, size, "full (the game needs it)");
    } else if (decision->form == FIELD_FORM_NONE || decision->form == FIELD_FORM_DROP) {
        if (info->neutral && info->neutral[0] == '\0')
            snprintf(out, size, "nothing");
        else if (info->neutral)
            snprintf(out, size, "always \"%s\"", info->neutral);
        else
            snprintf(out, size, "a stand-in made from the player");
    } else {
        form_text(decision, form, sizeof form);
        snprintf(out, size, "%s for %s%s", form, purpose->name,
                 purpose->optional ? " (who opted in)" : "");
    }
}

/* A field that the rules do not name goes without saying, unless the game needs it. */
static bool is_worth_a_line(const struct rules *rules, enum field field)
{
    return field_info(field)->needed || rules->collect[field].form != FIELD_FORM_NONE ||
           rules->forward[field].form != FIELD_FORM_NONE;
}

void rules_print(const struct rules *rules, FILE *out)
{
    fprintf(out, "server %s (%s)\n", rules->server->name,
            rules->server->rules ? rules->server->rules : "no rule file");
    fprintf(out, "  %-22s %-38s %s\n", "FIELD", "KEPT", "TOLD TO THE SERVER");
    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        enum field field = (enum field)i;
        char kept[2 * FORM_TEXT_BYTES];
        char told[2 * FORM_TEXT_BYTES];

        if (!is_worth_a_line(rules, field))
            continue;
        kept_text(rules, field, kept, sizeof kept);
        told_text(rules, field, told, sizeof told);
        fprintf(out, "  %-22s %-38s %s\n", field_name(field), kept, told);
    }
    fprintf(out, "  %-22s %-38s %s\n", "everything else", "not kept", "a neutral value");
    acts_print(rules->acts, out);
}

static void explain_place(const struct rules *rules, const struct decision *decision,
                          const char *word, FILE *out)
{
    if (decision->form != FIELD_FORM_NONE)
        fprintf(out, "             %s:%d\n", rules->server->rules, decision->line);
    else if (rules->server->rules)
        fprintf(out, "             no \"%s\" for it in %s: denied by default\n", word,
                rules->server->rules);
    else
        fprintf(out, "             server %s has no rule file: denied by default\n",
                rules->server->name);
}

void rules_explain(const struct rules *rules, enum field field, FILE *out)
{
    const struct field_info *info = field_info(field);
    char text[2 * FORM_TEXT_BYTES];

    fprintf(out, "%s on server %s\n", info->name, rules->server->name);
    fprintf(out, "  what:      %s; %s\n", info->where, info->class);
    kept_text(rules, field, text, sizeof text);
    fprintf(out, "  kept:      %s\n", text);
    explain_place(rules, &rules->collect[field], "collect", out);
    told_text(rules, field, text, sizeof text);
    fprintf(out, "  forwarded: %s\n", text);
    if (!info->needed || (is_identity(field) && rules->forward[field].form != FIELD_FORM_NONE))
        explain_place(rules, &rules->forward[field], "forward", out);
}
