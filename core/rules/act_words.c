/*
 * The words of a rule file about what a server may do to a client: transfer and resource_pack take
 * hosts, cookie and channel a name and a table of what is allowed with it; reveal takes a field and
 * the plugin that reads it.
 */
#include "rules/acts.h"

#include "base/mem.h"
#include "net/host.h"
#include "script/script.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>

enum { NAME_CHARS_MAX = 256 };

struct option {
    const char *name;
    enum act act;
};

/* A word with a name and a table. */
struct name_word {
    const char *name;
    const char *example;
    struct option options[2];
    bool (*is_name)(const char *text, size_t len);
};

static bool is_channel(const char *text, size_t len);
static bool is_key(const char *text, size_t len);

static const struct name_word name_words[] = {
    {"channel",
     "channel \"voicechat:*\" { to_server = true, to_client = true }",
     {{"to_server", ACT_TO_SERVER}, {"to_client", ACT_TO_CLIENT}},
     is_channel},
    {"cookie",
     "cookie \"survival:home\" { store = true, request = true }",
     {{"store", ACT_STORE_COOKIE}, {"request", ACT_REQUEST_COOKIE}},
     is_key},
};

/* A word with a host, or a list of them. */
struct host_word {
    const char *name;
    const char *example;
    enum act act;
};

static const struct host_word host_words[] = {
    {"transfer", "transfer \"play.example.net\"", ACT_TRANSFER},
    {"resource_pack", "resource_pack \"cdn.example.net\"", ACT_RESOURCE_PACK},
};

enum { NAME_WORDS = 2, HOST_WORDS = 2 };

/* Lent only while the file is read, as the loader's. */
static const char words_key;

static struct act_words *words_of(lua_State *lua)
{
    return script_lent(lua, &words_key, "this word has its place outside of functions");
}

#define complain(words, place, ...)                                                                \
    diag_add((words)->diag, (place)->file, (place)->line, __VA_ARGS__)

/* The text at `index`, or NULL: no text, or one with a zero inside. */
static const char *text_at(lua_State *lua, int index, size_t *len)
{
    const char *text = lua_type(lua, index) == LUA_TSTRING ? lua_tolstring(lua, index, len) : NULL;

    return text && strlen(text) == *len ? text : NULL;
}

/* Up to 1.12 a channel's name is any text, so only what can be nothing but a slip is refused. */
static bool is_channel(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isgraph((unsigned char)text[i]) || (text[i] == '*' && i + 1 < len))
            return false;
    return len > 0 && len <= NAME_CHARS_MAX;
}

/* "namespace:path", as the game has it. */
static bool is_key(const char *text, size_t len)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    static const char path[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-/";
    size_t star = len > 0 && text[len - 1] == '*' ? 1 : 0;
    size_t before = strspn(text, name);
    size_t behind;

    if (star && before == len - 1)
        return true;
    if (before == 0 || text[before] != ':' || len > NAME_CHARS_MAX)
        return false;
    behind = strspn(text + before + 1, path);
    return behind + star > 0 && before + 1 + behind + star == len;
}

static void add(struct act_words *words, const char *word, const struct act_rule *rule)
{
    const struct act_rule *known = acts_add(words->acts, rule);

    if (known)
        complain(words, &rule->place, "%s \"%s\" stands already at %s:%d; take one of them out",
                 word, rule->pattern, known->place.file, known->place.line);
}

static void end_pending(struct act_words *words)
{
    if (words->pending)
        complain(words, &words->pending_place, "%s lacks its table behind the name; write %s",
                 words->pending, words->pending_example);
    words->pending = NULL;
}

static void begin_pending(struct act_words *words, lua_State *lua, const char *word,
                          const char *example)
{
    end_pending(words);
    words->pending = word;
    words->pending_example = example;
    words->pending_place = script_place(lua);
}

/* One NAME = true or false of the table. */
static void read_option(struct act_words *words, const struct name_word *word, lua_State *lua,
                        struct act_rule *rule)
{
    const char *names[2] = {word->options[0].name, word->options[1].name};
    const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
    const char *nearest;

    if (!name) {
        complain(words, &rule->place, "an option has no name; write %s = true", names[0]);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        if (!lua_isboolean(lua, -1))
            complain(words, &rule->place, "%s has to be true or false, without quotes", name);
        else if (lua_toboolean(lua, -1))
            rule->allowed |= 1U << word->options[i].act;
        return;
    }
    nearest = diag_nearest(name, names, 2);
    complain(words, &rule->place, "%s has no option \"%s\"; did you mean \"%s\"?", word->name, name,
             nearest ? nearest : names[0]);
}

/* channel "name" { ... }: the call with the table. Upvalues: word, name (nil: was told). */
static int on_table(lua_State *lua)
{
    struct act_words *words = words_of(lua);
    const struct name_word *word = &name_words[lua_tointeger(lua, lua_upvalueindex(1))];
    struct act_rule rule = {.acts = 1U << word->options[0].act | 1U << word->options[1].act,
                            .pattern = lua_tostring(lua, lua_upvalueindex(2)),
                            .place = script_place(lua)};
    size_t options = 0;

    words->pending = NULL;
    if (!lua_istable(lua, 1)) {
        complain(words, &rule.place, "%s lacks its table behind the name; write %s", word->name,
                 word->example);
        return 0;
    }
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
        read_option(words, word, lua, &rule);
        options++;
    }
    if (options == 0)
        complain(words, &rule.place, "%s allows nothing and forbids nothing; write %s", word->name,
                 word->example);
    if (rule.pattern)
        add(words, word->name, &rule);
    return 0;
}

/* channel "name": answers the function that takes the table. Upvalue: word. */
static int on_name(lua_State *lua)
{
    struct act_words *words = words_of(lua);
    lua_Integer index = lua_tointeger(lua, lua_upvalueindex(1));
    const struct name_word *word = &name_words[index];
    size_t len = 0;
    const char *name = text_at(lua, 1, &len);
    bool good = name && word->is_name(name, len);

    begin_pending(words, lua, word->name, word->example);
    if (!good)
        complain(words, &words->pending_place,
                 "%s needs the name of one; a star stands only at the end; write %s", word->name,
                 word->example);
    lua_pushinteger(lua, index);
    if (good)
        lua_pushvalue(lua, 1);
    else
        lua_pushnil(lua);
    lua_pushcclosure(lua, on_table, 2);
    return 1;
}

/* Text at a key of the table; NULL where there is none. Borrowed from the table. */
static const char *text_of(lua_State *lua, const char *key)
{
    const char *text;
    size_t len;

    lua_getfield(lua, 1, key);
    text = text_at(lua, -1, &len);
    lua_pop(lua, 1);
    return text;
}

static bool has_other_keys(lua_State *lua)
{
    bool found = false;

    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
        const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";

        found = found || (strcmp(key, "to") != 0 && strcmp(key, "purpose") != 0);
    }
    return found;
}

static bool is_plugin(const char *name)
{
    return name && name[0] && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")];
}

static const char reveal_example[] =
    "reveal \"chat.message\" { to = \"PLUGIN\", purpose = \"PURPOSE\" }";

/* reveal "field" { ... }: the call with the table. Upvalue: field (NONE: was told). */
static int on_reveal_table(lua_State *lua)
{
    struct act_words *words = words_of(lua);
    enum field field = (enum field)lua_tointeger(lua, lua_upvalueindex(1));
    struct act_rule rule = {
        .acts = 1U << ACT_REVEAL, .allowed = 1U << ACT_REVEAL, .place = script_place(lua)};
    const char *purpose = lua_istable(lua, 1) ? text_of(lua, "purpose") : NULL;
    const char *to = lua_istable(lua, 1) ? text_of(lua, "to") : NULL;
    const char *nearest;
    char *pattern;

    words->pending = NULL;
    if (!is_plugin(to) || !purpose || has_other_keys(lua)) {
        complain(words, &rule.place, "reveal needs one plugin and one purpose; write %s",
                 reveal_example);
    } else if (!policy_purpose_find(words->policy, purpose)) {
        nearest = policy_purpose_nearest(words->policy, purpose);
        complain(words, &rule.place,
                 "the policy has no purpose \"%s\"; use \"%s\", or name the purpose in policy.lua",
                 purpose, nearest ? nearest : words->policy->purposes[0].name);
    } else if (field != FIELD_NONE) {
        pattern = act_reveal_name(field, to, purpose);
        rule.pattern = pattern;
        add(words, "reveal", &rule);
        free(pattern);
    }
    return 0;
}

/* What no server is told is no plugin's, either. */
static enum field field_to_reveal(struct act_words *words, const char *name)
{
    enum field field = name ? field_by_name(name) : FIELD_NONE;
    const char *nearest = name ? field_nearest(name) : NULL;

    if (field == FIELD_NONE) {
        complain(words, &words->pending_place, "there is no field \"%s\"%s%s%s", name ? name : "",
                 nearest ? "; did you mean \"" : "; docs/rules.md lists them",
                 nearest ? nearest : "", nearest ? "\"?" : "");
        return FIELD_NONE;
    }
    if (field != FIELD_CHAT_PRIVATE && field_info(field)->told_as != 0)
        return field;
    complain(words, &words->pending_place, "%s is revealed to nobody; take this line out", name);
    return FIELD_NONE;
}

/* reveal "field": answers the function that takes the table. */
static int on_reveal(lua_State *lua)
{
    struct act_words *words = words_of(lua);
    size_t len = 0;
    const char *name = text_at(lua, 1, &len);

    begin_pending(words, lua, "reveal", reveal_example);
    lua_pushinteger(lua, field_to_reveal(words, name));
    lua_pushcclosure(lua, on_reveal_table, 1);
    return 1;
}

/* "host", "*.host", either with ":port". */
static void add_host(struct act_words *words, const struct host_word *word, lua_State *lua,
                     int index)
{
    size_t len = 0;
    const char *text = text_at(lua, index, &len);
    bool star = text && strncmp(text, "*.", 2) == 0;
    struct act_rule rule = {
        .acts = 1U << word->act, .allowed = 1U << word->act, .place = script_place(lua)};
    struct slice host;
    char *pattern;
    char *name;

    if (!text || !host_split(slice_str(star ? text + 2 : text), &host, &rule.port)) {
        complain(words, &rule.place, "%s needs a host name, as %s or \"*.example.net:25565\"",
                 word->name, word->example);
        return;
    }
    name = host_normal(host);
    pattern = mem_format("%s%s", star ? "*." : "", name);
    rule.pattern = pattern;
    add(words, word->name, &rule);
    free(pattern);
    free(name);
}

/* transfer "host", or transfer { "host", "host" }. Upvalue: word. */
static int on_hosts(lua_State *lua)
{
    struct act_words *words = words_of(lua);
    const struct host_word *word = &host_words[lua_tointeger(lua, lua_upvalueindex(1))];
    struct script_place place;

    if (!lua_istable(lua, 1)) {
        add_host(words, word, lua, 1);
        return 0;
    }
    place = script_place(lua);
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
        if (lua_isinteger(lua, -2))
            add_host(words, word, lua, -1);
        else
            complain(words, &place, "%s has no options; write %s", word->name, word->example);
    }
    return 0;
}

static void offer(lua_State *lua, lua_CFunction function, int index, const char *name)
{
    lua_pushinteger(lua, index);
    lua_pushcclosure(lua, function, 1);
    lua_setglobal(lua, name);
}

void act_words_offer(struct act_words *words, lua_State *lua)
{
    for (int i = 0; i < NAME_WORDS; i++)
        offer(lua, on_name, i, name_words[i].name);
    for (int i = 0; i < HOST_WORDS; i++)
        offer(lua, on_hosts, i, host_words[i].name);
    offer(lua, on_reveal, 0, "reveal");
    script_lend(lua, &words_key, words);
}

void act_words_end(struct act_words *words, lua_State *lua)
{
    script_lend(lua, &words_key, NULL);
    end_pending(words);
}
