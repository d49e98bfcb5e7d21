#include "rules/acts.h"

#include "base/err.h"
#include "fixture.h"
#include "rules/rules.h"

static struct policy_purpose purposes[] = {{.name = (char[]){"service"}, .keep_ms = 1000}};
static const struct policy policy = {.purposes = purposes, .purpose_count = 1};
static const uint8_t key[RULES_KEY_BYTES] = {1};

static int load(void **state, const char *text, struct diag *diag, struct rules **out)
{
    static struct conf_server server;
    static char path[256];

    snprintf(path, sizeof path, "%s/rules.lua", (const char *)*state);
    fixture_write(*state, "rules.lua", text);
    server = (struct conf_server){.name = (char[]){"game"}, .rules = path};
    *diag = (struct diag){0};
    *out = NULL;
    return rules_load(&server, &policy, key, diag, out);
}

static struct rules *loaded(void **state, const char *text)
{
    struct diag diag;
    struct rules *rules;
    int err = load(state, text, &diag, &rules);

    diag_print(&diag, stderr);
    assert_int_equal(err, 0);
    return rules;
}

static void assert_refused(void **state, const char *text, int line, const char *part)
{
    struct diag diag;
    struct rules *rules;

    assert_int_equal(load(state, text, &diag, &rules), ERR_INVALID);
    assert_int_equal(diag.count, 1);
    assert_true(fixture_told(&diag, line, part));
    diag_free(&diag);
}

static bool name(const struct rules *rules, enum act act, const char *text)
{
    return acts_allow_name(rules_acts(rules), act, slice_str(text));
}

static bool host(const struct rules *rules, enum act act, const char *text, int port)
{
    return acts_allow_host(rules_acts(rules), act, text, port);
}

static void a_value_is_revealed_to_one_plugin_for_one_purpose(void **state)
{
    struct rules *rules =
        loaded(state, "reveal \"chat.message\" { to = \"filter\", purpose = \"service\" }");

    assert_true(name(rules, ACT_REVEAL, "chat.message:filter:service"));
    assert_false(name(rules, ACT_REVEAL, "chat.message:other:service"));
    assert_false(name(rules, ACT_REVEAL, "chat.command:filter:service"));
    assert_false(name(rules, ACT_REVEAL, "chat.message:filter:analytics"));
    rules_free(rules);
}

static void what_cannot_be_revealed_is_refused(void **state)
{
    static const char table[] = "{ to = \"filter\", purpose = \"service\" }";
    static const char *const fields[] = {"chat.private", "client.cookie", "inquiry.email",
                                         "session.ping"};
    char text[128];

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        snprintf(text, sizeof text, "reveal \"%s\" %s", fields[i], table);
        assert_refused(state, text, 1, "is revealed to nobody");
    }
    assert_refused(state, "reveal \"chat.mesage\" { to = \"a\", purpose = \"service\" }", 1,
                   "did you mean \"chat.message\"?");
    assert_refused(state, "reveal \"chat.message\" { to = \"a\", purpose = \"servce\" }", 1,
                   "the policy has no purpose \"servce\"; use \"service\"");
    assert_refused(state, "reveal \"chat.message\" { purpose = \"service\" }", 1,
                   "reveal needs one plugin and one purpose");
    assert_refused(state, "reveal \"chat.message\" { to = \"*\", purpose = \"service\" }", 1,
                   "reveal needs one plugin and one purpose");
    assert_refused(state, "reveal \"chat.message\"", 1, "reveal lacks its table");
}

static void nothing_is_allowed_that_no_rule_names(void **state)
{
    struct rules *rules = loaded(state, "");

    assert_false(name(rules, ACT_TO_SERVER, "voicechat:state"));
    assert_false(name(rules, ACT_TO_CLIENT, "voicechat:state"));
    assert_false(name(rules, ACT_TO_SERVER, "BungeeCord"));
    assert_false(name(rules, ACT_TO_CLIENT, "bungeecord:main"));
    assert_false(name(rules, ACT_TO_SERVER, ""));
    assert_false(name(rules, ACT_STORE_COOKIE, "minecraft:brand"));
    assert_false(name(rules, ACT_REQUEST_COOKIE, "a:b"));
    assert_false(host(rules, ACT_TRANSFER, "example.net", 25565));
    assert_false(host(rules, ACT_RESOURCE_PACK, "example.net", 443));
    assert_true(name(rules, ACT_TO_CLIENT, "FML|HS"));
    assert_true(name(rules, ACT_TO_SERVER, "neoforge:network"));
    rules_free(rules);
}

static void the_most_exact_rule_decides(void **state)
{
    struct rules *rules = loaded(state, "channel \"*\" { to_client = true }\n"
                                        "channel \"mod:*\" { to_server = true }\n"
                                        "channel \"mod:one\" { to_server = false }\n"
                                        "channel \"neoforge:*\" { to_server = false }\n");

    assert_true(name(rules, ACT_TO_CLIENT, "anything:else"));
    assert_false(name(rules, ACT_TO_SERVER, "anything:else"));
    assert_false(name(rules, ACT_TO_CLIENT, "mod:two"));
    assert_true(name(rules, ACT_TO_SERVER, "mod:two"));
    assert_true(name(rules, ACT_TO_SERVER, "mod:"));
    assert_false(name(rules, ACT_TO_SERVER, "mod"));
    assert_false(name(rules, ACT_TO_SERVER, "mod:one"));
    assert_true(name(rules, ACT_TO_SERVER, "mod:one2"));
    assert_false(name(rules, ACT_TO_CLIENT, "neoforge:network"));
    rules_free(rules);
}

static void cookies_are_kept_apart_from_channels(void **state)
{
    struct rules *rules = loaded(state, "cookie \"a:*\" { store = true }\n"
                                        "channel \"a:*\" { to_server = true }\n");

    assert_true(name(rules, ACT_STORE_COOKIE, "a:b"));
    assert_false(name(rules, ACT_REQUEST_COOKIE, "a:b"));
    assert_true(name(rules, ACT_TO_SERVER, "a:b"));
    assert_false(name(rules, ACT_TO_CLIENT, "a:b"));
    rules_free(rules);
}

static void hosts_fit_with_their_port_and_for_their_act(void **state)
{
    struct rules *rules = loaded(state, "transfer \"Play.Example.Net\"\n"
                                        "transfer { \"*.example.org:25566\", \"[2001:db8::1]\" }\n"
                                        "resource_pack \"cdn.example.net\"\n");

    assert_true(host(rules, ACT_TRANSFER, "play.example.net", 1));
    assert_false(host(rules, ACT_TRANSFER, "a.play.example.net", 1));
    assert_true(host(rules, ACT_TRANSFER, "a.b.example.org", 25566));
    assert_false(host(rules, ACT_TRANSFER, "a.b.example.org", 25565));
    assert_false(host(rules, ACT_TRANSFER, "example.org", 25566));
    assert_true(host(rules, ACT_TRANSFER, "2001:db8::1", 25565));
    assert_false(host(rules, ACT_TRANSFER, "cdn.example.net", 25565));
    assert_true(host(rules, ACT_RESOURCE_PACK, "cdn.example.net", 443));
    assert_false(host(rules, ACT_RESOURCE_PACK, "play.example.net", 443));
    rules_free(rules);
}

static void mistakes_are_told_with_their_line(void **state)
{
    assert_refused(state, "\nchannel \"a:b\" { to_sever = true }", 2, "did you mean \"to_server\"");
    assert_refused(state, "channel \"a:b\" { to_server = \"yes\" }", 1, "true or false");
    assert_refused(state, "channel \"a:b\" { true }", 1, "no name");
    assert_refused(state, "channel \"a:b\" {}", 1, "allows nothing");
    assert_refused(state, "channel \"a b\" { to_server = true }", 1, "needs the name");
    assert_refused(state, "channel \"a*b\" { to_server = true }", 1, "star stands only at the end");
    assert_refused(state, "channel \"\" { to_server = true }", 1, "needs the name");
    assert_refused(state, "channel (7) { to_server = true }", 1, "needs the name");
    assert_refused(state, "channel \"a:b\"\n", 1, "lacks its table");
    assert_refused(state, "cookie \"a:b\"\nchannel \"a:b\" { to_server = true }", 1,
                   "lacks its table");
    assert_refused(state, "channel \"a:b\" \"c\"", 1, "lacks its table");
    assert_refused(state, "cookie \"A:b\" { store = true }", 1, "needs the name");
    assert_refused(state, "cookie \"a\" { store = true }", 1, "needs the name");
    assert_refused(state, "cookie \"a:\" { store = true }", 1, "needs the name");
    assert_refused(state, "cookie \"a:b\\0c\" { store = true }", 1, "needs the name");
    assert_refused(state, "cookie \"a:b\" { keep = true }", 1, "did you mean");
    assert_refused(state, "cookie \"a:b\" { store = true }\ncookie \"a:b\" { store = true }", 2,
                   "rules.lua:1; take one of them out");
    assert_refused(state, "transfer \"a b\"", 1, "needs a host name");
    assert_refused(state, "transfer \"a:99999\"", 1, "needs a host name");
    assert_refused(state, "transfer \"a.*\"", 1, "needs a host name");
    assert_refused(state, "transfer (7)", 1, "needs a host name");
    assert_refused(state, "transfer { host = \"a\" }", 1, "has no options");
    assert_refused(state, "resource_pack \"https://a/\"", 1, "needs a host name");
    assert_refused(state, "resource_pack \"a\"\nresource_pack \"A\"", 2, "stands already");
}

static void every_form_of_a_key_with_a_star_is_read(void **state)
{
    struct rules *rules = loaded(state, "cookie \"a:b/*\" { store = true }\n"
                                        "cookie \"b*\" { store = true }\n"
                                        "cookie \"c:*\" { store = true }\n");

    assert_true(name(rules, ACT_STORE_COOKIE, "a:b/c"));
    assert_false(name(rules, ACT_STORE_COOKIE, "a:c"));
    assert_true(name(rules, ACT_STORE_COOKIE, "bcd:e"));
    assert_true(name(rules, ACT_STORE_COOKIE, "c:d"));
    rules_free(rules);
}

/* A server of this name with these rules. */
static struct rules *server(void **state, const char *called, bool third_party, const char *text,
                            struct conf_server *out)
{
    char *path = mem_format("%s/%s.lua", (const char *)*state, called);
    struct diag diag = {0};
    struct rules *rules = NULL;

    free(fixture_file(*state, strrchr(path, '/') + 1, slice_str(text)));
    *out =
        (struct conf_server){.name = mem_strdup(called), .rules = path, .third_party = third_party};
    assert_int_equal(rules_load(out, &policy, key, &diag, &rules), 0);
    return rules;
}

static size_t complaints(void **state, bool third_party, const char *one, const char *two)
{
    struct conf_server servers[2];
    struct rules *rules[2] = {server(state, "one", third_party, one, &servers[0]),
                              server(state, "two", false, two, &servers[1])};
    struct diag diag = {0};
    size_t count;

    rules_check_together(rules, 2, &diag);
    count = diag.count;
    if (count > 0)
        assert_true(fixture_told(&diag, 1, "same player"));
    diag_free(&diag);
    for (size_t i = 0; i < 2; i++) {
        rules_free(rules[i]);
        free(servers[i].name);
        free(servers[i].rules);
    }
    return count;
}

static void a_cookie_links_no_pseudonym_to_another_server(void **state)
{
    const char *store = "cookie \"a:*\" { store = true }";
    const char *request = "cookie \"a:b\" { request = true }";

    assert_int_equal(complaints(state, true, store, request), 1);
    assert_int_equal(complaints(state, true, request, store), 1);
    assert_int_equal(complaints(state, true, "cookie \"a:b*\" { store = true }",
                                "cookie \"a*\" { request = true }"),
                     1);
    assert_int_equal(complaints(state, true, request, request), 0);
    assert_int_equal(complaints(state, true, store, store), 0);
    assert_int_equal(complaints(state, true, store, "cookie \"b:b\" { request = true }"), 0);
    assert_int_equal(complaints(state, true, store, "channel \"a:b\" { to_server = true }"), 0);
    assert_int_equal(complaints(state, false, store, request), 0);
}

static void note(void *owner, enum act act, const struct act_rule *rule, bool more)
{
    buf_append_format(owner, "%s%s %s%s", more ? "+" : "-", act_word(act), rule->pattern,
                      rule->port > 0 ? ":p " : " ");
}

/* `expected`: what the second has more and less than the first. */
static void assert_compared(void **state, const char *before_text, const char *after_text,
                            const char *expected)
{
    struct rules *before = loaded(state, before_text);
    struct rules *after = loaded(state, after_text);
    struct buf found = {0};

    acts_compare(rules_acts(before), rules_acts(after), note, &found);
    assert_string_equal(buf_text(&found), expected);
    buf_free(&found);
    rules_free(before);
    rules_free(after);
}

#define BOTH " { to_server = true, to_client = true }\n"

static void only_what_was_not_allowed_otherwise_is_a_difference(void **state)
{
    assert_compared(state, "channel 'a:b'" BOTH, "channel 'a:b'" BOTH, "");
    assert_compared(state, "channel 'a:*'" BOTH, "channel 'a:*'" BOTH "channel 'a:b'" BOTH, "");
    assert_compared(state, "channel 'a:b'" BOTH, "channel 'a:*' { to_server = true }",
                    "+channel.to_server a:* -channel.to_client a:b ");
    assert_compared(state, "channel '*'" BOTH,
                    "channel '*'" BOTH "channel 'a:*' { to_client = false }",
                    "-channel.to_server a:* -channel.to_client a:* ");
    assert_compared(state, "", "channel 'fml:*' { to_client = true }", "-channel.to_server fml:* ");
    assert_compared(state, "transfer '*.a.b'", "transfer { 'c.a.b', '*.c.a.b', '*.a.b:7' }",
                    "-transfer *.a.b ");
    assert_compared(state, "transfer { 'c.a.b', '*.a.b:7' }", "transfer { 'c.a.b:7', 'a.b' }",
                    "+transfer a.b -transfer c.a.b -transfer *.a.b:p ");
    assert_compared(state, "cookie 'a:b' { store = true }", "cookie 'a:b' { request = true }",
                    "-cookie.store a:b +cookie.request a:b ");
    assert_compared(state, "resource_pack 'a.b'", "transfer 'a.b'",
                    "+transfer a.b -resource_pack a.b ");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_is_revealed_to_one_plugin_for_one_purpose,
                                        fixture_folder, fixture_no_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_revealed_is_refused, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(nothing_is_allowed_that_no_rule_names, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(the_most_exact_rule_decides, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(cookies_are_kept_apart_from_channels, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(hosts_fit_with_their_port_and_for_their_act, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(mistakes_are_told_with_their_line, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(a_cookie_links_no_pseudonym_to_another_server,
                                        fixture_folder, fixture_no_folder),
        cmocka_unit_test_setup_teardown(every_form_of_a_key_with_a_star_is_read, fixture_folder,
                                        fixture_no_folder),
        cmocka_unit_test_setup_teardown(only_what_was_not_allowed_otherwise_is_a_difference,
                                        fixture_folder, fixture_no_folder),
    };

    return cmocka_run_group_tests_name("acts", tests, NULL, NULL);
}
