#include "rules/scope.h"

#include "base/mem.h"
#include "rules/decision.h"

#include <jansson.h>
#include <stdlib.h>

_Static_assert(FIELDS <= 64, "an allowance has a bit for each field");

static const char acts_key[] = "acts";

struct scope {
    json_t *servers;
};

/* Two functions are the same when nothing of the files that they stand in has changed. */
static json_t *code_of(const struct rules *rules, const struct function *function)
{
    return json_string(function ? rules->hash : "");
}

static json_t *decision_json(const struct rules *rules, const struct decision *decision)
{
    const struct form *form = &decision->form;

    return json_pack("{ss ss sb si si sI sI sI so so}", "purpose",
                     rules->policy->purposes[decision->purpose].name, "form",
                     field_form_name(form->kind), "counted", form->counted, "v4", form->v4_bits,
                     "v6", form->v6_bits, "width", (json_int_t)form->width, "epoch_ms",
                     (json_int_t)form->epoch_ms, "keep_ms", (json_int_t)decision->keep_ms, "code",
                     code_of(rules, decision->maker), "when", code_of(rules, decision->when));
}

static json_t *word_json(const struct rules *rules, enum rules_word word)
{
    json_t *json = json_object();

    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        enum field field = (enum field)i;
        const struct decision *decision = decision_of(rules, word, field);

        if (decision->form.kind != FIELD_FORM_NONE)
            json_object_set_new(json, field_name(field), decision_json(rules, decision));
    }
    return json;
}

/* "channel.to_server voicechat:*", "transfer play.example.net 25565": whether it is allowed. */
static void put_act(json_t *json, const struct act_rule *rule, enum act act)
{
    char *key = rule->port > 0 ? mem_format("%s %s %d", act_word(act), rule->pattern, rule->port)
                               : mem_format("%s %s", act_word(act), rule->pattern);

    json_object_set_new(json, key, json_boolean(rule->allowed >> act & 1));
    free(key);
}

static json_t *acts_json(const struct acts *acts)
{
    json_t *json = json_object();
    const struct act_rule *rule;

    for (size_t i = 0; (rule = acts_rule(acts, i)); i++)
        for (int act = ACT_NONE + 1; act < ACTS; act++)
            if (rule->place.line > 0 && (rule->acts >> act & 1))
                put_act(json, rule, (enum act)act);
    return json;
}

char *scope_text(struct rules *const *rules, size_t count)
{
    json_t *servers = json_object();
    char *text;

    for (size_t i = 0; i < count; i++)
        json_object_set_new(
            servers, rules[i]->server->name,
            json_pack("{sb so so so}", "third_party", rules[i]->server->third_party,
                      rules_word_name(RULES_COLLECT), word_json(rules[i], RULES_COLLECT),
                      rules_word_name(RULES_FORWARD), word_json(rules[i], RULES_FORWARD), acts_key,
                      acts_json(rules[i]->acts)));
    text = json_dumps(servers, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        abort();
    json_decref(servers);
    return text;
}

struct scope *scope_new(const char *text)
{
    struct scope *scope = mem_alloc(sizeof *scope);

    scope->servers = text ? json_loads(text, 0, NULL) : NULL;
    return scope;
}

void scope_free(struct scope *scope)
{
    if (scope)
        json_decref(scope->servers);
    free(scope);
}

static json_int_t number(const json_t *old, const char *key)
{
    return json_integer_value(json_object_get(old, key));
}

static bool is(const json_t *old, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(old, key));

    return value && strcmp(value, text) == 0;
}

static bool is_multiple(json_int_t larger, json_int_t smaller)
{
    return smaller > 0 && larger % smaller == 0;
}

/* Whether the new form can be made from what the old one leaves. */
static bool form_is_within(const struct rules *rules, const struct form *form, const json_t *old)
{
    bool same = is(old, "form", field_form_name(form->kind));

    if (!form->counted && json_is_true(json_object_get(old, "counted")))
        return false;
    if (form->kind == FIELD_FORM_DROP || is(old, "form", "full"))
        return true;
    if (is(old, "form", "drop") || (!same && is(old, "form", "function")))
        return false;
    switch (form->kind) {
    case FIELD_FORM_FLAG: return true;
    case FIELD_FORM_CATEGORY: return same;
    case FIELD_FORM_BUCKET: return same && is_multiple(form->width, number(old, "width"));
    case FIELD_FORM_TRUNCATE:
        return same && form->v4_bits <= number(old, "v4") && form->v6_bits <= number(old, "v6");
    case FIELD_FORM_PSEUDONYM:
        return same && (number(old, "epoch_ms") == 0 ||
                        is_multiple(number(old, "epoch_ms"), form->epoch_ms));
    case FIELD_FORM_FUNCTION: return same && is(old, "code", rules->hash);
    case FIELD_FORM_NONE:
    case FIELD_FORM_FULL:
    case FIELD_FORM_DROP:
    case FIELD_FORM_COUNT:
    case FIELD_FORMS: break;
    }
    return false;
}

static bool is_other_function(const struct rules *rules, const struct form *form, const json_t *old)
{
    return form->kind == FIELD_FORM_FUNCTION && is(old, "form", "function") &&
           !is(old, "code", rules->hash);
}

/* Whether the server of that time was told the identity as it is (see decision_identity_form). */
static bool was_known(const json_t *server, enum field field)
{
    const json_t *old =
        json_object_get(json_object_get(server, rules_word_name(RULES_FORWARD)), field_name(field));

    if (old)
        return is(old, "form", "full");
    if (json_is_true(json_object_get(server, "third_party")))
        return false;
    return field != FIELD_PLAYER_UUID || was_known(server, FIELD_PLAYER_NAME);
}

/* The community's own servers know the players without a rule, so no rule makes that wider. */
static const char *identity_wider(const struct rules *rules, const json_t *server, enum field field)
{
    if (decision_identity_form(rules, field)->kind == FIELD_FORM_PSEUDONYM)
        return NULL;
    if (!server)
        return rules->server->third_party ? "the server is new" : NULL;
    if (rules->server->third_party && !json_is_true(json_object_get(server, "third_party")))
        return "the server became a third party";
    return was_known(server, field) ? NULL : "the form leaves more of the value";
}

const char *scope_wider(const struct scope *scope, const struct rules *rules, enum rules_word word,
                        enum field field)
{
    const struct decision *decision = decision_of(rules, word, field);
    const json_t *server = json_object_get(scope->servers, rules->server->name);
    const json_t *old =
        json_object_get(json_object_get(server, rules_word_name(word)), field_name(field));

    if (word == RULES_FORWARD && field_is_identity(field))
        return identity_wider(rules, server, field);
    if (decision->form.kind == FIELD_FORM_NONE || decision->form.kind == FIELD_FORM_DROP)
        return NULL;
    if (!server)
        return "the server is new";
    if (!old)
        return "the field is new";
    if (rules->server->third_party && !json_is_true(json_object_get(server, "third_party")))
        return "the server became a third party";
    if (!is(old, "purpose", rules->policy->purposes[decision->purpose].name))
        return "the purpose is another one";
    if (is_other_function(rules, &decision->form, old))
        return "the file of its function has changed";
    if (!form_is_within(rules, &decision->form, old))
        return "the form leaves more of the value";
    if (!is(old, "when", "") && !(decision->when && is(old, "when", rules->hash)))
        return "the condition is another one";
    if (word == RULES_COLLECT && decision->keep_ms > number(old, "keep_ms"))
        return "it is kept for longer";
    return NULL;
}

struct rules_allowance scope_allowance(const struct scope *scope, const struct rules *rules)
{
    struct rules_allowance allowed = RULES_ALL;

    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        enum field field = (enum field)i;

        if (scope_wider(scope, rules, RULES_COLLECT, field))
            allowed.collect &= ~((uint64_t)1 << field);
        if (scope_wider(scope, rules, RULES_FORWARD, field))
            allowed.forward &= ~((uint64_t)1 << field);
    }
    return allowed;
}

/* Adds what put_act wrote; what it did not write is nothing. */
static void read_act(struct acts *acts, const char *key, bool allowed)
{
    char *word = mem_strdup(key);
    char *name = strchr(word, ' ');
    char *port = name ? strchr(name + 1, ' ') : NULL;
    struct act_rule rule = {0};
    enum act act = ACT_NONE;

    if (name) {
        *name++ = 0;
        act = act_by_word(word);
    }
    if (port) {
        *port++ = 0;
        rule.port = (int)strtol(port, NULL, 10);
    }
    if (act && *name) {
        rule.acts = 1U << act;
        rule.allowed = allowed ? rule.acts : 0;
        rule.pattern = name;
        (void)acts_add(acts, &rule);
    }
    free(word);
}

struct acts *scope_acts(const struct scope *scope, const struct rules *rules)
{
    struct acts *acts = acts_new();
    const json_t *server = json_object_get(scope->servers, rules->server->name);
    bool for_others =
        rules->server->third_party && !json_is_true(json_object_get(server, "third_party"));
    const char *key;
    json_t *allowed;

    if (!for_others)
        json_object_foreach(json_object_get(server, acts_key), key, allowed)
            read_act(acts, key, json_is_true(allowed));
    return acts;
}

const struct policy_purpose *scope_purpose(const struct rules *rules, enum rules_word word,
                                           enum field field)
{
    const struct decision *decision = decision_of(rules, word, field);

    return decision->form.kind == FIELD_FORM_NONE ? NULL
                                                  : &rules->policy->purposes[decision->purpose];
}

bool scope_has_purpose(const struct rules *rules, const struct policy_purpose *purpose,
                       const char *names)
{
    return policy_purposes_read(rules->policy, names) >> (purpose - rules->policy->purposes) & 1;
}
