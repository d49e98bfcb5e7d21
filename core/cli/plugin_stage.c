#include "cli/plugin_stage.h"

#include "base/mem.h"
#include "script/script.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char stage_key;

static bool is_file(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* NAME.lua or NAME/init.lua in the folder. Returns owned; NULL: there is none. */
static char *find_plugin(const char *folder, const char *name)
{
    char *path = mem_format("%s/%s.lua", folder, name);

    if (is_file(path))
        return path;
    free(path);
    path = mem_format("%s/%s/init.lua", folder, name);
    if (is_file(path))
        return path;
    free(path);
    return NULL;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(".");
}

/* greeter_test.lua beside greeter.lua or greeter/; any_test.lua in greeter/ beside its init.lua. */
static char *plugin_beside(const char *path, const char *folder)
{
    static const char end[] = "_test.lua";
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t len = strlen(base);
    char *own = mem_format("%s/init.lua", folder);
    char *name;
    char *found;

    if (is_file(own))
        return own;
    free(own);
    if (len < sizeof end)
        return NULL;
    name = mem_strndup(base, len - (sizeof end - 1));
    found = find_plugin(folder, name);
    free(name);
    return found;
}

void plugin_stage_begin(struct plugin_stage *stage, const struct conf *conf,
                        const struct policy *policy, const char *path)
{
    char *plugin;

    *stage = (struct plugin_stage){.conf = conf, .policy = policy, .folder = folder_of(path)};
    plugin = plugin_beside(path, stage->folder);
    if (plugin)
        stage->files[stage->file_count++] = plugin;
}

/* What an error of a plugin says in this line of the log: "TIME error plugin=NAME ..."; or NULL. */
static const char *fault_in(const char *line)
{
    static const char mark[] = " error plugin=";
    const char *end = line + strcspn(line, "\n");
    const char *at = strstr(line, mark);
    const char *space = at && at < end ? strchr(at + sizeof mark - 1, ' ') : NULL;

    return space && space < end ? space + 1 : NULL;
}

char *plugin_stage_fault(const struct plugin_stage *stage)
{
    char *log = stage->world ? plugin_world_log(stage->world) : mem_strdup("");
    char *fault = NULL;

    for (const char *line = log; *line; line += strcspn(line, "\n") + 1) {
        const char *said = fault_in(line);
        bool is_trace = said && strncmp(said, "  at ", 5) == 0;
        char *before = fault;

        if (fault && !is_trace)
            break;
        if (said)
            fault = mem_format("%s%s%.*s", before ? before : "", before ? "\n      " : "",
                               (int)strcspn(said, "\n"), said);
        if (said)
            free(before);
    }
    free(log);
    return fault;
}

void plugin_stage_clear(struct plugin_stage *stage)
{
    plugin_world_free(stage->world);
    stage->world = NULL;
}

void plugin_stage_end(struct plugin_stage *stage)
{
    plugin_stage_clear(stage);
    for (size_t i = 0; i < stage->file_count; i++)
        free(stage->files[i]);
    free(stage->folder);
    free(stage->settings);
    for (size_t i = 0; i < stage->with_servers.server_count; i++)
        free(stage->with_servers.servers[i].name);
    free(stage->with_servers.servers);
    free(stage->with_servers.try_order);
}

void plugin_stage_lend(lua_State *lua, struct plugin_stage *stage)
{
    script_lend(lua, &stage_key, stage);
}

struct plugin_stage *plugin_stage_of(lua_State *lua)
{
    return script_lent(lua, &stage_key, "there is no plugin to test");
}

static void check_is_outside(lua_State *lua, const char *word)
{
    if (script_is_frozen(lua))
        luaL_error(lua, "%s has its place outside of tests", word);
}

/* with_plugin "stats": loaded before the plugin under test. */
int plugin_stage_word_with(lua_State *lua)
{
    struct plugin_stage *stage = plugin_stage_of(lua);
    const char *name = luaL_checkstring(lua, 1);
    char *file;

    check_is_outside(lua, "with_plugin");
    if (stage->file_count == PLUGIN_STAGE_FILES_MAX)
        return luaL_error(lua, "more than %d plugins in one test", PLUGIN_STAGE_FILES_MAX);
    if (strchr(name, '/'))
        return luaL_error(lua, "with_plugin takes a plugin's name, as it stands in the folder");
    file = find_plugin(stage->folder, name);
    if (!file)
        return luaL_error(lua, "there is no plugin \"%s\" beside this test", name);
    memmove(stage->files + 1, stage->files, stage->file_count * sizeof *stage->files);
    stage->files[0] = file;
    stage->file_count++;
    return 0;
}

/* with_settings [[return { every = 5 }]]: in place of what config/plugins has of the plugin. */
int plugin_stage_word_settings(lua_State *lua)
{
    struct plugin_stage *stage = plugin_stage_of(lua);
    const char *text = luaL_checkstring(lua, 1);

    check_is_outside(lua, "with_settings");
    free(stage->settings);
    stage->settings = mem_strdup(text);
    return 0;
}

/* with_servers { "lobby", "survival" }: in place of the configuration's, without rules. */
int plugin_stage_word_servers(lua_State *lua)
{
    struct plugin_stage *stage = plugin_stage_of(lua);
    struct conf *own = &stage->with_servers;
    size_t count;

    check_is_outside(lua, "with_servers");
    luaL_checktype(lua, 1, LUA_TTABLE);
    if (own->servers)
        return luaL_error(lua, "with_servers stands once in a file");
    count = (size_t)luaL_len(lua, 1);
    *own = *stage->conf;
    own->servers = mem_array(count + 1, sizeof *own->servers);
    own->try_order = mem_array(count + 1, sizeof *own->try_order);
    own->server_count = 0;
    own->try_count = count;
    stage->conf = own;
    for (size_t i = 0; i < count; i++) {
        if (lua_geti(lua, 1, (lua_Integer)i + 1) != LUA_TSTRING)
            return luaL_error(lua, "with_servers takes a list of names");
        own->servers[i].name = mem_strdup(lua_tostring(lua, -1));
        own->server_count++;
        own->try_order[i] = i;
        lua_pop(lua, 1);
    }
    return 0;
}

static void refuse_world(lua_State *lua, struct diag *diag)
{
    char *why = diag->count > 0 ? diag_text(&diag->entries[0]) : mem_strdup("it has mistakes");

    lua_pushstring(lua, why);
    free(why);
    diag_free(diag);
    luaL_error(lua, "the plugin does not load: %s", lua_tostring(lua, -1));
}

struct plugin_world *plugin_stage_world(lua_State *lua)
{
    struct plugin_stage *stage = plugin_stage_of(lua);
    struct diag diag = {0};

    if (stage->world)
        return stage->world;
    if (!script_is_frozen(lua))
        luaL_error(lua, "players join within tests: test(\"what is so\", function() ... end)");
    if (stage->file_count == 0)
        luaL_error(lua, "no plugin stands beside this test: NAME_test.lua tests NAME.lua or "
                        "NAME/init.lua; with_plugin \"NAME\" names others");
    stage->world = plugin_world_new(stage->conf, (const char *const *)stage->files,
                                    stage->file_count, stage->settings, &diag);
    if (!stage->world)
        refuse_world(lua, &diag);
    diag_free(&diag);
    return stage->world;
}
