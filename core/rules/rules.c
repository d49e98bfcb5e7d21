#include "rules/rules.h"

#include "base/err.h"
#include "base/mem.h"
#include "rules/decision.h"
#include "rules/form.h"

#include <stdlib.h>

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
    mem_wipe(rules->key, sizeof rules->key);
    acts_free(rules->acts);
    free(rules);
}

const char *rules_hash(const struct rules *rules)
{
    return rules->hash;
}

const struct acts *rules_acts(const struct rules *rules)
{
    return rules->acts;
}

/* The value in a form other than DROP and COUNT. */
static void put_form(const struct rules *rules, const struct decision *decision,
                     const struct field_value *value, struct buf *out)
{
    if (decision->form == FIELD_FORM_TRUNCATE)
        form_truncate(value->bytes, decision->v4_bits, decision->v6_bits, out);
    else if (decision->form == FIELD_FORM_PSEUDONYM)
        form_pseudonym(rules->key, value, out);
    else
        buf_append_slice(out, value->bytes);
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
    const struct decision *decision = &rules->forward[field];

    return decision_identity_form(rules, field) == FIELD_FORM_PSEUDONYM ||
           (decision->form != FIELD_FORM_NONE && !decision_applies(decision, subject));
}

bool rules_pseudonymous(const struct rules *rules, const struct rules_subject *subject)
{
    return is_hidden(rules, subject, FIELD_PLAYER_UUID) ||
           is_hidden(rules, subject, FIELD_PLAYER_NAME);
}

/* UUID and name; false: the field is another one, and nothing was appended. */
static bool forward_identity(const struct rules *rules, const struct rules_subject *subject,
                             const struct field_value *value, struct buf *out)
{
    struct slice who = slice_of(subject->player.bytes, UUID_BYTES);

    if (value->field != FIELD_PLAYER_UUID && value->field != FIELD_PLAYER_NAME)
        return false;
    if (!rules_pseudonymous(rules, subject))
        buf_append_slice(out, value->bytes);
    else if (value->field == FIELD_PLAYER_UUID)
        form_uuid(rules->key, who, out);
    else
        form_name(rules->key, who, out);
    return true;
}

/* The properties of a skin are signed for an account, and name it. */
static bool betrays_identity(const struct rules *rules, const struct rules_subject *subject,
                             enum field field)
{
    return field == FIELD_PLAYER_SKIN && rules_pseudonymous(rules, subject);
}

void rules_forward(const struct rules *rules, const struct rules_subject *subject,
                   const struct field_value *value, struct buf *out)
{
    const struct decision *decision = &rules->forward[value->field];

    if (forward_identity(rules, subject, value, out))
        return;
    if (field_info(value->field)->needed)
        buf_append_slice(out, value->bytes);
    else if (!decision_applies(decision, subject) || decision->form == FIELD_FORM_DROP ||
             betrays_identity(rules, subject, value->field))
        put_neutral(rules, subject, value, out);
    else if (decision->form == FIELD_FORM_PSEUDONYM)
        form_address(rules->key, field_name(value->field), value->bytes, out);
    else
        put_form(rules, decision, value, out);
}

bool rules_record(const struct rules *rules, const struct rules_subject *subject,
                  const struct field_value *value, struct rules_record *out)
{
    const struct decision *decision = &rules->collect[value->field];

    *out = (struct rules_record){0};
    if (!decision_applies(decision, subject) || decision->form == FIELD_FORM_DROP)
        return false;
    out->purpose = rules->policy->purposes[decision->purpose].name;
    out->keep_ms = decision->keep_ms;
    out->counted = decision->form == FIELD_FORM_COUNT;
    put_form(rules, decision, value, &out->text);
    return true;
}
