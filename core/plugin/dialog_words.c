/*
 * player:dialog: a page with texts, places to write in, boxes and buttons, each with a function
 * that is called when it is pressed. What the player writes is theirs, as what they type to
 * commands is: the plugin gets it as a value.
 */
#include "base/err.h"
#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/options.h"
#include "plugin/player.h"
#include "plugin/screen_words.h"
#include "plugin/task.h"
#include "plugin/text.h"
#include "plugin/value.h"
#include "session/screen.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLE = 2, /* the dialog, on the stack */
    TEXTS_MAX = 64,
    BUTTONS_MAX = 32,
    NAME_CHARS_MAX = 32,
    LABEL_BYTES_MAX = 256,
    CHARS_MAX = 256,
    LINES_MAX = 16,
};

static const char *const kinds[] = {"text", "box"};

enum { KIND_TEXT = 0, KIND_BOX = 1 };

/* A dialog that was shown. */
struct dialog_shown {
    struct registration registration;
    uint64_t session;
    int functions[BUTTONS_MAX];
    size_t function_count;
    char *fields[PAGE_FIELDS_MAX]; /* names, in the order of the page's */
    size_t field_count;
    char *boxes[PAGE_BOXES_MAX];
    size_t box_count;
};

static void dialog_forget(struct registration *registration)
{
    struct dialog_shown *shown = (struct dialog_shown *)(void *)registration;
    struct plugin *plugin = registration->plugin;
    struct session *session = worker_session(plugin->host->worker, shown->session);

    if (session)
        screen_forget(session, shown);
    for (size_t i = 0; i < shown->function_count; i++)
        luaL_unref(script_lua(plugin->script), LUA_REGISTRYINDEX, shown->functions[i]);
    for (size_t i = 0; i < shown->field_count; i++)
        free(shown->fields[i]);
    for (size_t i = 0; i < shown->box_count; i++)
        free(shown->boxes[i]);
    registration_unlink(registration);
    free(shown);
}

/* Pushes { NAME = value or nil, BOX = true or false }. */
static void push_answer(lua_State *lua, const struct dialog_shown *shown,
                        const struct session *session, const struct screen_answer *answer)
{
    lua_newtable(lua);
    for (size_t i = 0; i < shown->field_count; i++) {
        if (answer->written[i].len == 0)
            continue;
        value_push(lua, session, FIELD_CHAT_COMMAND, answer->written[i]);
        lua_setfield(lua, -2, shown->fields[i]);
    }
    for (size_t i = 0; i < shown->box_count; i++) {
        lua_pushboolean(lua, (int)(answer->ticked >> i & 1));
        lua_setfield(lua, -2, shown->boxes[i]);
    }
}

static void on_answered(void *owner, uint64_t ticket, struct session *session,
                        const struct screen_answer *answer)
{
    struct dialog_shown *shown = owner;
    struct plugin *plugin = shown->registration.plugin;
    struct plugins *host = plugin->host;
    int function = answer ? shown->functions[answer->action] : LUA_NOREF;
    struct task *task = NULL;

    (void)ticket;
    if (function != LUA_NOREF)
        task = task_new(plugin, function, NULL, NULL);
    if (plugin->off) /* by that call, one too many; the dialog went with it */
        return;
    if (task) {
        task->session = session->id;
        player_push(task->thread, session->id);
        push_answer(task->thread, shown, session, answer);
    }
    dialog_forget(&shown->registration);
    if (task) {
        task_start(task, 2);
        tasks_settle(host);
    }
}

/* The list at `key`, on the top of the stack; nil where there is none. Returns its length. */
static lua_Integer check_list(lua_State *lua, const char *key, lua_Integer max)
{
    int type = lua_getfield(lua, TABLE, key);
    lua_Integer count = type == LUA_TTABLE ? (lua_Integer)lua_rawlen(lua, -1) : 0;

    if (type != LUA_TTABLE && type != LUA_TNIL)
        luaL_error(lua, "dialog: %s has to be a list", key);
    if (count > max)
        luaL_error(lua, "dialog: %s has more than %d entries", key, (int)max);
    return count;
}

/* Element `i` of the list on the top, a table, and the string that it begins with. */
static const char *check_entry(lua_State *lua, lua_Integer i, const char *what, size_t bytes_max)
{
    if (lua_rawgeti(lua, -1, i) != LUA_TTABLE || lua_rawgeti(lua, -1, 1) != LUA_TSTRING)
        luaL_error(lua, "dialog: %s %d has to be a table that begins with a text", what, (int)i);
    return text_check_string(lua, lua_gettop(lua), bytes_max);
}

static void check_texts(lua_State *lua)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, TABLE);
    size_t bytes = 0;

    if (count > TEXTS_MAX)
        luaL_error(lua, "dialog: it has more than %d texts", TEXTS_MAX);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, TABLE, i);
        bytes += text_check(lua, lua_gettop(lua));
        lua_pop(lua, 1);
    }
    if (bytes > SCREEN_PAGE_BYTES_MAX)
        luaL_error(lua, "dialog: its texts are too long");
}

/* { "Send", function }, of which the latter may be left out. */
static void check_buttons(lua_State *lua)
{
    lua_Integer count = check_list(lua, "buttons", BUTTONS_MAX);

    for (lua_Integer i = 1; i <= count; i++) {
        int type;

        check_entry(lua, i, "button", LABEL_BYTES_MAX);
        type = lua_rawgeti(lua, -2, 2);
        if (type != LUA_TFUNCTION && type != LUA_TNIL)
            luaL_error(lua,
                       "dialog: what stands behind the label of button %d has to be a function",
                       (int)i);
        lua_pop(lua, 3);
    }
    lua_pop(lua, 1);
}

static int kind_of(lua_State *lua, int entry)
{
    const char *kind;

    lua_rawgeti(lua, entry, 2);
    kind = lua_tostring(lua, -1);
    lua_pop(lua, 1);
    for (int i = 0; kind && i < 2; i++)
        if (strcmp(kinds[i], kind) == 0)
            return i;
    return luaL_error(lua, "dialog: behind an input's name stands \"text\" or \"box\"");
}

/* { "why", "text", label = "Reason", max = 100, lines = 3, value = "" }, { "loud", "box", ... }. */
static void check_input(lua_State *lua, int entry, const char *name, size_t counts[2])
{
    static const char *const keys[] = {"label", "max", "lines", "value", "ticked"};
    struct options options = {.lua = lua, .index = entry, .word = "dialog: input"};
    int kind = kind_of(lua, entry);
    int type;

    options_check(&options, keys, API_COUNT(keys));
    if (!name[0] || strlen(name) > NAME_CHARS_MAX)
        luaL_error(lua, "dialog: an input's name has 1 to %d letters", NAME_CHARS_MAX);
    if (lua_getfield(lua, entry, "label") != LUA_TSTRING)
        luaL_error(lua, "dialog: input %s has to have a label", name);
    text_check_string(lua, lua_gettop(lua), LABEL_BYTES_MAX);
    type = lua_getfield(lua, entry, "value");
    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(lua, "dialog: the value of input %s has to be a string", name);
    if (type == LUA_TSTRING)
        text_check_string(lua, lua_gettop(lua), CHARS_MAX); /* no value: it would come back */
    lua_pop(lua, 2);
    options_number(&options, "max", 1, 1, CHARS_MAX);
    options_number(&options, "lines", 1, 1, LINES_MAX);
    options_flag(&options, "ticked", false);
    if (kind == KIND_TEXT && !plugin_purpose(plugin_of(lua), FIELD_CHAT_COMMAND))
        luaL_error(lua, "what players write is data of theirs; add reads = { [\"chat.command\"] = "
                        "\"PURPOSE\" } to plugin { ... }");
    if (++counts[kind] > (kind == KIND_TEXT ? PAGE_FIELDS_MAX : PAGE_BOXES_MAX))
        luaL_error(lua, "dialog: it has more than %d texts to write, or %d boxes", PAGE_FIELDS_MAX,
                   PAGE_BOXES_MAX);
}

static void check_inputs(lua_State *lua)
{
    lua_Integer count = check_list(lua, "inputs", PAGE_FIELDS_MAX + PAGE_BOXES_MAX);
    size_t counts[2] = {0};

    for (lua_Integer i = 1; i <= count; i++) {
        const char *name = check_entry(lua, i, "input", LABEL_BYTES_MAX);

        check_input(lua, lua_gettop(lua) - 1, name, counts);
        lua_pop(lua, 2);
    }
    lua_pop(lua, 1);
}

static void check_dialog(lua_State *lua)
{
    static const char *const keys[] = {"title", "inputs", "buttons", "close"};
    struct options options = {.lua = lua, .index = TABLE, .word = "dialog"};

    options_check(&options, keys, API_COUNT(keys));
    if (!options_text(&options, "title"))
        luaL_error(lua, "dialog: it has to have a title");
    options_text(&options, "close");
    lua_pop(lua, 2);
    check_texts(lua);
    check_inputs(lua);
    check_buttons(lua);
}

/* What follows was checked, and raises nothing. Strings are borrowed from the table. */

/* The function of the entry below the top. */
static int take_function(lua_State *lua)
{
    if (lua_rawgeti(lua, -2, 2) == LUA_TFUNCTION)
        return luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_pop(lua, 1);
    return LUA_NOREF;
}

static void put_buttons(lua_State *lua, struct dialog_shown *shown, struct page *page)
{
    lua_Integer count = check_list(lua, "buttons", BUTTONS_MAX);

    for (lua_Integer i = 1; i <= count; i++) {
        page_act(page, check_entry(lua, i, "button", LABEL_BYTES_MAX), NULL);
        shown->functions[shown->function_count++] = take_function(lua);
        lua_pop(lua, 2);
    }
    lua_pop(lua, 1);
}

/* Borrowed while the table is there. */
static const char *string_at(lua_State *lua, int entry, const char *key)
{
    const char *text;

    lua_getfield(lua, entry, key);
    text = lua_tostring(lua, -1);
    lua_pop(lua, 1);
    return text;
}

static void put_input(lua_State *lua, int entry, const char *name, struct dialog_shown *shown,
                      struct page *page)
{
    struct options options = {.lua = lua, .index = entry, .word = "dialog: input"};

    if (kind_of(lua, entry) == KIND_BOX) {
        shown->boxes[shown->box_count++] = mem_strdup(name);
        page->boxes[page->box_count++] =
            (struct page_box){.label = mem_strdup(string_at(lua, entry, "label")),
                              .ticked = options_flag(&options, "ticked", false)};
        return;
    }
    shown->fields[shown->field_count++] = mem_strdup(name);
    page->fields[page->field_count++] = (struct page_field){
        .label = string_at(lua, entry, "label"),
        .written = string_at(lua, entry, "value"),
        .chars_max = (int)options_number(&options, "max", 100, 1, CHARS_MAX),
        .lines = (int)options_number(&options, "lines", 1, 1, LINES_MAX),
    };
}

static void put_inputs(lua_State *lua, struct dialog_shown *shown, struct page *page)
{
    lua_Integer count = check_list(lua, "inputs", PAGE_FIELDS_MAX + PAGE_BOXES_MAX);

    for (lua_Integer i = 1; i <= count; i++) {
        const char *name = check_entry(lua, i, "input", LABEL_BYTES_MAX);

        put_input(lua, lua_gettop(lua) - 1, name, shown, page);
        lua_pop(lua, 2);
    }
    lua_pop(lua, 1);
}

static void put_texts(lua_State *lua, const struct session *session, struct page *page)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, TABLE);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, TABLE, i);
        page_add(page, text_read(lua, -1, session));
        lua_pop(lua, 1);
    }
}

static int show(lua_State *lua, struct session *session)
{
    struct options options = {.lua = lua, .index = TABLE, .word = "dialog"};
    struct dialog_shown *shown = mem_alloc(sizeof *shown);
    struct page page = {0};
    char *title;
    char *close = NULL;
    int err;

    shown->session = session->id;
    options_text(&options, "title");
    title = text_read_plain(lua, lua_gettop(lua), session);
    if (options_text(&options, "close"))
        close = text_read_plain(lua, lua_gettop(lua), session);
    page.title = title;
    page.close = close ? close : message_text(MESSAGE_PRIVACY_CLOSE, session_locale(session));
    put_texts(lua, session, &page);
    put_inputs(lua, shown, &page);
    put_buttons(lua, shown, &page);
    plugin_register(plugin_of(lua), &shown->registration, NULL, dialog_forget);
    err = screen_page(session, shown, &page, 0, on_answered);
    if (err < 0)
        dialog_forget(&shown->registration);
    free(title);
    free(close);
    return err;
}

int dialog_word(lua_State *lua)
{
    struct session *session = player_session(lua, player_check(lua, 1));
    int err;

    lua_settop(lua, TABLE);
    check_dialog(lua);
    script_own(lua); /* all was checked: nothing raises an error but want of memory */
    err = session ? show(lua, session) : ERR_CLOSED;
    script_own_no_more(lua);
    return screen_words_result(lua, err);
}
