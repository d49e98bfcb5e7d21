#include "session/usage.h"

#include "base/clock.h"
#include "base/mem.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000, WORDS = RULES_FORWARD + 1 };

/* The day on which a use was noted last; 0: it was not since the rules were loaded. */
struct days {
    int64_t of[WORDS][FIELDS];
};

struct usage {
    struct store *store;
    size_t server_count;
    struct days *servers;
};

struct usage *usage_new(size_t server_count)
{
    struct usage *usage = mem_alloc(sizeof *usage);

    usage->server_count = server_count;
    usage->servers = mem_array(server_count, sizeof *usage->servers);
    return usage;
}

void usage_free(struct usage *usage)
{
    if (usage)
        free(usage->servers);
    free(usage);
}

static json_t *rule_json(const struct rules *rules, enum rules_word word, enum field field)
{
    return json_pack("[sss]", rules_server(rules)->name, rules_word_name(word), field_name(field));
}

static void list_rules(const struct rules *rules, json_t *list)
{
    for (enum rules_word word = RULES_COLLECT; word <= RULES_FORWARD; word++)
        for (int field = FIELD_NONE + 1; field < FIELDS; field++)
            if (rules_place(rules, word, (enum field)field))
                json_array_append_new(list, rule_json(rules, word, (enum field)field));
}

void usage_begin(struct usage *usage, const struct ruleset *set, struct store *store)
{
    json_t *list = json_array();
    char *text;

    usage->store = store;
    for (size_t i = 0; i < set->count; i++)
        list_rules(set->rules[i], list);
    for (size_t i = 0; i < usage->server_count; i++)
        usage->servers[i] = (struct days){0};
    text = json_dumps(list, JSON_COMPACT);
    store_rules_loaded(store, text);
    free(text);
    json_decref(list);
}

void usage_note(struct usage *usage, const struct rules *rules, size_t server, enum rules_word word,
                enum field field)
{
    int64_t *noted = &usage->servers[server].of[word][field];
    int64_t today = clock_wall_ms() / DAY_MS;
    json_t *rule;
    char *text;

    if (*noted == today || !rules_place(rules, word, field))
        return;
    *noted = today;
    rule = rule_json(rules, word, field);
    text = json_dumps(rule, JSON_COMPACT);
    store_rule_used(usage->store, text);
    free(text);
    json_decref(rule);
}
