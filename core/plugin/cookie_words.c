/*
 * Cookies: what a plugin has a client keep (1.20.5 and later). A client can show what it likes, and
 * be asked by whoever it is transferred to: so a cookie is sealed for one plugin, player and key,
 * and nothing but what this plugin stored itself comes back. What it stored is its own text, never
 * a value: else a cookie would be a way to read one.
 */
#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "plugin/host.h"
#include "plugin/player.h"
#include "plugin/screen_words.h"
#include "plugin/task.h"
#include "session/screen.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_CHARS_MAX = 64 };

/* A task that waits for a cookie. */
struct asked {
    struct plugins *host;
    uint64_t session;
    uint64_t task;
    char *key; /* with the plugin's name */
};

/* "PLUGIN:KEY"; owned. Raises an error for what is no key. */
static char *check_key(lua_State *lua, int index)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
    const struct plugin *plugin = plugin_of(lua);
    const char *key = luaL_checkstring(lua, index);

    luaL_argcheck(lua, key[0] && strlen(key) <= KEY_CHARS_MAX && !key[strspn(key, letters)], index,
                  "a cookie's key is made of a-z, 0-9, _, -, . and /, at most 64 of them");
    if (!plugin->name)
        luaL_error(lua, "plugin { ... } has to come first");
    return mem_format("%s:%s", plugin->name, key);
}

/* What makes the cookie with this key and value one of this player and installation. */
static void stamp(const struct worker *worker, const struct uuid *player, const char *key,
                  struct slice value, uint8_t out[static SHA256_BYTES])
{
    struct buf sealed = {0};
    uint8_t own[SHA256_BYTES];

    hmac_sha256(slice_of(store_secret(worker->store), STORE_SECRET_BYTES), slice_str("cookies"),
                own);
    buf_append(&sealed, player->bytes, UUID_BYTES);
    buf_append_str(&sealed, key);
    buf_append_byte(&sealed, 0); /* which no key has */
    buf_append_slice(&sealed, value);
    hmac_sha256(slice_of(own, sizeof own), buf_slice(&sealed), out);
    buf_free(&sealed);
}

int cookie_word_set(lua_State *lua)
{
    const struct player *player = player_check(lua, 1);
    struct session *session = player_session(lua, player);
    uint8_t hash[SHA256_BYTES];
    struct buf cookie = {0};
    struct slice value;
    size_t len;
    char *key;
    int err;

    luaL_checktype(lua, 3, LUA_TSTRING);
    value.data = (const uint8_t *)lua_tolstring(lua, 3, &len);
    value.len = len;
    luaL_argcheck(lua, len <= SCREEN_COOKIE_BYTES_MAX - SHA256_BYTES, 3,
                  "a cookie has at most 5088 bytes");
    key = check_key(lua, 2);
    stamp(plugin_worker(lua), &player->uuid, key, value, hash);
    buf_append(&cookie, hash, sizeof hash);
    buf_append_slice(&cookie, value);
    err = session ? screen_store_cookie(session, key, buf_slice(&cookie)) : ERR_CLOSED;
    buf_free(&cookie);
    free(key);
    return screen_words_result(lua, err);
}

static void asked_free(struct asked *asked)
{
    free(asked->key);
    free(asked);
}

static void push_opened(const struct asked *asked, struct slice cookie, lua_State *lua)
{
    const struct session *session = worker_session(asked->host->worker, asked->session);
    struct slice value = {0};
    uint8_t hash[SHA256_BYTES];

    lua_pushnil(lua);
    if (!session || !cookie.data || cookie.len < SHA256_BYTES)
        return;
    value = slice_of(cookie.data + SHA256_BYTES, cookie.len - SHA256_BYTES);
    stamp(asked->host->worker, &session->profile.uuid, asked->key, value, hash);
    if (!secret_equal(slice_of(cookie.data, SHA256_BYTES), slice_of(hash, sizeof hash)))
        return;
    lua_pop(lua, 1);
    lua_pushlstring(lua, (const char *)value.data, value.len);
}

static void on_answered(void *owner, uint64_t ticket, struct slice cookie)
{
    struct asked *asked = owner;
    struct task *task = task_find(asked->host, ticket);

    if (task) {
        push_opened(asked, cookie, task->thread);
        task_resume(task, 1);
    }
    asked_free(asked);
}

static void cancel(void *waited)
{
    struct asked *asked = waited;
    struct session *session = worker_session(asked->host->worker, asked->session);

    if (session)
        screen_forget(session, asked);
    asked_free(asked);
}

int cookie_word_get(lua_State *lua)
{
    const struct player *player = player_check(lua, 1);
    struct session *session = player_session(lua, player);
    struct task *task = task_waits(lua);
    char *key;
    struct asked *asked;
    int err = ERR_CLOSED;

    if (session && session->asking > 0 && task->session == session->id)
        return luaL_error(lua, "the player's client waits for this handler, and cannot answer: ask "
                               "for the cookie before, or in after(0, function() ... end)");
    key = check_key(lua, 2);
    asked = mem_alloc(sizeof *asked);
    *asked = (struct asked){
        .host = task->plugin->host, .session = player->session, .task = task->id, .key = key};
    if (session)
        err = screen_ask_cookie(session, asked, asked->key, asked->task, on_answered);
    if (err == 0) {
        task->cancel = cancel;
        task->waited = asked;
        return lua_yield(lua, 0);
    }
    asked_free(asked);
    lua_pushnil(lua);
    return 1;
}
