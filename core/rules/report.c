/*
 * The decision table in words, for admins: the same table that players' values meet.
 */
#include "base/clock.h"
#include "protocol/packets.h"
#include "rules/decision.h"
#include "rules/shadow.h"

#include <inttypes.h>
#include <string.h>

enum { KEPT_CHARS_MIN = 24 };

static const char *condition_text(const struct decision *decision)
{
    return decision->when ? ", on a condition" : "";
}

static void kept_text(const struct rules *rules, enum field field, char *out, size_t size)
{
    const struct decision *decision = &rules->collect[field];
    const struct policy_purpose *purpose = &rules->policy->purposes[decision->purpose];
    char form[FORM_TEXT_BYTES];
    char keep[CLOCK_TEXT_BYTES];

    if (decision->form.kind == FIELD_FORM_NONE || decision->form.kind == FIELD_FORM_DROP) {
        snprintf(out, size, "not kept");
        return;
    }
    form_text(&decision->form, form);
    clock_format_duration(decision->keep_ms, keep);
    snprintf(out, size, "%s for %s%s, %s%s", form, purpose->name,
             purpose->optional ? " (who opted in)" : "", keep, condition_text(decision));
}

static void told_identity_text(const struct rules *rules, enum field field, char *out, size_t size)
{
    const struct decision *decision = &rules->forward[field];
    const struct policy_purpose *purpose = &rules->policy->purposes[decision->purpose];
    enum field_form form = decision_identity_form(rules, field)->kind;
    bool chosen = decision->form.kind != FIELD_FORM_NONE && purpose->optional;

    if (form == FIELD_FORM_PSEUDONYM)
        snprintf(out, size, "pseudonym%s",
                 decision->form.kind == FIELD_FORM_NONE && rules->server->third_party
                     ? " (a third party learns no identity without a rule)"
                     : "");
    else if (decision->form.kind == FIELD_FORM_NONE)
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

    if (info->told_as == 0) {
        snprintf(out, size, "nothing: Sekisho has it alone");
    } else if (field_is_identity(field)) {
        told_identity_text(rules, field, out, size);
    } else if (info->needed) {
        snprintf(out, size, "full (the game needs it)");
    } else if (decision->form.kind == FIELD_FORM_NONE || decision->form.kind == FIELD_FORM_DROP) {
        if (info->neutral && info->neutral[0] == '\0')
            snprintf(out, size, "nothing");
        else if (info->neutral)
            snprintf(out, size, "always \"%s\"", info->neutral);
        else
            snprintf(out, size, "a stand-in made from the player");
    } else {
        form_text(&decision->form, form);
        snprintf(out, size, "%s for %s%s%s", form, purpose->name,
                 purpose->optional ? " (who opted in)" : "", condition_text(decision));
    }
}

void decision_text(const struct rules *rules, enum rules_word word, enum field field,
                   char out[static DECISION_TEXT_BYTES])
{
    if (word == RULES_COLLECT)
        kept_text(rules, field, out, DECISION_TEXT_BYTES);
    else
        told_text(rules, field, out, DECISION_TEXT_BYTES);
}

/* A field that the rules do not name goes without saying, unless the game needs it. */
static bool is_worth_a_line(const struct rules *rules, enum field field)
{
    const struct field_info *info = field_info(field);

    return (info->needed && info->told_as != 0) ||
           rules->collect[field].form.kind != FIELD_FORM_NONE ||
           rules->forward[field].form.kind != FIELD_FORM_NONE;
}

/* Of the middle column, so that the last one stands in a line. */
static int kept_width(const struct rules *rules)
{
    int width = KEPT_CHARS_MIN;

    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        char kept[DECISION_TEXT_BYTES];
        int len;

        decision_text(rules, RULES_COLLECT, (enum field)i, kept);
        len = (int)strlen(kept);
        width = len > width ? len : width;
    }
    return width;
}

void rules_print(const struct rules *rules, FILE *out)
{
    int width = kept_width(rules);

    fprintf(out, "server %s (%s)\n", rules->server->name,
            rules->server->rules ? rules->server->rules : "no rule file");
    fprintf(out, "  %-22s %-*s %s\n", "FIELD", width, "KEPT", "TOLD TO THE SERVER");
    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        enum field field = (enum field)i;
        char kept[DECISION_TEXT_BYTES];
        char told[DECISION_TEXT_BYTES];

        if (!is_worth_a_line(rules, field))
            continue;
        decision_text(rules, RULES_COLLECT, field, kept);
        decision_text(rules, RULES_FORWARD, field, told);
        fprintf(out, "  %-22s %-*s %s\n", field_name(field), width, kept, told);
    }
    fprintf(out, "  %-22s %-*s %s\n", "everything else", width, "not kept", "a neutral value");
    fprintf(out, "  from releases newer than protocol %d: %s\n", PROTOCOL_NEWEST,
            rules->server->third_party && !rules->server->newer_releases
                ? "nobody is let in"
                : "what is sent in play passes unread, and is not kept");
    acts_print(rules->acts, out);
}

const struct script_place *rules_place(const struct rules *rules, enum rules_word word,
                                       enum field field)
{
    const struct decision *decision = decision_of(rules, word, field);
    enum field_form form = decision->form.kind;

    return form == FIELD_FORM_NONE || form == FIELD_FORM_DROP ? NULL : &decision->place;
}

void rules_print_markdown(const struct rules *rules, FILE *out)
{
    int count = 0;

    fprintf(out, "| field | kept | told to the server | rules |\n| --- | --- | --- | --- |\n");
    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        enum field field = (enum field)i;
        const struct script_place *collect = rules_place(rules, RULES_COLLECT, field);
        const struct script_place *forward = rules_place(rules, RULES_FORWARD, field);
        char kept[DECISION_TEXT_BYTES];
        char told[DECISION_TEXT_BYTES];

        if (!collect && !forward)
            continue;
        decision_text(rules, RULES_COLLECT, field, kept);
        decision_text(rules, RULES_FORWARD, field, told);
        fprintf(out, "| `%s` | %s | %s |", field_name(field), kept, told);
        if (collect)
            fprintf(out, " `%s:%d`", collect->file, collect->line);
        if (forward)
            fprintf(out, " `%s:%d`", forward->file, forward->line);
        fprintf(out, " |\n");
        count++;
    }
    fprintf(out, count > 0 ? "| everything else | not kept | a neutral value | |\n"
                           : "| everything | not kept | a neutral value | |\n");
}

static void explain_place(const struct rules *rules, const struct decision *decision,
                          const char *word, FILE *out)
{
    if (decision->form.kind != FIELD_FORM_NONE)
        fprintf(out, "             %s:%d\n", decision->place.file, decision->place.line);
    else if (rules->server->rules)
        fprintf(out, "             no \"%s\" for it in %s: denied by default\n", word,
                rules->server->rules);
    else
        fprintf(out, "             server %s has no rule file: denied by default\n",
                rules->server->name);
}

static void print_difference(const struct rules *rules, enum rules_word word, enum field field,
                             FILE *out)
{
    const struct rules *trial = shadow_rules(rules->shadow);
    uint64_t times = shadow_differences(rules->shadow, word, field);
    char now[DECISION_TEXT_BYTES];
    char then[DECISION_TEXT_BYTES];

    decision_text(rules, word, field, now);
    decision_text(trial, word, field, then);
    if (times > 0 || strcmp(now, then) != 0)
        fprintf(out, "  %-7s %-22s %s -> %s: %" PRIu64 " times\n", rules_word_name(word),
                field_name(field), now, then, times);
}

/* Which kinds of acts are refused or allowed where they were not before. */
struct act_differences {
    bool refused[ACTS], allowed[ACTS];
};

static void note_act(void *owner, enum act act, const struct act_rule *rule, bool more)
{
    struct act_differences *differences = owner;

    (void)rule;
    *(more ? &differences->allowed[act] : &differences->refused[act]) = true;
}

static void print_acts(const struct rules *rules, FILE *out)
{
    struct act_differences differ = {0};

    acts_compare(rules->acts, shadow_rules(rules->shadow)->acts, note_act, &differ);
    for (int i = ACT_NONE + 1; i < ACTS; i++) {
        enum act act = (enum act)i;

        if (differ.refused[act])
            fprintf(out, "  %-30s allowed -> refused: %" PRIu64 " times\n", act_word(act),
                    shadow_act_differences(rules->shadow, act, false));
        if (differ.allowed[act])
            fprintf(out, "  %-30s refused -> allowed: %" PRIu64 " times\n", act_word(act),
                    shadow_act_differences(rules->shadow, act, true));
    }
}

void rules_print_shadow(const struct rules *rules, FILE *out)
{
    if (!rules->shadow)
        return;
    fprintf(out, "server %s: %s beside %s, since it was loaded\n", rules->server->name,
            rules->server->shadow, rules->server->rules);
    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        print_difference(rules, RULES_COLLECT, (enum field)i, out);
        print_difference(rules, RULES_FORWARD, (enum field)i, out);
    }
    print_acts(rules, out);
}

void rules_explain(const struct rules *rules, enum field field, FILE *out)
{
    const struct field_info *info = field_info(field);
    char text[DECISION_TEXT_BYTES];

    fprintf(out, "%s on server %s\n", info->name, rules->server->name);
    fprintf(out, "  what:      %s; %s\n", info->where, field_class_name(info->class));
    decision_text(rules, RULES_COLLECT, field, text);
    fprintf(out, "  kept:      %s\n", text);
    explain_place(rules, &rules->collect[field], "collect", out);
    decision_text(rules, RULES_FORWARD, field, text);
    fprintf(out, "  forwarded: %s\n", text);
    if (info->told_as != 0 &&
        (!info->needed ||
         (field_is_identity(field) && rules->forward[field].form.kind != FIELD_FORM_NONE)))
        explain_place(rules, &rules->forward[field], "forward", out);
}

static void print_act_rule(const struct act_rule *rule, enum act act, FILE *out)
{
    const char *word = act_word(act);

    fprintf(out, "%s:%d: %.*s \"%s", rule->place.file, rule->place.line, (int)strcspn(word, "."),
            word, rule->pattern);
    if (rule->port > 0)
        fprintf(out, ":%d", rule->port);
    fprintf(out, "\"\n");
}

void rules_explain_act(const struct rules *rules, enum act act, const char *name, int port,
                       FILE *out)
{
    const struct act_rule *rule = act_is_named(act)
                                      ? acts_find_name(rules->acts, act, slice_str(name))
                                      : acts_find_host(rules->acts, act, name, port);

    fprintf(out, "%s %s on server %s\n", act_word(act), name, rules->server->name);
    fprintf(out, "  %s\n", rule && (rule->allowed >> act & 1) ? "allowed" : "refused");
    fprintf(out, "             ");
    if (rule && rule->place.line > 0)
        print_act_rule(rule, act, out);
    else if (rule)
        fprintf(out, "of the game or of mod loaders: needs no rule\n");
    else if (rules->server->rules)
        fprintf(out, "no rule for it in %s: denied by default\n", rules->server->rules);
    else
        fprintf(out, "server %s has no rule file: denied by default\n", rules->server->name);
}
