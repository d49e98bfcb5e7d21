#include "rules/known_as.h"

#include "base/mem.h"

#include <stdlib.h>

/* Returns owned. */
static char *told(const struct rules *rules, const struct rules_subject *subject, enum field field,
                  const char *value)
{
    struct field_value typed = {.field = field, .bytes = slice_str(value)};
    struct buf out = {0};

    rules_forward(rules, subject, &typed, &out);
    return buf_take_text(&out);
}

size_t known_as(const struct conf *conf, const struct policy *policy, const struct ruleset *set,
                const struct consent_record *record, const char *scope, struct store_task **out)
{
    struct rules_subject subject = {.player = record->player,
                                    .purposes = policy_purposes_read(policy, record->purposes)};
    struct scope *accepted = scope_new(scope);
    char uuid[UUID_TEXT_BYTES];
    size_t count = 0;

    *out = mem_array(conf->server_count, sizeof **out);
    uuid_format(&record->player, uuid);
    for (size_t i = 0; i < conf->server_count; i++) {
        const struct rules *rules = set->rules[i];

        if (!conf_is_told_of_erasures(&conf->servers[i]))
            continue;
        subject.allowed = scope_allowance(accepted, rules);
        (*out)[count++] = (struct store_task){
            .server = conf->servers[i].name,
            .name = told(rules, &subject, FIELD_PLAYER_NAME, record->name),
            .uuid = told(rules, &subject, FIELD_PLAYER_UUID, uuid),
            .pseudonym = rules_pseudonymous(rules, &subject),
        };
    }
    scope_free(accepted);
    return count;
}

static void free_text(const char *text)
{
    char *owned = (char *)(uintptr_t)text;

    mem_wipe(owned, strlen(owned));
    free(owned);
}

void known_as_free(struct store_task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free_text(tasks[i].name);
        free_text(tasks[i].uuid);
    }
    free(tasks);
}
