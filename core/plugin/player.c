#include "plugin/player.h"

#include "crypto/hash.h"
#include "identity/permissions.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/person.h"
#include "plugin/screen_words.h"
#include "plugin/task.h"
#include "plugin/text.h"
#include "plugin/value.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <string.h>

static const char players_key; /* its address names the table of players, by session */

static void push_new(lua_State *lua, uint64_t id, const struct uuid *uuid)
{
    struct player *player = lua_newuserdatauv(lua, sizeof *player, 0);

    *player = (struct player){.session = id, .uuid = *uuid};
    api_become(lua, &api_player);
}

/* Who is not connected has no session, and nothing that their object would be kept by. */
void player_push_known(lua_State *lua, uint64_t id, const struct uuid *uuid)
{
    if (id == 0) {
        push_new(lua, id, uuid);
        return;
    }
    api_push_table(lua, &players_key);
    if (lua_rawgeti(lua, -1, (lua_Integer)id) == LUA_TUSERDATA) {
        lua_remove(lua, -2);
        return;
    }
    lua_pop(lua, 1);
    push_new(lua, id, uuid);
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, -3, (lua_Integer)id);
    lua_remove(lua, -2);
}

void player_push(lua_State *lua, uint64_t id)
{
    const struct session *session = worker_session(plugin_worker(lua), id);

    if (session)
        player_push_known(lua, id, &session->profile.uuid);
    else
        lua_pushnil(lua);
}

struct player *player_check(lua_State *lua, int index)
{
    return api_check(lua, index, &api_player);
}

struct session *player_session(lua_State *lua, const struct player *player)
{
    struct session *session = worker_session(plugin_worker(lua), player->session);

    return session && !session->closing && session->state != SESSION_FINISH ? session : NULL;
}

void players_forget(struct plugins *host, uint64_t session)
{
    for (struct plugin *plugin = host->first; plugin; plugin = plugin->next) {
        lua_State *lua = script_lua(plugin->script);

        api_push_table(lua, &players_key);
        lua_pushnil(lua);
        lua_rawseti(lua, -2, (lua_Integer)session);
        lua_pop(lua, 1);
    }
}

/* Pushes the field as an opaque value, or nil. */
static int push_field(lua_State *lua, enum field field)
{
    struct player *player = player_check(lua, 1);
    const struct session *session = player_session(lua, player);
    struct buf known = {0};

    value_check_declared(lua, field);
    script_own(lua);
    if (session && known_field(session, field, &known))
        value_push(lua, session, field, buf_slice(&known));
    else
        lua_pushnil(lua);
    buf_free(&known);
    script_own_no_more(lua);
    return 1;
}

static int player_name(lua_State *lua)
{
    return push_field(lua, FIELD_PLAYER_NAME);
}

static int player_uuid(lua_State *lua)
{
    return push_field(lua, FIELD_PLAYER_UUID);
}

static int player_field(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 2);
    enum field field = field_by_name(name);
    char advice[DIAG_ADVICE_BYTES];

    if (field != FIELD_NONE)
        return push_field(lua, field);
    return luaL_error(lua, "there is no field \"%s\"; %s", name,
                      diag_advice(advice, field_nearest(name), "docs/rules.md lists them"));
}

static int player_online(lua_State *lua)
{
    lua_pushboolean(lua, player_session(lua, player_check(lua, 1)) != NULL);
    return 1;
}

static int player_server(lua_State *lua)
{
    const struct session *session = player_session(lua, player_check(lua, 1));

    if (session && session->backend->phase == BACKEND_LINKED)
        lua_pushstring(lua, backend_server(session->backend)->name);
    else
        lua_pushnil(lua);
    return 1;
}

void player_push_hash(lua_State *lua, const struct uuid *uuid)
{
    const char *name = plugin_of(lua)->name;
    const uint8_t *secret = store_secret(plugin_worker(lua)->store);
    uint8_t key[SHA256_BYTES];
    uint8_t hash[SHA256_BYTES];
    char text[SHA256_TEXT_BYTES];

    hmac_sha256(slice_of(secret, STORE_SECRET_BYTES), slice_str(name), key);
    hmac_sha256(slice_of(key, sizeof key), slice_of(uuid->bytes, UUID_BYTES), hash);
    hex_encode(slice_of(hash, sizeof hash), text);
    lua_pushstring(lua, text);
}

int player_hash(lua_State *lua)
{
    player_push_hash(lua, person_check(lua, 1));
    return 1;
}

static int player_may(lua_State *lua)
{
    const struct session *session = player_session(lua, player_check(lua, 1));
    const char *permission = luaL_checkstring(lua, 2);

    if (!permission_is_name(permission))
        return luaL_error(lua,
                          "\"%s\" is no permission; write words of a-z, 0-9, _ and - with dots "
                          "between them, as \"hub.use\"",
                          permission);
    lua_pushboolean(lua, session && permission_allows(session->worker->permissions,
                                                      &session->profile, permission));
    return 1;
}

static int player_disconnect(lua_State *lua)
{
    struct session *session = player_session(lua, player_check(lua, 1));
    struct buf encoded = {0};
    struct text *words;

    if (!session)
        return 0;
    words = text_check_read(lua, 2, session);
    text_write(words, session->protocol, session->down, &encoded);
    text_free(words);
    session_pass_goodbye(session, buf_slice(&encoded), "a plugin disconnected the player");
    buf_free(&encoded);
    return 0;
}

static const struct api_word words[] = {
    {"name", "value|nil", "Their name, as the rules of their server give it.", player_name},
    {"uuid", "value|nil", "Their UUID, as the rules of their server give it.", player_uuid},
    {"online", "boolean", "They are connected.", player_online},
    {"server", "string|nil", "The server that they are with.", player_server},
    {"field", "(name: string): value|nil",
     "Any field of the catalogue, as the rules of their server give it; nil where they give "
     "nothing. The plugin's manifest has to read it.",
     player_field},
    PERSON_WORDS,
    {"may", "(permission: string): boolean",
     "They have this permission, by config/permissions.lua (docs/permissions.md).", player_may},
    {"send", "(text: text): boolean, string?",
     "A line in their chat. As of all that is shown: between two worlds it waits for the next one; "
     "`false` and why where it cannot be shown at all.",
     screen_word_send},
    {"action_bar", "(text: text): boolean, string?",
     "A line above their hotbar, for some seconds. Not before 1.8.", screen_word_action_bar},
    {"title",
     "(title?: text, subtitle?: text, times?: { fade_in?: number, stay?: number, fade_out?: number "
     "}): boolean, string?",
     "Large letters in the middle of their screen; times are in seconds, 0.5, 3.5 and 1 where "
     "nothing is said. Not before 1.8.",
     screen_word_title},
    {"clear_title", "(): boolean, string?", "Takes the title away.", screen_word_clear_title},
    {"boss_bar",
     "(bar: { text?: text, progress?: number, color?: string, notches?: integer }): boss_bar, "
     "string?",
     "A bar at the top of their screen: `progress` from 0 to 1; `color` pink, blue, red, green, "
     "yellow, purple or white; `notches` 0, 6, 10, 12 or 20. Not shown before 1.9: what "
     "stands behind the bar says why it is not.",
     screen_word_boss_bar},
    {"tab_list", "(header?: text, footer?: text): boolean, string?",
     "What stands above and below the list of players, from here on. A server that sets it as well "
     "replaces it until they change servers. Not before 1.8.",
     screen_word_tab_list},
    {"sound",
     "(name: string, options?: { volume?: number, pitch?: number, category?: string }): boolean, "
     "string?",
     "A sound where they are: \"minecraft:block.note_block.pling\". A client knows the names of "
     "its version only (\"note.pling\" in 1.8), and is silent at others. `pitch` from 0.5 to 2. "
     "Before 1.19.3 it is heard when the client next tells where it is, within a second.",
     screen_word_sound},
    {"book", "(book: { [integer]: text, title: text, author?: text }): boolean, string?",
     "A list of pages: from 1.21.6 on a dialog; before, a written book in the waiting room, and "
     "lines "
     "in the chat on a server, where a book would take the place of what they hold.",
     screen_word_book},
    {"dialog",
     "(dialog: { [integer]: text, title: text, inputs?: dialog_input[], buttons?: dialog_button[], "
     "close?: text "
     "}): boolean, string?",
     "A dialog over the game; before 1.21.6 lines in the chat to click and to complete. Buttons: "
     "`{ \"Send\", function(player, answer) ... end }`. Inputs: `{ \"why\", \"text\", label = "
     "\"Reason\", max = 100, lines = 3, value = \"\" }` and `{ \"loud\", \"box\", label = "
     "\"Loud\", ticked = true }`; the answer has them by name, texts as values of chat.command, "
     "boxes as true or false. One dialog at a time, good for one answer.",
     dialog_word},
    {"message", "(channel: string, data: string): boolean, string?",
     "A plugin message to their mods, on a channel of the manifest.", screen_word_message},
    {"message_server", "(channel: string, data: string): boolean, string?",
     "The same to their server, as if it came from their client: `false` and why where the "
     "server's "
     "rules do not let the channel pass.",
     screen_word_message_server},
    {"transfer", "(host: string, port?: integer): boolean, string?",
     "Has their client connect to another host, one of the manifest's `hosts`. 1.20.5 and later.",
     screen_word_transfer},
    {"set_cookie", "(key: string, value: string): boolean, string?",
     "Has their client keep a text, sealed, at most 5088 bytes. 1.20.5 and later.",
     cookie_word_set},
    {"cookie", "(key: string): string|nil",
     "Waits for what this plugin had their client keep under this key; nil where there is nothing, "
     "or nothing that this plugin stored for this player.",
     cookie_word_get},
    {"connect", "(server: string): boolean|nil, string?",
     "Takes them to another server. Waits until they stand there: true; or nil and why not. In a "
     "handler of an event of theirs it begins alone, and is true: the change is their next event.",
     connect_word},
    {"disconnect", "(words: text)", "Puts them out, with words that they read.", player_disconnect},
};

const struct api_group api_player = {
    "player", API_CLASS,
    "Somebody who is connected. The same player is the same object; when they have left, `online` "
    "is false, and what is done to them does nothing.",
    words, API_COUNT(words)};
