/*
 * include "part": a file of the plugin's own folder, which returns what others of its files use.
 */
#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/file_words.h"
#include "plugin/plugin.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static const char parts_key; /* its address names the table of what parts returned, by path */

/* Words with slashes between them. */
static bool is_part_name(const char *name)
{
    bool begins = true;

    for (; *name; name++) {
        if (*name == '/' ? begins : !isalnum((unsigned char)*name) && *name != '_' && *name != '-')
            return false;
        begins = *name == '/';
    }
    return !begins;
}

/* The real path of what lies in `folder`, or under it. False: it lies elsewhere, by a link. */
static bool is_inside(const char *folder, const char *path)
{
    char *real_folder = realpath(folder, NULL);
    char *real = realpath(path, NULL);
    size_t len = real_folder ? strlen(real_folder) : 0;
    bool inside =
        !real || (real_folder && strncmp(real, real_folder, len) == 0 && real[len] == '/');

    free(real_folder);
    free(real);
    return inside;
}

/* Pushes the folder of the plugin, which ends with init.lua. */
static const char *push_folder(lua_State *lua, const struct plugin *plugin)
{
    static const char end[] = "/init.lua";
    size_t len = strlen(plugin->path);

    if (len < sizeof end || strcmp(plugin->path + len - (sizeof end - 1), end) != 0)
        luaL_error(lua, "include is for plugins in a folder of their own; move this one to "
                        "NAME/init.lua");
    return lua_pushlstring(lua, plugin->path, len - (sizeof end - 1));
}

int word_include(lua_State *lua)
{
    const struct plugin *plugin = plugin_of(lua);
    const char *name = luaL_checkstring(lua, 1);
    const char *folder;
    const char *path;

    if (plugin->active)
        return luaL_error(lua, "include works while the plugin is read; include at the top, and "
                               "use what it returned");
    folder = push_folder(lua, plugin);
    if (!is_part_name(name))
        return luaL_error(lua,
                          "include takes the name of a file in %s, without \".lua\"; folders "
                          "in it are named as \"lib/part\"",
                          folder);
    path = lua_pushfstring(lua, "%s/%s.lua", folder, name);
    if (!is_inside(folder, path))
        return luaL_error(lua, "%s leads out of the plugin's folder; put the file itself there",
                          path);
    api_push_table(lua, &parts_key);
    if (script_include(lua, path, 1)) {
        if (lua_isnil(lua, -1)) { /* that it was read is remembered */
            lua_pop(lua, 1);
            lua_pushboolean(lua, 1);
        }
        lua_pushvalue(lua, -1);
        lua_setfield(lua, -3, path);
        return 1;
    }
    if (lua_getfield(lua, -1, path) == LUA_TNIL)
        return luaL_error(lua, "%s includes itself, by way of others, or could not be read before",
                          path);
    return 1;
}
