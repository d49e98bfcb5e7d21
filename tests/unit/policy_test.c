/* Versions of a policy: which one is in effect, what widened, and what an acceptance counts for. */
#include "base/clock.h"
#include "base/err.h"
#include "fixture.h"
#include "policy/policy_set.h"
#include "policy/widening.h"

#include <sys/stat.h>

static const char service[] = "service = { keep = \"180d\" }";

static int64_t day(const char *text)
{
    int64_t ms = 0;

    assert_int_equal(clock_parse_day(text, &ms), 0);
    return ms;
}

/* A version in a folder of its own ("": the top one), whose text says its own name. */
static void version(const char *base, const char *folder, const char *effective, const char *more)
{
    char *path = mem_format("%s/%s", base, folder);
    char *lua = mem_format("return {\n  id = \"a\",\n  version = \"%s\",\n  effective = \"%s\",\n"
                           "  languages = { \"en\" }, %s\n}\n",
                           folder[0] ? folder : "top", effective, more);
    char *text = mem_format("# Version %s\n", folder);

    mkdir(path, 0700);
    fixture_write(path, "policy.lua", lua);
    fixture_write(path, "en.md", text);
    free(path);
    free(lua);
    free(text);
}

static void with(const char *base, const char *folder, const char *effective, const char *purposes,
                 const char *more)
{
    char *keys = mem_format("purposes = { %s }, %s", purposes, more);

    version(base, folder, effective, keys);
    free(keys);
}

static struct policy_set *load(const char *base, const char *now)
{
    struct policy_set *set;
    struct diag diag = {0};
    int err = policy_set_load(base, day(now), &diag, &set);

    diag_print(&diag, stderr);
    assert_int_equal(err, 0);
    return set;
}

static void assert_current(const char *base, const char *now, const char *expected)
{
    struct policy_set *set = load(base, now);

    assert_string_equal(set->current->version, expected);
    policy_set_free(set);
}

static void test_the_latest_whose_day_has_come_is_current(void **state)
{
    with(*state, "v1", "2026-01-01", service, "");
    with(*state, "v3", "2026-03-01", service, "");
    with(*state, "v2", "2026-02-01", service, "");
    with(*state, "", "2026-04-01", service, "");
    assert_current(*state, "2026-01-01", "v1");
    assert_current(*state, "2026-01-31", "v1");
    assert_current(*state, "2026-02-01", "v2");
    assert_current(*state, "2026-03-15", "v3");
    assert_current(*state, "2027-01-01", "top");
}

static void test_a_folder_may_be_one_version(void **state)
{
    struct policy_set *set;

    with(*state, "", "2026-01-01", service, "grace = \"14d\", material = true, url = nil");
    set = load(*state, "2026-01-01");
    assert_int_equal(set->count, 1);
    assert_int_equal(set->current->grace_ms, 14 * (int64_t)CLOCK_DAY_MS);
    assert_true(set->current->material);
    assert_null(policy_set_next(set));
    assert_null(policy_set_before(set, set->current));
    policy_set_free(set);
}

static void test_mistakes_of_all_versions_are_told_at_once(void **state)
{
    struct policy_set *set;
    struct diag diag = {0};

    with(*state, "v1", "2026-01-01", service, "grace = \"36h\"");
    with(*state, "v2", "2026-01-01", service, "material = false");
    with(*state, "v3", "2026-01-03", service, "third_parties = { 7 }");
    assert_int_equal(policy_set_load(*state, day("2026-06-01"), &diag, &set), ERR_INVALID);
    assert_true(fixture_told(&diag, 5, "grace: \"36h\" are no whole days"));
    assert_true(fixture_told(&diag, 5, "material: only true can be said"));
    assert_true(fixture_told(&diag, 5, "third_parties"));
    assert_true(fixture_told(&diag, 4, "is in effect from the same day on"));
    policy_set_free(set);
    diag_free(&diag);
}

static void test_versions_have_one_id_and_names_of_their_own(void **state)
{
    struct policy_set *set;
    struct diag diag = {0};
    char *other = mem_format("%s/v2", (const char *)*state);

    with(*state, "v1", "2026-01-01", service, "");
    with(*state, "v2", "2026-01-02", service, "");
    fixture_write(other, "policy.lua",
                  "return {\n id = \"b\",\n version = \"v1\",\n effective = \"2026-01-02\",\n"
                  " languages = { \"en\" }, purposes = { service = { keep = \"1d\" } } }\n");
    assert_int_equal(policy_set_load(*state, day("2026-06-01"), &diag, &set), ERR_INVALID);
    assert_true(fixture_told(&diag, 2, "id: \"a\" is the id of"));
    assert_true(fixture_told(&diag, 3, "version: \"v1\" is the version of"));
    policy_set_free(set);
    diag_free(&diag);
    free(other);
}

static void test_a_policy_whose_days_are_all_to_come_is_an_error(void **state)
{
    struct policy_set *set;
    struct diag diag = {0};

    with(*state, "v1", "2026-01-02", service, "");
    assert_int_equal(policy_set_load(*state, day("2026-01-01"), &diag, &set), ERR_INVALID);
    assert_true(fixture_told(&diag, 4, "its day (UTC) is still to come"));
    policy_set_free(set);
    diag_free(&diag);
}

static void note(void *owner, const char *line)
{
    buf_append_str(owner, line);
    buf_append_str(owner, "; ");
}

static void test_what_widens_is_told_and_words_do_not(void **state)
{
    struct policy_set *set;
    struct buf wider = {0};
    struct buf narrower = {0};

    with(*state, "v1", "2026-01-01",
         "service = { keep = \"180d\" }, stats = { keep = \"90d\", optional = true }, "
         "old = { keep = \"1d\" }",
         "third_parties = { \"Gone Ltd.\" }");
    with(*state, "v2", "2026-01-02",
         "service = { keep = \"1y\" }, stats = { keep = \"30d\" }, ads = { keep = \"1d\" }",
         "third_parties = { \"New Ltd.\" }");
    with(*state, "v3", "2026-01-03",
         "service = { keep = \"1y\" }, stats = { keep = \"30d\" }, ads = { keep = \"1d\" }",
         "third_parties = { \"New Ltd.\" }");
    set = load(*state, "2026-02-01");
    assert_int_equal(widening_read(set->versions[0], set->versions[1], note, NULL, &wider), 4);
    (void)widening_read(set->versions[0], set->versions[1], NULL, note, &narrower);
    assert_string_equal(buf_text(&wider), "purpose ads is new; third party New Ltd. is new; "
                                          "purpose service: kept for at most 1y, not 180d; "
                                          "purpose stats is no longer optional; ");
    assert_string_equal(buf_text(&narrower),
                        "purpose stats: kept for at most 30d, not 90d; "
                        "purpose old is gone; third party Gone Ltd. is gone; ");
    assert_false(policy_set_is_material(set, set->versions[0]));
    assert_true(policy_set_is_material(set, set->versions[1]));
    assert_false(policy_set_is_material(set, set->versions[2]));
    buf_free(&wider);
    buf_free(&narrower);
    policy_set_free(set);
}

static void assert_standing(const char *base, const char *now, const char *accepted,
                            enum standing_kind expected, const char *deadline)
{
    struct policy_set *set = load(base, now);
    const struct policy *policy = policy_set_find(set, accepted);
    struct standing standing =
        policy_set_standing(set, accepted, policy ? policy->texts[0].sha256 : "", day(now));

    assert_int_equal(standing.kind, expected);
    if (deadline)
        assert_int_equal(standing.deadline_ms, day(deadline));
    policy_set_free(set);
}

static void test_what_an_acceptance_counts_for(void **state)
{
    static const char more[] = "service = { keep = \"180d\" }, ads = { keep = \"1d\" }";

    with(*state, "v1", "2026-01-01", service, "");
    with(*state, "v2", "2026-02-01", service, "");                /* words alone */
    with(*state, "v3", "2026-03-01", more, "grace = \"14d\"");    /* wider */
    with(*state, "v4", "2026-03-10", more, "");                   /* words alone */
    with(*state, "v5", "2026-04-01", service, "");                /* taken back */
    with(*state, "v6", "2026-05-01", service, "material = true"); /* marked */
    assert_standing(*state, "2026-01-01", "v1", STANDING_CURRENT, NULL);
    assert_standing(*state, "2026-02-01", "v1", STANDING_GOES_ON, NULL);
    assert_standing(*state, "2026-03-01", "v1", STANDING_GRACE, "2026-03-15");
    assert_standing(*state, "2026-03-14", "v2", STANDING_GRACE, "2026-03-15");
    assert_standing(*state, "2026-03-15", "v2", STANDING_ASK, NULL);
    assert_standing(*state, "2026-03-15", "v3", STANDING_GOES_ON, NULL);
    assert_standing(*state, "2026-04-01", "v1", STANDING_GOES_ON, NULL);
    assert_standing(*state, "2026-04-01", "v3", STANDING_GOES_ON, NULL);
    assert_standing(*state, "2026-05-01", "v5", STANDING_ASK, NULL);
    assert_standing(*state, "2026-05-01", "v6", STANDING_CURRENT, NULL);
    assert_standing(*state, "2026-01-01", "v2", STANDING_GOES_ON, NULL); /* a clock set back */
    assert_standing(*state, "2026-01-01", "v3", STANDING_GOES_ON, NULL); /* who accepted more */
    assert_standing(*state, "2026-01-01", "v0", STANDING_ASK, NULL);
}

static void test_another_text_under_the_same_version_counts_for_nothing(void **state)
{
    struct policy_set *set;

    with(*state, "v1", "2026-01-01", service, "");
    set = load(*state, "2026-01-01");
    assert_int_equal(policy_set_standing(set, "v1", "0123", day("2026-01-01")).kind, STANDING_ASK);
    policy_set_free(set);
}

static void test_sets_are_the_same_until_a_file_or_the_current_version_changes(void **state)
{
    struct policy_set *set, *later, *edited;
    char *folder = mem_format("%s/v2", (const char *)*state);

    with(*state, "v1", "2026-01-01", service, "");
    with(*state, "v2", "2026-02-01", service, "");
    set = load(*state, "2026-01-01");
    later = load(*state, "2026-02-01");
    fixture_write(folder, "en.md", "# Another text\n");
    edited = load(*state, "2026-01-01");
    assert_true(policy_set_same(set, set));
    assert_false(policy_set_same(set, later));
    assert_false(policy_set_same(set, edited));
    assert_string_equal(policy_set_next(set)->version, "v2");
    policy_set_free(set);
    policy_set_free(later);
    policy_set_free(edited);
    free(folder);
}

static void test_purposes_are_carried_over_by_name(void **state)
{
    struct policy_set *set;

    with(*state, "v1", "2026-01-01",
         "service = { keep = \"1d\" }, stats = { keep = \"1d\", optional = true }, "
         "gone = { keep = \"1d\" }",
         "");
    with(*state, "v2", "2026-01-02",
         "added = { keep = \"1d\" }, stats = { keep = \"1d\" }, service = { keep = \"1d\" }", "");
    set = load(*state, "2026-01-03");
    for (int all = 0; all < 2; all++) {
        const struct policy *from = set->versions[0];
        const struct policy *to = set->versions[1];
        policy_purposes had = policy_purposes_read(from, all ? "service,stats,gone" : "service");
        policy_purposes expected = policy_purposes_read(to, all ? "service,stats" : "service");

        assert_int_equal(policy_purposes_carry(from, to, had), expected);
    }
    policy_set_free(set);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder, fixture_no_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_the_latest_whose_day_has_come_is_current),
        IN_FOLDER(test_a_folder_may_be_one_version),
        IN_FOLDER(test_mistakes_of_all_versions_are_told_at_once),
        IN_FOLDER(test_versions_have_one_id_and_names_of_their_own),
        IN_FOLDER(test_a_policy_whose_days_are_all_to_come_is_an_error),
        IN_FOLDER(test_what_widens_is_told_and_words_do_not),
        IN_FOLDER(test_what_an_acceptance_counts_for),
        IN_FOLDER(test_another_text_under_the_same_version_counts_for_nothing),
        IN_FOLDER(test_sets_are_the_same_until_a_file_or_the_current_version_changes),
        IN_FOLDER(test_purposes_are_carried_over_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
