#include "cli/plugin_test_words.h"

#include "base/mem.h"
#include "cli/plugin_stage.h"
#include "cli/test_player.h"
#include "identity/offline.h"
#include "identity/permissions.h"
#include "identity/profile.h"
#include "plugin/options.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_MAX = 366 * 24 * 3600 };

static const char *option(lua_State *lua, const char *key, const char *otherwise)
{
    const char *text;

    if (lua_getfield(lua, 1, key) == LUA_TNIL)
        return otherwise;
    text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    if (!text)
        luaL_error(lua, "%s has to be a text", key);
    return text; /* it stays on the stack */
}

static void check_keys(lua_State *lua)
{
    static const char *const known[] = {"name",    "locale",      "server",   "host",
                                        "address", "permissions", "purposes", "newcomer"};
    static const struct options_keys keys = {
        .word = "join",
        .names = known,
        .count = sizeof known / sizeof known[0],
    };

    luaL_checktype(lua, 1, LUA_TTABLE);
    options_check_keys(lua, 1, &keys);
}

/* The list at `key`, one text after the other on the top for `each`. */
static void each_text(lua_State *lua, const char *key, void (*each)(lua_State *lua, void *owner),
                      void *owner)
{
    int list;

    if (lua_getfield(lua, 1, key) == LUA_TNIL)
        return;
    list = lua_gettop(lua);
    if (!lua_istable(lua, list))
        luaL_error(lua, "join: %s is a list of texts", key);
    for (lua_Integer i = 1; lua_geti(lua, list, i) != LUA_TNIL; i++) {
        if (lua_type(lua, -1) != LUA_TSTRING)
            luaL_error(lua, "join: %s is a list of texts", key);
        each(lua, owner);
        lua_settop(lua, list);
    }
    lua_settop(lua, list);
}

static void take_purpose(lua_State *lua, void *owner)
{
    const struct policy *policy = plugin_stage_of(lua)->policy;
    const char *name = lua_tostring(lua, -1);
    const struct policy_purpose *purpose = policy_purpose_find(policy, name);
    policy_purposes *purposes = owner;

    if (!purpose)
        luaL_error(lua, "the policy has no purpose \"%s\"", name);
    else
        *purposes |= (policy_purposes)1 << (purpose - policy->purposes);
}

/* The list so far lies below the list of texts: at the index that is owned. */
static void take_permission(lua_State *lua, void *owner)
{
    const int *place = owner;
    const char *name = lua_tostring(lua, -1);

    for (const char *at = name; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-.*", *at))
            luaL_error(lua, "\"%s\" is no permission; write it as \"hub.use\"", name);
    lua_pushfstring(lua, "%s\"%s\", ", lua_tostring(lua, *place), name);
    lua_replace(lua, *place);
}

static void check_guest(lua_State *lua, const struct plugin_stage *stage,
                        const struct plugin_guest *guest)
{
    struct sockaddr_storage address;

    if (!guest->name || !identity_name_valid(slice_str(guest->name)))
        luaL_error(lua, "join: name has to be a player's: 3 to 16 letters, digits and _");
    if (guest->server && !conf_server_find(stage->conf, guest->server))
        luaL_error(lua, "join: there is no server \"%s\" in the configuration", guest->server);
    if (address_parse(slice_str(guest->address), 0, &address) < 0)
        luaL_error(lua, "join: \"%s\" is no address", guest->address);
}

/* join { name = "Alice", locale = "ja_jp", server = "lobby", permissions = { "hub.use" } } */
static int word_join(lua_State *lua)
{
    const struct options options = {.lua = lua, .index = 1, .word = "join"};
    struct plugin_guest guest = {0};
    struct plugin_world *world;
    int permissions;

    check_keys(lua);
    lua_settop(lua, 1);
    lua_pushliteral(lua, "");
    permissions = lua_gettop(lua);
    each_text(lua, "permissions", take_permission, &permissions);
    each_text(lua, "purposes", take_purpose, &guest.purposes);
    guest.permissions = lua_tostring(lua, permissions);
    guest.name = option(lua, "name", NULL);
    guest.locale = option(lua, "locale", "en_us");
    guest.server = option(lua, "server", NULL);
    guest.host = option(lua, "host", NULL);
    guest.address = option(lua, "address", "192.0.2.1");
    guest.newcomer = options_flag(&options, "newcomer", false);
    check_guest(lua, plugin_stage_of(lua), &guest);
    world = plugin_stage_world(lua);
    test_player_push(lua, world, plugin_world_join(world, &guest));
    return 1;
}

/* The key, unless the answer says nothing there. */
static void set_text(lua_State *lua, const char *key, const char *text)
{
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, key);
}

/* The names under the numbers of players, as lines. */
static char *read_hover(const json_t *sample)
{
    struct buf lines = {0};
    const json_t *one;
    char *hover;
    size_t i;

    json_array_foreach(sample, i, one)
    {
        buf_append_str(&lines, i > 0 ? "\n" : "");
        buf_append_str(&lines, json_string_value(json_object_get(one, "name")));
    }
    hover = mem_strndup(lines.data ? (const char *)lines.data : "", lines.len);
    buf_free(&lines);
    return hover;
}

static void push_answer(lua_State *lua, const json_t *answer)
{
    const json_t *players = json_object_get(answer, "players");
    char *description = pretend_plain(json_object_get(answer, "description"));
    char *hover = read_hover(json_object_get(players, "sample"));

    lua_newtable(lua);
    set_text(lua, "description", description);
    set_text(lua, "hover", hover);
    set_text(lua, "version",
             json_string_value(json_object_get(json_object_get(answer, "version"), "name")));
    set_text(lua, "favicon", json_string_value(json_object_get(answer, "favicon")));
    lua_pushinteger(lua, json_integer_value(json_object_get(players, "online")));
    lua_setfield(lua, -2, "online");
    lua_pushinteger(lua, json_integer_value(json_object_get(players, "max")));
    lua_setfield(lua, -2, "max");
    free(description);
    free(hover);
}

/* ping { host = "event.example.net" }: what the server list shows; nil: there came no answer. */
static int word_ping(lua_State *lua)
{
    static const char *const known[] = {"host", "address"};
    const struct options options = {.lua = lua, .index = 1, .word = "ping"};
    const struct pretend_client *client;
    struct sockaddr_storage parsed;
    const char *address;
    const char *host;

    options_check_last(&options, known, API_COUNT(known));
    host = option(lua, "host", "play.test");
    address = option(lua, "address", "192.0.2.1");
    if (address_parse(slice_str(address), 0, &parsed) < 0)
        luaL_error(lua, "ping: \"%s\" is no address", address);
    client = plugin_world_ping(plugin_stage_world(lua), host, address);
    if (client->answer)
        push_answer(lua, client->answer);
    else
        lua_pushnil(lua);
    return 1;
}

static int word_advance(lua_State *lua)
{
    lua_Number seconds = luaL_checknumber(lua, 1);

    luaL_argcheck(lua, isfinite(seconds) && seconds >= 0 && seconds <= SECONDS_MAX, 1,
                  "a number of seconds is meant, a year at most");
    plugin_world_advance(plugin_stage_world(lua), (uint64_t)(seconds * 1000));
    return 0;
}

/* Without the time in front: "info plugin=greeter hello". */
static int word_log_lines(lua_State *lua)
{
    struct plugin_world *world = plugin_stage_world(lua);
    lua_Integer count = 0;
    char *log;
    char *rest;
    const char *line;

    plugin_world_settle(world);
    log = plugin_world_log(world);
    lua_newtable(lua);
    for (line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const char *space = strchr(line, ' ');

        lua_pushstring(lua, space ? space + 1 : line);
        lua_rawseti(lua, -2, ++count);
    }
    free(log);
    return 1;
}

static const struct api_word words[] = {
    {"join",
     "(who: { name: string, locale?: string, server?: string, host?: string, address?: string, "
     "permissions?: string[], purposes?: string[], newcomer?: boolean }): test_player",
     "A player who accepted the policy joins. `locale` is \"en_us\" and `address` \"192.0.2.1\" "
     "where "
     "nothing is said; `host` is what they typed; nobody has other `permissions`; `purposes` are "
     "the "
     "optional ones that they chose. A `newcomer` accepted nothing yet, and stands at the gate: "
     "`who:command(\"/accept\")` goes on.",
     word_join},
    {"ping",
     "(who?: { host?: string, address?: string }): { description: string, version: string, online: "
     "integer, max: integer, hover: string, favicon?: string }|nil",
     "Somebody looks at the server list, having typed this host: what they are shown; nil where no "
     "answer came.",
     word_ping},
    {"advance", "(seconds: number)",
     "Puts the plugins' clock forward: what is due meanwhile happens in its order, and nobody "
     "waits.",
     word_advance},
    {"http_answers",
     "(answers: { [string]: string|{ status?: integer, body?: string, json?: any } })",
     "What comes back of requests, by their address, from here on: `http_answers { "
     "[\"https://api.example.net/join\"] = { status = 204 } }`. An address that ends with `*` is "
     "of "
     "all that begin so; a text is why there is no answer. Nothing leaves in a test.",
     answers_word},
    {"http_asked", "(): { method: string, url: string, headers: table, body: string, json: any }[]",
     "What the plugins asked so far; `json` is the body, where it is such.", answers_word_asked},
    {"log_lines", "(): string[]", "What was logged so far, without the times.", word_log_lines},
    {"with_servers", "(names: string[])",
     "Outside of tests: these servers, without rules, in place of the configuration's.",
     plugin_stage_word_servers},
    {"with_settings", "(text: string)",
     "Outside of tests: what config/plugins/NAME.lua says of the plugin under test: "
     "`with_settings [[return { every = 5 }]]`.",
     plugin_stage_word_settings},
    {"with_plugin", "(name: string)",
     "Outside of tests: loads this plugin of the same folder first.", plugin_stage_word_with},
};

const struct api_group api_plugin_tests = {
    "Tests of plugins", API_WORDS,
    "What `NAME_test.lua` beside a plugin can call; docs/plugins-testing.md has examples.", words,
    API_COUNT(words)};
