#include "rules/shadow.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

struct shadow {
    struct conf_server server; /* as the real one, with the other file */
    struct rules *rules;
    uint64_t differences[RULES_FORWARD + 1][FIELDS];
    uint64_t acts[ACTS][2]; /* refused, allowed */
};

int shadow_load(const struct conf_server *server, const struct policy *policy,
                const uint8_t key[static RULES_KEY_BYTES], struct diag *diag, struct shadow **out)
{
    struct shadow *shadow = mem_alloc(sizeof *shadow);
    int err;

    shadow->server = *server;
    shadow->server.rules = server->shadow;
    shadow->server.shadow = NULL;
    err = rules_load(&shadow->server, policy, key, diag, &shadow->rules);
    if (err < 0)
        shadow_free(shadow);
    else
        *out = shadow;
    return err;
}

void shadow_free(struct shadow *shadow)
{
    if (shadow)
        rules_free(shadow->rules);
    free(shadow);
}

const struct rules *shadow_rules(const struct shadow *shadow)
{
    return shadow->rules;
}

void shadow_note(struct shadow *shadow, enum rules_word word, enum field field, bool same)
{
    if (!same && shadow->differences[word][field]++ == 0)
        log_info("shadow: server=%s %s of %s would differ; sekisho shadow counts how often",
                 shadow->server.name, rules_word_name(word), field_name(field));
}

uint64_t shadow_differences(const struct shadow *shadow, enum rules_word word, enum field field)
{
    return shadow->differences[word][field];
}

void shadow_note_act(struct shadow *shadow, enum act act, bool now, bool then)
{
    if (now != then && shadow->acts[act][then]++ == 0)
        log_info("shadow: server=%s %s would be %s; sekisho shadow counts how often",
                 shadow->server.name, act_word(act), then ? "allowed" : "refused");
}

uint64_t shadow_act_differences(const struct shadow *shadow, enum act act, bool allowed)
{
    return shadow->acts[act][allowed];
}
