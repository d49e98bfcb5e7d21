/*
 * What a plugin keeps: `store` for what is nobody's, and the words of players and persons for what
 * is theirs. All of them wait for the store.
 */
#include "base/clock.h"
#include "base/err.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/json.h"
#include "plugin/options.h"
#include "plugin/person.h"
#include "plugin/store_answers.h"
#include "plugin/task.h"
#include "plugin/value.h"
#include "policy/policies.h"
#include "store/plugin_data.h"

#include <lauxlib.h>
#include <string.h>

enum { LIST_USUAL = 100, LISTS_MAX = 128 /* of one plugin at once: each may be 1 MiB long */ };

static const int64_t SECONDS_MAX = INT64_C(1000) * 365 * 24 * 3600;

/* Somebody who is away, or may be. */
struct person {
    struct uuid uuid;
};

const struct uuid *person_check(lua_State *lua, int index)
{
    const struct player *player = api_test(lua, index, &api_player);
    const struct person *person = player ? NULL : api_test(lua, index, &api_person);

    if (!player && !person)
        luaL_typeerror(lua, index, "player or person");
    return player ? &player->uuid : &person->uuid;
}

static const char *check_key(lua_State *lua, int index)
{
    size_t len;
    const char *key = luaL_checklstring(lua, index, &len);

    luaL_argcheck(lua, strlen(key) == len && slice_is_utf8(slice_of(key, len)), index,
                  "a key is a text of UTF-8 without zeros");
    luaL_argcheck(lua, len > 0 && len <= STORE_PLUGIN_KEY_BYTES_MAX, index,
                  "a key has 1 to 1024 bytes");
    return key;
}

/* None is all. */
static const char *check_prefix(lua_State *lua, int index)
{
    bool is_empty = lua_isnoneornil(lua, index) ||
                    (lua_type(lua, index) == LUA_TSTRING && lua_rawlen(lua, index) == 0);

    return is_empty ? "" : check_key(lua, index);
}

/* Of the words of nobody's and of somebody's: the key is their first argument. */
static struct store_plugin_row begin_row(lua_State *lua, const struct uuid *player, int key)
{
    return (struct store_plugin_row){.plugin = plugin_of(lua)->name,
                                     .player = player,
                                     .key = check_key(lua, key),
                                     .field = "",
                                     .written_at_ms = clock_wall_ms()};
}

/* NULL where it is not there. Borrowed from the table. */
static const char *option(const struct options *options, const char *key)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);
    const char *text = type == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;

    if (type != LUA_TNIL && !text)
        api_fail(lua, "%s: %s has to be a text", options->word, key);
    lua_pop(lua, 1);
    return text;
}

/* "30d", or seconds. False: it is not there. */
static bool option_duration(const struct options *options, const char *key, int64_t *ms)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);

    *ms = 0;
    if (type == LUA_TSTRING && clock_parse_duration(lua_tostring(lua, -1), ms) < 0)
        *ms = 0;
    else if (lua_isinteger(lua, -1) && lua_tointeger(lua, -1) > 0 &&
             lua_tointeger(lua, -1) <= SECONDS_MAX)
        *ms = lua_tointeger(lua, -1) * 1000;
    if (type != LUA_TNIL && *ms <= 0)
        api_fail(
            lua,
            "%s = \"%s\" is no time; write it as \"30d\", \"12h\" or \"90s\", or as whole seconds",
            key, luaL_tolstring(lua, -1, NULL));
    lua_pop(lua, 1);
    return type != LUA_TNIL;
}

/* { expires = "30d" } */
static void read_expiry(lua_State *lua, int index, struct store_plugin_row *row)
{
    static const char *const known[] = {"expires"};
    struct options options = {lua, index, "store"};
    int64_t ms;

    options_check_last(&options, known, API_COUNT(known));
    if (option_duration(&options, "expires", &ms))
        row->expires_at_ms = row->written_at_ms + ms;
}

/* { purpose = "service", keep = "30d" } */
static void read_purpose(lua_State *lua, int index, struct store_plugin_row *row)
{
    static const char *const known[] = {"purpose", "keep"};
    struct options options = {lua, index, "put"};
    const struct policy_purpose *purpose;
    const struct policy_set *set;
    int64_t keep_ms;

    options_check_last(&options, known, API_COUNT(known));
    row->purpose = option(&options, "purpose");
    if (!row->purpose)
        api_fail(lua, "for which purpose of the policy it is kept has to be said: "
                      "{ purpose = \"...\" }");
    set = policies_of_purpose(plugin_worker(lua)->policies, row->purpose);
    if (!set)
        api_fail(lua, "the policy has no purpose \"%s\"", row->purpose);
    purpose = policy_purpose_find(set->current, row->purpose);
    if (!option_duration(&options, "keep", &keep_ms))
        keep_ms = purpose->keep_ms;
    if (keep_ms > purpose->keep_ms) {
        lua_getfield(lua, index, "keep");
        api_fail(lua, "keep = \"%s\" is longer than the policy keeps for \"%s\"",
                 luaL_tolstring(lua, -1, NULL), row->purpose);
    }
    row->policy = set->current->id;
    row->expires_at_ms = row->written_at_ms + keep_ms;
}

/* A value of the player's own, in the form in which the plugin has it. Its name is pushed. */
static void read_opaque(lua_State *lua, const struct value *value, struct store_plugin_row *row)
{
    const char *purpose = plugin_purpose(plugin_of(lua), value->field);

    if (!row->player || !row->purpose || !uuid_equal(row->player, &value->owner))
        api_fail(lua, "a player's %s can be kept of that player alone: player:put(...)",
                 field_name(value->field));
    if (value->form == FIELD_FORM_NONE)
        api_fail(lua, "%s cannot be kept: no rule gave it", field_name(value->field));
    if (!purpose || strcmp(purpose, row->purpose) != 0)
        api_fail(lua, "%s is read for the purpose \"%s\", and cannot be kept for \"%s\"",
                 field_name(value->field), purpose ? purpose : "", row->purpose);
    row->value = slice_of(value->bytes, value->len);
    row->field =
        lua_pushfstring(lua, "%s %s", field_name(value->field), field_form_name(value->form));
}

static void read_value(lua_State *lua, int index, struct store_plugin_row *row)
{
    const struct value *value = value_at(lua, index);

    if (value)
        read_opaque(lua, value, row);
    else
        row->value = json_push_text(lua, index, NULL, NULL);
    if (row->value.len > STORE_PLUGIN_VALUE_BYTES_MAX)
        api_fail(lua, "a value that is kept has 64 KiB at most");
}

static int ask_get(lua_State *lua, const struct uuid *player, int key)
{
    struct store_plugin_row row = begin_row(lua, player, key);
    const struct task *task = task_waits(lua);

    store_plugin_get(plugin_worker(lua)->store, task->id, &row, store_answer_found);
    return lua_yield(lua, 0);
}

static int ask_delete(lua_State *lua, const struct uuid *player, int key)
{
    struct store_plugin_row row = begin_row(lua, player, key);
    const struct task *task = task_waits(lua);

    store_plugin_delete(plugin_worker(lua)->store, task->id, &row, store_answer_deleted);
    return lua_yield(lua, 0);
}

/* nil deletes. */
static int ask_put(lua_State *lua, struct store_plugin_row *row, int value)
{
    const struct task *task;

    luaL_checkany(lua, value);
    if (lua_isnil(lua, value))
        return ask_delete(lua, row->player, value - 1);
    read_value(lua, value, row);
    task = task_waits(lua);
    store_plugin_put(plugin_worker(lua)->store, task->id, row, store_answer_done);
    return lua_yield(lua, 0);
}

static int ask_add(lua_State *lua, const struct store_plugin_row *row, int number)
{
    lua_Integer summand = luaL_checkinteger(lua, number);
    const struct task *task = task_waits(lua);

    store_plugin_add(plugin_worker(lua)->store, task->id, row, summand, store_answer_number);
    return lua_yield(lua, 0);
}

static int ask_list(lua_State *lua, const struct uuid *player, int prefix)
{
    static const char *const known[] = {"after", "limit"};
    struct store_plugin_row row = {.plugin = plugin_of(lua)->name, .player = player};
    struct options options = {lua, prefix + 1, "list"};
    struct plugin *plugin = plugin_of(lua);
    struct task *task;
    const char *after;
    double limit;

    row.key = check_prefix(lua, prefix);
    options_check_last(&options, known, API_COUNT(known));
    after = option(&options, "after");
    limit = options_number(&options, "limit", LIST_USUAL, 1, STORE_PLUGIN_PAGE_MAX);
    if (plugin->list_count == LISTS_MAX)
        api_fail(lua, "list: %d lists of this plugin are under way already", LISTS_MAX);
    lua_newtable(lua);
    task = task_waits(lua);
    task->cancel = store_answer_forget_list;
    task->waited = plugin;
    plugin->list_count++;
    store_plugin_list(plugin_worker(lua)->store, task->id, &row, after ? after : "", (int)limit,
                      store_answer_listed);
    return lua_yield(lua, 0);
}

static int store_word_get(lua_State *lua)
{
    return ask_get(lua, NULL, 1);
}

static int store_word_put(lua_State *lua)
{
    struct store_plugin_row row = begin_row(lua, NULL, 1);

    read_expiry(lua, 3, &row);
    return ask_put(lua, &row, 2);
}

static int store_word_delete(lua_State *lua)
{
    return ask_delete(lua, NULL, 1);
}

static int store_word_add(lua_State *lua)
{
    struct store_plugin_row row = begin_row(lua, NULL, 1);

    read_expiry(lua, 3, &row);
    return ask_add(lua, &row, 2);
}

static int store_word_list(lua_State *lua)
{
    return ask_list(lua, NULL, 1);
}

static int store_word_count(lua_State *lua)
{
    struct store_plugin_row row = {.plugin = plugin_of(lua)->name};
    const struct task *task;

    row.key = check_prefix(lua, 1);
    task = task_waits(lua);
    store_plugin_count(plugin_worker(lua)->store, task->id, &row, store_answer_number);
    return lua_yield(lua, 0);
}

int person_get(lua_State *lua)
{
    return ask_get(lua, person_check(lua, 1), 2);
}

int person_put(lua_State *lua)
{
    struct store_plugin_row row = begin_row(lua, person_check(lua, 1), 2);

    if (!lua_isnil(lua, 3))
        read_purpose(lua, 4, &row);
    return ask_put(lua, &row, 3);
}

int person_delete(lua_State *lua)
{
    return ask_delete(lua, person_check(lua, 1), 2);
}

int person_add(lua_State *lua)
{
    struct store_plugin_row row = begin_row(lua, person_check(lua, 1), 2);

    read_purpose(lua, 4, &row);
    return ask_add(lua, &row, 3);
}

int person_list(lua_State *lua)
{
    return ask_list(lua, person_check(lua, 1), 2);
}

/* What somebody is found by. */
static enum field field_of(const char *who)
{
    struct uuid uuid;

    return uuid_parse(who, &uuid) == 0 ? FIELD_PLAYER_UUID : FIELD_PLAYER_NAME;
}

static const char *why_nobody(int err)
{
    return err == ERR_NOT_FOUND ? "nobody of this name accepted the policy, or they were erased"
           : err == ERR_REFUSED ? "several players had this name; take the UUID"
                                : store_answer_why(err);
}

/* The person lies on the thread, above what they were looked up by. To find is to read. */
static void on_person_agreed(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct task *task = store_answer_task(owner, id);
    const char *purpose;

    if (!task)
        return;
    purpose = plugin_purpose(task->plugin, field_of(lua_tostring(task->thread, 1)));
    if (record && record->decision == CONSENT_ACCEPTED && consent_has_purpose(record, purpose))
        task_resume(task, 1);
    else /* the same as of whom nobody knows: that would tell that they were here */
        task_resume_without(task, why_nobody(record ? ERR_NOT_FOUND : err));
}

static void on_person(void *owner, uint64_t id, int err, const struct store_person *found)
{
    const struct worker *worker = owner;
    struct task *task = store_answer_task(owner, id);
    struct person *person;

    if (!task)
        return;
    if (!found) {
        task_resume_without(task, why_nobody(err));
        return;
    }
    person = lua_newuserdatauv(task->thread, sizeof *person, 0);
    person->uuid = found->player;
    api_become(task->thread, &api_person);
    store_consent_find(worker->store, id, &found->player, worker->policy->id, on_person_agreed);
}

/* Who finds somebody by a name can compare them with a player: that is to read the name. */
int person_look_up(lua_State *lua)
{
    const char *who = luaL_checkstring(lua, 1);
    const struct task *task;

    value_check_declared(lua, field_of(who));
    plugin_check_look_up(lua);
    task = task_waits(lua);
    store_person_find(plugin_worker(lua)->store, task->id, who, on_person);
    return lua_yield(lua, 0);
}

static const struct api_word store_words[] = {
    {"get", "(key: string): any, string|nil",
     "What the plugin keeps under the key; nil for nothing, or nil and why not. Waits.",
     store_word_get},
    {"put",
     "(key: string, value: any, options?: { expires?: string|integer }): boolean|nil, string|nil",
     "Keeps a value that is nobody's: nil, a boolean, a number, a text, or a table of such. Until "
     "it is deleted, or so long: { expires = \"30d\" }. true, or nil and why not. Waits.",
     store_word_put},
    {"delete", "(key: string): boolean|nil, string|nil",
     "Deletes what is kept under the key; false where there is nothing. Waits.", store_word_delete},
    {"add",
     "(key: string, number: integer, options?: { expires?: string|integer }): integer|nil, "
     "string|nil",
     "Adds to a whole number, which begins with 0, and says what it is then: nothing that others "
     "add at the same time is lost. Waits.",
     store_word_add},
    {"list",
     "(prefix?: string, options?: { after?: string, limit?: integer }): kept_row[]|nil, "
     "string|nil",
     "What is kept under keys that begin so, sorted by key; `after`: behind this key; 100, or up "
     "to `limit` of 1000, and 1 MiB of values. Waits.",
     store_word_list},
    {"count", "(prefix?: string): integer|nil, string|nil", "How many keys begin so. Waits.",
     store_word_count},
};

const struct api_group api_store = {
    "store", API_TABLE,
    "What the plugin keeps that is nobody's: it outlasts restarts, and no other plugin sees it. "
    "What is about a player is kept by player:put(...), so that it is shown to them and ends with "
    "their consent.",
    store_words, API_COUNT(store_words)};

static const struct api_word person_words[] = {PERSON_WORDS};

const struct api_group api_person = {
    "person", API_CLASS, "Somebody who accepted the policy, connected or not: person(\"NAME\").",
    person_words, API_COUNT(person_words)};
