#include "rules/rules.h"

#include "base/err.h"
#include "fixture.h"
#include "rules/form.h"
#include "rules/scope.h"

static struct policy_purpose purposes[] = {
    {.name = (char[]){"service"}, .keep_ms = 1000},
    {.name = (char[]){"profile"}, .keep_ms = 1000, .optional = true}};
static const struct policy policy = {.purposes = purposes, .purpose_count = 2};
static const uint8_t key[RULES_KEY_BYTES] = {1, 2, 3};

enum { SERVICE = 1, PROFILE = 2 };

/* A server `name` with these rules; NULL text: without a file. */
static int load(void **state, const char *name, bool third_party, const char *text,
                struct diag *diag, struct rules **out)
{
    static struct conf_server server;
    static char server_name[16];
    static char path[256];

    snprintf(server_name, sizeof server_name, "%s", name);
    snprintf(path, sizeof path, "%s/rules.lua", (const char *)*state);
    if (text)
        fixture_write(*state, "rules.lua", text);
    server = (struct conf_server){
        .name = server_name, .third_party = third_party, .rules = text ? path : NULL};
    *diag = (struct diag){0};
    *out = NULL;
    return rules_load(&server, &policy, key, diag, out);
}

static struct rules *loaded(void **state, const char *name, bool third_party, const char *text)
{
    struct diag diag;
    struct rules *rules;
    int err = load(state, name, third_party, text, &diag, &rules);

    diag_print(&diag, stderr);
    assert_int_equal(err, 0);
    return rules;
}

static void assert_refused(void **state, bool third_party, const char *text, int line,
                           const char *part)
{
    struct diag diag;
    struct rules *rules;

    assert_int_equal(load(state, "game", third_party, text, &diag, &rules), ERR_INVALID);
    assert_int_equal(diag.count, 1);
    assert_true(fixture_told(&diag, line, part));
    diag_free(&diag);
}

/* What `rules` tell of a field of this player, owned. */
static char *told(const struct rules *rules, uint8_t player, policy_purposes agreed,
                  enum field field, const char *value)
{
    struct rules_subject subject = {.player = {{player}}, .purposes = agreed, .allowed = RULES_ALL};
    struct field_value typed = {.field = field, .bytes = slice_str(value)};
    struct buf out = {0};

    rules_forward(rules, &subject, &typed, &out);
    return buf_take_text(&out);
}

static void assert_told(const struct rules *rules, policy_purposes agreed, enum field field,
                        const char *value, const char *expected)
{
    char *text = told(rules, 1, agreed, field, value);

    assert_string_equal(text, expected);
    free(text);
}

static void assert_hidden(const struct rules *rules, policy_purposes agreed)
{
    char *uuid = told(rules, 1, agreed, FIELD_PLAYER_UUID, "own");
    char *name = told(rules, 1, agreed, FIELD_PLAYER_NAME, "Own");
    struct uuid parsed;

    assert_int_equal(uuid_parse(uuid, &parsed), 0);
    assert_int_equal(parsed.bytes[6] >> 4, 8);
    assert_int_equal(parsed.bytes[8] >> 6, 2);
    assert_int_equal(strlen(name), 16);
    assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), 16);
    assert_told(rules, agreed, FIELD_PLAYER_SKIN, "value", "");
    free(uuid);
    free(name);
}

static void own_servers_know_the_players(void **state)
{
    struct rules *rules = loaded(state, "game", false, NULL);

    assert_told(rules, SERVICE, FIELD_PLAYER_UUID, "own", "own");
    assert_told(rules, SERVICE, FIELD_PLAYER_NAME, "Own", "Own");
    assert_told(rules, SERVICE, FIELD_PLAYER_SKIN, "value", "");
    rules_free(rules);
    rules = loaded(state, "game", false, "forward 'player.skin' { form = full }");
    assert_told(rules, SERVICE, FIELD_PLAYER_SKIN, "value", "value");
    rules_free(rules);
}

static void third_parties_know_nobody_without_a_rule(void **state)
{
    struct rules *rules = loaded(state, "game", true, NULL);

    assert_hidden(rules, SERVICE);
    rules_free(rules);
    rules = loaded(state, "game", true,
                   "forward 'player.uuid' { purpose = 'service' }\n"
                   "forward 'player.name' { purpose = 'service' }\n");
    assert_told(rules, SERVICE, FIELD_PLAYER_NAME, "Own", "Own");
    rules_free(rules);
}

/* By a name that is hidden the UUID is hidden with it. */
static void an_unnamed_uuid_follows_the_name(void **state)
{
    struct rules *rules =
        loaded(state, "game", false, "forward 'player.name' { form = pseudonym }");

    assert_hidden(rules, SERVICE);
    rules_free(rules);
}

static void who_did_not_agree_is_a_pseudonym(void **state)
{
    struct rules *rules = loaded(state, "game", true,
                                 "forward 'player.uuid' { purpose = 'profile' }\n"
                                 "forward 'player.name' { purpose = 'service' }\n"
                                 "forward 'player.skin' { purpose = 'service' }\n");

    assert_hidden(rules, SERVICE);
    assert_told(rules, SERVICE | PROFILE, FIELD_PLAYER_UUID, "own", "own");
    assert_told(rules, SERVICE | PROFILE, FIELD_PLAYER_SKIN, "value", "value");
    rules_free(rules);
}

static void pseudonyms_are_stable_and_cannot_be_linked(void **state)
{
    static const enum field fields[] = {FIELD_PLAYER_UUID, FIELD_PLAYER_NAME};
    struct rules *one = loaded(state, "one", true, NULL);
    char *first[2];

    for (size_t i = 0; i < 2; i++) {
        char *renamed = told(one, 1, SERVICE, fields[i], "Renamed");
        char *other = told(one, 2, SERVICE, fields[i], "Own");

        first[i] = told(one, 1, SERVICE, fields[i], "Own");
        assert_string_equal(first[i], renamed);
        assert_string_not_equal(first[i], other);
        free(renamed);
        free(other);
    }
    rules_free(one);
    one = loaded(state, "two", true, NULL);
    for (size_t i = 0; i < 2; i++) {
        char *elsewhere = told(one, 1, SERVICE, fields[i], "Own");

        assert_string_not_equal(first[i], elsewhere);
        free(elsewhere);
        free(first[i]);
    }
    rules_free(one);
}

static void combinations_that_leak_are_refused(void **state)
{
    assert_refused(state, false, "\nforward 'player.uuid' { form = pseudonym }", 2, "leads to");
    assert_refused(state, false,
                   "forward 'player.name' { form = pseudonym }\n"
                   "forward 'player.uuid' { form = full }",
                   2, "leads to");
    assert_refused(state, true, "forward 'player.name' { purpose = 'service' }", 1, "leads to");
    assert_refused(state, true, "\n\nforward 'player.skin' { purpose = 'service' }", 3, "skin");
    assert_refused(state, false,
                   "forward 'player.name' { form = pseudonym }\n"
                   "forward 'player.skin' { form = full }",
                   2, "skin");
    assert_refused(state, false, "forward 'player.name' { form = drop }", 1,
                   "cannot have the form");
}

/* What `rules` keep of a field of this player, owned; NULL: nothing. */
static char *kept(const struct rules *rules, enum field field, const char *value)
{
    struct rules_subject subject = {
        .player = {{1}}, .purposes = SERVICE | PROFILE, .allowed = RULES_ALL};
    struct field_value typed = {.field = field, .bytes = slice_str(value)};
    struct rules_record record;
    char *text;

    if (!rules_record(rules, &subject, &typed, &record)) {
        assert_null(record.text.data);
        return NULL;
    }
    text = buf_take_text(&record.text);
    return text;
}

/* `expected` NULL: nothing is kept. */
static void assert_kept(const struct rules *rules, enum field field, const char *value,
                        const char *expected)
{
    char *text = kept(rules, field, value);

    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
    free(text);
}

#define COLLECT(field, options) "collect '" field "' { purpose = 'service', " options " }\n"

static void each_form_leaves_what_it_says(void **state)
{
    struct rules *rules =
        loaded(state, "game", false,
               COLLECT("client.mods", "form = flag") COLLECT("session.ping", "form = bucket(20)")
                   COLLECT("session.duration", "form = category")
                       COLLECT("client.brand", "form = count(category)")
                           COLLECT("client.protocol", "form = category")
                               COLLECT("client.locale", "form = category")
                                   COLLECT("chat.command", "form = category")
                                       COLLECT("connection.ip", "form = truncate(24, 48)"));

    assert_kept(rules, FIELD_CLIENT_MODS, "jei,create", "yes");
    assert_kept(rules, FIELD_CLIENT_MODS, "", "no");
    assert_kept(rules, FIELD_SESSION_PING, "39", "20-39");
    assert_kept(rules, FIELD_SESSION_PING, "40", "40-59");
    assert_kept(rules, FIELD_SESSION_DURATION, "300", "5 to 30 minutes");
    assert_kept(rules, FIELD_CLIENT_BRAND, "LunarClient:1.2", "lunar");
    assert_kept(rules, FIELD_CLIENT_BRAND, "somebody's own", "other");
    assert_kept(rules, FIELD_CLIENT_PROTOCOL, "47", "1.8");
    assert_kept(rules, FIELD_CLIENT_PROTOCOL, "776", "26");
    assert_kept(rules, FIELD_CLIENT_PROTOCOL, "9999", "newer");
    assert_kept(rules, FIELD_CLIENT_LOCALE, "ja_JP", "ja");
    assert_kept(rules, FIELD_CHAT_COMMAND, "Report Somebody for this", "report");
    assert_kept(rules, FIELD_CONNECTION_IP, "192.0.2.77", "192.0.2.0");
    assert_kept(rules, FIELD_CLIENT_PARTICLES, "2", NULL);
    rules_free(rules);
}

static void pseudonyms_change_with_their_epoch(void **state)
{
    struct rules *rules = loaded(state, "game", false,
                                 COLLECT("client.brand", "form = pseudonym")
                                     COLLECT("client.locale", "form = pseudonym('1h')"));
    char *stable = kept(rules, FIELD_CLIENT_BRAND, "x");
    char *rotating = kept(rules, FIELD_CLIENT_LOCALE, "x");
    struct form hourly = {.kind = FIELD_FORM_PSEUDONYM, .epoch_ms = 3600 * 1000};
    struct field_value value = {.field = FIELD_CLIENT_LOCALE, .bytes = slice_str("x")};
    struct buf at[3] = {{0}};

    assert_int_equal(strlen(stable), 32);
    assert_int_equal(strlen(rotating), 32);
    form_put(&hourly, key, 0, &value, &at[0]);
    form_put(&hourly, key, 3600 * 1000 - 1, &value, &at[1]);
    form_put(&hourly, key, 3600 * 1000, &value, &at[2]);
    assert_true(slice_equal(buf_slice(&at[0]), buf_slice(&at[1])));
    assert_false(slice_equal(buf_slice(&at[0]), buf_slice(&at[2])));
    for (size_t i = 0; i < 3; i++)
        buf_free(&at[i]);
    free(stable);
    free(rotating);
    rules_free(rules);
}

static void functions_decide_and_make(void **state)
{
    struct rules *rules =
        loaded(state, "game", false,
               "local report = pattern '^report \\\\S+'\n" COLLECT(
                   "chat.command", "when = function(ctx) return report(ctx.value) end")
                   COLLECT("client.brand",
                           "form = function(ctx) return upper(ctx.value) .. ctx.server end")
                       COLLECT("session.ping", "form = function(ctx) return ctx.value // 100 end")
                           COLLECT("client.locale",
                                   "form = function(ctx) return starts_with(ctx.value, 'ja') "
                                   "end") "forward 'client.chat_mode' { form = function(ctx) "
                                          "return 2 - ctx.value end }\n");

    assert_kept(rules, FIELD_CHAT_COMMAND, "report somebody", "report somebody");
    assert_kept(rules, FIELD_CHAT_COMMAND, "spawn", NULL);
    assert_kept(rules, FIELD_CLIENT_BRAND, "fabric", "FABRICgame");
    assert_kept(rules, FIELD_SESSION_PING, "250", "2");
    assert_kept(rules, FIELD_CLIENT_LOCALE, "ja_jp", "yes");
    assert_kept(rules, FIELD_CLIENT_LOCALE, "en_us", NULL);
    assert_told(rules, SERVICE, FIELD_CLIENT_CHAT_MODE, "0", "2");
    rules_free(rules);
}

/* Whatever goes wrong, nothing is kept, the neutral value is told, and the next value fares well.
 */
static void functions_that_fail_deny(void **state)
{
    static const char *const bodies[] = {
        "return ctx.value.x.y",
        "return nothing_of_this_name",
        "return {}",
        "return 1.5",
        "return 'two\\nlines'",
        "while true do end",
        "local t = {} for i = 1, 1e9 do t[i] = { i } end",
        "local s = 'x' while true do s = s .. s end",
        "local function f() return 1 + f() end return f()",
        "local function f() return f() end return f()",
        "kept = ctx.value return 'x'",
        "starts_with = tostring return 'x'",
        "ctx.value = nil return ctx.value",
        "return pattern 'x'(ctx.value)",
        "return pattern('x')(ctx.value) or 'x'",
        "return _G",
        "return ctx.value:rep(1e9)",
        "return ('x'):gsub('.', '%0%0')",
        "return string.dump(function() end)",
        "return getmetatable('').__index",
        "return setmetatable({}, { __gc = function() while true do end end })",
        "return coroutine.wrap(function() while true do end end)()",
        "return pcall(function() while true do end end) and 'x'",
        "error { 'no text' }",
        "local t <close> = ctx return 'x'",
        "for i = 1, '1e308' do end return 'x'",
        "return 0 / 0",
        "return '\\xff'",
        "return function() end",
        "return full",
        "ctx = ctx.value .. nil",
        "return collect 'client.locale' { purpose = 'service' }",
        "return select('#', tostring(ctx.value), ctx) .. {}",
    };

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char *text = mem_format(
            "local function body(ctx) if ctx.value ~= 'bad' then return "
            "ctx.value end %s end\n" COLLECT(
                "client.brand", "form = body") "forward 'client.brand' { form = body }\n",
            bodies[i]);
        struct rules *rules = loaded(state, "game", false, text);

        assert_kept(rules, FIELD_CLIENT_BRAND, "bad", NULL);
        assert_told(rules, SERVICE, FIELD_CLIENT_BRAND, "bad", "vanilla");
        assert_kept(rules, FIELD_CLIENT_BRAND, "good", "good");
        assert_told(rules, SERVICE, FIELD_CLIENT_BRAND, "good", "good");
        rules_free(rules);
        free(text);
    }
}

/* Letters in a row, as many as wanted. */
static char *long_text(size_t letters)
{
    char *text = mem_alloc(letters + 1);

    memset(text, 'a', letters);
    return text;
}

/* It could take any function its time, and three such values would get it switched off. */
static void long_values_are_a_no_and_switch_nothing_off(void **state)
{
    struct rules *rules = loaded(
        state, "game", false,
        COLLECT("chat.command", "when = function(ctx) return lower(lower(ctx.value)) ~= '' end"));
    char *longest = long_text(131068);
    char *fitting = long_text(16 * 1024);

    for (int i = 0; i < 4; i++)
        assert_kept(rules, FIELD_CHAT_COMMAND, longest, NULL);
    assert_kept(rules, FIELD_CHAT_COMMAND, fitting, fitting);
    assert_kept(rules, FIELD_CHAT_COMMAND, "report", "report");
    free(longest);
    free(fitting);
    rules_free(rules);
}

/* Each line is what a function makes of "key=a, kéy=b"; "no": nothing. */
static void patterns_find_and_replace(void **state)
{
    static const struct {
        const char *body, *made;
    } cases[] = {
        {"return pair:match(ctx.value)", "key"},
        {"local k, v = pair:match(ctx.value, 2) return k .. v", "eya"},
        {"return select('#', pair:match('none')) == 0", "yes"},
        {"return word:match(ctx.value)", "key"},
        {"local from, to, k = pair:find(ctx.value, 3) return from .. ' ' .. to .. k", "3 5y"},
        {"return pair:find(ctx.value, 100)", NULL},
        {"return tostring(maybe:match('b')) .. maybe:match('ab')", "nila"},
        {"local all = pair:all(ctx.value) return #all .. all[2][1] .. all[2][2]", "2kéyb"},
        {"local all = empty:all('éx') return #all .. all[1][1] .. all[2][1]", "2éx"},
        {"return (pair:replace(ctx.value, '$2-$1$$$0'))", "a-key$key=a, b-kéy$kéy=b"},
        {"local text, n = pair:replace(ctx.value, '', 1) return n .. text", "1, kéy=b"},
        {"return (empty:replace('éx', '-'))", "--"},
        {"return (pair:replace(ctx.value, function(k, v) if v == 'b' then return word:replace(k, "
         "upper) end end))",
         "key=a, KÉY"},
        {"return (pair:replace(ctx.value, '$3'))", NULL},
        {"return (pair:replace(ctx.value, '$'))", NULL},
        {"return (pair:replace(ctx.value, function() return {} end))", NULL},
        {"return #pair:all('\\xFF=a')", "0"},
        {"return pair:match(ctx.value, 0)", NULL},
        {"return pair.match('x', 'y')", NULL},
        {"return (word:replace(('a '):rep(100), ('x'):rep(1000)))", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text =
            mem_format("local pair, word = pattern '(\\\\pL+)=(\\\\pL+)', pattern '\\\\pL+'\n"
                       "local maybe, empty = pattern '(a)?b', pattern '\\\\pL*'\n" COLLECT(
                           "chat.command", "form = function(ctx) %s end"),
                       cases[i].body);
        struct rules *rules = loaded(state, "game", false, text);

        assert_kept(rules, FIELD_CHAT_COMMAND, "key=a, kéy=b", cases[i].made);
        rules_free(rules);
        free(text);
    }
}

/* Where each letter could begin a match that runs to the end, the square of them would be read. */
static void a_pattern_is_bounded_on_long_texts(void **state)
{
    struct rules *rules =
        loaded(state, "game", false,
               "local cry = pattern '\\\\w+[!?]'\n" COLLECT(
                   "chat.command", "form = function(ctx) return cry(ctx.value) and 'cry' or 'no' "
                                   "end"));
    char *longest = long_text(16 * 1024);
    char *usual = long_text(1024);

    for (int i = 0; i < 4; i++)
        assert_kept(rules, FIELD_CHAT_COMMAND, longest, NULL);
    assert_kept(rules, FIELD_CHAT_COMMAND, usual, "no");
    assert_kept(rules, FIELD_CHAT_COMMAND, "help!", "cry");
    free(longest);
    free(usual);
    rules_free(rules);
}

/* What a function was given cannot turn up when another value is looked at. */
static void functions_remember_nothing(void **state)
{
    static const char *const ways[] = {
        "local last = 'none'\n"
        "local function put(v) last = v end\n"
        "local function get() return last end\n",
        "local box = { last = 'none' }\n"
        "local function put(v) box.last = v end\n"
        "local function get() return box.last end\n",
        "local box = { { last = 'none' } }\n"
        "local function put(v) for _, inner in pairs(box) do inner.last = v end end\n"
        "local function get() return box[1].last end\n",
        "last = 'none'\n"
        "local function put(v) last = v end\n"
        "local function get() return last end\n",
        "local function put(v) _ENV = { last = v } end\n"
        "local function get() return last or 'none' end\n"
        "last = 'none'\n",
        "local inner\n"
        "local function put(v) inner = function() return v end end\n"
        "local function get() return inner and inner() or 'none' end\n",
        "local key = {}\n"
        "local box = { [key] = 'none' }\n"
        "local function put(v) for k in pairs(box) do k.last = v end end\n"
        "local function get() return key.last or 'none' end\n",
        "local function make() local last = 'none' return function(v) last = v end, "
        "function() return last end end\n"
        "local put, get = make()\n",
    };

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char *text = mem_format(
            "%s" COLLECT("connection.ip", "form = function(ctx) put(ctx.value) return 'seen' end")
                COLLECT("client.brand", "form = function(ctx) return get() end"),
            ways[i]);
        struct rules *rules = loaded(state, "game", false, text);
        char *address = kept(rules, FIELD_CONNECTION_IP, "192.0.2.77");
        char *brand = kept(rules, FIELD_CLIENT_BRAND, "fabric");

        assert_true(!brand || strcmp(brand, "none") == 0);
        free(address);
        free(brand);
        rules_free(rules);
        free(text);
    }
}

static void files_share_what_they_include(void **state)
{
    struct rules *rules;

    fixture_write(*state, "common.lua",
                  COLLECT("client.locale", "keep = '1s'") "function short(v) return 'short' end\n");
    rules = loaded(
        state, "game", false,
        COLLECT("client.brand",
                "form = function(ctx) return short(ctx.value) end") "include 'common.lua'\n"
                                                                    "include 'common.lua'\n");
    assert_kept(rules, FIELD_CLIENT_BRAND, "Fabric", "short");
    assert_kept(rules, FIELD_CLIENT_LOCALE, "ja_jp", "ja_jp");
    rules_free(rules);
    assert_refused(state, false, COLLECT("client.locale", "") "include 'common.lua'", 1,
                   "stands already at");
    assert_refused(state, false, "\ninclude '../common.lua'", 2, "in the folder");
    assert_refused(state, false, "\ninclude 'absent.lua'", 2, "cannot be read");
    fixture_write(*state, "common.lua", "\n\ncollect 'client.brand' { purpose = 'servis' }");
    assert_refused(state, false, "include 'common.lua'", 3, "no purpose \"servis\"");
    fixture_write(*state, "common.lua", "\n\n\nthis is no Lua");
    assert_refused(state, false, "include 'common.lua'", 4, "syntax error");
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {COLLECT("chat.message", "form = count"), "count(flag)"},
        {COLLECT("chat.command", "form = count"), "count(category)"},
        {COLLECT("player.skin", ""), "cannot have the form full; it can be: drop"},
        {COLLECT("chat.private", "form = full"), "cannot have the form full; it can be: drop"},
        {COLLECT("client.brand", "form = bucket(10)"), "cannot have the form bucket(10)"},
        {COLLECT("client.skin_parts", "form = category"), "cannot have the form category"},
        {COLLECT("client.brand", "form = bucket(1)"), "2 or more"},
        {COLLECT("client.brand", "form = full(1)"), "write it without brackets"},
        {COLLECT("client.brand", "form = pseudonym('soon')"), "pseudonym(\"30d\")"},
        {COLLECT("client.brand", "form = count(count)"), "count takes a form"},
        {COLLECT("client.brand", "form = 'full'"), "without quotes"},
        {COLLECT("client.brand", "form = tostring"), "or a function"},
        {COLLECT("client.brand", "when = true"), "when has to be a function"},
        {"forward 'client.protocol' { when = function() return true end }", "needed by the game"},
        {"forward 'session.ping' { form = full }", "no server is told"},
        {COLLECT("inquiry.email", "form = full"), "purpose = \"inquiry\""},
        {"local p = pattern '('", "this is no pattern"},
        {"forward 'player.name' { form = pseudonym('30d') } "
         "forward 'player.uuid' { form = pseudonym }",
         "the same time"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(state, false, cases[i].text, 1, cases[i].part);
}

/* Whatever comes first in the policy: nothing of an inquiry goes to a server. */
static void a_forward_rule_is_never_for_inquiries_unless_it_says_so(void **state)
{
    struct policy_purpose with_inquiry[] = {
        {.name = (char[]){"inquiry"}, .keep_ms = 1000},
        {.name = (char[]){"profile"}, .keep_ms = 1000, .optional = true},
        {.name = (char[]){"service"}, .keep_ms = 1000}};
    struct policy other = {.purposes = with_inquiry, .purpose_count = 3};
    struct conf_server server = {.name = (char[]){"game"}};
    struct diag diag = {0};
    struct rules *rules;

    fixture_write(*state, "rules.lua", "forward 'client.brand' { form = full }");
    server.rules = mem_format("%s/rules.lua", (const char *)*state);
    assert_int_equal(rules_load(&server, &other, key, &diag, &rules), 0);
    assert_string_equal(scope_purpose(rules, RULES_FORWARD, FIELD_CLIENT_BRAND)->name, "service");
    rules_free(rules);
    other.purpose_count = 2;
    assert_int_equal(rules_load(&server, &other, key, &diag, &rules), ERR_INVALID);
    assert_true(fixture_told(&diag, 1, "no required purpose"));
    diag_free(&diag);
    free(server.rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_servers_know_the_players),
        cmocka_unit_test(a_forward_rule_is_never_for_inquiries_unless_it_says_so),
        cmocka_unit_test(third_parties_know_nobody_without_a_rule),
        cmocka_unit_test(an_unnamed_uuid_follows_the_name),
        cmocka_unit_test(who_did_not_agree_is_a_pseudonym),
        cmocka_unit_test(pseudonyms_are_stable_and_cannot_be_linked),
        cmocka_unit_test(combinations_that_leak_are_refused),
        cmocka_unit_test(each_form_leaves_what_it_says),
        cmocka_unit_test(pseudonyms_change_with_their_epoch),
        cmocka_unit_test(functions_decide_and_make),
        cmocka_unit_test(functions_that_fail_deny),
        cmocka_unit_test(long_values_are_a_no_and_switch_nothing_off),
        cmocka_unit_test(patterns_find_and_replace),
        cmocka_unit_test(a_pattern_is_bounded_on_long_texts),
        cmocka_unit_test(functions_remember_nothing),
        cmocka_unit_test(files_share_what_they_include),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("rules", tests, fixture_folder, fixture_no_folder);
}
