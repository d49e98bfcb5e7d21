#include "plugin/screen_words.h"

#include "base/err.h"
#include "crypto/random.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/options.h"
#include "plugin/player.h"
#include "plugin/reader.h"
#include "plugin/text.h"
#include "session/screen.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICKS_A_SECOND = 20,
    SECONDS_MAX = 24 * 3600,
    NAME_BYTES_MAX = 256,
    MESSAGE_BYTES_MAX = 32767,
    PAGES_MAX = 100,
    DEFAULT_PORT = 25565,
};

static const char *why(int err)
{
    switch (err) {
    case ERR_UNSUPPORTED: return "this version of the game has nothing of the kind";
    case ERR_FULL: return "too much of it waits or is shown already";
    case ERR_REFUSED: return "the server's rules do not let this channel pass";
    case ERR_CLOSED: return "the player has left, or is with no server";
    default: return err_text(err);
    }
}

int screen_words_result(lua_State *lua, int err)
{
    lua_pushboolean(lua, err == 0);
    if (err == 0)
        return 1;
    lua_pushstring(lua, why(err));
    return 2;
}

/* The session of the player that is the first argument; NULL: they have left. */
static struct session *check_session(lua_State *lua)
{
    return player_session(lua, player_check(lua, 1));
}

/* Of the words that show a text and nothing else. */
static int show_text(lua_State *lua, int (*show)(struct session *, const struct text *))
{
    struct session *session = check_session(lua);
    struct text *text;
    int err;

    text_check(lua, 2);
    if (!session)
        return screen_words_result(lua, ERR_CLOSED);
    text = text_read(lua, 2, session);
    err = show(session, text);
    text_free(text);
    return screen_words_result(lua, err);
}

int screen_word_send(lua_State *lua)
{
    return show_text(lua, screen_say);
}

int screen_word_action_bar(lua_State *lua)
{
    return show_text(lua, screen_action_bar);
}

static int ticks(const struct options *options, const char *key, double otherwise)
{
    return (int)(options_number(options, key, otherwise, 0, SECONDS_MAX) * TICKS_A_SECOND);
}

static bool is_text_or_nil(lua_State *lua, int index)
{
    if (lua_isnoneornil(lua, index))
        return false;
    text_check(lua, index);
    return true;
}

static struct text *read_if(bool is_there, lua_State *lua, int index, const struct session *session)
{
    return is_there ? text_read(lua, index, session) : NULL;
}

int screen_word_title(lua_State *lua)
{
    static const char *const keys[] = {"fade_in", "stay", "fade_out"};
    struct options options = {.lua = lua, .index = 4, .word = "title"};
    struct session *session = check_session(lua);
    struct hud_title title = {0};
    bool has_title = is_text_or_nil(lua, 2);
    bool has_subtitle = is_text_or_nil(lua, 3);
    struct text *texts[2];
    int err;

    options_check_last(&options, keys, API_COUNT(keys));
    title.fade_in = ticks(&options, "fade_in", 0.5);
    title.stay = ticks(&options, "stay", 3.5);
    title.fade_out = ticks(&options, "fade_out", 1);
    if (!session)
        return screen_words_result(lua, ERR_CLOSED);
    title.title = texts[0] = read_if(has_title, lua, 2, session);
    title.subtitle = texts[1] = read_if(has_subtitle, lua, 3, session);
    err = screen_title(session, &title);
    text_free(texts[0]);
    text_free(texts[1]);
    return screen_words_result(lua, err);
}

int screen_word_clear_title(lua_State *lua)
{
    struct session *session = check_session(lua);

    return screen_words_result(lua, session ? screen_clear_title(session, true) : ERR_CLOSED);
}

/* What Lua holds of a boss bar: whose it is, and how it is. */
struct bar {
    uint64_t session;
    struct hud_bar bar; /* its text is kept by the session */
};

static const char *const colors[HUD_COLORS] = {"pink",   "blue",   "red",  "green",
                                               "yellow", "purple", "white"};

/* By hud_bar.division. */
static const double notches[HUD_DIVISIONS] = {0, 6, 10, 12, 20};

static int division_of(const struct options *options, int otherwise)
{
    double wanted = options_number(options, "notches", notches[otherwise], 0, 20);

    for (int i = 0; i < HUD_DIVISIONS; i++)
        if (notches[i] == wanted)
            return i;
    return luaL_error(options->lua, "%s: notches has to be 0, 6, 10, 12 or 20", options->word);
}

/* The table at 2 changes the bar, which lies at `index` with its text as its user value. */
static int put_bar(lua_State *lua, struct session *session, int index, const char *word)
{
    static const char *const keys[] = {"text", "progress", "color", "notches"};
    struct options options = {.lua = lua, .index = 2, .word = word};
    struct bar *bar = api_check(lua, index, &api_boss_bar);
    struct hud_bar now = bar->bar;
    bool is_new;

    options_check(&options, keys, API_COUNT(keys));
    now.progress = (float)options_number(&options, "progress", (double)now.progress, 0, 1);
    now.color =
        (enum hud_color)options_choice(&options, "color", colors, HUD_COLORS, (int)now.color);
    now.division = division_of(&options, now.division);
    is_new = options_text(&options, "text") > 0;
    bar->bar = now;
    if (is_new)
        lua_setiuservalue(lua, index, 1);
    if (!session)
        return ERR_CLOSED;
    is_new = is_new || !screen_bar_is_there(session, &now.uuid);
    is_new = lua_getiuservalue(lua, index, 1) != LUA_TNIL && is_new;
    return screen_bar_put(session, plugin_of(lua), &now, read_if(is_new, lua, -1, session));
}

int screen_word_boss_bar(lua_State *lua)
{
    struct session *session = check_session(lua);
    const struct player *player = player_check(lua, 1);
    struct bar *bar;
    int err;

    lua_settop(lua, 2);
    bar = lua_newuserdatauv(lua, sizeof *bar, 1);
    *bar = (struct bar){.session = player->session, .bar = {.progress = 1.0F, .color = HUD_WHITE}};
    random_bytes(bar->bar.uuid.bytes, UUID_BYTES);
    api_become(lua, &api_boss_bar);
    err = put_bar(lua, session, 3, "boss_bar");
    lua_settop(lua, 3);
    if (err == 0)
        return 1;
    lua_pushstring(lua, why(err));
    return 2;
}

/* NULL: the player has left. */
static struct session *session_of(lua_State *lua, const struct bar *bar)
{
    struct player player = {.session = bar->session};

    return player_session(lua, &player);
}

static int bar_update(lua_State *lua)
{
    const struct bar *bar = api_check(lua, 1, &api_boss_bar);

    return screen_words_result(lua, put_bar(lua, session_of(lua, bar), 1, "update"));
}

static int bar_remove(lua_State *lua)
{
    const struct bar *bar = api_check(lua, 1, &api_boss_bar);
    struct session *session = session_of(lua, bar);

    return screen_words_result(lua,
                               session ? screen_bar_remove(session, &bar->bar.uuid) : ERR_CLOSED);
}

int screen_word_tab_list(lua_State *lua)
{
    struct session *session = check_session(lua);
    bool has_header = is_text_or_nil(lua, 2);
    bool has_footer = is_text_or_nil(lua, 3);
    int err = ERR_CLOSED;

    if (session)
        err = screen_tab_list(session, plugin_of(lua), read_if(has_header, lua, 2, session),
                              read_if(has_footer, lua, 3, session));
    return screen_words_result(lua, err);
}

/* By number, which is the protocol's. */
static const char *const categories[] = {"master",  "music",   "record", "weather", "block",
                                         "hostile", "neutral", "player", "ambient", "voice"};

int screen_word_sound(lua_State *lua)
{
    static const char *const keys[] = {"volume", "pitch", "category"};
    struct options options = {.lua = lua, .index = 3, .word = "sound"};
    struct session *session = check_session(lua);
    struct hud_sound sound = {.name = text_check_string(lua, 2, NAME_BYTES_MAX)};

    options_check_last(&options, keys, API_COUNT(keys));
    sound.volume = (float)options_number(&options, "volume", 1, 0, 16);
    sound.pitch = (float)options_number(&options, "pitch", 1, 0.5, 2);
    sound.category = options_choice(&options, "category", categories, API_COUNT(categories), 0);
    random_bytes((uint8_t *)&sound.seed, sizeof sound.seed);
    return screen_words_result(lua, session ? screen_sound(session, &sound) : ERR_CLOSED);
}

/* Its title at 3, its author at 4. Returns how many pages it has. */
static lua_Integer check_book(lua_State *lua)
{
    static const char *const keys[] = {"title", "author"};
    struct options options = {.lua = lua, .index = 2, .word = "book"};
    const char *name = plugin_of(lua)->name;
    lua_Integer count;
    size_t bytes = 0;

    lua_settop(lua, 2);
    options_check(&options, keys, API_COUNT(keys));
    count = (lua_Integer)lua_rawlen(lua, 2);
    luaL_argcheck(lua, count >= 1 && count <= PAGES_MAX, 2, "a book has 1 to 100 pages");
    for (lua_Integer i = 1; i <= count; i++, lua_pop(lua, 1)) {
        lua_rawgeti(lua, 2, i);
        bytes += text_check(lua, 3);
    }
    luaL_argcheck(lua, bytes <= SCREEN_PAGE_BYTES_MAX, 2, "its pages have too much text");
    if (!options_text(&options, "title"))
        luaL_error(lua, "book: it has to have a title");
    if (!options_text(&options, "author")) {
        lua_pushstring(lua, name ? name : "");
        lua_replace(lua, 4);
    }
    return count;
}

int screen_word_book(lua_State *lua)
{
    struct session *session = check_session(lua);
    lua_Integer count = check_book(lua);
    struct prose_pages pages = {0};
    char *title;
    char *author;
    int err;

    if (!session)
        return screen_words_result(lua, ERR_CLOSED);
    title = text_read_plain(lua, 3, session);
    author = text_read_plain(lua, 4, session);
    for (lua_Integer i = 1; i <= count; i++, lua_pop(lua, 1)) {
        lua_rawgeti(lua, 2, i);
        prose_add_page(&pages, text_read(lua, -1, session));
    }
    err = screen_book(session, title, author, &pages);
    free(title);
    free(author);
    return screen_words_result(lua, err);
}

/* What a plugin says to the other side's plugins. The channel is at 2. */
static struct slice check_message(lua_State *lua)
{
    const struct plugin *plugin = plugin_of(lua);
    const char *channel = text_check_string(lua, 2, NAME_BYTES_MAX);
    size_t len;
    const char *data = luaL_checklstring(lua, 3, &len);

    if (!plugin_has_channel(plugin, channel))
        luaL_error(lua,
                   "this plugin does not say that it talks on \"%s\"; add channels = { "
                   "\"%s\" } to its plugin { ... }",
                   channel, channel);
    luaL_argcheck(lua, len <= MESSAGE_BYTES_MAX, 3, "a plugin message has at most 32767 bytes");
    return slice_of(data, len);
}

int screen_word_message(lua_State *lua)
{
    struct session *session = check_session(lua);
    struct slice data = check_message(lua);

    return screen_words_result(lua, session ? screen_message(session, lua_tostring(lua, 2), data)
                                            : ERR_CLOSED);
}

int screen_word_message_server(lua_State *lua)
{
    struct session *session = check_session(lua);
    struct slice data = check_message(lua);

    return screen_words_result(lua, session ? payload_send(session, lua_tostring(lua, 2), data)
                                            : ERR_CLOSED);
}

int screen_word_transfer(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    struct session *session = check_session(lua);
    const struct plugin_host *declared;
    const char *host = text_check_string(lua, 2, NAME_BYTES_MAX);
    lua_Integer port = luaL_optinteger(lua, 3, DEFAULT_PORT);

    luaL_argcheck(lua, port >= 1 && port <= 65535, 3, "a port is a number from 1 to 65535");
    declared = plugin_host_find(plugin, host);
    if (!declared)
        return luaL_error(lua,
                          "this plugin does not say that it sends players to \"%s\"; add hosts = { "
                          "\"%s\" } to its plugin { ... }",
                          host, host);
    if (declared->pattern[0] == '*' && reader_is(plugin)) /* the name may say what it read */
        return luaL_error(lua,
                          "rules let this plugin read players in plain (reveal): it sends players "
                          "only to hosts that its plugin { ... } names whole; add \"%s\" to its "
                          "hosts",
                          host);
    return screen_words_result(lua,
                               session ? screen_transfer(session, host, (int)port) : ERR_CLOSED);
}

void screen_words_forget(struct plugin *plugin)
{
    for (struct session *each = plugin->host->worker->first; each; each = each->next)
        screen_forget(each, plugin);
}

static const struct api_word bar_words[] = {
    {"update",
     "(changes: { text?: text, progress?: number, color?: string, notches?: integer }): boolean, "
     "string?",
     "Changes what is named; one that was taken away, or could not be shown, is shown again.",
     bar_update},
    {"remove", "(): boolean, string?", "Takes it from the screen.", bar_remove},
};

const struct api_group api_boss_bar = {
    "boss_bar", API_CLASS,
    "A bar at the top of a player's screen, made by `player:boss_bar`. It stays when the player "
    "changes servers, until it is removed or the plugin is unloaded.",
    bar_words, API_COUNT(bar_words)};
