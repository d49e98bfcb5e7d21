/*
 * A rule file's words, each a C function that fills the decision tables. A mistake becomes an entry
 * and reading goes on, so that all mistakes are told at once; only what Lua itself cannot survive
 * ends the reading.
 */
#include "rules/decision.h"

#include "base/clock.h"
#include "base/err.h"
#include "script/script.h"

#include <lauxlib.h>

enum word { WORD_COLLECT = 1, WORD_FORWARD };

static const char *word_name(enum word word)
{
    return word == WORD_COLLECT ? "collect" : "forward";
}

/* What a form word is in Lua: opaque, and made only here. */
struct form_word {
    enum field_form form;
    uint8_t v4_bits, v6_bits;
};

struct loader {
    struct rules *rules;
    struct diag *diag;
    const char *file;
    enum word pending; /* a word that has its field, and waits for its table */
    int pending_line;
};

/* The rule whose table is being read. */
struct rule {
    struct loader *loader;
    enum word word;
    enum field field;
    struct decision decision;
    bool has_keep, has_purpose;
};

static struct loader *loader_of(lua_State *lua)
{
    return lua_touserdata(lua, lua_upvalueindex(1));
}

#define complain(loader, line, ...) diag_add((loader)->diag, (loader)->file, (line), __VA_ARGS__)

static void end_pending(struct loader *loader)
{
    if (loader->pending)
        complain(loader, loader->pending_line,
                 "%s lacks its options; write { purpose = \"...\" } behind the field",
                 word_name(loader->pending));
    loader->pending = 0;
}

static void push_form(lua_State *lua, struct form_word word)
{
    struct form_word *value = lua_newuserdatauv(lua, sizeof *value, 0);

    *value = word;
}

static int word_truncate(lua_State *lua)
{
    lua_Integer v4 = luaL_checkinteger(lua, 1);
    lua_Integer v6 = luaL_checkinteger(lua, 2);

    luaL_argcheck(lua, v4 >= 0 && v4 <= 32, 1, "bits of an IPv4 address are 0 to 32");
    luaL_argcheck(lua, v6 >= 0 && v6 <= 128, 2, "bits of an IPv6 address are 0 to 128");
    push_form(lua, (struct form_word){FIELD_FORM_TRUNCATE, (uint8_t)v4, (uint8_t)v6});
    return 1;
}

static void set_purpose(struct rule *rule, lua_State *lua, int line)
{
    const struct policy *policy = rule->loader->rules->policy;
    const char *names[POLICY_PURPOSES_MAX];
    const struct policy_purpose *purpose;
    const char *name = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    const char *nearest;

    rule->has_purpose = true;
    if (!name) {
        complain(rule->loader, line, "purpose has to be a name in quotes");
        return;
    }
    purpose = policy_purpose_find(policy, name);
    if (purpose) {
        rule->decision.purpose = (uint8_t)(purpose - policy->purposes);
        return;
    }
    for (size_t i = 0; i < policy->purpose_count; i++)
        names[i] = policy->purposes[i].name;
    nearest = diag_nearest(name, names, policy->purpose_count);
    complain(rule->loader, line,
             "the policy has no purpose \"%s\"; use \"%s\", or name the purpose in policy.lua",
             name, nearest ? nearest : names[0]);
}

static void set_keep(struct rule *rule, lua_State *lua, int line)
{
    const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;

    rule->has_keep = true;
    if (!text || clock_parse_duration(text, &rule->decision.keep_ms) < 0)
        complain(rule->loader, line, "keep has to be a time as \"7d\" or \"12h\"");
}

static void set_form(struct rule *rule, lua_State *lua, int line)
{
    const struct field_info *info = field_info(rule->field);
    unsigned fitting = rule->word == WORD_COLLECT ? info->kept_as : info->told_as;
    const struct form_word *form = lua_touserdata(lua, -1);
    char known[128] = "";

    if (!form) {
        complain(rule->loader, line,
                 "form has to be one of full, drop, count, truncate(24, 48), pseudonym, without "
                 "quotes");
        return;
    }
    if (fitting >> form->form & 1) {
        rule->decision.form = form->form;
        rule->decision.v4_bits = form->v4_bits;
        rule->decision.v6_bits = form->v6_bits;
        return;
    }
    for (int other = FIELD_FORM_NONE + 1; other < FIELD_FORMS; other++)
        if (fitting >> other & 1)
            snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                     known[0] ? ", " : "", field_form_name((enum field_form)other));
    complain(rule->loader, line, "%s %s cannot have the form %s; it can be: %s",
             word_name(rule->word), info->name, field_form_name(form->form), known);
}

static void read_option(struct rule *rule, lua_State *lua, int line)
{
    static const char *const options[] = {"purpose", "form", "keep"};
    size_t count = rule->word == WORD_COLLECT ? 3 : 2;
    const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
    const char *nearest;

    if (!name)
        complain(rule->loader, line, "an option has no name; write NAME = VALUE");
    else if (strcmp(name, "purpose") == 0)
        set_purpose(rule, lua, line);
    else if (strcmp(name, "form") == 0)
        set_form(rule, lua, line);
    else if (strcmp(name, "keep") == 0 && rule->word == WORD_COLLECT)
        set_keep(rule, lua, line);
    else {
        nearest = diag_nearest(name, options, count);
        complain(rule->loader, line, "%s has no option \"%s\"; did you mean \"%s\"?",
                 word_name(rule->word), name, nearest ? nearest : options[0]);
    }
}

/* What was not written, and what the policy bounds. */
static void finish_rule(struct rule *rule, int line)
{
    struct loader *loader = rule->loader;
    struct rules *rules = loader->rules;
    const struct policy *policy = rules->policy;
    const struct policy_purpose *purpose = &policy->purposes[rule->decision.purpose];
    char most[CLOCK_TEXT_BYTES];

    if (rule->word == WORD_COLLECT && !rule->has_purpose)
        complain(loader, line, "collect needs a purpose; add purpose = \"%s\"", purpose->name);
    if (rule->word == WORD_FORWARD && !rule->has_purpose && rules->server->third_party)
        complain(loader, line,
                 "server %s is a third party: forward needs a purpose; add purpose = \"%s\"",
                 rules->server->name, purpose->name);
    if (!rule->has_keep)
        rule->decision.keep_ms = purpose->keep_ms;
    if (rule->decision.keep_ms > purpose->keep_ms) {
        clock_format_duration(purpose->keep_ms, most);
        complain(loader, line, "keep is longer than the policy's for \"%s\"; write at most \"%s\"",
                 purpose->name, most);
    }
}

static void put_rule(struct rule *rule)
{
    struct rules *rules = rule->loader->rules;
    struct decision *table = rule->word == WORD_COLLECT ? rules->collect : rules->forward;
    int line = rule->decision.line;

    if (table[rule->field].form != FIELD_FORM_NONE)
        complain(rule->loader, line, "%s \"%s\" stands already at line %d; take one of them out",
                 word_name(rule->word), field_name(rule->field), table[rule->field].line);
    else
        table[rule->field] = rule->decision;
}

/* The policy's first required purpose, which a forward rule may leave unsaid. */
static uint8_t default_purpose(const struct policy *policy)
{
    for (size_t i = 0; i < policy->purpose_count; i++)
        if (!policy->purposes[i].optional)
            return (uint8_t)i;
    return 0;
}

/* collect "field" { ... }: the call with the table. Upvalues: loader, word, field. */
static int on_options(lua_State *lua)
{
    struct loader *loader = loader_of(lua);
    struct rule rule = {.loader = loader,
                        .word = (enum word)lua_tointeger(lua, lua_upvalueindex(2)),
                        .field = (enum field)lua_tointeger(lua, lua_upvalueindex(3))};
    int line = script_line(lua);

    loader->pending = 0;
    if (!lua_istable(lua, 1)) {
        complain(loader, line, "%s lacks its options; write { purpose = \"...\" } behind the field",
                 word_name(rule.word));
        return 0;
    }
    if (rule.field == FIELD_NONE)
        return 0; /* was told already */
    rule.decision = (struct decision){
        .form = FIELD_FORM_FULL, .line = line, .purpose = default_purpose(loader->rules->policy)};
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
        read_option(&rule, lua, line);
    finish_rule(&rule, line);
    put_rule(&rule);
    return 0;
}

/* collect "field": answers the function that takes the table. Upvalues: loader, word. */
static int on_word(lua_State *lua)
{
    struct loader *loader = loader_of(lua);
    enum word word = (enum word)lua_tointeger(lua, lua_upvalueindex(2));
    const char *name = lua_type(lua, 1) == LUA_TSTRING ? lua_tostring(lua, 1) : NULL;
    enum field field = name ? field_by_name(name) : FIELD_NONE;
    const char *nearest;
    int line = script_line(lua);

    end_pending(loader);
    loader->pending = word;
    loader->pending_line = line;
    if (!name) {
        complain(loader, line, "%s needs the name of a field: %s \"connection.ip\" { ... }",
                 word_name(word), word_name(word));
    } else if (field == FIELD_NONE) {
        nearest = field_nearest(name);
        complain(loader, line, "there is no field \"%s\"%s%s%s", name,
                 nearest ? "; did you mean \"" : "; docs/rules.md lists them",
                 nearest ? nearest : "", nearest ? "\"?" : "");
    }
    lua_pushlightuserdata(lua, loader);
    lua_pushinteger(lua, word);
    lua_pushinteger(lua, field);
    lua_pushcclosure(lua, on_options, 3);
    return 1;
}

static void offer_words(lua_State *lua, struct loader *loader)
{
    for (int word = WORD_COLLECT; word <= WORD_FORWARD; word++) {
        lua_pushlightuserdata(lua, loader);
        lua_pushinteger(lua, word);
        lua_pushcclosure(lua, on_word, 2);
        lua_setglobal(lua, word_name((enum word)word));
    }
    for (int form = FIELD_FORM_NONE + 1; form < FIELD_FORMS; form++) {
        if (form == FIELD_FORM_TRUNCATE)
            lua_pushcfunction(lua, word_truncate);
        else
            push_form(lua, (struct form_word){.form = (enum field_form)form});
        lua_setglobal(lua, field_form_name((enum field_form)form));
    }
}

void decision_load(struct rules *rules, struct diag *diag)
{
    struct loader loader = {.rules = rules, .diag = diag, .file = rules->server->rules};
    struct act_words acts = {.acts = rules->acts, .diag = diag, .file = loader.file};
    struct script *script;

    if (script_open(loader.file, diag, &script) < 0)
        return;
    sha256_hex(script_source(script), rules->hash);
    offer_words(script_lua(script), &loader);
    act_words_offer(&acts, script_lua(script));
    if (script_run(script, 0, diag) == 0) {
        end_pending(&loader);
        act_words_end(&acts);
    }
    script_free(script);
}
