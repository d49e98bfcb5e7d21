#include "cli/test_player.h"

#include "cli/plugin_stage.h"

#include <lauxlib.h>
#include <string.h>

enum { LINE_CHARS_MAX = 256 };

/* What Lua holds of a player. */
struct joined {
    struct pretend_client *client;
    struct plugin_world *world;
};

void test_player_push(lua_State *lua, struct plugin_world *world, struct pretend_client *client)
{
    struct joined *joined = lua_newuserdatauv(lua, sizeof *joined, 0);

    *joined = (struct joined){.world = world, .client = client};
    api_become(lua, &api_test_player);
}

/* A test that ended took its players along. */
static struct joined *check_joined(lua_State *lua)
{
    struct joined *joined = api_check(lua, 1, &api_test_player);

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

/* The newest of this label. */
static const struct pretend_click *find_click(lua_State *lua, const struct joined *joined,
                                              const char *label)
{
    const struct pretend_click *click = joined->client->clicks;

    while (click && !strstr(click->label, label))
        click = click->next;
    if (click)
        return click;
    lua_pushliteral(lua, "");
    for (click = joined->client->clicks; click; click = click->next) {
        lua_pushfstring(lua, "%s%s\"%s\"", lua_tostring(lua, -1),
                        lua_rawlen(lua, -1) > 0 ? ", " : "", click->label);
        lua_remove(lua, -2);
    }
    luaL_error(lua, "%s has no \"%s\" to click; what they can click: %s", joined->client->name,
               label, lua_rawlen(lua, -1) > 0 ? lua_tostring(lua, -1) : "nothing");
    return NULL;
}

static int player_click(lua_State *lua)
{
    struct joined *joined = check_joined(lua);
    const struct pretend_click *click = find_click(lua, joined, luaL_checkstring(lua, 2));
    const char *words = luaL_optstring(lua, 3, "");

    luaL_argcheck(lua, click->begins || !words[0], 3,
                  "this is a button; words are for what a click begins to write");
    pretend_type(joined->client, lua_pushfstring(lua, "%s%s", click->line, words));
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

#define TEXT(name)                                                                                 \
    static int player_##name(lua_State *lua)                                                       \
    {                                                                                              \
        lua_pushstring(lua, check_joined(lua)->client->name);                                      \
        return 1;                                                                                  \
    }
TEXT(name)
TEXT(title)
TEXT(subtitle)
TEXT(action_bar)
TEXT(boss_bar)
TEXT(header)
TEXT(footer)
TEXT(goodbye)
#undef TEXT

#define LINES(name)                                                                                \
    static int player_##name(lua_State *lua)                                                       \
    {                                                                                              \
        return push_lines(lua, &check_joined(lua)->client->name);                                  \
    }
LINES(messages)
LINES(said)
LINES(sounds)
LINES(channels)
LINES(payloads)
#undef LINES

static int player_server(lua_State *lua)
{
    const struct joined *joined = check_joined(lua);

    lua_pushstring(lua, plugin_world_server(joined->world, joined->client));
    return 1;
}

static int player_online(lua_State *lua)
{
    lua_pushboolean(lua, !check_joined(lua)->client->gone);
    return 1;
}

static const struct api_word words[] = {
    {"name", "string", "As they joined.", player_name},
    {"server", "string|nil", "The server that they are with.", player_server},
    {"online", "boolean", "They were not put out, and have not left.", player_online},
    {"messages", "string[]", "What stands in their chat.", player_messages},
    {"title", "string|nil", "The large letters, as the next.", player_title},
    {"subtitle", "string|nil", "The smaller ones below.", player_subtitle},
    {"action_bar", "string|nil", "The line above the hotbar.", player_action_bar},
    {"boss_bar", "string|nil", "What stands on the newest bar.", player_boss_bar},
    {"header", "string|nil", "Above the list of players.", player_header},
    {"footer", "string|nil", "Below it.", player_footer},
    {"goodbye", "string|nil", "The words with which they were put out.", player_goodbye},
    {"sounds", "string[]", "What they heard.", player_sounds},
    {"channels", "string[]", "On which there came something for their mods.", player_channels},
    {"payloads", "string[]", "What it was, in the same order.", player_payloads},
    {"said", "string[]",
     "What reached the game server of what they wrote: what a plugin denied is not there.",
     player_said},
    {"chat", "(line: string)", "Writes a line in the chat.", player_chat},
    {"command", "(line: string)", "Types a command.", player_command},
    {"click", "(label: string, words?: string)",
     "Clicks on what stands in the chat with this label, the newest such; where the click begins "
     "a line, ends it with the words. Before 1.21.6 a dialog stands there.",
     player_click},
    {"message", "(channel: string, data: string)", "Has their mods say something.", player_message},
    {"leave", "()", "Leaves.", player_leave},
    {"kick", "(words?: string)", "Their game server puts them out.", player_kick},
    {"sees", "(text: string)",
     "Waits until it stands somewhere on their screen or in their chat; fails with all that does.",
     player_sees},
    {"misses", "(text: string)", "Fails where it stands there.", player_misses},
};

const struct api_group api_test_player = {
    "test_player", API_CLASS,
    "A player whom `join` let join in a test: what they do, and what they see.", words,
    API_COUNT(words)};
