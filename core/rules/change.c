#include "rules/change.h"

#include "rules/decision.h"

#include <stdio.h>

_Static_assert((int)CHANGE_TEXT_BYTES == (int)DECISION_TEXT_BYTES, "the texts of decisions fit");

/* One server on both sides, with what players agreed to on each. */
struct pair {
    const struct rules *before, *after; /* one of them may be NULL */
    const struct scope *before_scope, *after_scope;
    const struct change_reader *reader;
};

static bool is_optional(const struct rules *rules, const struct decision *decision)
{
    return decision->form.kind != FIELD_FORM_NONE &&
           rules->policy->purposes[decision->purpose].optional;
}

/* Why the one goes further than the other; NULL: it does not. */
static const char *further(const struct rules *rules, const struct rules *than,
                           const struct scope *than_scope, enum rules_word word, enum field field)
{
    const struct decision *decision = decision_of(rules, word, field);
    const char *why = scope_wider(than_scope, rules, word, field);

    if (!why && than && decision->form.kind != FIELD_FORM_NONE &&
        is_optional(than, decision_of(than, word, field)) && !is_optional(rules, decision))
        return "the purpose is no longer optional";
    return why;
}

static void compare(const struct pair *pair, enum rules_word word, enum field field)
{
    struct change change = {.word = word, .field = field, .after = pair->after};
    const char *less = NULL;

    if (pair->before) {
        decision_text(pair->before, word, field, change.before_text);
        less = further(pair->before, pair->after, pair->after_scope, word, field);
    }
    if (pair->after) {
        decision_text(pair->after, word, field, change.after_text);
        change.why = further(pair->after, pair->before, pair->before_scope, word, field);
    }
    if (change.why)
        change.reach = CHANGE_MORE;
    else if (less)
        change.reach = CHANGE_LESS;
    else if (pair->before && pair->after && strcmp(change.before_text, change.after_text) != 0)
        change.reach = CHANGE_ALIKE;
    if (change.reach)
        pair->reader->rule(pair->reader->owner, &change);
}

static void on_act(void *owner, enum act act, const struct act_rule *rule, bool more)
{
    const struct pair *pair = owner;

    pair->reader->act(
        pair->reader->owner,
        &(struct change_act){.more = more, .after = pair->after, .act = act, .rule = rule});
}

/* Of who accepted it for a server of the community's own, others get nothing. */
static bool became_third_party(const struct pair *pair)
{
    return pair->before && pair->after && pair->after->server->third_party &&
           !pair->before->server->third_party;
}

static void compare_acts(struct pair *pair)
{
    struct acts *none = acts_new();
    const struct acts *before =
        pair->before && !became_third_party(pair) ? pair->before->acts : none;

    acts_compare(before, pair->after ? pair->after->acts : none, on_act, pair);
    acts_free(none);
}

static void compare_server(struct pair *pair, const char *name)
{
    pair->reader->server(pair->reader->owner, name, pair->before != NULL, pair->after != NULL);
    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        compare(pair, RULES_COLLECT, (enum field)i);
        compare(pair, RULES_FORWARD, (enum field)i);
    }
    compare_acts(pair);
}

static const struct rules *find(const struct ruleset *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->rules[i]->server->name, name) == 0)
            return set->rules[i];
    return NULL;
}

void changes_read(const struct ruleset *before, const struct ruleset *after,
                  const struct change_reader *reader)
{
    struct scope *before_scope = scope_new(before->scope);
    struct scope *after_scope = scope_new(after->scope);
    struct pair pair = {.before_scope = before_scope, .after_scope = after_scope, .reader = reader};

    for (size_t i = 0; i < after->count; i++) {
        pair.after = after->rules[i];
        pair.before = find(before, pair.after->server->name);
        compare_server(&pair, pair.after->server->name);
    }
    pair.after = NULL;
    for (size_t i = 0; i < before->count; i++) {
        pair.before = before->rules[i];
        if (!find(after, pair.before->server->name))
            compare_server(&pair, pair.before->server->name);
    }
    scope_free(before_scope);
    scope_free(after_scope);
}
