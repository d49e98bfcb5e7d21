#include "plugin/manifest.h"

#include "base/mem.h"
#include "consent/provision.h"
#include "net/host.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/options.h"
#include "policy/policies.h"
#include "rules/acts.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_CHARS_MAX = 32, CHANNEL_CHARS_MAX = 256, LIST_MAX = 64 };

bool manifest_is_name(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
            name[i] != '-' && name[i] != '_')
            return false;
    return len > 0 && len <= PLUGIN_NAME_CHARS_MAX;
}

static bool is_version(const char *version)
{
    size_t len = strlen(version);

    return len > 0 && len <= VERSION_CHARS_MAX && isdigit((unsigned char)version[0]) &&
           strspn(version, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-_") ==
               len;
}

/* "voicechat:state", or a name as before 1.13: "BungeeCord", "WECUI". */
static bool is_channel(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++)
        if (!isgraph((unsigned char)name[i]))
            return false;
    return len > 0 && len <= CHANNEL_CHARS_MAX;
}

/* The text of a key, or NULL when it is not there. Borrowed while the manifest is on the stack. */
static const char *text_of(lua_State *lua, const char *key)
{
    const char *text;
    int type = lua_getfield(lua, 1, key);

    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(lua, "plugin: %s has to be a text", key);
    text = lua_tostring(lua, -1);
    lua_pop(lua, 1);
    return text;
}

/* False where it is not there. */
static bool flag_of(lua_State *lua, const char *key)
{
    bool flag;

    if (lua_getfield(lua, 1, key) != LUA_TNIL && !lua_isboolean(lua, -1))
        luaL_error(lua, "plugin: %s has to be true or false", key);
    flag = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return flag;
}

static void check_keys(lua_State *lua)
{
    static const char *const known[] = {"name",  "version", "reads",    "channels",
                                        "hosts", "depends", "optional", "required"};
    static const struct options_keys keys = {
        .word = "plugin",
        .names = known,
        .count = sizeof known / sizeof known[0],
    };

    options_check_keys(lua, 1, &keys);
}

#define READS_SHAPE "plugin: reads has to be a table: { [\"player.name\"] = \"PURPOSE\" }"

static void read_field(lua_State *lua, struct plugin *plugin)
{
    const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
    const char *purpose = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    const struct policy *policy = plugin->host->worker->policy;
    enum field field = field_by_name(name);
    const char *nearest = field_nearest(name);
    const char *meant;

    if (lua_type(lua, -2) != LUA_TSTRING)
        luaL_error(lua, READS_SHAPE);
    if (field == FIELD_NONE && nearest)
        luaL_error(lua, "plugin: reads: there is no field \"%s\"; did you mean \"%s\"?", name,
                   nearest);
    if (field == FIELD_NONE)
        luaL_error(lua, "plugin: reads: there is no field \"%s\"; docs/rules.md lists them", name);
    if (!purpose)
        luaL_error(lua, "plugin: reads: [\"%s\"] has to be the name of a purpose", name);
    meant = policy_purpose_nearest(policy, purpose);
    if (policy_purposes_read(policy, purpose) == 0)
        luaL_error(lua, "plugin: reads: the policy has no purpose \"%s\" (%s); %s%s%s", purpose,
                   name, meant ? "did you mean \"" : "add it to policy.lua, or write another",
                   meant ? meant : "", meant ? "\"?" : "");
    plugin->reads = mem_resize(plugin->reads, (plugin->read_count + 1) * sizeof *plugin->reads);
    plugin->reads[plugin->read_count++] =
        (struct plugin_read){.field = field, .purpose = mem_strdup(purpose)};
}

static void read_reads(lua_State *lua, struct plugin *plugin)
{
    int type = lua_getfield(lua, 1, "reads");

    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(lua, READS_SHAPE);
    if (type == LUA_TTABLE)
        for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
            read_field(lua, plugin);
    lua_pop(lua, 1);
}

struct list {
    const char *key;
    bool (*is_entry)(const char *text);
    const char *entry; /* what one is, with an example */
};

static void read_list(lua_State *lua, const struct list *list, char ***out, size_t *count)
{
    int type = lua_getfield(lua, 1, list->key);
    lua_Integer keys = 0;

    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(lua, "plugin: %s has to be a list of texts", list->key);
    if (type == LUA_TTABLE)
        for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
            keys++;
    if (type == LUA_TTABLE && keys != (lua_Integer)lua_rawlen(lua, -1))
        luaL_error(lua, "plugin: %s has to be a list, without other keys than 1, 2, 3", list->key);
    if (keys > LIST_MAX)
        luaL_error(lua, "plugin: %s has more than %d entries", list->key, LIST_MAX);
    for (lua_Integer i = 1; i <= keys; i++) {
        if (lua_rawgeti(lua, -1, i) != LUA_TSTRING || !list->is_entry(lua_tostring(lua, -1)))
            luaL_error(lua, "plugin: entry %d of %s is no %s", (int)i, list->key, list->entry);
        *out = mem_resize(*out, (*count + 1) * sizeof **out);
        (*out)[(*count)++] = mem_strdup(lua_tostring(lua, -1));
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

/* The text of a key of the table on the top, copied; NULL: there is none. */
static char *copy_text(lua_State *lua, const char *key, const char *host)
{
    const char *flaw = NULL;
    char *copy = NULL;
    int type = lua_getfield(lua, -1, key);

    if (type == LUA_TSTRING)
        flaw = provision_text_flaw(lua_tostring(lua, -1), NULL, NULL);
    if (type != LUA_TNIL && type != LUA_TSTRING)
        flaw = "has to be a text";
    if (flaw)
        luaL_error(lua, "plugin: hosts: %s of \"%s\" %s", key, host, flaw);
    if (type == LUA_TSTRING)
        copy = mem_strdup(lua_tostring(lua, -1));
    lua_pop(lua, 1);
    return copy;
}

static void check_host_keys(lua_State *lua, const char *host)
{
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
        const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "?";

        if (strcmp(key, "to") != 0 && strcmp(key, "reason") != 0 && strcmp(key, "purpose") != 0)
            luaL_error(lua,
                       "plugin: hosts: there is no \"%s\" of a host (\"%s\"); to, reason and "
                       "purpose are known",
                       key, host);
    }
}

/* What stands on the top says more of the host, where it is a table. */
static void read_host(lua_State *lua, struct plugin *plugin, const char *pattern)
{
    const char *name = strncmp(pattern, "*.", 2) == 0 ? pattern + 2 : pattern;
    struct plugin_host *host;

    if (!name[0] || name[strcspn(name, "* /@")])
        luaL_error(lua,
                   "plugin: hosts: \"%s\" is no host; write \"api.example.net\", or "
                   "\"*.example.net\" for all below it",
                   pattern);
    if (plugin->host_count == LIST_MAX)
        luaL_error(lua, "plugin: hosts has more than %d entries", LIST_MAX);
    plugin->hosts = mem_resize(plugin->hosts, (plugin->host_count + 1) * sizeof *plugin->hosts);
    host = &plugin->hosts[plugin->host_count++];
    *host = (struct plugin_host){.pattern = host_normal(slice_str(pattern))};
    if (!lua_istable(lua, -1))
        return;
    check_host_keys(lua, pattern);
    host->to = copy_text(lua, "to", pattern);
    host->reason = copy_text(lua, "reason", pattern);
    host->purpose = copy_text(lua, "purpose", pattern);
    if (!host->reason || !host->purpose)
        luaL_error(lua,
                   "plugin: hosts: why something of players is sent to \"%s\", and for which "
                   "purpose, has to be said: { reason = \"...\", purpose = \"...\" }",
                   pattern);
    if (!policies_of_purpose(plugin->host->worker->policies, host->purpose))
        luaL_error(lua, "plugin: hosts: the policy has no purpose \"%s\" (%s)", host->purpose,
                   pattern);
}

/* { "api.example.net", ["*.example.org"] = { reason = "...", purpose = "..." } } */
static void read_hosts(lua_State *lua, struct plugin *plugin)
{
    int type = lua_getfield(lua, 1, "hosts");

    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(lua, "plugin: hosts has to be a table of host names");
    if (type == LUA_TTABLE)
        for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
            if (lua_isinteger(lua, -2) && lua_type(lua, -1) == LUA_TSTRING)
                read_host(lua, plugin, lua_tostring(lua, -1));
            else if (lua_type(lua, -2) == LUA_TSTRING && lua_istable(lua, -1))
                read_host(lua, plugin, lua_tostring(lua, -2));
            else
                luaL_error(lua, "plugin: hosts has names as \"api.example.net\", or [\"NAME\"] = "
                                "{ reason = \"...\", purpose = \"...\" } where something of "
                                "players is sent");
        }
    lua_pop(lua, 1);
}

/* On these a client tells its brand, its mods, and what is written into a book. */
static void check_channels(lua_State *lua, const struct plugin *plugin)
{
    for (size_t i = 0; i < plugin->channel_count; i++)
        if (acts_is_games_channel(slice_str(plugin->channels[i])))
            luaL_error(lua,
                       "plugin: channels: \"%s\" is the game's or a mod loader's, and no plugin's "
                       "to hear; what clients tell there are fields, as client.brand and "
                       "client.mods: see reads",
                       plugin->channels[i]);
}

void manifest_read(lua_State *lua)
{
    static const struct list channels = {"channels", is_channel, "channel, as \"voicechat:state\""};
    static const struct list depends = {"depends", manifest_is_name,
                                        "name of a plugin, as \"stats\""};
    struct plugin *plugin = plugin_of(lua);
    const char *name;
    const char *version;

    api_check_plain(lua, 1);
    lua_settop(lua, 1);
    if (plugin->name)
        luaL_error(lua, "plugin { ... } stands once in a plugin");
    check_keys(lua);
    name = text_of(lua, "name");
    version = text_of(lua, "version");
    if (!name || !manifest_is_name(name))
        luaL_error(lua,
                   "plugin: name has to be a word of a-z, 0-9, - and _ with %d letters at "
                   "most",
                   PLUGIN_NAME_CHARS_MAX);
    if (!version || !is_version(version))
        luaL_error(lua, "plugin: version has to be a text as \"1.0.0\", without spaces");
    plugin->optional = flag_of(lua, "optional");
    plugin->required = flag_of(lua, "required");
    plugin->line = script_place(lua).line;
    plugin->name = mem_strdup(name);
    plugin->version = mem_strdup(version);
    read_reads(lua, plugin);
    read_list(lua, &channels, &plugin->channels, &plugin->channel_count);
    check_channels(lua, plugin);
    read_hosts(lua, plugin);
    read_list(lua, &depends, &plugin->depends, &plugin->depend_count);
}

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

void manifest_free(struct plugin *plugin)
{
    for (size_t i = 0; i < plugin->read_count; i++)
        free(plugin->reads[i].purpose);
    free(plugin->reads);
    free_list(plugin->channels, plugin->channel_count);
    for (size_t i = 0; i < plugin->host_count; i++) {
        free(plugin->hosts[i].pattern);
        free(plugin->hosts[i].to);
        free(plugin->hosts[i].reason);
        free(plugin->hosts[i].purpose);
    }
    free(plugin->hosts);
    free_list(plugin->depends, plugin->depend_count);
    free(plugin->name);
    free(plugin->version);
}
