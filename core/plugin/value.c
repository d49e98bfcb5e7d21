#include "plugin/value.h"

#include "base/mem.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "session/phases.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 256 };

static bool has_agreed(const struct session *session, const char *purpose)
{
    return session->purposes & policy_purposes_read(session->worker->policy, purpose);
}

static void check_declared(lua_State *lua, const struct plugin *plugin, enum field field)
{
    if (!plugin_purpose(plugin, field))
        luaL_error(lua,
                   "this plugin does not say that it reads %s; add reads = { [\"%s\"] = "
                   "\"PURPOSE\" } to its plugin { ... }",
                   field_name(field), field_name(field));
}

static struct value *new_value(lua_State *lua, struct slice bytes)
{
    struct value *value = lua_newuserdatauv(lua, sizeof *value + bytes.len + 1, 0);

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

    check_declared(lua, plugin, field);
    if (backend->phase != BACKEND_LINKED || !has_agreed(session, plugin_purpose(plugin, field))) {
        lua_pushnil(lua);
        return;
    }
    subject = told_subject(backend);
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
}

const struct value *value_at(lua_State *lua, int index)
{
    return api_test(lua, index, &api_value);
}

/* Another player may know what their server may know. */
static bool is_shown_as_it_is(const struct value *value, const struct session *reader)
{
    return memcmp(value->owner.bytes, reader->profile.uuid.bytes, UUID_BYTES) == 0 ||
           (reader->backend->phase == BACKEND_LINKED &&
            value->server == (int)reader->backend->server);
}

static void add_for_other(const struct value *value, const struct session *reader, struct buf *out)
{
    const struct session *owner = worker_session(reader->worker, value->session);
    struct field_value raw = {.field = value->field};
    struct rules_subject subject;
    struct buf known = {0};

    if (owner && owner->backend->phase == BACKEND_LINKED &&
        reader->backend->phase == BACKEND_LINKED && known_field(owner, value->field, &known)) {
        raw.bytes = buf_slice(&known);
        subject = told_subject(owner->backend);
        rules_forward(worker_rules(reader->worker, reader->backend->server), &subject, &raw, out);
    } else {
        buf_append_str(out, "<");
        buf_append_str(out, field_name(value->field));
        buf_append_str(out, ">");
    }
    buf_free(&known);
}

static void add_value(const struct value *value, const struct session *reader, struct buf *out)
{
    if (is_shown_as_it_is(value, reader))
        buf_append(out, value->bytes, value->len);
    else
        add_for_other(value, reader, out);
}

static void add_string(lua_State *lua, int index, struct buf *out)
{
    size_t len;
    const char *text = lua_tolstring(lua, index, &len);

    buf_append(out, text, len);
}

/* The joined text at `index`: its parts lie in a list. */
static void add_parts(lua_State *lua, int index, const struct session *reader, struct buf *out)
{
    lua_getiuservalue(lua, index, 1);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(lua, -1); i++) {
        lua_rawgeti(lua, -1, i);
        if (value_at(lua, -1))
            add_value(value_at(lua, -1), reader, out);
        else
            add_string(lua, -1, out);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

struct text *value_check_text(lua_State *lua, int index, const struct session *reader)
{
    struct buf out = {0};
    struct text *text;

    if (value_at(lua, index))
        add_value(value_at(lua, index), reader, &out);
    else if (api_test(lua, index, &api_mixed))
        add_parts(lua, index, reader, &out);
    else if (lua_type(lua, index) == LUA_TSTRING || lua_type(lua, index) == LUA_TNUMBER)
        add_string(lua, index, &out);
    else
        luaL_typeerror(lua, index, "a text");
    text = text_new_slice(buf_slice(&out));
    buf_free(&out);
    return text;
}

int value_check_server(lua_State *lua, int index)
{
    const struct conf *conf = plugin_worker(lua)->conf;
    const char *name = luaL_checkstring(lua, index);
    const char *nearest;

    for (size_t i = 0; i < conf->server_count; i++)
        if (strcmp(conf->servers[i].name, name) == 0)
            return (int)i;
    nearest = diag_nearest_in(name, conf->servers, conf->server_count, sizeof conf->servers[0]);
    if (nearest)
        return luaL_error(lua, "there is no server \"%s\"; did you mean \"%s\"?", name, nearest);
    return luaL_error(lua, "there is no server \"%s\"; see `servers` in the configuration", name);
}

/* Appends what is at `index` to the list on the top. */
static void join(lua_State *lua, int index)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);
    int list = lua_gettop(lua);

    if (api_test(lua, index, &api_mixed)) {
        lua_getiuservalue(lua, index, 1);
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(lua, list + 1); i++) {
            lua_rawgeti(lua, list + 1, i);
            lua_rawseti(lua, list, ++count);
        }
        lua_pop(lua, 1);
    } else if (value_at(lua, index) || lua_isstring(lua, index)) {
        lua_pushvalue(lua, index);
        lua_rawseti(lua, list, ++count);
    } else {
        luaL_error(lua, "a %s cannot be joined to a text", luaL_typename(lua, index));
    }
    if (count > PARTS_MAX)
        luaL_error(lua, "a text is joined from more than %d parts", PARTS_MAX);
}

static int mixed_concat(lua_State *lua)
{
    lua_newuserdatauv(lua, 1, 1);
    api_become(lua, &api_mixed);
    lua_newtable(lua);
    join(lua, 1);
    join(lua, 2);
    lua_setiuservalue(lua, -2, 1);
    return 1;
}

static int value_tostring(lua_State *lua)
{
    const struct value *value = api_check(lua, 1, &api_value);

    lua_pushfstring(lua, "<%s>", field_name(value->field));
    return 1;
}

/* As it may be logged. */
static int mixed_tostring(lua_State *lua)
{
    luaL_Buffer out;

    api_check(lua, 1, &api_mixed);
    luaL_buffinit(lua, &out);
    lua_getiuservalue(lua, 1, 1);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(lua, 2); i++) {
        lua_rawgeti(lua, 2, i);
        luaL_tolstring(lua, -1, NULL);
        lua_remove(lua, -2);
        luaL_addvalue(&out);
    }
    luaL_pushresult(&out);
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

static const struct api_word value_words[] = {
    {"field_name", "string", "Which field it is: \"connection.ip\".", value_field},
    {"form", "string", "The form in which the server's rules gave it: \"full\", \"truncate\".",
     value_form},
    {"__concat", "(a, b)", "Joined with texts it makes a text as opaque.", mixed_concat},
    {"__tostring", "()", "Its field's name in angle brackets.", value_tostring},
};

const struct api_group api_value = {
    "value", API_CLASS,
    "A player's data, in the form that the rules of their server give. It can be joined with texts "
    "and shown, but not read: `tostring` gives \"<player.name>\".",
    value_words, API_COUNT(value_words)};

static const struct api_word mixed_words[] = {
    {"__concat", "(a, b)", "Joined with texts it makes a text as opaque.", mixed_concat},
    {"__tostring", "()", "The text with the fields' names in angle brackets.", mixed_tostring},
};

const struct api_group api_mixed = {"joined", API_CLASS,
                                    "Texts and values joined by `..`; as opaque as the values.",
                                    mixed_words, API_COUNT(mixed_words)};
