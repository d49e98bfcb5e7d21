#include "plugin/event.h"

#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/task.h"
#include "plugin/value.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

/* What Lua holds: the event may be gone before it. */
struct event_box {
    struct event *event;
};

void event_push(lua_State *lua, struct event *event)
{
    struct event_box *box = lua_newuserdatauv(lua, sizeof *box, 0);

    box->event = event;
    api_become(lua, &api_event);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, event);
}

void event_let_go(lua_State *lua, struct event *event)
{
    struct event_box *box;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, event);
    box = lua_touserdata(lua, -1);
    if (box)
        box->event = NULL;
    lua_pop(lua, 1);
    lua_pushnil(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, event);
}

static struct event *check_event(lua_State *lua)
{
    struct event_box *box = api_check(lua, 1, &api_event);

    if (!box->event)
        luaL_error(lua, "this event is over; what a handler makes of it is said before it ends");
    return box->event;
}

static void check_result(lua_State *lua, const struct event *event, enum event_result result,
                         const char *word)
{
    if (!(event_info(event->kind)->results & result))
        luaL_error(lua, "a %s cannot be %s", event_info(event->kind)->name, word);
}

static struct session *session_of(lua_State *lua, const struct event *event)
{
    return worker_session(plugin_worker(lua), event->session);
}

/* The words at `index`, which the player of the event will read. */
static void take_words(lua_State *lua, struct event *event, int index)
{
    struct session *session = session_of(lua, event);
    struct text *words =
        lua_isnoneornil(lua, index) || !session ? NULL : value_check_text(lua, index, session);

    text_free(event->words);
    event->words = words;
}

static int event_allow(lua_State *lua)
{
    struct event *event = check_event(lua);

    event->result = EVENT_ALLOWED;
    take_words(lua, event, 2);
    return 0;
}

static int event_deny(lua_State *lua)
{
    struct event *event = check_event(lua);

    check_result(lua, event, EVENT_DENIED, "denied");
    if (event->fixed)
        return luaL_error(lua, "this is signed: the server would put the player out if it missed; "
                               "deny what is not signed (event.signed)");
    take_words(lua, event, 2);
    event->result = EVENT_DENIED;
    return 0;
}

static int event_redirect(lua_State *lua)
{
    struct event *event = check_event(lua);
    int target = value_check_server(lua, 2);

    check_result(lua, event, EVENT_REDIRECTED, "redirected");
    take_words(lua, event, 3);
    event->target = target;
    event->result = EVENT_REDIRECTED;
    return 0;
}

static int event_replace(lua_State *lua)
{
    struct event *event = check_event(lua);
    const char *text = luaL_checkstring(lua, 2);

    check_result(lua, event, EVENT_REPLACED, "replaced");
    if (event->fixed)
        return luaL_error(lua, "this is signed, and cannot be altered (event.signed)");
    free(event->replacement);
    event->replacement = mem_strdup(text);
    event->result = EVENT_REPLACED;
    return 0;
}

static void push_server(lua_State *lua, int server)
{
    if (server == ROUTE_NONE)
        lua_pushnil(lua);
    else
        lua_pushstring(lua, plugin_worker(lua)->conf->servers[server].name);
}

static int event_name(lua_State *lua)
{
    lua_pushstring(lua, event_info(check_event(lua)->kind)->name);
    return 1;
}

static int event_server(lua_State *lua)
{
    push_server(lua, check_event(lua)->server);
    return 1;
}

static int event_from(lua_State *lua)
{
    push_server(lua, check_event(lua)->other);
    return 1;
}

static int event_signed(lua_State *lua)
{
    lua_pushboolean(lua, check_event(lua)->fixed);
    return 1;
}

/* An object, so that it can say more some day: its kind, and where to. */
static int event_result(lua_State *lua)
{
    const struct event *event = check_event(lua);
    static const char *const names[] = {
        [EVENT_ALLOWED] = "allowed",
        [EVENT_DENIED] = "denied",
        [EVENT_REDIRECTED] = "redirected",
        [EVENT_REPLACED] = "replaced",
    };

    lua_newtable(lua);
    lua_pushstring(lua, names[event->result]);
    lua_setfield(lua, -2, "kind");
    if (event->result == EVENT_REDIRECTED) {
        push_server(lua, event->target);
        lua_setfield(lua, -2, "server");
    }
    return 1;
}

/* What the player wrote is theirs: an opaque value. */
static int event_text(lua_State *lua)
{
    const struct event *event = check_event(lua);
    enum field field = event->kind == EVENT_COMMAND ? FIELD_CHAT_COMMAND : FIELD_CHAT_MESSAGE;
    struct session *session = session_of(lua, event);

    if (!event->text || !session)
        lua_pushnil(lua);
    else
        value_push(lua, session, field, slice_str(event->text));
    return 1;
}

static const struct api_word words[] = {
    {"name", "string", "What happened: \"player.chat\".", event_name},
    {"server", "string|nil", "The server that it is about.", event_server},
    {"from", "string|nil", "The server that the player came from.", event_from},
    {"text", "value|nil", "What the player wrote; a command without its slash.", event_text},
    {"signed", "boolean",
     "The player signed it: it cannot be altered, nor left out without the server noticing.",
     event_signed},
    {"result", "table",
     "What handlers before this one made of it: { kind = \"allowed\" }, \"denied\", "
     "\"redirected\" (with `server`) or \"replaced\".",
     event_result},
    {"allow", "(words?: text)", "It takes its course; takes back what others made of it.",
     event_allow},
    {"deny", "(words?: text)", "It does not happen; the player reads the words.", event_deny},
    {"redirect", "(server: string, words?: text)", "Another server instead.", event_redirect},
    {"replace", "(text: string)", "Another command instead, without a slash.", event_replace},
};

const struct api_group api_event = {
    "event", API_CLASS,
    "What happened, given to handlers. What they make of it is said by its methods; the last word "
    "counts. It is over when the handler ends.",
    words, API_COUNT(words)};
