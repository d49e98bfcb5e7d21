#include "rules/acts.h"

#include "base/mem.h"
#include "net/host.h"

#include <stdlib.h>

enum {
    CHANNEL_ACTS = 1 << ACT_TO_SERVER | 1 << ACT_TO_CLIENT,
    COOKIE_ACTS = 1 << ACT_STORE_COOKIE | 1 << ACT_REQUEST_COOKIE,
    REVEAL_ACTS = 1 << ACT_REVEAL,
};

static const char *const channels[] = {
#define CHANNEL(pattern, why) pattern,
#include "rules/channels.def"
#undef CHANNEL
};

enum { CHANNELS = sizeof channels / sizeof channels[0] };

struct acts {
    struct act_rule *rules; /* with patterns of their own */
    size_t count;
};

const char *act_name(enum act act)
{
    static const char *const names[ACTS] = {
        [ACT_NONE] = "nothing",
        [ACT_TO_SERVER] = "message to the server",
        [ACT_TO_CLIENT] = "message to the client",
        [ACT_STORE_COOKIE] = "cookie to be stored",
        [ACT_REQUEST_COOKIE] = "cookie requested",
        [ACT_TRANSFER] = "transfer",
        [ACT_RESOURCE_PACK] = "resource pack",
        [ACT_REVEAL] = "value revealed",
    };

    return names[act];
}

const char *act_word(enum act act)
{
    static const char *const words[ACTS] = {
        [ACT_NONE] = "nothing",
        [ACT_TO_SERVER] = "channel.to_server",
        [ACT_TO_CLIENT] = "channel.to_client",
        [ACT_STORE_COOKIE] = "cookie.store",
        [ACT_REQUEST_COOKIE] = "cookie.request",
        [ACT_TRANSFER] = "transfer",
        [ACT_RESOURCE_PACK] = "resource_pack",
        [ACT_REVEAL] = "reveal",
    };

    return words[act];
}

enum act act_by_word(const char *word)
{
    for (int act = ACT_NONE + 1; act < ACTS; act++)
        if (strcmp(act_word((enum act)act), word) == 0)
            return (enum act)act;
    return ACT_NONE;
}

bool act_is_named(enum act act)
{
    return 1U << act & (CHANNEL_ACTS | COOKIE_ACTS | REVEAL_ACTS);
}

char *act_reveal_name(enum field field, const char *plugin, const char *purpose)
{
    return mem_format("%s:%s:%s", field_name(field), plugin, purpose);
}

static void append(struct acts *acts, const struct act_rule *rule)
{
    acts->rules = mem_resize(acts->rules, (acts->count + 1) * sizeof *acts->rules);
    acts->rules[acts->count] = *rule;
    acts->rules[acts->count++].pattern = mem_strdup(rule->pattern);
}

struct acts *acts_new(void)
{
    struct acts *acts = mem_alloc(sizeof *acts);

    for (size_t i = 0; i < CHANNELS; i++)
        append(acts, &(struct act_rule){
                         .acts = CHANNEL_ACTS, .allowed = CHANNEL_ACTS, .pattern = channels[i]});
    return acts;
}

static void free_pattern(const char *pattern)
{
    union {
        const char *pattern;
        void *memory;
    } owned = {.pattern = pattern};

    free(owned.memory);
}

void acts_free(struct acts *acts)
{
    if (!acts)
        return;
    for (size_t i = 0; i < acts->count; i++)
        free_pattern(acts->rules[i].pattern);
    free(acts->rules);
    free(acts);
}

const struct act_rule *acts_add(struct acts *acts, const struct act_rule *rule)
{
    for (size_t i = 0; i < acts->count; i++) {
        struct act_rule *known = &acts->rules[i];

        if (known->acts != rule->acts || known->port != rule->port ||
            strcmp(known->pattern, rule->pattern) != 0)
            continue;
        if (known->place.line > 0)
            return known;
        known->allowed = rule->allowed;
        known->place = rule->place;
        return NULL;
    }
    append(acts, rule);
    return NULL;
}

/* How well a pattern fits a name: 0 not at all, else more for the more exact one. */
static size_t name_fit(const char *pattern, struct slice name)
{
    size_t len = strlen(pattern);
    bool prefix = len > 0 && pattern[len - 1] == '*';

    if (!prefix)
        return slice_is(name, pattern) ? SIZE_MAX : 0;
    if (name.len < len - 1 || memcmp(name.data, pattern, len - 1) != 0)
        return 0;
    return len;
}

const struct act_rule *acts_rule(const struct acts *acts, size_t index)
{
    return index < acts->count ? &acts->rules[index] : NULL;
}

bool acts_is_games_channel(struct slice name)
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (name_fit(channels[i], name) > 0)
            return true;
    return false;
}

/* Of two that fit as well the later one: those of every server come first. */
const struct act_rule *acts_find_name(const struct acts *acts, enum act act, struct slice name)
{
    const struct act_rule *found = NULL;
    size_t best = 1;

    for (size_t i = 0; i < acts->count; i++) {
        const struct act_rule *rule = &acts->rules[i];
        size_t fit = rule->acts >> act & 1 ? name_fit(rule->pattern, name) : 0;

        if (fit < best)
            continue;
        best = fit;
        found = rule;
    }
    return found;
}

const struct act_rule *acts_find_host(const struct acts *acts, enum act act, const char *host,
                                      int port)
{
    for (size_t i = 0; i < acts->count; i++) {
        const struct act_rule *rule = &acts->rules[i];

        if ((rule->allowed >> act & 1) && (rule->port == 0 || rule->port == port) &&
            host_fit(rule->pattern, host) > 0)
            return rule;
    }
    return NULL;
}

bool acts_allow_name(const struct acts *acts, enum act act, struct slice name)
{
    const struct act_rule *rule = acts_find_name(acts, act, name);

    return rule && (rule->allowed >> act & 1);
}

bool acts_allow_host(const struct acts *acts, enum act act, const char *host, int port)
{
    return acts_find_host(acts, act, host, port);
}

/* Whether there can be a name that fits both. */
static bool patterns_meet(const char *one, const char *two)
{
    size_t one_len = strcspn(one, "*");
    size_t two_len = strcspn(two, "*");

    if (one[one_len] && two[two_len])
        return strncmp(one, two, one_len < two_len ? one_len : two_len) == 0;
    if (one[one_len])
        return strncmp(one, two, one_len) == 0;
    if (two[two_len])
        return strncmp(one, two, two_len) == 0;
    return strcmp(one, two) == 0;
}

/* What one keeps in the client for the other to read. */
static bool hands_over(const struct act_rule *one, const struct act_rule *two)
{
    return (one->allowed >> ACT_STORE_COOKIE & 1) && (two->allowed >> ACT_REQUEST_COOKIE & 1);
}

const struct act_rule *acts_share_cookie(const struct acts *mine, const struct acts *other)
{
    for (size_t i = 0; i < mine->count; i++) {
        const struct act_rule *one = &mine->rules[i];

        for (size_t j = 0; j < other->count; j++) {
            const struct act_rule *two = &other->rules[j];

            if ((hands_over(one, two) || hands_over(two, one)) &&
                patterns_meet(one->pattern, two->pattern))
                return one;
        }
    }
    return NULL;
}

/* In no rule: the label, or the rest of a name, that stands for all that a star does. */
static const char anything[] = "\x01";

enum { ANY_PORT = -1 };

bool acts_cover(const struct acts *acts, enum act act, const struct act_rule *rule)
{
    size_t len = strlen(rule->pattern);
    bool allowed;
    char *name;

    if (act_is_named(act))
        name = rule->pattern[len - 1] == '*'
                   ? mem_format("%.*s%s", (int)len - 1, rule->pattern, anything)
                   : mem_strdup(rule->pattern);
    else
        name = rule->pattern[0] == '*' ? mem_format("%s%s", anything, rule->pattern + 1)
                                       : mem_strdup(rule->pattern);
    allowed = act_is_named(act)
                  ? acts_allow_name(acts, act, slice_str(name))
                  : acts_allow_host(acts, act, name, rule->port > 0 ? rule->port : ANY_PORT);
    free(name);
    return allowed;
}

static bool has_rule(const struct acts *acts, const struct act_rule *rule)
{
    for (size_t i = 0; i < acts->count; i++)
        if (acts->rules[i].acts == rule->acts && acts->rules[i].port == rule->port &&
            strcmp(acts->rules[i].pattern, rule->pattern) == 0)
            return true;
    return false;
}

void acts_compare(const struct acts *before, const struct acts *after,
                  void (*found)(void *owner, enum act act, const struct act_rule *rule, bool more),
                  void *owner)
{
    const struct acts *sides[] = {after, before};

    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < sides[side]->count; i++) {
            const struct act_rule *rule = &sides[side]->rules[i];

            if (side > 0 && has_rule(after, rule))
                continue; /* was looked at */
            for (int act = ACT_NONE + 1; act < ACTS; act++) {
                bool now = rule->acts >> act & 1 && acts_cover(after, (enum act)act, rule);
                bool then = rule->acts >> act & 1 && acts_cover(before, (enum act)act, rule);

                if (now != then)
                    found(owner, (enum act)act, rule, now);
            }
        }
    }
}

static void print_name(const struct act_rule *rule, FILE *out)
{
    static const char *const words[ACTS] = {
        [ACT_TO_SERVER] = "to the server",
        [ACT_TO_CLIENT] = "to the client",
        [ACT_STORE_COOKIE] = "stored",
        [ACT_REQUEST_COOKIE] = "requested",
        [ACT_REVEAL] = "in plain to that plugin, for that purpose",
    };
    const char *comma = "";

    fprintf(out, "  %-22s %s: ",
            rule->acts == COOKIE_ACTS   ? "cookie"
            : rule->acts == REVEAL_ACTS ? "reveal"
                                        : "channel",
            rule->pattern);
    for (int act = ACT_NONE + 1; act < ACTS; act++) {
        if (!(rule->allowed >> act & 1))
            continue;
        fprintf(out, "%s%s", comma, words[act]);
        comma = ", ";
    }
    fprintf(out, "%s\n", rule->allowed ? "" : "refused");
}

static void print_host(const struct act_rule *rule, FILE *out)
{
    fprintf(out, "  %-22s %s", rule->acts == 1 << ACT_TRANSFER ? "transfer" : "resource pack",
            rule->pattern);
    if (rule->port > 0)
        fprintf(out, ", port %d", rule->port);
    fprintf(out, "\n");
}

void acts_print(const struct acts *acts, FILE *out)
{
    fprintf(out, "  %-22s %s\n", "MAY DO TO A CLIENT", "WHERE");
    for (size_t i = 0; i < acts->count; i++) {
        const struct act_rule *rule = &acts->rules[i];

        if (rule->place.line == 0)
            continue; /* the same on every server */
        if (rule->acts & (CHANNEL_ACTS | COOKIE_ACTS | REVEAL_ACTS))
            print_name(rule, out);
        else
            print_host(rule, out);
    }
    fprintf(out, "  %-22s %s\n", "anything else",
            "nothing; channels of the game and of loaders pass");
}
