#include "cli/answers.h"

#include "base/err.h"
#include "base/mem.h"
#include "cli/plugin_stage.h"
#include "net/url.h"
#include "plugin/http.h"
#include "plugin/json.h"
#include "plugin/options.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_USUAL = 200, STATUS_MIN = 100, STATUS_MAX = 599 };

/* The body as JSON, where it is such. */
static json_t *json_of(struct slice body)
{
    return json_loadb((const char *)body.data, body.len, JSON_DECODE_ANY, NULL);
}

static void note(struct answers *answers, const struct http_request *request)
{
    struct slice body = buf_slice(&request->body);
    json_t *headers = json_object();

    for (size_t i = 0; i < request->header_count; i++) {
        const char *colon = strchr(request->headers[i], ':');

        json_object_setn_new(headers, request->headers[i], (size_t)(colon - request->headers[i]),
                             json_string(colon + 2));
    }
    if (!answers->asked)
        answers->asked = json_array();
    json_array_append_new(answers->asked, json_pack("{ss ss so so* so*}", "method", request->method,
                                                    "url", request->url, "headers", headers, "body",
                                                    json_stringn((const char *)body.data, body.len),
                                                    "json", body.len > 0 ? json_of(body) : NULL));
}

/* The answer for exactly this address, or for all that begin so: "https://api.example.net/" + "*".
 */
static const json_t *find(const struct answers *answers, const char *url)
{
    json_t *found = json_object_get(answers->by_url, url);
    size_t longest = 0;
    const char *key;
    json_t *each;

    json_object_foreach(answers->by_url, key, each)
    {
        size_t len = strlen(key);

        if (len > longest && key[len - 1] == '*' && strncmp(key, url, len - 1) == 0 &&
            (!found || longest > 0)) {
            longest = len;
            found = each;
        }
    }
    return found;
}

/* Returns owned, what the result borrows. */
static char *result_of(const json_t *answer, const char *url, struct fetch_result *result)
{
    const json_t *json = json_object_get(answer, "json");
    const json_t *status = json_object_get(answer, "status");
    const json_t *body = json_object_get(answer, "body");
    char *text;

    if (json_is_object(answer)) {
        text = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY)
                    : mem_strdup(body ? json_string_value(body) : "");
        *result =
            (struct fetch_result){.status = status ? (int)json_integer_value(status) : STATUS_USUAL,
                                  .body = slice_str(text)};
        return text;
    }
    text = answer ? mem_strdup(json_string_value(answer))
                  : mem_format("nothing leaves in a test, and it has no answer for %s; write "
                               "http_answers { [\"%s\"] = { status = 200, body = \"\" } }",
                               url, url);
    *result = (struct fetch_result){.err = ERR_CLOSED, .reason = text};
    return text;
}

void answers_give(struct answers *answers, struct plugins *host)
{
    const struct http_request *request;

    while ((request = http_kept(host))) {
        struct fetch_result result;
        char *text = result_of(find(answers, request->url), request->url, &result);

        note(answers, request);
        http_answer(host, request, &result);
        free(text);
    }
}

void answers_clear(struct answers *answers)
{
    json_decref(answers->by_url);
    json_decref(answers->asked);
    *answers = (struct answers){0};
}

/* Raises an error where the answer on the top is none; its address lies below it. */
static void check_answer(lua_State *lua)
{
    static const char *const known[] = {"status", "body", "json"};
    const struct options options = {.lua = lua, .index = lua_gettop(lua), .word = "http_answers"};

    if (lua_type(lua, -2) != LUA_TSTRING ||
        (lua_type(lua, -1) != LUA_TSTRING && !lua_istable(lua, -1)))
        luaL_error(lua, "http_answers takes { [\"https://...\"] = { status = 200, body = \"\" } }");
    if (lua_type(lua, -1) == LUA_TSTRING)
        return;
    options_check(&options, known, API_COUNT(known));
    options_number(&options, "status", STATUS_USUAL, STATUS_MIN, STATUS_MAX);
    if (lua_getfield(lua, options.index, "body") != LUA_TNIL && lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "http_answers: body has to be a text; json is written by Sekisho");
    lua_pop(lua, 1);
}

int answers_word(lua_State *lua)
{
    struct answers *answers = &plugin_stage_world(lua)->answers;
    const char *key;
    json_t *each;
    json_t *given;

    api_check_plain(lua, 1);
    lua_settop(lua, 1);
    for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
        check_answer(lua);
    given = json_of(json_push_text(lua, 1, NULL, NULL));
    if (!answers->by_url)
        answers->by_url = json_object();
    json_object_foreach(given, key, each)
    {
        char *url = url_normal(slice_str(key)); /* as the request will have it */

        json_object_set(answers->by_url, url ? url : key, each);
        free(url);
    }
    json_decref(given);
    return 0;
}

int answers_word_asked(lua_State *lua)
{
    struct plugin_world *world = plugin_stage_world(lua);
    char *text;

    plugin_world_settle(world);
    if (!world->answers.asked) {
        lua_newtable(lua);
        return 1;
    }
    text = json_dumps(world->answers.asked, JSON_COMPACT);
    json_push_value(lua, slice_str(text));
    free(text);
    return 1;
}
