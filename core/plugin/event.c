#include "plugin/event.h"

#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/task.h"
#include "plugin/text.h"
#include "plugin/value.h"
#include "policy/document.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_BYTES_MAX = 16 * 1024,
    REPLACED_BYTES_MAX = 2048,
    WITH_LONG_LINES = 315, /* servers take 256 characters, before that 100; one is the slash */
    COMMAND_CHARS_MAX = 255,
    SHORT_CHARS_MAX = 99,
};

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

struct event *event_check(lua_State *lua)
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
        lua_isnoneornil(lua, index) || !session ? NULL : text_check_read(lua, index, session);

    text_free(event->words);
    event->words = words;
}

static int event_allow(lua_State *lua)
{
    struct event *event = event_check(lua);

    event->result = EVENT_ALLOWED;
    take_words(lua, event, 2);
    return 0;
}

static int event_deny(lua_State *lua)
{
    struct event *event = event_check(lua);

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
    struct event *event = event_check(lua);
    int target = value_check_server(lua, 2);

    check_result(lua, event, EVENT_REDIRECTED, "redirected");
    take_words(lua, event, 3);
    event->target = target;
    event->result = EVENT_REDIRECTED;
    return 0;
}

/* What no client could have typed would have the server put the player out. */
static void check_command(lua_State *lua, const struct event *event, const char *text)
{
    const struct session *session = session_of(lua, event);
    int max = session && session->protocol < WITH_LONG_LINES ? SHORT_CHARS_MAX : COMMAND_CHARS_MAX;
    int count = 0;

    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F || strncmp(at, "\u00a7", 2) == 0)
            luaL_error(lua, "a command is one line, without control characters and \u00a7");
        count += (*at & 0xC0) != 0x80;
    }
    if (count > max)
        luaL_error(lua, "a command has %d characters at most in this player's version", max);
}

static int event_replace(lua_State *lua)
{
    struct event *event = event_check(lua);
    const char *text = text_check_string(lua, 2, REPLACED_BYTES_MAX);

    check_result(lua, event, EVENT_REPLACED, "replaced");
    check_command(lua, event, text);
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

/* The fact of this name, or nil. */
static int push_fact(lua_State *lua, const char *name)
{
    lua_pushstring(lua, event_fact(event_check(lua), name));
    return 1;
}

static int event_host(lua_State *lua)
{
    return push_fact(lua, "host");
}

static int event_intent(lua_State *lua)
{
    return push_fact(lua, "intent");
}

static int event_cause(lua_State *lua)
{
    return push_fact(lua, "cause");
}

static int event_policy(lua_State *lua)
{
    return push_fact(lua, "policy");
}

static int event_version(lua_State *lua)
{
    return push_fact(lua, "version");
}

static int event_language(lua_State *lua)
{
    return push_fact(lua, "language");
}

static int event_request(lua_State *lua)
{
    return push_fact(lua, "request");
}

static int event_channel(lua_State *lua)
{
    return push_fact(lua, "channel");
}

/* Whoever listens to a channel reads what is said on it. */
static int event_data(lua_State *lua)
{
    const struct event *event = event_check(lua);

    if (!event_fact(event, "channel")) {
        lua_pushnil(lua);
        return 1;
    }
    mask_learn(&plugin_of(lua)->learnt, "message", buf_slice(&event->data));
    lua_pushlstring(lua, (const char *)event->data.data, event->data.len);
    return 1;
}

void event_check_kind(lua_State *lua, const struct event *event, enum event_kind kind)
{
    if (event->kind != kind)
        luaL_error(lua, "this is for %s; the event is a %s", event_info(kind)->name,
                   event_info(event->kind)->name);
}

/* Pushes the page as Markdown. */
static void push_page(lua_State *lua, const struct session *session)
{
    char *title;
    char *text;

    script_own(lua);
    title = text_read_plain(lua, 2, session);
    text = text_read_plain(lua, 3, session);
    lua_pushfstring(lua, "## %s\n\n%s", title, text);
    free(title);
    free(text);
    script_own_no_more(lua);
}

static int event_add_page(lua_State *lua)
{
    struct event *event = event_check(lua);
    const struct session *session = session_of(lua, event);
    struct document *document;
    const char *markdown;
    size_t len;

    event_check_kind(lua, event, EVENT_GATE);
    luaL_argcheck(lua, text_check(lua, 2) + text_check(lua, 3) <= PAGE_BYTES_MAX, 3,
                  "a page has 16 KiB at most");
    /* In an address it would be told to whoever is there, by a click. */
    luaL_argcheck(lua, !text_has_value(lua, 2) && !text_has_value(lua, 3), 3,
                  "a page has links, so nothing of a player can be in it");
    if (event->page_count == EVENT_PAGES_MAX)
        return luaL_error(lua, "%d pages are shown with the policy at most", EVENT_PAGES_MAX);
    if (!session)
        return 0;
    push_page(lua, session);
    markdown = lua_tolstring(lua, -1, &len);
    document = document_parse(slice_of(markdown, len));
    if (!document)
        return luaL_error(lua, "the page could not be read as Markdown");
    event->pages[event->page_count++] = document;
    return 0;
}

static int event_name(lua_State *lua)
{
    lua_pushstring(lua, event_info(event_check(lua)->kind)->name);
    return 1;
}

static int event_server(lua_State *lua)
{
    push_server(lua, event_check(lua)->server);
    return 1;
}

static int event_from(lua_State *lua)
{
    push_server(lua, event_check(lua)->other);
    return 1;
}

static int event_signed(lua_State *lua)
{
    lua_pushboolean(lua, event_check(lua)->fixed);
    return 1;
}

/* An object, so that it can say more some day: its kind, and where to. */
static int event_result(lua_State *lua)
{
    const struct event *event = event_check(lua);
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
    const struct event *event = event_check(lua);
    struct session *session = session_of(lua, event);

    if (!event->text || !session || event->field == FIELD_NONE)
        lua_pushnil(lua);
    else
        value_push(lua, session, event->field, slice_str(event->text));
    return 1;
}

static const struct api_word words[] = {
    {"name", "string", "What happened: \"player.chat\".", event_name},
    {"server", "string|nil",
     "The server that it is about. Of player.disconnect: in whose world they stood last, if in "
     "any.",
     event_server},
    {"from", "string|nil", "The server that the player came from.", event_from},
    {"host", "string|nil",
     "Of connection and ping: which name of the configuration (`hosts` of servers) the one that "
     "was "
     "typed fits, as it is written there.",
     event_host},
    {"intent", "string|nil", "Of connection: \"status\", \"login\" or \"transfer\".", event_intent},
    {"cause", "string|nil",
     "Of server.kicked: \"kicked\", where the server said so, or \"lost\". Of player.disconnect: "
     "\"left\" (they went, or their connection broke), \"put out\" (by Sekisho, a plugin, or the "
     "last server), \"replaced\" (they logged in anew), \"stopped\" (Sekisho ends); nil where they "
     "were gone before player.login was answered.",
     event_cause},
    {"policy", "string|nil", "Of consent.*: the id of the policy.", event_policy},
    {"version", "string|nil", "And its version.", event_version},
    {"language", "string|nil", "Of gate and consent.*: the language of the text.", event_language},
    {"request", "string|nil",
     "Of player.request: \"disclosure\", \"correction\", \"erasure\" or \"stop\".", event_request},
    {"channel", "string|nil", "Of message.*: the channel.", event_channel},
    {"data", "string|nil", "Of message.*: what was said, as bytes.", event_data},
    {"text", "value|nil",
     "What the player wrote or answered, as a value; a command without its slash.", event_text},
    {"signed", "boolean",
     "The player signed it: it cannot be altered, nor left out without the server noticing.",
     event_signed},
    {"result", "event_result",
     "What handlers before this one made of it: { kind = \"allowed\" }, \"denied\", "
     "\"redirected\" (with `server`) or \"replaced\".",
     event_result},
    {"allow", "(words?: text)", "It takes its course; takes back what others made of it.",
     event_allow},
    {"deny", "(words?: text)", "It does not happen; the player reads the words.", event_deny},
    {"redirect", "(server: string, words?: text)", "Another server instead.", event_redirect},
    {"replace", "(text: string)",
     "Another command instead, without a slash: as if the player had typed it, so also one of "
     "Sekisho's or of a plugin's.",
     event_replace},
    {"show",
     "(answer: { description?: text, version?: string, favicon?: string, online?: integer, max?: "
     "integer, hover?: string })",
     "Of ping: what the server list shows, where it is not what is configured. `version` stands in "
     "place of the numbers of players, `hover` are lines that are seen while the mouse is there, "
     "`favicon = \"NAME\"` is the picture favicon-NAME.png beside the configuration.",
     event_show},
    {"add_page", "(title: text, text: text)",
     "Of gate: a text that is shown behind the policy and is none of it; Markdown makes headings, "
     "lists and links. No player's data can be in it.",
     event_add_page},
};

const struct api_group api_event = {
    "event", API_CLASS,
    "What happened, given to handlers. What they make of it is said by its methods; the last word "
    "counts. It is over when the handler ends.",
    words, API_COUNT(words)};
