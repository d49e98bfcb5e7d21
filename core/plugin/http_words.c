/*
 * What a plugin asks of other machines: read here, with all that can be wrong with it, before
 * anything is begun.
 */
#include "base/mem.h"
#include "net/address.h"
#include "net/host.h"
#include "net/url.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/http.h"
#include "plugin/json.h"
#include "plugin/options.h"
#include "plugin/person.h"
#include "plugin/reader.h"
#include "plugin/task.h"
#include "plugin/value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { USUAL_SECONDS = 10, SECONDS_MAX = 60, HEADER_BYTES_MAX = 4096, OPTIONS = 1 };

static const double SECONDS_MIN = 0.01;

/* A request as it is read; Lua frees it where an error comes in between. */
struct reading {
    struct http_request *request;
    const struct plugin_host *host;
    char *host_name;     /* that the address has */
    size_t opaque_bytes; /* of the body: no limit may tell a plugin how long a value is */
};

static int free_reading(lua_State *lua)
{
    struct reading *reading = lua_touserdata(lua, 1);

    http_request_free(reading->request);
    free(reading->host_name);
    *reading = (struct reading){0};
    return 0;
}

static struct reading *push_reading(lua_State *lua)
{
    static const struct api_owner kind = {sizeof(struct reading), free_reading};
    struct reading *reading = api_push_owner(lua, &kind);

    reading->request = mem_alloc(sizeof *reading->request);
    return reading;
}

static bool is_literal(const char *name)
{
    struct sockaddr_storage address;

    return host_is_here(name) || address_parse(slice_str(name), 0, &address) == 0;
}

/* What is not encrypted leaves this machine for nobody. */
static bool is_safe(const char *url, const char *name)
{
    return strncasecmp(url, "https:", 6) == 0 || host_is_here(name);
}

static void read_url(lua_State *lua, struct reading *reading)
{
    struct http_request *request = reading->request;
    struct slice url;
    int port;

    if (lua_getfield(lua, OPTIONS, "url") != LUA_TSTRING)
        api_fail(lua, "http: url has to be a text as \"https://api.example.net/path\"");
    url.data = (const uint8_t *)lua_tolstring(lua, -1, &url.len);
    request->url = url_normal(url);
    reading->host_name = request->url ? url_host(slice_str(request->url), &port) : NULL;
    if (!reading->host_name)
        api_fail(lua, "http: this url is no address that can be asked; write it as "
                      "\"https://api.example.net/path\"");
    reading->host = plugin_host_find(plugin_of(lua), reading->host_name);
    if (!reading->host)
        api_fail(lua,
                 "http: this plugin does not say that it talks to %s; add hosts = { \"%s\" } to "
                 "its plugin { ... }",
                 reading->host_name, reading->host_name);
    if (!is_safe(request->url, reading->host_name))
        api_fail(lua, "http: https:// is needed but to this machine itself");
    request->only_public =
        !is_literal(reading->host_name) || strcmp(reading->host->pattern, reading->host_name) != 0;
    lua_pop(lua, 1);
}

static const char *read_method(const struct options *options)
{
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    return known[options_choice(options, "method", known, API_COUNT(known), 0)];
}

/* Those that libcurl writes itself, and what would make two requests of one. */
static bool is_header(const char *name, const char *value)
{
    static const char *const own[] = {"host",       "content-length", "transfer-encoding",
                                      "connection", "expect",         "upgrade",
                                      "te",         "trailer",        "proxy-authorization"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(own[i], name) == 0)
            return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
            return false;
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at < ' ' && *at != '\t')
            return false;
    return name[0] && strlen(name) + strlen(value) <= HEADER_BYTES_MAX;
}

static void add_header(struct http_request *request, const char *name, const char *value)
{
    request->headers[request->header_count++] = mem_format("%s: %s", name, value);
}

/* Whether one of this name is there. */
static bool has_header(const struct http_request *request, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < request->header_count; i++)
        if (strncasecmp(request->headers[i], name, len) == 0 && request->headers[i][len] == ':')
            return true;
    return false;
}

static void read_headers(lua_State *lua, struct http_request *request)
{
    int type = lua_getfield(lua, OPTIONS, "headers");

    if (type != LUA_TNIL && type != LUA_TTABLE)
        api_fail(lua, "http: headers has to be a table: { [\"X-Name\"] = \"value\" }");
    if (type == LUA_TTABLE)
        for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
            if (lua_type(lua, -2) != LUA_TSTRING || lua_type(lua, -1) != LUA_TSTRING ||
                strlen(lua_tostring(lua, -1)) != lua_rawlen(lua, -1) ||
                !is_header(lua_tostring(lua, -2), lua_tostring(lua, -1)))
                api_fail(lua, "http: headers have names of letters, digits and dashes, and "
                              "texts in one line; Host, Content-Length and their like are "
                              "written by Sekisho");
            if (request->header_count == HTTP_HEADERS_MAX - 1)
                api_fail(lua, "http: more than %d headers", HTTP_HEADERS_MAX - 1);
            add_header(request, lua_tostring(lua, -2), lua_tostring(lua, -1));
        }
    lua_pop(lua, 1);
}

/* Something of this player is sent. */
static void tell_of(lua_State *lua, struct reading *reading, const struct uuid *player)
{
    struct http_request *request = reading->request;

    if (request->fields) {
        if (!uuid_equal(&request->player, player))
            api_fail(lua, "http: one request is about one player; make a request for each");
        return;
    }
    if (!reading->host->reason)
        api_fail(lua,
                 "http: something of a player is sent to %s, so the plugin has to say why: "
                 "hosts = { [\"%s\"] = { reason = \"...\", purpose = \"...\" } }",
                 reading->host_name, reading->host->pattern);
    request->player = *player;
    request->fields = json_array();
    request->to = mem_strdup(reading->host->to ? reading->host->to : reading->host_name);
    request->reason = mem_strdup(reading->host->reason);
    request->purpose = mem_strdup(reading->host->purpose);
}

static void read_about(lua_State *lua, struct reading *reading)
{
    if (lua_getfield(lua, OPTIONS, "about") != LUA_TNIL) {
        if (!api_test(lua, -1, &api_player) && !api_test(lua, -1, &api_person))
            api_fail(lua, "http: about has to be a player, or who person(...) found");
        tell_of(lua, reading, person_check(lua, -1));
    }
    lua_pop(lua, 1);
}

/* One more value of the same field in the same form, in what the ledger will say. */
static void note_field(json_t *fields, const char *field, const char *server, const char *form)
{
    json_t *one;
    size_t i;

    json_array_foreach(fields, i, one)
    {
        json_t *values = json_object_get(one, "values");

        if (strcmp(json_string_value(json_object_get(one, "field")), field) == 0 &&
            strcmp(json_string_value(json_object_get(one, "server")), server) == 0 &&
            strcmp(json_string_value(json_object_get(one, "form")), form) == 0) {
            json_integer_set(values, json_integer_value(values) + 1);
            return;
        }
    }
    json_array_append_new(fields, json_pack("{ss ss ss si}", "field", field, "server", server,
                                            "form", form, "values", 1));
}

static size_t length_in_json(const struct value *value)
{
    json_t *json = json_stringn(value->bytes, value->len);
    char *text = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
    size_t len = text ? strlen(text) : 0;

    if (text)
        mem_wipe(text, len);
    free(text);
    json_decref(json);
    return len;
}

static void take_value(lua_State *lua, void *owner, const struct value *value)
{
    struct reading *reading = owner;
    const struct plugin *plugin = plugin_of(lua);
    const struct conf *conf = plugin_worker(lua)->conf;
    const char *field = field_name(value->field);
    const char *purpose = plugin_purpose(plugin, value->field);
    bool is_kept = value->server < 0 || (size_t)value->server >= conf->server_count;

    tell_of(lua, reading, &value->owner);
    if (value->form == FIELD_FORM_NONE)
        api_fail(lua, "http: %s cannot be sent: no rule gave it", field);
    if (!purpose || strcmp(purpose, reading->request->purpose) != 0)
        api_fail(lua, "http: %s is read for the purpose \"%s\", and cannot be sent for \"%s\"",
                 field, purpose ? purpose : "", reading->request->purpose);
    note_field(reading->request->fields, field,
               is_kept ? lua_pushfstring(lua, "plugin %s", plugin->name)
                       : conf->servers[value->server].name,
               field_form_name(value->form));
    if (is_kept)
        lua_pop(lua, 1);
    reading->opaque_bytes += length_in_json(value);
}

static void set_body(struct http_request *request, struct slice body, const char *type)
{
    buf_reserve(&request->body, body.len + 1);
    buf_append_slice(&request->body, body);
    if (!has_header(request, "Content-Type"))
        add_header(request, "Content-Type", type);
}

/* POST, PUT and PATCH have a body, be it an empty one. */
static bool sends_always(const struct http_request *request)
{
    return request->method[0] == 'P';
}

static void read_body(lua_State *lua, struct reading *reading)
{
    int body = lua_getfield(lua, OPTIONS, "body");
    int json = lua_getfield(lua, OPTIONS, "json");
    struct slice text;

    if (json != LUA_TNIL && body != LUA_TNIL)
        api_fail(lua, "http: either json or body");
    if (body != LUA_TNIL && body != LUA_TSTRING)
        api_fail(lua, "http: body has to be a text; something of a player is sent by json");
    if (json != LUA_TNIL) {
        text = json_push_text(lua, -1, take_value, reading);
        set_body(reading->request, text, "application/json");
    } else if (body != LUA_TNIL || sends_always(reading->request)) {
        text = slice_of("", 0);
        if (body != LUA_TNIL)
            text.data = (const uint8_t *)lua_tolstring(lua, -2, &text.len);
        set_body(reading->request, text, "text/plain; charset=utf-8");
    }
    if (reading->request->body.len - reading->opaque_bytes > HTTP_BODY_BYTES_MAX)
        api_fail(lua, "http: more than 256 KiB are to be sent");
}

/* By a text it could say what it read, and that of anybody. */
static void check_reader(lua_State *lua, const struct reading *reading)
{
    if (!reading->request->fields && reader_is(plugin_of(lua)))
        api_fail(lua,
                 "http: rules let this plugin, or one that it listens to, read players in plain "
                 "(reveal): what it asks has to be about one of them (about = player), or another "
                 "plugin asks, and publishes the answer");
}

static int ask(lua_State *lua, const char *method)
{
    static const char *const known[] = {"url",  "method", "headers", "json",
                                        "body", "about",  "timeout"};
    struct options options = {lua, OPTIONS, "http"};
    struct plugin *plugin = plugin_of(lua);
    struct http_request *request;
    struct reading *reading;
    const struct task *task;

    lua_settop(lua, OPTIONS);
    options_check(&options, known, API_COUNT(known));
    reading = push_reading(lua);
    request = reading->request;
    read_url(lua, reading);
    request->method = method ? method : read_method(&options);
    read_headers(lua, request);
    request->timeout_ms = (uint64_t)(1000 * options_number(&options, "timeout", USUAL_SECONDS,
                                                           SECONDS_MIN, SECONDS_MAX));
    read_about(lua, reading);
    read_body(lua, reading);
    check_reader(lua, reading);
    if (http_count(plugin) >= HTTP_AT_ONCE_MAX)
        api_fail(lua, "http: %d requests of this plugin are under way already", HTTP_AT_ONCE_MAX);
    task = task_waits(lua);
    reading->request = NULL;
    http_begin(plugin->host, request, task->id);
    return lua_yield(lua, 0);
}

static int http_get(lua_State *lua)
{
    return ask(lua, "GET");
}

static int http_post(lua_State *lua)
{
    return ask(lua, "POST");
}

static int http_any(lua_State *lua)
{
    return ask(lua, NULL);
}

static const struct api_word words[] = {
    {"get",
     "(options: { url: string, headers?: table, timeout?: number, about?: player|person }): "
     "http_answer|nil, string|nil",
     "Asks a host that the manifest declares, over https://. No redirect is followed; `timeout` is "
     "in seconds (10, 60 at most); an answer has 256 KiB at most. Or nil and why not. Waits.",
     http_get},
    {"post",
     "(options: { url: string, json?: any, body?: string, headers?: table, timeout?: number, "
     "about?: player|person }): http_answer|nil, string|nil",
     "The same, with something to send. Values of one player may stand in `json`: then, and with "
     "`about`, it is sent where the player permits it, after the ledger says so.",
     http_post},
    {"request",
     "(options: { method: string, url: string, json?: any, body?: string, headers?: table, "
     "timeout?: number, about?: player|person }): http_answer|nil, "
     "string|nil",
     "The same with any method: GET, POST, PUT, PATCH or DELETE.", http_any},
};

const struct api_group api_http = {"http", API_TABLE,
                                   "Requests to the hosts that the manifest declares.", words,
                                   API_COUNT(words)};
