#include "rules/scope.h"

#include "fixture.h"
#include "rules/ruleset.h"

static struct policy_purpose purposes[] = {
    {.name = (char[]){"service"}, .keep_ms = 100 * 86400000LL},
    {.name = (char[]){"support"}, .keep_ms = 100 * 86400000LL}};
static struct policy policy = {.purposes = purposes, .purpose_count = 2};
static struct policy_set versions = {.current = &policy};
static const struct policies policies = {.own = &versions};
static const uint8_t key[RULES_KEY_BYTES] = {1};

/* The rules of one server, `text` being its file. */
struct side {
    struct conf_server server;
    struct conf conf;
    struct ruleset *set;
    char path[256];
    char name[16];
};

static void load(void **state, struct side *side, const char *name, bool third_party,
                 const char *text)
{
    struct diag diag = {0};

    snprintf(side->path, sizeof side->path, "%s/rules.lua", (const char *)*state);
    snprintf(side->name, sizeof side->name, "%s", name);
    fixture_write(*state, "rules.lua", text);
    side->server =
        (struct conf_server){.name = side->name, .rules = side->path, .third_party = third_party};
    side->conf = (struct conf){.servers = &side->server, .server_count = 1};
    if (ruleset_load(&side->conf, &policies, key, &diag, &side->set) < 0)
        diag_print(&diag, stderr);
    assert_int_equal(diag.count, 0);
}

/* Why `later` is wider than what was accepted as `earlier`; NULL when it is not. */
static const char *wider_by(void **state, const struct side *earlier, const struct side *later,
                            enum rules_word word, enum field field)
{
    struct scope *scope = scope_new(earlier->set->scope);
    const char *why = scope_wider(scope, later->set->rules[0], word, field);
    struct rules_allowance allowed = scope_allowance(scope, later->set->rules[0]);
    uint64_t bits = word == RULES_COLLECT ? allowed.collect : allowed.forward;

    (void)state;
    assert_int_equal(bits >> field & 1, why == NULL);
    scope_free(scope);
    return why;
}

static void assert_change(void **state, const char *earlier_text, const char *later_text,
                          enum rules_word word, enum field field, const char *expected)
{
    struct side earlier, later;
    const char *why;

    load(state, &earlier, "game", false, earlier_text);
    load(state, &later, "game", false, later_text);
    why = wider_by(state, &earlier, &later, word, field);
    if (expected)
        assert_string_equal(why ? why : "within", expected);
    else
        assert_null(why);
    ruleset_free(earlier.set);
    ruleset_free(later.set);
}

#define BRAND(options) "collect 'client.brand' { purpose = 'service', " options " }\n"
#define ADDRESS(options) "collect 'connection.ip' { purpose = 'service', " options " }\n"
#define PING(options) "collect 'session.ping' { purpose = 'service', " options " }\n"

static const char more[] = "the form leaves more of the value";

static void narrower_rules_are_within(void **state)
{
    static const char *const pairs[][2] = {
        {BRAND(""), BRAND("")},
        {BRAND(""), ""},
        {BRAND(""), BRAND("form = drop")},
        {BRAND(""), BRAND("form = category")},
        {BRAND(""), BRAND("form = pseudonym")},
        {BRAND(""), BRAND("form = count")},
        {BRAND("form = count"), BRAND("form = count(category)")},
        {BRAND("form = category"), BRAND("form = flag")},
        {BRAND("form = pseudonym"), BRAND("form = pseudonym('30d')")},
        {BRAND("form = pseudonym('30d')"), BRAND("form = pseudonym('15d')")},
        {BRAND("keep = '7d'"), BRAND("keep = '6d'")},
        {BRAND(""), BRAND("when = function() return true end")},
        {BRAND("form = function() return 'x' end"), BRAND("form = function() return 'x' end")},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_change(state, pairs[i][0], pairs[i][1], RULES_COLLECT, FIELD_CLIENT_BRAND, NULL);
    assert_change(state, ADDRESS("form = truncate(24, 48)"), ADDRESS("form = truncate(16, 48)"),
                  RULES_COLLECT, FIELD_CONNECTION_IP, NULL);
    assert_change(state, PING("form = bucket(10)"), PING("form = bucket(50)"), RULES_COLLECT,
                  FIELD_SESSION_PING, NULL);
}

static void wider_rules_say_in_what(void **state)
{
    static const struct {
        const char *earlier, *later, *why;
    } changes[] = {
        {"", BRAND(""), "the field is new"},
        {BRAND("form = category"), BRAND(""), more},
        {BRAND("form = count"), BRAND("form = category"), more},
        {BRAND("form = flag"), BRAND("form = category"), more},
        {BRAND("form = pseudonym('30d')"), BRAND("form = pseudonym"), more},
        {BRAND("form = pseudonym('30d')"), BRAND("form = pseudonym('60d')"), more},
        {BRAND("form = drop"), BRAND("form = flag"), more},
        {BRAND("form = function() return 'x' end"), BRAND("form = function() return 'y' end"),
         "the file of its function has changed"},
        {BRAND("form = category"), BRAND("form = function() return 'y' end"), more},
        {BRAND("keep = '6d'"), BRAND("keep = '7d'"), "it is kept for longer"},
        {BRAND("when = function() return true end"), BRAND(""), "the condition is another one"},
        {BRAND(""), "collect 'client.brand' { purpose = 'support' }", "the purpose is another one"},
    };

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_change(state, changes[i].earlier, changes[i].later, RULES_COLLECT,
                      FIELD_CLIENT_BRAND, changes[i].why);
    assert_change(state, ADDRESS("form = truncate(16, 48)"), ADDRESS("form = truncate(24, 48)"),
                  RULES_COLLECT, FIELD_CONNECTION_IP, more);
    assert_change(state, PING("form = bucket(20)"), PING("form = bucket(50)"), RULES_COLLECT,
                  FIELD_SESSION_PING, more);
    assert_change(state, "", "forward 'client.locale' { form = full }", RULES_FORWARD,
                  FIELD_CLIENT_LOCALE, "the field is new");
}

static void recipients_count(void **state)
{
    struct side own, third, other;

    load(state, &own, "game", false, BRAND(""));
    load(state, &third, "game", true, BRAND(""));
    load(state, &other, "more", false, BRAND(""));
    assert_string_equal(wider_by(state, &own, &third, RULES_COLLECT, FIELD_CLIENT_BRAND),
                        "the server became a third party");
    assert_null(wider_by(state, &third, &own, RULES_COLLECT, FIELD_CLIENT_BRAND));
    assert_string_equal(wider_by(state, &own, &other, RULES_COLLECT, FIELD_CLIENT_BRAND),
                        "the server is new");
    ruleset_free(own.set);
    ruleset_free(third.set);
    ruleset_free(other.set);
}

/* A server of the community's own knows its players without a rule: they keep what they own. */
static void identity_follows_what_was_known(void **state)
{
    static const char hidden[] = "forward 'player.name' { form = pseudonym }";
    static const char shown[] = "forward 'player.name' { form = full }";
    struct scope *nothing = scope_new(NULL);
    struct side side;

    assert_change(state, "", shown, RULES_FORWARD, FIELD_PLAYER_NAME, NULL);
    assert_change(state, shown, "", RULES_FORWARD, FIELD_PLAYER_UUID, NULL);
    assert_change(state, shown, hidden, RULES_FORWARD, FIELD_PLAYER_NAME, NULL);
    assert_change(state, hidden, shown, RULES_FORWARD, FIELD_PLAYER_NAME, more);
    assert_change(state, hidden, "", RULES_FORWARD, FIELD_PLAYER_NAME, more);
    assert_change(state, hidden, "", RULES_FORWARD, FIELD_PLAYER_UUID, more);
    load(state, &side, "game", false, shown);
    assert_null(scope_wider(nothing, side.set->rules[0], RULES_FORWARD, FIELD_PLAYER_NAME));
    ruleset_free(side.set);
    load(state, &side, "game", true,
         "forward 'player.name' { purpose = 'service' }"
         "forward 'player.uuid' { purpose = 'service' }");
    assert_string_equal(scope_wider(nothing, side.set->rules[0], RULES_FORWARD, FIELD_PLAYER_NAME),
                        "the server is new");
    ruleset_free(side.set);
    scope_free(nothing);
}

/* Whether who accepted the earlier rules may be sent a message on the channel, in their server's
 * view. */
static void assert_agreed(const struct side *earlier, const struct side *later, bool agreed)
{
    struct scope *scope = scope_new(earlier->set->scope);
    struct acts *acts = scope_acts(scope, later->set->rules[0]);

    assert_int_equal(acts_allow_name(acts, ACT_TO_SERVER, slice_str("mod:a")), agreed);
    assert_true(acts_allow_name(acts, ACT_TO_SERVER, slice_str("minecraft:brand")));
    acts_free(acts);
    scope_free(scope);
}

static void acts_are_those_of_the_rules_of_then(void **state)
{
    struct side own, third, other, later;
    struct scope *scope;
    struct acts *acts;

    load(state, &own, "game", false,
         "channel 'mod:*' { to_server = true }\n"
         "channel 'mod:b' { to_server = false }\n"
         "channel 'fml:*' { to_client = true }\n"
         "cookie 'a:b' { store = true }\n"
         "transfer { '*.example.net:4000', 'example.org' }\n");
    load(state, &third, "game", true, "");
    load(state, &other, "more", false, "");
    load(state, &later, "game", false, "");
    assert_agreed(&own, &later, true);
    assert_agreed(&later, &own, false);
    assert_agreed(&own, &third, false);
    assert_agreed(&own, &other, false);
    scope = scope_new(own.set->scope);
    acts = scope_acts(scope, later.set->rules[0]);
    assert_false(acts_allow_name(acts, ACT_TO_SERVER, slice_str("mod:b")));
    assert_false(acts_allow_name(acts, ACT_TO_CLIENT, slice_str("mod:a")));
    assert_false(acts_allow_name(acts, ACT_TO_SERVER, slice_str("fml:a")));
    assert_true(acts_allow_name(acts, ACT_TO_CLIENT, slice_str("fml:a")));
    assert_true(acts_allow_name(acts, ACT_STORE_COOKIE, slice_str("a:b")));
    assert_false(acts_allow_name(acts, ACT_REQUEST_COOKIE, slice_str("a:b")));
    assert_true(acts_allow_host(acts, ACT_TRANSFER, "a.example.net", 4000));
    assert_false(acts_allow_host(acts, ACT_TRANSFER, "a.example.net", 4001));
    assert_true(acts_allow_host(acts, ACT_TRANSFER, "example.org", 4001));
    acts_free(acts);
    scope_free(scope);
    ruleset_free(own.set);
    ruleset_free(third.set);
    ruleset_free(other.set);
    ruleset_free(later.set);
}

static void a_text_that_is_no_scope_allows_nothing(void **state)
{
    static const char *const texts[] = {NULL,
                                        "",
                                        "{",
                                        "[]",
                                        "{\"game\":1}",
                                        "{\"game\":{}}",
                                        "{\"game\":{\"acts\":[]}}",
                                        "{\"game\":{\"acts\":{\"\":true,\"transfer\":true,"
                                        "\"transfer \":true,\"x y\":1}}}",
                                        "{\"game\":{\"collect\":{\"client.brand\":{}}}}"};
    struct side side;

    load(state, &side, "game", false, BRAND(""));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct scope *scope = scope_new(texts[i]);

        struct acts *acts = scope_acts(scope, side.set->rules[0]);

        assert_non_null(scope_wider(scope, side.set->rules[0], RULES_COLLECT, FIELD_CLIENT_BRAND));
        assert_false(acts_allow_host(acts, ACT_TRANSFER, "a", 1));
        acts_free(acts);
        scope_free(scope);
    }
    ruleset_free(side.set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrower_rules_are_within),
        cmocka_unit_test(wider_rules_say_in_what),
        cmocka_unit_test(recipients_count),
        cmocka_unit_test(identity_follows_what_was_known),
        cmocka_unit_test(acts_are_those_of_the_rules_of_then),
        cmocka_unit_test(a_text_that_is_no_scope_allows_nothing),
    };

    return cmocka_run_group_tests_name("scope", tests, fixture_folder, fixture_no_folder);
}
