#include "plugin/value.h"

#include "gate/prose.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/text.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_SMALL = 64, ROOM_STEP = 1024 };

static bool has_agreed(const struct session *session, const char *purpose)
{
    return session->purposes & policy_purposes_read(session->worker->policy, purpose);
}

void value_check_declared(lua_State *lua, enum field field)
{
    if (!plugin_purpose(plugin_of(lua), field))
        luaL_error(lua,
                   "this plugin does not say that it reads %s; add reads = { [\"%s\"] = "
                   "\"PURPOSE\" } to its plugin { ... }",
                   field_name(field), field_name(field));
}

/* In steps: what is left of the plugin's memory would tell how long a value is. */
static size_t room_for(size_t len)
{
    return len < ROOM_SMALL ? ROOM_SMALL : (len / ROOM_STEP + 1) * ROOM_STEP;
}

static struct value *new_value(lua_State *lua, struct slice bytes)
{
    struct value *value = lua_newuserdatauv(lua, sizeof *value + room_for(bytes.len), 0);

    *value = (struct value){.server = ROUTE_NONE, .len = bytes.len};
    memcpy(value->bytes, bytes.data, bytes.len);
    value->bytes[bytes.len] = '\0';
    api_become(lua, &api_value);
    return value;
}

void value_push(lua_State *lua, const struct session *session, enum field field, struct slice bytes)
{
    const struct backend *backend = session->backend;
    const struct plugin *plugin = plugin_of(lua);
    struct field_value raw = {.field = field, .bytes = bytes};
    struct rules_subject subject;
    enum field_form form;
    struct buf told = {0};
    struct value *value;

    value_check_declared(lua, field);
    if (backend->phase != BACKEND_LINKED || !has_agreed(session, plugin_purpose(plugin, field))) {
        lua_pushnil(lua);
        return;
    }
    subject = told_subject(backend);
    script_own(lua);
    form = rules_forward(worker_rules(session->worker, backend->server), &subject, &raw, &told);
    if (form == FIELD_FORM_NONE || form == FIELD_FORM_DROP) {
        lua_pushnil(lua);
    } else {
        value = new_value(lua, buf_slice(&told));
        value->field = field;
        value->form = form;
        value->owner = session->profile.uuid;
        value->session = session->id;
        value->server = (int)backend->server;
    }
    buf_free(&told);
    script_own_no_more(lua);
}

void value_push_kept(lua_State *lua, const struct uuid *owner, enum field field,
                     enum field_form form, struct slice bytes)
{
    struct value *value = new_value(lua, bytes);

    value->field = field;
    value->form = form;
    value->owner = *owner;
}

const struct value *value_at(lua_State *lua, int index)
{
    return api_test(lua, index, &api_value);
}

/* Another player may know what their server may know. */
static bool is_shown_as_it_is(const struct value *value, const struct session *reader)
{
    return uuid_equal(&value->owner, &reader->profile.uuid) ||
           (reader->backend->phase == BACKEND_LINKED &&
            value->server == (int)reader->backend->server);
}

static void add_for_other(const struct value *value, const struct session *reader, struct buf *out)
{
    const struct session *owner = worker_session(reader->worker, value->session);

    if (!owner || !told_to(reader, owner, value->field, out))
        buf_append_format(out, "<%s>", field_name(value->field));
}

/* What a player wrote may have signs that would colour what stands behind it. */
void value_add(const struct value *value, const struct session *reader, struct buf *out)
{
    struct buf raw = {0};
    char *plain;

    if (is_shown_as_it_is(value, reader))
        buf_append(&raw, value->bytes, value->len);
    else
        add_for_other(value, reader, &raw);
    plain = prose_plain(slice_is_utf8(buf_slice(&raw)) ? buf_text(&raw) : "?");
    buf_append_str(out, plain);
    free(plain);
    buf_free(&raw);
}

int value_check_server(lua_State *lua, int index)
{
    const struct conf *conf = plugin_worker(lua)->conf;
    const char *name = luaL_checkstring(lua, index);
    const struct conf_server *server = conf_server_find(conf, name);
    char advice[DIAG_ADVICE_BYTES];

    if (server)
        return (int)(server - conf->servers);
    return luaL_error(
        lua, "there is no server \"%s\"; %s", name,
        diag_advice(advice, conf_server_nearest(conf, name), "see `servers` in the configuration"));
}

static int value_tostring(lua_State *lua)
{
    const struct value *value = api_check(lua, 1, &api_value);

    lua_pushfstring(lua, "<%s>", field_name(value->field));
    return 1;
}

static int value_field(lua_State *lua)
{
    const struct value *value = api_check(lua, 1, &api_value);

    lua_pushstring(lua, field_name(value->field));
    return 1;
}

static int value_form(lua_State *lua)
{
    const struct value *value = api_check(lua, 1, &api_value);

    lua_pushstring(lua, field_form_name(value->form));
    return 1;
}

/* A mistake of whoever wrote the rules or the plugin. */
static int no_rule(lua_State *lua, const struct session *session, const struct value *value)
{
    const struct conf_server *server = backend_server(session->backend);
    const struct plugin *plugin = plugin_of(lua);

    return luaL_error(lua,
                      "no rule of the server %s lets this plugin read %s; write reveal \"%s\" { to "
                      "= \"%s\", purpose = \"%s\" } in %s",
                      server->name, field_name(value->field), field_name(value->field),
                      plugin->name, plugin_purpose(plugin, value->field),
                      server->rules ? server->rules : "its rule file");
}

/*
 * On the server whose rules gave it, to the plugin that they name, as far as the player agreed.
 * `*is_ruled`: false where this server's rules do not name the plugin.
 */
static bool may_read(const struct plugin *plugin, const struct value *value, bool *is_ruled)
{
    const struct session *session = worker_session(plugin->host->worker, value->session);
    const char *purpose = plugin_purpose(plugin, value->field);
    bool is_allowed;
    char *name;

    *is_ruled = true;
    if (!session || session->backend->phase != BACKEND_LINKED ||
        (int)session->backend->server != value->server || !purpose || !has_agreed(session, purpose))
        return false;
    name = act_reveal_name(value->field, plugin->name, purpose);
    *is_ruled = acts_allow_name(rules_acts(worker_rules(session->worker, session->backend->server)),
                                ACT_REVEAL, slice_str(name));
    is_allowed = *is_ruled && acts_allow(session->backend, ACT_REVEAL, slice_str(name));
    free(name);
    return is_allowed;
}

static int value_is_readable(lua_State *lua)
{
    const struct value *value = api_check(lua, 1, &api_value);
    bool is_ruled;

    lua_pushboolean(lua, may_read(plugin_of(lua), value, &is_ruled));
    return 1;
}

static int value_read(lua_State *lua)
{
    const struct value *value = api_check(lua, 1, &api_value);
    struct plugin *plugin = plugin_of(lua);
    bool is_ruled;

    if (!may_read(plugin, value, &is_ruled)) {
        if (!is_ruled)
            return no_rule(lua, worker_session(plugin->host->worker, value->session), value);
        lua_pushnil(lua);
        return 1;
    }
    mask_learn(&plugin->learnt, field_name(value->field), slice_of(value->bytes, value->len));
    lua_pushlstring(lua, value->bytes, value->len);
    return 1;
}

static const struct api_word value_words[] = {
    {"field_name", "string", "Which field it is: \"connection.ip\".", value_field},
    {"form", "string", "The form in which the server's rules gave it: \"full\", \"truncate\".",
     value_form},
    {"readable", "boolean",
     "`read` says something now: of plugins that run on servers with such a rule and without.",
     value_is_readable},
    {"read", "(): string|nil",
     "What it says, where a `reveal` rule of the player's server names this plugin and the purpose "
     "for which it reads the field; an error without such a rule. nil for who accepted before the "
     "rule was there, who went to another server, and what was kept.",
     value_read},
    {"__concat", "(a, b)", "Joined with texts it makes a text as opaque.", text_concat},
    {"__tostring", "()", "Its field's name in angle brackets.", value_tostring},
};

const struct api_group api_value = {
    "value", API_CLASS,
    "A player's data, in the form that the rules of their server give. It can be joined with texts "
    "and shown, but not read: `tostring` gives \"<player.name>\".",
    value_words, API_COUNT(value_words)};
