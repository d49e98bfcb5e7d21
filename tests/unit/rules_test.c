#include "rules/rules.h"

#include "base/err.h"
#include "fixture.h"

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
    struct rules_subject subject = {.player = {{player}}, .purposes = agreed};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_servers_know_the_players),
        cmocka_unit_test(third_parties_know_nobody_without_a_rule),
        cmocka_unit_test(an_unnamed_uuid_follows_the_name),
        cmocka_unit_test(who_did_not_agree_is_a_pseudonym),
        cmocka_unit_test(pseudonyms_are_stable_and_cannot_be_linked),
        cmocka_unit_test(combinations_that_leak_are_refused),
    };

    return cmocka_run_group_tests_name("rules", tests, fixture_folder, fixture_no_folder);
}
