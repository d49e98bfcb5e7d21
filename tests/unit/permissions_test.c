/* Who may do what: config/permissions.lua. */
#include "identity/permissions.h"

#include "fixture.h"

static const char uuid_text[] = "069a79f4-44e9-4726-a5be-fca90e38aaf5";

static struct profile player(const char *name, enum consent_identity proof)
{
    struct profile profile = {.proof = proof};

    snprintf(profile.name, sizeof profile.name, "%s", name);
    return profile;
}

static int load(void **state, const char *text, struct diag *diag, struct permissions **out)
{
    char *path = fixture_file(*state, "permissions.lua", slice_str(text));
    struct conf conf = {.permissions = path};
    int err = permissions_load(&conf, diag, out);

    free(path);
    return err;
}

static struct permissions *good(void **state, const char *text)
{
    struct diag diag = {0};
    struct permissions *permissions;

    if (load(state, text, &diag, &permissions) < 0)
        diag_print(&diag, stderr);
    assert_int_equal(diag.count, 0);
    return permissions;
}

static void the_most_specific_entry_decides(void **state)
{
    struct permissions *permissions =
        good(state, "return { groups = { staff = { inherits = { 'helper' }, members = { 'Anna' },\n"
                    "  permissions = { 'staff.*', '-staff.op', 'staff.op.list', 'deep.a.*' } },\n"
                    "  helper = { permissions = { 'staff.op', 'help', '-deep.*' } } },\n"
                    "  default = { 'hub.*', '-hub.hidden', '-help' } }");
    struct profile anna = player("aNNa", CONSENT_IDENTITY_VERIFIED);
    struct profile other = player("Other", CONSENT_IDENTITY_VERIFIED);

    assert_true(permission_allows(permissions, &anna, "staff.find"));
    assert_false(permission_allows(permissions, &anna, "staff.op")); /* nearer than helper's */
    assert_true(permission_allows(permissions, &anna, "staff.op.list"));
    assert_false(permission_allows(permissions, &anna, "staff"));
    assert_false(permission_allows(permissions, &anna, "staffroom"));
    assert_true(permission_allows(permissions, &anna, "help")); /* nearer than default */
    assert_true(permission_allows(permissions, &anna, "deep.a.b"));
    assert_false(permission_allows(permissions, &anna, "deep.b"));
    assert_true(permission_allows(permissions, &anna, "hub.use"));
    assert_false(permission_allows(permissions, &anna, "hub.hidden"));
    assert_false(permission_allows(permissions, &anna, "other"));
    assert_true(permission_allows(permissions, &other, "hub.use"));
    assert_false(permission_allows(permissions, &other, "help"));
    assert_false(permission_allows(permissions, &other, "staff.find"));
    permissions_free(permissions);
}

static void among_groups_of_one_player_taking_away_wins(void **state)
{
    struct permissions *permissions = good(
        state, "return { groups = { a = { members = { 'Anna' }, permissions = { 'x', '*' } },\n"
               "  b = { members = { 'Anna' }, permissions = { '-x' } } } }");
    struct profile anna = player("Anna", CONSENT_IDENTITY_FORWARDED);

    assert_false(permission_allows(permissions, &anna, "x"));
    assert_true(permission_allows(permissions, &anna, "y"));
    permissions_free(permissions);
}

static void a_name_counts_for_a_proven_player_alone(void **state)
{
    struct permissions *permissions =
        good(state, "return { groups = { a = { permissions = { 'x' },\n"
                    "  members = { 'Anna', '069a79f444e94726a5befca90e38aaf5' } } } }");
    struct profile claimed = player("Anna", CONSENT_IDENTITY_OFFLINE);
    struct profile renamed = player("Renamed", CONSENT_IDENTITY_VERIFIED);

    assert_false(permission_allows(permissions, &claimed, "x"));
    claimed.proof = CONSENT_IDENTITY_NONE;
    assert_false(permission_allows(permissions, &claimed, "x"));
    assert_int_equal(uuid_parse(uuid_text, &renamed.uuid), 0);
    assert_true(permission_allows(permissions, &renamed, "x"));
    assert_non_null(strstr(permissions_warning(permissions, CONF_AUTH_OFFLINE), "nobody proves"));
    assert_null(permissions_warning(permissions, CONF_AUTH_ONLINE));
    permissions_free(permissions);
}

static void without_a_file_nobody_has_any(void **state)
{
    struct profile anna = player("Anna", CONSENT_IDENTITY_VERIFIED);
    struct conf conf = {0};
    struct diag diag = {0};
    struct permissions *permissions;

    (void)state;
    assert_false(permission_allows(NULL, &anna, "x"));
    assert_int_equal(permissions_load(&conf, &diag, &permissions), 0);
    assert_null(permissions_path(permissions));
    assert_false(permission_allows(permissions, &anna, "x"));
    permissions_free(permissions);
    conf.permissions = (char[]){"/nowhere/permissions.lua"};
    assert_true(permissions_load(&conf, &diag, &permissions) < 0);
    assert_int_equal(diag.count, 1);
    diag_free(&diag);
}

static void assert_refused(void **state, const char *text, int line, const char *message)
{
    struct diag diag = {0};
    struct permissions *permissions;

    assert_true(load(state, text, &diag, &permissions) < 0);
    assert_null(permissions);
    assert_true(fixture_told(&diag, line, message));
    diag_free(&diag);
}

static void mistakes_are_told_with_line_and_remedy(void **state)
{
    assert_refused(state, "return 5", 0, "returns no table");
    assert_refused(state, "return { group = {} }", 1, "did you mean \"groups\"?");
    assert_refused(state, "return { groups = {\n a = {\n permission = {} } } }", 3,
                   "did you mean \"permissions\"?");
    assert_refused(state, "return {\n default = { 'Hub.Use' } }", 2, "is no permission");
    assert_refused(state, "return {\n default = { 'a..b' } }", 2, "is no permission");
    assert_refused(state, "return {\n default = { 'a*' } }", 2, "is no permission");
    assert_refused(state, "return {\n default = { 'a.*.b' } }", 2, "is no permission");
    assert_refused(state, "return {\n default = { '--a' } }", 2, "is no permission");
    assert_refused(state, "return {\n default = { '' } }", 2, "is no permission");
    assert_refused(state, "return { groups = { helper = {},\n a = { inherits = { 'helpr' } } } }",
                   2, "did you mean \"helper\"?");
    assert_refused(
        state,
        "return { groups = {\n a = { inherits = { 'b' } },\n b = { inherits = { 'c' } },\n"
        " c = { inherits = { 'a' } } } }",
        3, "inherits itself in the end");
    assert_refused(state, "return { groups = {\n a = { inherits = { 'a' } } } }", 2,
                   "inherits itself in the end");
}

static void a_mistake_in_a_member_names_nobody(void **state)
{
    struct diag diag = {0};
    struct permissions *permissions;

    assert_true(load(state,
                     "return { groups = { a = { members = {\n 'Some Body Long Named',\n 'Anna',\n"
                     " 'anna' } } } }",
                     &diag, &permissions) < 0);
    assert_true(fixture_told(&diag, 1, "number 1 is no player"));
    assert_true(fixture_told(&diag, 1, "number 3 stands in the group twice"));
    for (size_t i = 0; i < diag.count; i++) {
        assert_null(strstr(diag.entries[i].message, "Body"));
        assert_null(strcasestr(diag.entries[i].message, "anna"));
    }
    diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_specific_entry_decides),
        cmocka_unit_test(among_groups_of_one_player_taking_away_wins),
        cmocka_unit_test(a_name_counts_for_a_proven_player_alone),
        cmocka_unit_test(without_a_file_nobody_has_any),
        cmocka_unit_test(mistakes_are_told_with_line_and_remedy),
        cmocka_unit_test(a_mistake_in_a_member_names_nobody),
    };

    return cmocka_run_group_tests_name("permissions", tests, fixture_folder, fixture_no_folder);
}
