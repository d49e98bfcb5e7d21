#include "cli/test_words.h"

#include "base/clock.h"
#include "base/mem.h"
#include "identity/offline.h"

#include <lauxlib.h>
#include <stdlib.h>

static const char bench_key;

/* Its user value is a table: the text of each field that it brings, by the field's number. */
struct player {
    struct uuid uuid;
    policy_purposes purposes;
};

static void on_fault(void *owner, struct script_place place, const char *message)
{
    struct test_bench *bench = owner;

    if (bench->fault)
        return;
    bench->fault = mem_strdup(message);
    bench->fault_place = place;
}

void test_bench_begin(struct test_bench *bench)
{
    bench->listener = (struct function_listener){.heard = on_fault, .owner = bench};
    for (size_t i = 0; i < bench->conf->server_count; i++)
        rules_listen(bench->rules[i], &bench->listener);
}

void test_bench_end(struct test_bench *bench)
{
    free(bench->fault);
    free(bench->mistake);
    deed_free(&bench->deed);
    buf_free(&bench->value);
}

static struct test_bench *bench_of(lua_State *lua)
{
    return script_lent(lua, &bench_key, "there are no rules to test");
}

/* Ends the test with what is wrong about a word, and the one that was meant. */
static int refuse(lua_State *lua, const char *what, const char *word, const char *nearest,
                  const char *otherwise)
{
    char advice[DIAG_ADVICE_BYTES];

    return luaL_error(lua, "there is no %s \"%s\"; %s", what, word,
                      diag_advice(advice, nearest, otherwise));
}

static enum field check_field(lua_State *lua, int index)
{
    const char *name = luaL_checkstring(lua, index);
    enum field field = field_by_name(name);

    if (field == FIELD_NONE)
        refuse(lua, "field", name, field_nearest(name), "sekisho explain lists them");
    return field;
}

static size_t check_server(lua_State *lua, int index)
{
    struct test_bench *bench = bench_of(lua);
    const char *name = luaL_checkstring(lua, index);
    const struct conf_server *server = conf_server_find(bench->conf, name);

    if (!server)
        refuse(lua, "server", name, conf_server_nearest(bench->conf, name),
               "the configuration names them");
    return (size_t)(server - bench->conf->servers);
}

/* Pushes the text that a value at `index` is on the wire. */
static void push_value(lua_State *lua, int index, enum field field)
{
    const struct field_info *info = field_info(field);
    bool number = lua_isinteger(lua, index);
    const char *text;
    size_t len;

    if (lua_isboolean(lua, index) && info->kind == FIELD_NUMBER && info->most == 1)
        lua_pushstring(lua, lua_toboolean(lua, index) ? "1" : "0");
    else if (number || lua_type(lua, index) == LUA_TSTRING)
        luaL_tolstring(lua, index, NULL);
    else
        luaL_error(lua, "a value of %s is a text or a whole number", info->name);
    text = lua_tolstring(lua, -1, &len);
    if (strlen(text) != len || !field_takes(field, text))
        luaL_error(lua, "\"%s\" is no value of %s: %s", text, info->name, info->where);
    if (field == FIELD_CHAT_COMMAND && text[0] == '/')
        luaL_error(lua, "a command is without its slash here: \"%s\"", text + 1);
}

/* The table of fields is on the top. */
static void set_field(lua_State *lua, int value, enum field field)
{
    push_value(lua, value, field);
    lua_rawseti(lua, -2, field);
}

static policy_purposes check_purposes(lua_State *lua, int index)
{
    const struct policy *policy = bench_of(lua)->policies->own->current;
    policy_purposes chosen = 0;

    if (!lua_istable(lua, index))
        luaL_error(lua, "purposes is a list, as { \"%s\" }", policy->purposes[0].name);
    for (lua_Integer i = 1; lua_geti(lua, index, i) != LUA_TNIL; i++) {
        const char *name = luaL_tolstring(lua, -1, NULL);
        const struct policy_purpose *purpose = policy_purpose_find(policy, name);

        if (!purpose)
            refuse(lua, "purpose", name, policy_purpose_nearest(policy, name),
                   "policy.lua names them");
        chosen |= (policy_purposes)1 << (purpose - policy->purposes);
        lua_pop(lua, 2);
    }
    lua_pop(lua, 1);
    return chosen;
}

/* One KEY = VALUE of player { }: at 3 and 4, behind the player's table of fields. */
static void read_key(lua_State *lua, struct player *player)
{
    const char *words[FIELDS + 2] = {"name", "uuid", "purposes"};
    const char *key = lua_type(lua, 4) == LUA_TSTRING ? lua_tostring(lua, 4) : NULL;
    enum field field;

    if (!key) {
        luaL_error(lua, "player takes NAME = VALUE, as [\"client.brand\"] = \"fabric\"");
        return;
    }
    if (strcmp(key, "purposes") == 0) {
        player->purposes |= check_purposes(lua, 5);
        return;
    }
    field = strcmp(key, "name") == 0   ? FIELD_PLAYER_NAME
            : strcmp(key, "uuid") == 0 ? FIELD_PLAYER_UUID
                                       : field_by_name(key);
    for (int other = FIELD_NONE + 1; other < FIELDS; other++)
        words[other + 2] = field_name((enum field)other);
    if (field == FIELD_NONE)
        refuse(lua, "field", key, diag_nearest(key, words, FIELDS + 2),
               "sekisho explain lists them");
    lua_pushvalue(lua, 3);
    set_field(lua, 5, field);
    lua_pop(lua, 1);
}

/* Who it is: the name, and the UUID, which without a session service is made from it. */
static void settle_identity(lua_State *lua, struct player *player)
{
    char uuid[UUID_TEXT_BYTES];
    const char *name;

    if (lua_rawgeti(lua, 3, FIELD_PLAYER_NAME) == LUA_TNIL) {
        lua_pushliteral(lua, "Somebody");
        lua_pushvalue(lua, -1);
        lua_rawseti(lua, 3, FIELD_PLAYER_NAME);
    }
    name = lua_tostring(lua, -1);
    if (!identity_name_valid(slice_str(name)))
        luaL_error(lua, "\"%s\" is no name of a player", name);
    if (lua_rawgeti(lua, 3, FIELD_PLAYER_UUID) == LUA_TNIL) {
        identity_offline_uuid(slice_str(name), &player->uuid);
        uuid_format(&player->uuid, uuid);
        lua_pushstring(lua, uuid);
        lua_rawseti(lua, 3, FIELD_PLAYER_UUID);
    } else if (uuid_parse(lua_tostring(lua, -1), &player->uuid) < 0) {
        luaL_error(lua, "\"%s\" is no UUID", lua_tostring(lua, -1));
    }
}

/* player { name = "Mika", ["client.brand"] = "fabric", purposes = { "analytics" } } */
static int word_player(lua_State *lua)
{
    struct player *player;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    player = lua_newuserdatauv(lua, sizeof *player, 1);
    *player = (struct player){.purposes = policy_required(bench_of(lua)->policies->own->current)};
    api_become(lua, &api_rule_player);
    lua_newtable(lua);
    lua_pushvalue(lua, 3);
    lua_setiuservalue(lua, 2, 1);
    for (lua_pushnil(lua); lua_next(lua, 1); lua_settop(lua, 4))
        read_key(lua, player);
    settle_identity(lua, player);
    lua_settop(lua, 2);
    return 1;
}

/* Who is on a server accepted what it adds, and chose nothing of that. */
static policy_purposes added_purposes(const struct test_bench *bench, size_t server)
{
    size_t own = bench->policies->own->current->purpose_count;

    return policy_required(policies_of(bench->policies, server)) >> own << own;
}

/* The arguments of recorded and forwarded. */
struct question {
    struct test_bench *bench;
    size_t server;
    struct rules_subject subject;
    struct field_value value; /* borrowed from the stack */
};

static void read_question(lua_State *lua, struct question *out)
{
    const struct player *player = api_check(lua, 1, &api_rule_player);
    enum field field = check_field(lua, 3);
    struct slice bytes;

    out->bench = bench_of(lua);
    out->server = check_server(lua, 2);
    out->subject = (struct rules_subject){.player = player->uuid,
                                          .purposes = player->purposes |
                                                      added_purposes(out->bench, out->server),
                                          .allowed = RULES_ALL};
    lua_settop(lua, 4);
    if (!lua_isnil(lua, 4)) {
        push_value(lua, 4, field);
    } else {
        lua_getiuservalue(lua, 1, 1);
        lua_rawgeti(lua, -1, field);
    }
    if (lua_isnil(lua, -1) && field == FIELD_SESSION_SERVER)
        lua_pushvalue(lua, 2);
    if (lua_isnil(lua, -1))
        luaL_error(lua,
                   "this player brings no %s; write [\"%s\"] = VALUE in player { }, or the value "
                   "behind the field",
                   field_name(field), field_name(field));
    bytes.data = (const uint8_t *)lua_tolstring(lua, -1, &bytes.len);
    out->value = (struct field_value){.field = field, .bytes = bytes};
    free(out->bench->fault);
    out->bench->fault = NULL;
    buf_clear(&out->bench->value);
}

/* A function of a rule that failed denies a player's value; a test has to say that it did. */
static void check_fault(lua_State *lua, const struct test_bench *bench)
{
    if (bench->fault)
        luaL_error(lua, "%s", bench->fault);
}

/* Pushes the value. */
static void push_text(lua_State *lua, const struct buf *text)
{
    lua_pushlstring(lua, (const char *)text->data, text->len);
}

/* recorded(player, server, field [, value]): what is kept, and a table that says how; or nil. */
static int word_recorded(lua_State *lua)
{
    struct question question;
    struct test_bench *bench;
    struct rules_record record;
    char keep[CLOCK_TEXT_BYTES];

    read_question(lua, &question);
    bench = question.bench;
    if (question.value.field == FIELD_CHAT_COMMAND &&
        conf_is_private_command(bench->conf, question.value.bytes))
        return 0;
    if (!rules_record(bench->rules[question.server], &question.subject, &question.value, &record)) {
        check_fault(lua, bench);
        return 0;
    }
    buf_free(&bench->value);
    bench->value = record.text;
    check_fault(lua, bench);
    push_text(lua, &bench->value);
    lua_createtable(lua, 0, 3);
    lua_pushstring(lua, record.purpose);
    lua_setfield(lua, -2, "purpose");
    clock_format_duration(record.keep_ms, keep);
    lua_pushstring(lua, keep);
    lua_setfield(lua, -2, "keep");
    lua_pushboolean(lua, record.counted);
    lua_setfield(lua, -2, "counted");
    return 2;
}

/* forwarded(player, server, field [, value]): what the server is told. */
static int word_forwarded(lua_State *lua)
{
    struct question question;

    read_question(lua, &question);
    if (field_info(question.value.field)->told_as == 0)
        return luaL_error(lua, "no server is told %s by Sekisho", field_name(question.value.field));
    rules_forward(question.bench->rules[question.server], &question.subject, &question.value,
                  &question.bench->value);
    check_fault(lua, question.bench);
    push_text(lua, &question.bench->value);
    return 1;
}

/* may(server, "transfer", "play.example.net"): whether the server may do that to a client. */
static int word_may(lua_State *lua)
{
    struct test_bench *bench = bench_of(lua);
    const struct acts *acts = rules_acts(bench->rules[check_server(lua, 1)]);
    const char *word = luaL_checkstring(lua, 2);
    const char *text = luaL_checkstring(lua, 3);

    deed_free(&bench->deed);
    free(bench->mistake);
    bench->mistake = deed_read(word, text, &bench->deed);
    if (bench->mistake)
        return luaL_error(lua, "%s", bench->mistake);
    lua_pushboolean(lua, deed_is_allowed(&bench->deed, acts));
    return 1;
}

static const struct api_word words[] = {
    {"player", "(who: table): rule_player",
     "A made-up player, and what they bring: `player { name = \"Mika\", [\"client.brand\"] = "
     "\"fabric\", purposes = { \"analytics\" } }`.",
     word_player},
    {"recorded",
     "(player: rule_player, server: string, field: field_name, value?: string|integer|boolean): "
     "string|nil, { purpose: string, keep: string, counted: boolean }|nil",
     "What the rules of a server keep of it, and how; nil for nothing.", word_recorded},
    {"forwarded",
     "(player: rule_player, server: string, field: field_name, value?: string|integer|boolean): "
     "string",
     "What the server is told.", word_forwarded},
    {"may", "(server: string, act: string, name: string): boolean",
     "What the server may do to a client: `may(\"lobby\", \"transfer\", \"play.example.net\")`.",
     word_may},
};

const struct api_group api_rule_tests = {"Tests of rules", API_WORDS,
                                         "What the rules of the configuration do with made-up "
                                         "players; docs/rules-guide.md has examples.",
                                         words, API_COUNT(words)};

const struct api_group api_rule_player = {"rule_player", API_CLASS,
                                          "A made-up player, whom rules alone see.", NULL, 0};

void test_words_lend(lua_State *lua, struct test_bench *bench)
{
    script_lend(lua, &bench_key, bench);
}
