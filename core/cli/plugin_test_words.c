#include "cli/plugin_test_words.h"

#include "base/mem.h"
#include "identity/offline.h"
#include "identity/permissions.h"
#include "identity/profile.h"
#include "plugin/options.h"
#include "script/script.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_MAX = 366 * 24 * 3600, LINE_CHARS_MAX = 256 };

static const char type_name[] = "joined player";

/* What Lua holds of a player. */
struct joined {
    struct pretend_client *client;
    struct plugin_world *world;
};

static const char *option(lua_State *lua, const char *key, const char *otherwise)
{
    const char *text;

    if (lua_getfield(lua, 1, key) == LUA_TNIL)
        return otherwise;
    text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    if (!text)
        luaL_error(lua, "join: %s has to be a text", key);
    return text; /* it stays on the stack */
}

static void check_keys(lua_State *lua)
{
    static const char *const known[] = {"name",    "locale",      "server",  "host",
                                        "address", "permissions", "purposes"};
    static const struct options_keys keys = {
        .word = "join",
        .names = known,
        .count = sizeof known / sizeof known[0],
        .otherwise = "; name, locale, server, host, address, permissions and purposes are known",
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
    struct plugin_guest guest = {0};
    struct plugin_world *world;
    struct joined *joined;
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
    check_guest(lua, plugin_stage_of(lua), &guest);
    world = plugin_stage_world(lua);
    joined = lua_newuserdatauv(lua, sizeof *joined, 0);
    luaL_setmetatable(lua, type_name);
    *joined = (struct joined){.world = world, .client = plugin_world_join(world, &guest)};
    return 1;
}

/* A test that ended took its players along. */
static struct joined *check_joined(lua_State *lua)
{
    struct joined *joined = luaL_checkudata(lua, 1, type_name);

    if (joined->world != plugin_stage_of(lua)->world)
        luaL_error(lua, "this player was of another test");
    return joined;
}

static const char *check_line(lua_State *lua)
{
    size_t len;
    const char *line = luaL_checklstring(lua, 2, &len);

    luaL_argcheck(lua, len > 0 && len <= LINE_CHARS_MAX && strlen(line) == len, 2,
                  "a line of 1 to 256 letters is meant");
    return line;
}

static int player_chat(lua_State *lua)
{
    struct joined *joined = check_joined(lua);
    const char *line = check_line(lua);

    luaL_argcheck(lua, line[0] != '/', 2, "a command is typed by player:command");
    pretend_type(joined->client, line);
    plugin_world_settle(joined->world);
    return 0;
}

static int player_command(lua_State *lua)
{
    struct joined *joined = check_joined(lua);
    const char *line = check_line(lua);

    if (line[0] != '/')
        line = lua_pushfstring(lua, "/%s", line);
    pretend_type(joined->client, line);
    plugin_world_settle(joined->world);
    return 0;
}

static int player_message(lua_State *lua)
{
    struct joined *joined = check_joined(lua);
    const char *channel = luaL_checkstring(lua, 2);
    struct slice data;

    data.data = (const uint8_t *)luaL_checklstring(lua, 3, &data.len);
    pretend_message(joined->client, channel, data);
    plugin_world_settle(joined->world);
    return 0;
}

static int player_leave(lua_State *lua)
{
    struct joined *joined = check_joined(lua);

    pretend_leave(joined->client);
    plugin_world_settle(joined->world);
    return 0;
}

static int player_kick(lua_State *lua)
{
    struct joined *joined = check_joined(lua);

    pretend_kick(joined->client, luaL_optstring(lua, 2, "kicked"));
    plugin_world_settle(joined->world);
    return 0;
}

/* All that the player reads or has read, each with where: for `each`, until it returns true. */
static bool any_text(const struct pretend_client *client,
                     bool (*each)(void *owner, const char *where, const char *text), void *owner)
{
    const struct {
        const char *where, *text;
    } shown[] = {
        {"title", client->title},           {"subtitle", client->subtitle},
        {"action_bar", client->action_bar}, {"boss_bar", client->boss_bar},
        {"header", client->header},         {"footer", client->footer},
        {"goodbye", client->goodbye},
    };

    for (size_t i = 0; i < client->messages.count; i++)
        if (each(owner, "chat", client->messages.list[i]))
            return true;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (shown[i].text && each(owner, shown[i].where, shown[i].text))
            return true;
    return false;
}

struct sought {
    const struct pretend_client *client;
    const char *text;
};

static bool has_it(void *owner, const char *where, const char *text)
{
    (void)where;
    return strstr(text, ((const struct sought *)owner)->text) != NULL;
}

static bool is_seen(void *owner)
{
    return any_text(((const struct sought *)owner)->client, has_it, owner);
}

static bool add_seen(void *owner, const char *where, const char *text)
{
    lua_State *lua = owner;

    lua_pushfstring(lua, "%s%s%s: \"%s\"", lua_tostring(lua, -1),
                    lua_rawlen(lua, -1) > 0 ? "; " : "", where, text);
    lua_remove(lua, -2);
    return false;
}

static int complain(lua_State *lua, const struct pretend_client *client, const char *what)
{
    lua_pushliteral(lua, "");
    (void)any_text(client, add_seen, lua);
    return luaL_error(lua, "%s does%s see \"%s\"; what they see: %s", client->name, what,
                      lua_tostring(lua, 2),
                      lua_rawlen(lua, -1) > 0 ? lua_tostring(lua, -1) : "nothing");
}

static int player_sees(lua_State *lua)
{
    struct joined *joined = check_joined(lua);
    struct sought sought = {joined->client, luaL_checkstring(lua, 2)};

    if (!plugin_world_wait(joined->world, is_seen, &sought))
        return complain(lua, joined->client, " not");
    return 0;
}

static int player_misses(lua_State *lua)
{
    struct joined *joined = check_joined(lua);
    struct sought sought = {joined->client, luaL_checkstring(lua, 2)};

    plugin_world_settle(joined->world);
    if (is_seen(&sought))
        return complain(lua, joined->client, "");
    return 0;
}

static int push_lines(lua_State *lua, const struct pretend_lines *lines)
{
    lua_newtable(lua);
    for (size_t i = 0; i < lines->count; i++) {
        lua_pushstring(lua, lines->list[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int push_property(lua_State *lua, const struct joined *joined, const char *name)
{
    const struct pretend_client *client = joined->client;
    const struct {
        const char *name, *text;
    } texts[] = {
        {"name", client->name},
        {"title", client->title},
        {"subtitle", client->subtitle},
        {"action_bar", client->action_bar},
        {"boss_bar", client->boss_bar},
        {"header", client->header},
        {"footer", client->footer},
        {"goodbye", client->goodbye},
        {"server", plugin_world_server(joined->world, client)},
    };
    const struct {
        const char *name;
        const struct pretend_lines *lines;
    } lists[] = {
        {"messages", &client->messages}, {"said", &client->said},
        {"sounds", &client->sounds},     {"channels", &client->channels},
        {"payloads", &client->payloads},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(name, texts[i].name) == 0) {
            lua_pushstring(lua, texts[i].text);
            return 1;
        }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (strcmp(name, lists[i].name) == 0)
            return push_lines(lua, lists[i].lines);
    if (strcmp(name, "online") == 0) {
        lua_pushboolean(lua, !client->gone);
        return 1;
    }
    return luaL_error(lua,
                      "a player in a test has no \"%s\"; docs/plugins-testing.md says what "
                      "they have",
                      name);
}

static int player_index(lua_State *lua)
{
    static const luaL_Reg methods[] = {
        {"chat", player_chat},       {"command", player_command}, {"kick", player_kick},
        {"message", player_message}, {"leave", player_leave},     {"sees", player_sees},
        {"misses", player_misses},
    };
    struct joined *joined = check_joined(lua);
    const char *name = luaL_checkstring(lua, 2);

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(name, methods[i].name) == 0) {
            lua_pushcfunction(lua, methods[i].func);
            return 1;
        }
    return push_property(lua, joined, name);
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

void plugin_test_words_offer(lua_State *lua, struct plugin_stage *stage)
{
    luaL_newmetatable(lua, type_name);
    lua_pushcfunction(lua, player_index);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "sealed");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 1);
    plugin_stage_offer(lua, stage);
    lua_register(lua, "join", word_join);
    lua_register(lua, "advance", word_advance);
    lua_register(lua, "log_lines", word_log_lines);
}
