/*
 * event:show: what the server list shows, as handlers of "ping" say it.
 */
#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/event.h"
#include "plugin/host.h"
#include "plugin/options.h"
#include "plugin/text.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>

enum { SHOWN_BYTES_MAX = 2048 };

static struct status_answer *answer_of(struct event *event)
{
    if (!event->answer) {
        event->answer = mem_alloc(sizeof *event->answer);
        event->answer->online = event->answer->max = -1;
    }
    return event->answer;
}

/* The string at `key`, on the stack; NULL: there is none. */
static const char *show_string(const struct options *options, const char *key)
{
    lua_State *lua = options->lua;
    int type = lua_getfield(lua, options->index, key);

    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(lua, "show: %s has to be a string", key);
    return type == LUA_TNIL ? NULL : text_check_string(lua, -1, SHOWN_BYTES_MAX);
}

static const char *show_favicon(const struct options *options)
{
    const char *name = show_string(options, "favicon");
    const char *url = NULL;

    if (!name)
        return NULL;
    url = status_favicon(plugin_worker(options->lua)->status, name);
    if (!url)
        luaL_error(options->lua,
                   "show: there is no favicon \"%s\"; put a PNG of 64 x 64 pixels beside the "
                   "configuration as favicon-%s.png, and start Sekisho anew",
                   name, name);
    return url;
}

/* All keys are read before anything is changed: an error leaves the answer as it was. */
int event_show(lua_State *lua)
{
    static const char *const keys[] = {"description", "version", "favicon",
                                       "online",      "max",     "hover"};
    struct event *event = event_check(lua);
    const struct session *session = worker_session(plugin_worker(lua), event->session);
    const struct options options = {.lua = lua, .index = 2, .word = "show"};
    struct status_answer shown = {0};
    const char *hover;
    const char *version;
    struct status_answer *answer;
    bool has_description;

    event_check_kind(lua, event, EVENT_PING);
    lua_settop(lua, 2);
    options_check(&options, keys, sizeof keys / sizeof keys[0]);
    has_description = options_text(&options, "description"); /* at 3 */
    version = show_string(&options, "version");
    shown.favicon = show_favicon(&options);
    hover = show_string(&options, "hover");
    shown.online = (int)options_number(&options, "online", -1, -1, INT32_MAX);
    shown.max = (int)options_number(&options, "max", -1, -1, INT32_MAX);
    if (!session)
        return 0;
    answer = answer_of(event);
    if (has_description) {
        text_free(answer->description);
        answer->description = text_read(lua, 3, session);
    }
    if (version) {
        free(answer->version);
        answer->version = mem_strdup(version);
    }
    if (hover) {
        free(answer->hover);
        answer->hover = mem_strdup(hover);
    }
    answer->favicon = shown.favicon ? shown.favicon : answer->favicon;
    answer->online = shown.online >= 0 ? shown.online : answer->online;
    answer->max = shown.max >= 0 ? shown.max : answer->max;
    return 0;
}
