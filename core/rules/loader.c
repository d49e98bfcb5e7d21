/*
 * A rule file's words, each a C function that fills the decision tables. A mistake becomes an entry
 * and reading goes on, so that all mistakes are told at once; only what Lua itself cannot survive
 * ends the reading.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "rules/decision.h"
#include "rules/form_word.h"
#include "rules/function.h"
#include "script/text_words.h"

#include <lauxlib.h>
#include <stdlib.h>

struct loader {
    struct rules *rules;
    struct diag *diag;
    enum rules_word pending; /* a word that has its field, and waits for its table */
    struct script_place pending_place;
};

/* The rule whose table is being read. */
struct rule {
    struct loader *loader;
    enum rules_word word;
    enum field field;
    struct decision decision;
    bool has_keep, has_purpose;
};

/* Lent only while the file is read: a function that runs later cannot change rules. */
static const char loader_key;

static struct loader *loader_of(lua_State *lua)
{
    return script_lent(lua, &loader_key, "this word has its place outside of functions");
}

#define complain(loader, place, ...)                                                               \
    diag_add((loader)->diag, (place)->file, (place)->line, __VA_ARGS__)

static void end_pending(struct loader *loader)
{
    if (loader->pending)
        complain(loader, &loader->pending_place,
                 "%s lacks its options; write { purpose = \"...\" } behind the field",
                 rules_word_name(loader->pending));
    loader->pending = 0;
}

static void set_purpose(struct rule *rule, lua_State *lua)
{
    const struct policy *policy = rule->loader->rules->policy;
    const struct script_place *place = &rule->decision.place;
    const struct policy_purpose *purpose;
    const char *name = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    const char *nearest;

    rule->has_purpose = true;
    if (!name) {
        complain(rule->loader, place, "purpose has to be a name in quotes");
        return;
    }
    purpose = policy_purpose_find(policy, name);
    if (purpose) {
        rule->decision.purpose = (uint8_t)(purpose - policy->purposes);
        return;
    }
    nearest = policy_purpose_nearest(policy, name);
    complain(rule->loader, place,
             "the policy has no purpose \"%s\"; use \"%s\", or name the purpose in policy.lua",
             name, nearest ? nearest : policy->purposes[0].name);
}

static void set_keep(struct rule *rule, lua_State *lua)
{
    const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;

    rule->has_keep = true;
    if (!text || clock_parse_duration(text, &rule->decision.keep_ms) < 0)
        complain(rule->loader, &rule->decision.place, "keep has to be a time as \"7d\" or \"12h\"");
}

/* Takes the function on the top into the rules' list. */
static struct function *take_function(struct rule *rule)
{
    struct rules *rules = rule->loader->rules;
    struct function *function =
        function_new(rules->script, rules->server->name, rule->decision.place);

    function->next = rules->functions;
    rules->functions = function;
    return function;
}

static void complain_of_form(struct rule *rule, unsigned fitting)
{
    char text[FORM_TEXT_BYTES];
    char known[FIELD_FORMS_TEXT_BYTES];

    complain(rule->loader, &rule->decision.place, "%s %s cannot have the form %s; it can be: %s",
             rules_word_name(rule->word), field_name(rule->field),
             form_text(&rule->decision.form, text), field_forms_text(fitting, known));
}

/* Of the form that was written, or of `full`, which is meant when there is none. */
static void check_form(struct rule *rule)
{
    const struct field_info *info = field_info(rule->field);
    unsigned fitting = rule->word == RULES_COLLECT ? info->kept_as : info->told_as;
    const struct form *form = &rule->decision.form;

    if (fitting == 0)
        complain(rule->loader, &rule->decision.place,
                 "no server is told %s by Sekisho; take this line out", info->name);
    else if (!(fitting >> form->kind & 1) || (form->counted && !(fitting >> FIELD_FORM_COUNT & 1)))
        complain_of_form(rule, fitting);
    else if (form->counted && form->kind == FIELD_FORM_FULL && info->class == FIELD_CONTENT)
        complain(rule->loader, &rule->decision.place,
                 "what a player wrote can hold anybody's data, so it is not tallied whole; write "
                 "count(flag)%s",
                 fitting >> FIELD_FORM_CATEGORY & 1 ? " or count(category)" : "");
}

static void set_form(struct rule *rule, lua_State *lua)
{
    const struct form *word = form_word_read(lua, -1);

    if (word) {
        rule->decision.form = *word;
    } else if (lua_isfunction(lua, -1) && !lua_iscfunction(lua, -1)) {
        rule->decision.form = (struct form){.kind = FIELD_FORM_FUNCTION};
        rule->decision.maker = take_function(rule);
    } else {
        complain(rule->loader, &rule->decision.place,
                 "form has to be one of full, drop, count, flag, bucket(10), truncate(24, 48), "
                 "pseudonym, category, without quotes, or a function");
        rule->decision.form = (struct form){.kind = FIELD_FORM_DROP};
    }
}

static void set_when(struct rule *rule, lua_State *lua)
{
    const struct field_info *info = field_info(rule->field);

    if (!lua_isfunction(lua, -1) || lua_iscfunction(lua, -1))
        complain(rule->loader, &rule->decision.place,
                 "when has to be a function, as function(ctx) return starts_with(ctx.value, \"a\") "
                 "end");
    else if (rule->word == RULES_FORWARD && info->needed)
        complain(rule->loader, &rule->decision.place,
                 "%s is needed by the game, so it cannot be told only at times; take \"when\" out",
                 info->name);
    else
        rule->decision.when = take_function(rule);
}

static void read_option(struct rule *rule, lua_State *lua)
{
    static const char *const options[] = {"purpose", "form", "when", "keep"};
    const struct script_place *place = &rule->decision.place;
    size_t count = rule->word == RULES_COLLECT ? 4 : 3;
    const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
    const char *nearest;

    if (!name)
        complain(rule->loader, place, "an option has no name; write NAME = VALUE");
    else if (strcmp(name, "purpose") == 0)
        set_purpose(rule, lua);
    else if (strcmp(name, "form") == 0)
        set_form(rule, lua);
    else if (strcmp(name, "when") == 0)
        set_when(rule, lua);
    else if (strcmp(name, "keep") == 0 && rule->word == RULES_COLLECT)
        set_keep(rule, lua);
    else {
        nearest = diag_nearest(name, options, count);
        complain(rule->loader, place, "%s has no option \"%s\"; did you mean \"%s\"?",
                 rules_word_name(rule->word), name, nearest ? nearest : options[0]);
    }
}

static bool may_be_unsaid(const struct policy_purpose *purpose)
{
    return !purpose->optional && strcmp(purpose->name, "inquiry") != 0;
}

/* What was not written, and what the policy bounds. */
static void finish_rule(struct rule *rule)
{
    struct loader *loader = rule->loader;
    struct rules *rules = loader->rules;
    const struct script_place *place = &rule->decision.place;
    const struct policy_purpose *purpose = &rules->policy->purposes[rule->decision.purpose];
    char most[CLOCK_TEXT_BYTES];

    if (rule->word == RULES_COLLECT && !rule->has_purpose)
        complain(loader, place, "collect needs a purpose; add purpose = \"%s\"", purpose->name);
    else if (field_is_inquiry(rule->field) && strcmp(purpose->name, "inquiry") != 0)
        complain(loader, place,
                 "%s is kept to answer inquiries and for nothing else; write purpose = \"inquiry\"",
                 field_name(rule->field));
    if (rule->word == RULES_FORWARD && !rule->has_purpose && rules->server->third_party)
        complain(loader, place,
                 "server %s is a third party: forward needs a purpose; add purpose = \"%s\"",
                 rules->server->name, purpose->name);
    else if (rule->word == RULES_FORWARD && !rule->has_purpose && !may_be_unsaid(purpose))
        complain(loader, place,
                 "the policy has no required purpose that forward could have; name one: purpose = "
                 "\"...\"");
    check_form(rule);
    if (!rule->has_keep)
        rule->decision.keep_ms = purpose->keep_ms;
    if (rule->decision.keep_ms > purpose->keep_ms) {
        clock_format_duration(purpose->keep_ms, most);
        complain(loader, place, "keep is longer than the policy's for \"%s\"; write at most \"%s\"",
                 purpose->name, most);
    }
}

/* Two rules for one field would leave open which of them counts, once one is taken out. */
static void put_rule(struct rule *rule)
{
    struct rules *rules = rule->loader->rules;
    struct decision *table = rule->word == RULES_COLLECT ? rules->collect : rules->forward;
    struct decision *old = &table[rule->field];

    if (old->form.kind == FIELD_FORM_NONE)
        *old = rule->decision;
    else
        complain(rule->loader, &rule->decision.place,
                 "%s \"%s\" stands already at %s:%d; take one of them out",
                 rules_word_name(rule->word), field_name(rule->field), old->place.file,
                 old->place.line);
}

/*
 * The policy's first required purpose, which a forward rule may leave unsaid; "inquiry" is none,
 * since nothing of it goes to servers. Without one, the first purpose, which a rule has to name.
 */
static uint8_t default_purpose(const struct policy *policy)
{
    for (size_t i = 0; i < policy->purpose_count; i++)
        if (may_be_unsaid(&policy->purposes[i]))
            return (uint8_t)i;
    return 0;
}

/* collect "field" { ... }: the call with the table. Upvalues: word, field. */
static int on_options(lua_State *lua)
{
    struct loader *loader = loader_of(lua);
    struct rule rule = {.loader = loader,
                        .word = (enum rules_word)lua_tointeger(lua, lua_upvalueindex(1)),
                        .field = (enum field)lua_tointeger(lua, lua_upvalueindex(2))};
    struct script_place place = script_place(lua);

    loader->pending = 0;
    if (!lua_istable(lua, 1)) {
        complain(loader, &place,
                 "%s lacks its options; write { purpose = \"...\" } behind the field",
                 rules_word_name(rule.word));
        return 0;
    }
    if (rule.field == FIELD_NONE)
        return 0; /* was told already */
    rule.decision = (struct decision){.form = {.kind = FIELD_FORM_FULL},
                                      .place = place,
                                      .purpose = default_purpose(loader->rules->policy)};
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
        read_option(&rule, lua);
    finish_rule(&rule);
    put_rule(&rule);
    return 0;
}

/* collect "field": answers the function that takes the table. Upvalue: word. */
static int on_word(lua_State *lua)
{
    struct loader *loader = loader_of(lua);
    enum rules_word word = (enum rules_word)lua_tointeger(lua, lua_upvalueindex(1));
    const char *name = lua_type(lua, 1) == LUA_TSTRING ? lua_tostring(lua, 1) : NULL;
    enum field field = name ? field_by_name(name) : FIELD_NONE;
    const char *nearest;
    struct script_place place = script_place(lua);

    end_pending(loader);
    loader->pending = word;
    loader->pending_place = place;
    if (!name) {
        complain(loader, &place, "%s needs the name of a field: %s \"connection.ip\" { ... }",
                 rules_word_name(word), rules_word_name(word));
    } else if (field == FIELD_NONE) {
        nearest = field_nearest(name);
        complain(loader, &place, "there is no field \"%s\"%s%s%s", name,
                 nearest ? "; did you mean \"" : "; docs/rules.md lists them",
                 nearest ? nearest : "", nearest ? "\"?" : "");
    }
    lua_pushinteger(lua, word);
    lua_pushinteger(lua, field);
    lua_pushcclosure(lua, on_options, 2);
    return 1;
}

/* include "common.lua": a file beside this one, or in a folder below. */
static int on_include(lua_State *lua)
{
    struct loader *loader = loader_of(lua);
    const char *name = luaL_checkstring(lua, 1);
    const char *main_file = loader->rules->server->rules;
    const char *slash = strrchr(main_file, '/');
    int folder = slash ? (int)(slash - main_file) + 1 : 0;

    end_pending(loader);
    if (name[0] == '/' || strstr(name, "..") || name[0] == 0)
        luaL_error(lua, "include takes the name of a file in the folder of %s", main_file);
    lua_pushlstring(lua, main_file, (size_t)folder);
    lua_pushstring(lua, name);
    lua_concat(lua, 2);
    script_include(lua, lua_tostring(lua, -1), 0);
    end_pending(loader);
    return 0;
}

static void offer_words(lua_State *lua)
{
    for (int word = RULES_COLLECT; word <= RULES_FORWARD; word++) {
        lua_pushinteger(lua, word);
        lua_pushcclosure(lua, on_word, 1);
        lua_setglobal(lua, rules_word_name((enum rules_word)word));
    }
    lua_pushcfunction(lua, on_include);
    lua_setglobal(lua, "include");
    form_words_offer(lua);
    text_words_offer(lua);
}

/* Of everything that was read, so that a change of an included file is a change. */
static void hash_sources(struct rules *rules)
{
    struct buf all = {0};

    for (size_t i = 0; i < script_source_count(rules->script); i++)
        buf_append_slice(&all, script_source(rules->script, i));
    sha256_hex(buf_slice(&all), rules->hash);
    buf_free(&all);
}

void decision_load(struct rules *rules, struct diag *diag)
{
    struct loader loader = {.rules = rules, .diag = diag};
    struct act_words acts = {.acts = rules->acts, .diag = diag, .policy = rules->policy};
    lua_State *lua;

    if (script_open(rules->server->rules, &script_limits_usual, diag, &rules->script) < 0)
        return;
    lua = script_lua(rules->script);
    offer_words(lua);
    act_words_offer(&acts, lua);
    functions_begin(rules->script);
    script_lend(lua, &loader_key, &loader);
    if (script_run(rules->script, 0, diag) == 0)
        end_pending(&loader);
    script_lend(lua, &loader_key, NULL);
    act_words_end(&acts, lua);
    functions_end(rules->script);
    hash_sources(rules);
}
