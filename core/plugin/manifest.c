#include "plugin/manifest.h"

#include "base/mem.h"
#include "plugin/host.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_CHARS_MAX = 32, LIST_MAX = 64 };

static bool is_name(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
            name[i] != '-' && name[i] != '_')
            return false;
    return len > 0 && len <= PLUGIN_NAME_CHARS_MAX;
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

static void check_keys(lua_State *lua)
{
    static const char *const known[] = {"name", "version", "reads", "channels", "hosts", "depends"};
    enum { KNOWN = sizeof known / sizeof known[0] };

    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
        const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "?";
        const char *nearest = diag_nearest(key, known, KNOWN);
        bool found = false;

        for (size_t i = 0; i < KNOWN; i++)
            found = found || strcmp(known[i], key) == 0;
        if (!found && nearest)
            luaL_error(lua, "plugin: there is no \"%s\"; did you mean \"%s\"?", key, nearest);
        if (!found)
            luaL_error(lua,
                       "plugin: there is no \"%s\"; name, version, reads, channels, hosts and "
                       "depends are known",
                       key);
    }
}

static void read_field(lua_State *lua, struct plugin *plugin)
{
    const char *name = luaL_checkstring(lua, -2);
    const char *purpose = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
    const struct policy *policy = plugin->host->worker->policy;
    enum field field = field_by_name(name);
    const char *nearest = field_nearest(name);

    if (field == FIELD_NONE && nearest)
        luaL_error(lua, "plugin: reads: there is no field \"%s\"; did you mean \"%s\"?", name,
                   nearest);
    if (field == FIELD_NONE)
        luaL_error(lua, "plugin: reads: there is no field \"%s\"; docs/rules.md lists them", name);
    if (!purpose)
        luaL_error(lua, "plugin: reads: [\"%s\"] has to be the name of a purpose", name);
    if (policy_purposes_read(policy, purpose) == 0)
        luaL_error(lua, "plugin: reads: the policy has no purpose \"%s\" (%s)", purpose, name);
    plugin->reads = mem_resize(plugin->reads, (plugin->read_count + 1) * sizeof *plugin->reads);
    plugin->reads[plugin->read_count++] =
        (struct plugin_read){.field = field, .purpose = mem_strdup(purpose)};
}

static void read_reads(lua_State *lua, struct plugin *plugin)
{
    int type = lua_getfield(lua, 1, "reads");

    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(lua, "plugin: reads has to be a table: { [\"player.name\"] = \"PURPOSE\" }");
    if (type == LUA_TTABLE)
        for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
            read_field(lua, plugin);
    lua_pop(lua, 1);
}

static void read_list(lua_State *lua, const char *key, char ***list, size_t *count)
{
    int type = lua_getfield(lua, 1, key);

    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(lua, "plugin: %s has to be a list of texts", key);
    for (lua_Integer i = 1; type == LUA_TTABLE && i <= (lua_Integer)lua_rawlen(lua, -1); i++) {
        if (i > LIST_MAX)
            luaL_error(lua, "plugin: %s has more than %d entries", key, LIST_MAX);
        if (lua_rawgeti(lua, -1, i) != LUA_TSTRING)
            luaL_error(lua, "plugin: %s has to be a list of texts", key);
        *list = mem_resize(*list, (*count + 1) * sizeof **list);
        (*list)[(*count)++] = mem_strdup(lua_tostring(lua, -1));
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

void manifest_read(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    const char *name;
    const char *version;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    if (plugin->name)
        luaL_error(lua, "plugin { ... } stands once in a plugin");
    check_keys(lua);
    name = text_of(lua, "name");
    version = text_of(lua, "version");
    if (!name || !is_name(name))
        luaL_error(lua,
                   "plugin: name has to be a word of a-z, 0-9, - and _ with %d letters at "
                   "most",
                   PLUGIN_NAME_CHARS_MAX);
    if (!version || strlen(version) > VERSION_CHARS_MAX)
        luaL_error(lua, "plugin: version has to be a text as \"1.0.0\"");
    plugin->name = mem_strdup(name);
    plugin->version = mem_strdup(version);
    read_reads(lua, plugin);
    read_list(lua, "channels", &plugin->channels, &plugin->channel_count);
    read_list(lua, "hosts", &plugin->hosts, &plugin->host_count);
    read_list(lua, "depends", &plugin->depends, &plugin->depend_count);
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
    free_list(plugin->hosts, plugin->host_count);
    free_list(plugin->depends, plugin->depend_count);
    free(plugin->name);
    free(plugin->version);
}
