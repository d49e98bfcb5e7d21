#include "rules/rules.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "rules/decision.h"
#include "rules/form.h"
#include "rules/function.h"
#include "rules/shadow.h"

#include <stdlib.h>

const char *rules_word_name(enum rules_word word)
{
    return word == RULES_COLLECT ? "collect" : "forward";
}

static void derive_key(struct rules *rules, const uint8_t *installation_key)
{
    char *label = mem_format("sekisho server %s", rules->server->name);

    hmac_sha256(slice_of(installation_key, RULES_KEY_BYTES), slice_str(label), rules->key);
    free(label);
}

int rules_load(const struct conf_server *server, const struct policy *policy,
               const uint8_t key[static RULES_KEY_BYTES], struct diag *diag, struct rules **out)
{
    struct rules *rules = mem_alloc(sizeof *rules);
    size_t complaints = diag->count;

    rules->server = server;
    rules->policy = policy;
    rules->acts = acts_new();
    derive_key(rules, key);
    sha256_hex(slice_of("", 0), rules->hash);
    if (server->rules)
        decision_load(rules, diag);
    if (diag->count == complaints)
        decision_check_identity(rules, diag);
    if (server->shadow)
        (void)!shadow_load(server, policy, key, diag, &rules->shadow);
    if (diag->count > complaints) {
        rules_free(rules);
        return ERR_INVALID;
    }
    *out = rules;
    return 0;
}

void rules_free(struct rules *rules)
{
    if (!rules)
        return;
    for (struct function *function = rules->functions; function;) {
        struct function *next = function->next;

        free(function);
        function = next;
    }
    script_free(rules->script);
    shadow_free(rules->shadow);
    mem_wipe(rules->key, sizeof rules->key);
    acts_free(rules->acts);
    free(rules);
}

void rules_listen(struct rules *rules, const struct function_listener *listener)
{
    for (struct function *function = rules->functions; function; function = function->next)
        function->listener = listener;
}

const struct conf_server *rules_server(const struct rules *rules)
{
    return rules->server;
}

static size_t own_files(const struct rules *rules)
{
    return rules->script ? script_source_count(rules->script) : 0;
}

size_t rules_file_count(const struct rules *rules)
{
    return own_files(rules) + (rules->shadow ? own_files(shadow_rules(rules->shadow)) : 0);
}

const char *rules_file(const struct rules *rules, size_t index)
{
    size_t own = own_files(rules);

    return index < own ? script_path(rules->script, index)
                       : script_path(shadow_rules(rules->shadow)->script, index - own);
}

const char *rules_hash(const struct rules *rules)
{
    return rules->hash;
}

const struct acts *rules_acts(const struct rules *rules)
{
    return rules->acts;
}

/* A rule that the person agreed to: for its purpose, and as wide as it is. */
static bool applies(const struct decision *decision, policy_purposes agreed, uint64_t allowed,
                    enum field field)
{
    return decision->form.kind != FIELD_FORM_NONE && (agreed >> decision->purpose & 1) &&
           (allowed >> field & 1);
}

static bool is_told(const struct rules *rules, const struct rules_subject *subject,
                    enum field field)
{
    return applies(&rules->forward[field], subject->purposes, subject->allowed.forward, field);
}

/* A stand-in for an address that is told has to be an address. */
static void put_address(const struct rules *rules, const struct form *form,
                        const struct field_value *value, struct buf *out)
{
    uint8_t key[SHA256_BYTES];

    form_epoch_key(form, rules->key, clock_wall_ms(), key);
    form_address(key, field_name(value->field), value->bytes, out);
    mem_wipe(key, sizeof key);
}

/* Appends what the rule makes of a value; returns false when it makes nothing of it. */
static bool put_form(const struct rules *rules, const struct decision *decision,
                     const struct field_value *value, bool told, struct buf *out)
{
    const struct form *form = &decision->form;

    if (form->kind == FIELD_FORM_DROP || (decision->when && !function_test(decision->when, value)))
        return false;
    if (decision->maker)
        return function_make(decision->maker, value, told, out);
    if (told && form->kind == FIELD_FORM_PSEUDONYM)
        put_address(rules, form, value, out);
    else
        form_put(form, rules->key, form->epoch_ms ? clock_wall_ms() : 0, value, out);
    return true;
}

static void put_neutral(const struct rules *rules, const struct rules_subject *subject,
                        const struct field_value *value, struct buf *out)
{
    const struct field_info *info = field_info(value->field);

    if (info->neutral)
        buf_append_str(out, info->neutral);
    else
        form_address(rules->key, "stand-in", slice_of(subject->player.bytes, UUID_BYTES), out);
}

/* An identity that is told under a purpose is told to no server of a player who did not agree. */
static bool is_hidden(const struct rules *rules, const struct rules_subject *subject,
                      enum field field)
{
    return decision_identity_form(rules, field)->kind == FIELD_FORM_PSEUDONYM ||
           !(subject->allowed.forward >> field & 1) ||
           (rules->forward[field].form.kind != FIELD_FORM_NONE && !is_told(rules, subject, field));
}

bool rules_pseudonymous(const struct rules *rules, const struct rules_subject *subject)
{
    return is_hidden(rules, subject, FIELD_PLAYER_UUID) ||
           is_hidden(rules, subject, FIELD_PLAYER_NAME);
}

/* UUID and name. */
static enum field_form forward_identity(const struct rules *rules,
                                        const struct rules_subject *subject,
                                        const struct field_value *value, struct buf *out)
{
    struct slice who = slice_of(subject->player.bytes, UUID_BYTES);
    uint8_t key[SHA256_BYTES];

    if (!rules_pseudonymous(rules, subject)) {
        buf_append_slice(out, value->bytes);
        return FIELD_FORM_FULL;
    }
    form_epoch_key(decision_identity_form(rules, FIELD_PLAYER_UUID), rules->key, clock_wall_ms(),
                   key);
    if (value->field == FIELD_PLAYER_UUID)
        form_uuid(key, who, out);
    else
        form_name(key, who, out);
    mem_wipe(key, sizeof key);
    return FIELD_FORM_PSEUDONYM;
}

/* The properties of a skin are signed for an account, and name it. */
static bool betrays_identity(const struct rules *rules, const struct rules_subject *subject,
                             enum field field)
{
    return field == FIELD_PLAYER_SKIN && rules_pseudonymous(rules, subject);
}

static enum field_form forward(const struct rules *rules, const struct rules_subject *subject,
                               const struct field_value *value, struct buf *out)
{
    const struct decision *decision = &rules->forward[value->field];

    if (field_is_identity(value->field))
        return forward_identity(rules, subject, value, out);
    if (field_info(value->field)->needed) {
        buf_append_slice(out, value->bytes);
        return FIELD_FORM_FULL;
    }
    if (is_told(rules, subject, value->field) && !betrays_identity(rules, subject, value->field) &&
        put_form(rules, decision, value, true, out))
        return decision->form.kind;
    put_neutral(rules, subject, value, out);
    return FIELD_FORM_NONE;
}

/* As for a player who accepted both: only the rules differ. */
static void compare_forward(const struct rules *rules, const struct rules_subject *subject,
                            const struct field_value *value)
{
    struct rules_subject anyone = *subject;
    struct buf real = {0};
    struct buf trial = {0};

    anyone.allowed = RULES_ALL;
    forward(rules, &anyone, value, &real);
    forward(shadow_rules(rules->shadow), &anyone, value, &trial);
    shadow_note(rules->shadow, RULES_FORWARD, value->field,
                slice_equal(buf_slice(&real), buf_slice(&trial)));
    buf_free(&real);
    buf_free(&trial);
}

enum field_form rules_forward(const struct rules *rules, const struct rules_subject *subject,
                              const struct field_value *value, struct buf *out)
{
    enum field_form form = forward(rules, subject, value, out);

    if (rules->shadow)
        compare_forward(rules, subject, value);
    return form;
}

bool rules_collects(const struct rules *rules, enum field field)
{
    return rules->collect[field].form.kind != FIELD_FORM_NONE ||
           (rules->shadow && rules_collects(shadow_rules(rules->shadow), field));
}

static bool record(const struct rules *rules, const struct rules_subject *subject,
                   const struct field_value *value, struct rules_record *out)
{
    const struct decision *decision = &rules->collect[value->field];

    *out = (struct rules_record){0};
    if (!applies(decision, subject->purposes, subject->allowed.collect, value->field) ||
        !put_form(rules, decision, value, false, &out->text))
        return false;
    out->purpose = rules->policy->purposes[decision->purpose].name;
    out->keep_ms = decision->keep_ms;
    out->counted = decision->form.counted;
    return true;
}

const char *rules_kept_form(const struct rules *rules, enum field field,
                            char out[static RULES_FORM_BYTES])
{
    _Static_assert((int)RULES_FORM_BYTES == (int)FORM_TEXT_BYTES, "a form's text fits");
    return form_text(&rules->collect[field].form, out);
}

static bool same_record(const struct rules_record *a, const struct rules_record *b)
{
    return a->keep_ms == b->keep_ms && a->counted == b->counted &&
           slice_equal(buf_slice(&a->text), buf_slice(&b->text)) &&
           (a->purpose == b->purpose ||
            (a->purpose && b->purpose && strcmp(a->purpose, b->purpose) == 0));
}

static void compare_record(const struct rules *rules, const struct rules_subject *subject,
                           const struct field_value *value)
{
    struct rules_subject anyone = *subject;
    struct rules_record real;
    struct rules_record trial;

    anyone.allowed = RULES_ALL;
    (void)record(rules, &anyone, value, &real);
    (void)record(shadow_rules(rules->shadow), &anyone, value, &trial);
    shadow_note(rules->shadow, RULES_COLLECT, value->field, same_record(&real, &trial));
    buf_free(&real.text);
    buf_free(&trial.text);
}

bool rules_record(const struct rules *rules, const struct rules_subject *subject,
                  const struct field_value *value, struct rules_record *out)
{
    if (rules->shadow)
        compare_record(rules, subject, value);
    return record(rules, subject, value, out);
}

bool rules_allow_name(const struct rules *rules, const struct acts *accepted, enum act act,
                      struct slice name)
{
    bool allowed = acts_allow_name(rules->acts, act, name);

    if (rules->shadow)
        shadow_note_act(rules->shadow, act, allowed,
                        acts_allow_name(shadow_rules(rules->shadow)->acts, act, name));
    return allowed && accepted && acts_allow_name(accepted, act, name);
}

bool rules_allow_host(const struct rules *rules, const struct acts *accepted, enum act act,
                      const char *host, int port)
{
    bool allowed = acts_allow_host(rules->acts, act, host, port);

    if (rules->shadow)
        shadow_note_act(rules->shadow, act, allowed,
                        acts_allow_host(shadow_rules(rules->shadow)->acts, act, host, port));
    return allowed && accepted && acts_allow_host(accepted, act, host, port);
}
