/*
 * The words that every plugin has: its manifest, events, time, the log, and of Lua's own libraries
 * what neither reaches outside nor runs without a bound.
 */
#include "base/log.h"
#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/command_words.h"
#include "plugin/dispatch.h"
#include "plugin/file_words.h"
#include "plugin/host.h"
#include "plugin/manifest.h"
#include "plugin/messages.h"
#include "plugin/options.h"
#include "plugin/person.h"
#include "plugin/player.h"
#include "plugin/task.h"
#include "plugin/text.h"
#include "plugin/timer.h"
#include "plugin/value.h"
#include "policy/policies.h"
#include "script/pattern.h"
#include "script/text_words.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { HANDLERS_MAX = 1000, PRIORITY_MAX = 1000 * 1000, LINES_PER_SECOND_MAX = 200 };

/* Whoever reads the file has it go on, when everything that it depends on is there. */
static int word_plugin(lua_State *lua)
{
    if (!lua_isyieldable(lua))
        return luaL_error(lua, "plugin { ... } stands in the plugin's first file, outside of any "
                               "function");
    manifest_read(lua);
    return lua_yield(lua, 0);
}

/* It ends when what runs of it now has ended. */
static int word_unload(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);

    if (!plugin->active)
        return luaL_error(lua, "a plugin cannot unload itself while it is read; raise an error");
    plugin->leaving = true;
    return 0;
}

static enum event_kind check_kind(lua_State *lua, const char *name)
{
    enum event_kind kind = event_by_name(name);
    const char *nearest = event_nearest(name);

    if (kind != EVENT_NONE)
        return kind;
    if (nearest)
        luaL_error(lua, "there is no event \"%s\"; did you mean \"%s\"?", name, nearest);
    luaL_error(lua, "there is no event \"%s\"; docs/plugins-reference.md lists them", name);
    return EVENT_NONE;
}

static int word_on(lua_State *lua)
{
    enum event_kind kind = check_kind(lua, luaL_checkstring(lua, 1));
    bool has_options = lua_istable(lua, 2);
    struct plugin *plugin = plugin_of(lua);
    struct handler *handler;
    double priority = 0;
    bool stops = false;
    int function;

    if (has_options) {
        static const char *const keys[] = {"priority", "stops"};
        const struct options options = {.lua = lua, .index = 2, .word = "on"};

        options_check(&options, keys, sizeof keys / sizeof keys[0]);
        priority = options_number(&options, "priority", 0, -PRIORITY_MAX, PRIORITY_MAX);
        stops = options_flag(&options, "stops", false);
        if (stops && kind != EVENT_CHAT && kind != EVENT_COMMAND)
            return luaL_error(lua, "on: stops is for player.chat and player.command");
    }
    luaL_checktype(lua, has_options ? 3 : 2, LUA_TFUNCTION);
    if (!lua_isnone(lua, has_options ? 4 : 3))
        return luaL_error(lua,
                          "on: options stand in front of the function: on(\"%s\", { ... }, "
                          "function ...)",
                          lua_tostring(lua, 1));
    if (plugin->handler_count == HANDLERS_MAX)
        return luaL_error(lua,
                          "this plugin has %d handlers already; is `on` in a loop, or in a "
                          "handler?",
                          HANDLERS_MAX);
    lua_pushvalue(lua, has_options ? 3 : 2);
    function = luaL_ref(lua, LUA_REGISTRYINDEX);
    handler = mem_alloc(sizeof *handler);
    handler->kind = kind;
    handler->priority = (int)priority;
    handler->stops = stops;
    handler->function = function;
    plugin->handler_count++;
    plugin_register(plugin, &handler->registration, dispatch_add, dispatch_remove);
    return 0;
}

static int word_players(lua_State *lua)
{
    const struct worker *worker = plugin_worker(lua);
    lua_Integer count = 0;

    if (!plugin_of(lua)->active)
        return luaL_error(lua, "there are no players while the plugin is read; look for them in "
                               "on(\"proxy.start\", ...)");
    lua_newtable(lua);
    for (const struct session *each = worker->first; each; each = each->next) {
        if (!each->logged_in || !each->counted)
            continue;
        player_push(lua, each->id);
        lua_rawseti(lua, -2, ++count);
    }
    return 1;
}

static int word_servers(lua_State *lua)
{
    const struct conf *conf = plugin_worker(lua)->conf;

    lua_newtable(lua);
    for (size_t i = 0; i < conf->server_count; i++) {
        lua_pushstring(lua, conf->servers[i].name);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int word_purpose(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1);
    const struct policy_set *set = policies_of_purpose(plugin_worker(lua)->policies, name);
    const struct policy_purpose *purpose = set ? policy_purpose_find(set->current, name) : NULL;

    if (!purpose) {
        lua_pushnil(lua);
        return 1;
    }
    lua_newtable(lua);
    lua_pushinteger(lua, purpose->keep_ms / 1000);
    lua_setfield(lua, -2, "keep");
    lua_pushboolean(lua, purpose->optional);
    lua_setfield(lua, -2, "optional");
    return 1;
}

static int word_hash(lua_State *lua)
{
    struct uuid uuid;

    if (!plugin_of(lua)->active)
        return luaL_error(lua, "hash: not while the plugin is read");
    value_check_declared(lua, FIELD_PLAYER_UUID);
    plugin_check_look_up(lua);
    if (uuid_parse(luaL_checkstring(lua, 1), &uuid) < 0)
        lua_pushnil(lua);
    else
        player_push_hash(lua, &uuid);
    return 1;
}

static const struct api_word words[] = {
    {"plugin", "(manifest: manifest)",
     "Says what the plugin is, what it reads and whom it talks to. The first thing in its file.",
     word_plugin},
    {"settings", "(defaults: table, checks?: table): table",
     "What `config/plugins/NAME.lua` sets of these, and the rest as it is here. Other keys and "
     "other types are errors. A list, and a table of texts, is replaced whole; `{}` may be any "
     "table of texts, numbers and booleans. `checks` says what the file's have to be beside that, "
     "by "
     "their keys: `\"server\"`, `\"purpose\"` (of the policy), `{ min = 1, max = 9 }`, or a "
     "function "
     "that gets the value and returns what is wrong with it, behind the key: \"has to be even\".",
     word_settings},
    {"include", "(name: string): any",
     "What the file NAME.lua in the plugin's own folder returns, or true; it is read once. While "
     "the plugin "
     "is read, and of plugins that have a folder.",
     word_include},
    {"unload", "()", "The plugin ends itself, when what runs of it now has ended.", word_unload},
    {"on", "(event: event_name, options?: handler_options, handler: function)",
     "Calls the function whenever this happens, with the player where it is about one, and with "
     "the event. `{ priority = 10 }`: higher ones are called first. `{ stops = true }`, of "
     "player.chat and player.command: Sekisho keeps the players' chat keys from servers, from each "
     "player's "
     "next server on, so that what they signed can be denied; servers then need "
     "enforce-secure-profile=false.",
     word_on},
    {"text",
     "(parts: { [integer]: text, color?: string, bold?: boolean, italic?: boolean, underlined?: "
     "boolean, strikethrough?: boolean, obfuscated?: boolean, open_url?: string, run_command?: "
     "string, suggest?: string, copy?: string, hover?: text }): styled",
     "A text with colours and clicks: `text { \"Hello, \", player.name, color = \"gold\" }`. A "
     "color is one of the sixteen or `#rrggbb`, which versions before 1.16 show as the nearest of "
     "them. A click opens an address, runs a command (not /privacy, /accept or /decline), writes "
     "one where the player types, or copies; `hover` shows while the mouse is on it.",
     text_word},
    {"translated", "(texts: { [string]: text }): translated",
     "A text that everybody reads in their own language: `translated { en = \"Hello\", ja = "
     "\"こんにちは\" }`. Who has none of them reads the English one.",
     text_word_translated},
    {"command", "(name: string, options?: command_options, handler: command_handler)",
     "A command that players type as /name. The handler gets the player and a table of what was "
     "typed, by the arguments' names; it may wait, and what it returns is told to the player. "
     "Options: `description`; `permission`: who may (docs/permissions.md), else everybody; "
     "`aliases`: other names; `arguments`: a list of `{ \"NAME\", \"KIND\" }`, with `optional = "
     "true` for the last ones. Kinds: `word` (`complete = function(player, beginning, before)` "
     "returns a list of words and may wait; `before` has what stands in front, by name), `integer` "
     "(`min`, `max`), `player` (a player object), `person` (the same, or what was typed, of who is "
     "not here: for the word `person`), `server`, `choice` (`choices`, a list of up to 100), "
     "`greedy` (all the rest of the line). A plugin has 1000 commands at most, and none of those "
     "for private messages: /msg, /tell, /r.",
     word_command},
    {"players", "(): player[]", "Everybody who accepted and is connected.", word_players},
    {"servers", "(): string[]", "The names of the servers.", word_servers},
    {"purpose", "(name: string): { keep: integer, optional: boolean }|nil",
     "What the policy says of a purpose: for how many seconds at most something is kept for it, "
     "and "
     "whether players choose it; nil where it has none of this name.",
     word_purpose},
    {"person", "(name_or_uuid: string): person|nil, string|nil",
     "Somebody who accepted the policy, whether they are connected or not; or nil and why not. "
     "The manifest has to read player.name, or player.uuid. Waits.",
     person_look_up},
    {"hash", "(uuid: string): string|nil",
     "What `player:hash()` is of whoever has this UUID, whether they were here or not; nil where "
     "it "
     "is none. The manifest has to read player.uuid.",
     word_hash},
    {"sleep", "(seconds: number)", "Waits; everything else goes on.", timer_sleep},
    {"after", "(seconds: number, call: function): timer", "Calls the function once, later.",
     timer_after},
    {"every", "(seconds: number, call: function): timer",
     "Calls the function again and again; not while the last call still waits.", timer_every},
    {"at", "(time: string, call: function): timer",
     "Calls the function each day at a time of this machine's clock: `at(\"04:30\", ...)`.",
     timer_at},
    {"now", "(): integer", "Seconds since 1970.", timer_now},
    {"date", "(format?: string, time?: integer): string",
     "A time, or now, by this machine's clock: \"2026-01-31 04:30:00\", or as the format says: "
     "`date(\"%H:%M\")`, with the letters of C's strftime.",
     timer_date},
    {"publish", "(topic: string, value: any)",
     "Tells other plugins: nil, a boolean, a number, a text or a table of such is copied to "
     "whoever listens to the topic, which begins with this plugin's name: `publish(\"stats."
     "changed\", { total = 3 })`. 64 KiB at most, and 100 messages a second.",
     message_publish},
    {"on_message", "(topic: string, call: function)",
     "Calls the function with each value that is published under the topic, and the name of the "
     "plugin that did; not, while 64 calls for it wait. A plugin listens 100 times at most.",
     message_listen},
};

const struct api_group api_base = {"Words", API_WORDS, "What every plugin can call.", words,
                                   API_COUNT(words)};

const struct api_group api_texts = {
    "Texts", API_WORDS,
    "Words for looking at plain texts, a player's values not among them. Of Lua's own `string` "
    "there "
    "are byte, char, format, len, lower, rep, reverse, sub and upper; what searches by patterns is "
    "`pattern`.",
    text_words, TEXT_WORDS};
const struct api_group api_pattern = {"pattern", API_CLASS,
                                      "A regular expression, made by `pattern \"...\"`.",
                                      pattern_words, PATTERN_WORDS};

/* A text as it may stand in the log: values show as their names. */
static int write_log(lua_State *lua, enum log_level level)
{
    const char *text = luaL_tolstring(lua, 1, NULL);
    struct plugin *plugin = plugin_of(lua);

    if (plugin_rate_take(plugin, &plugin->lines, LINES_PER_SECOND_MAX))
        plugin_log(plugin, (int)level, text);
    else if (plugin->lines.count == LINES_PER_SECOND_MAX + 1)
        log_warn("plugin=%s logs more than %d lines within a second; the others are left out",
                 plugin->name ? plugin->name : plugin->path, LINES_PER_SECOND_MAX);
    return 0;
}

static int log_word_info(lua_State *lua)
{
    return write_log(lua, LOG_INFO);
}

static int log_word_warn(lua_State *lua)
{
    return write_log(lua, LOG_WARN);
}

static int log_word_error(lua_State *lua)
{
    return write_log(lua, LOG_ERROR);
}

static const struct api_word log_words[] = {
    {"info", "(text: any)", "A line in Sekisho's log.", log_word_info},
    {"warn", "(text: any)", "The same, as a warning.", log_word_warn},
    {"error", "(text: any)", "The same, as an error.", log_word_error},
};

const struct api_group api_log = {
    "log", API_TABLE,
    "Lines in Sekisho's log. A player's data shows as its field's name there: \"<player.name>\". "
    "200 lines a second at most.",
    log_words, API_COUNT(log_words)};
