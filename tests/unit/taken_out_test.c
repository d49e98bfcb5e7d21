/*
 * A property of all rule files: taking a rule out adds nothing anywhere. Whatever a field was kept
 * and told as, it stays so, or becomes what it is where no rule names it.
 */
#include "rules/rules.h"

#include "fixture.h"

enum { FILES = 150, LINES_MAX = 24, ACT_SAMPLES = 8 };

static struct policy_purpose purposes[] = {
    {.name = (char[]){"service"}, .keep_ms = 100 * 86400000LL},
    {.name = (char[]){"analytics"}, .keep_ms = 100 * 86400000LL, .optional = true}};
static const struct policy policy = {.purposes = purposes, .purpose_count = 2};
static const uint8_t key[RULES_KEY_BYTES] = {1};

/* A rule file, a rule a line. */
struct draft {
    char *lines[LINES_MAX];
    size_t count;
    bool third_party;
};

/* xorshift64: the same files in each run. */
static unsigned pick(uint64_t *seed, unsigned below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)((*seed >> 33) % below);
}

static const char *const form_texts[FIELD_FORMS] = {
    [FIELD_FORM_FULL] = "full",
    [FIELD_FORM_DROP] = "drop",
    [FIELD_FORM_COUNT] = "count",
    [FIELD_FORM_FLAG] = "flag",
    [FIELD_FORM_BUCKET] = "bucket(10)",
    [FIELD_FORM_TRUNCATE] = "truncate(16, 32)",
    [FIELD_FORM_PSEUDONYM] = "pseudonym",
    [FIELD_FORM_CATEGORY] = "category",
    [FIELD_FORM_FUNCTION] = "function(ctx) return ctx.value end",
};

/* NULL: there is no form in which the rule could stand, or the field has one. */
static char *random_rule(uint64_t *seed, uint64_t named[static 2])
{
    unsigned field = 1 + pick(seed, FIELDS - 1);
    const struct field_info *info = field_info((enum field)field);
    bool told = pick(seed, 2);
    unsigned forms = told ? info->told_as : info->kept_as;
    unsigned form = 1 + pick(seed, FIELD_FORMS - 1);
    bool when = pick(seed, 4) == 0 && !(told && info->needed);

    if (!(forms >> form & 1) || (named[told] >> field & 1))
        return NULL;
    if (strncmp(info->name, "inquiry.", 8) == 0 ||
        (form == FIELD_FORM_COUNT && info->class == FIELD_CONTENT))
        return NULL; /* these rules are refused */
    named[told] |= (uint64_t)1 << field;
    return mem_format("%s '%s' { purpose = '%s', form = %s%s }", told ? "forward" : "collect",
                      info->name, purposes[pick(seed, 2)].name, form_texts[form],
                      when ? ", when = function(ctx) return ctx.value ~= 'x' end" : "");
}

static char *random_act(uint64_t *seed, unsigned *named)
{
    static const char *const acts[] = {
        "channel 'mod:a' { to_server = true }",
        "channel 'mod:*' { to_client = true, to_server = true }",
        "cookie 'a:b' { store = true }",
        "cookie 'a:*' { request = true }",
        "transfer 'a.example.net'",
        "transfer '*.example.net:4000'",
        "resource_pack '*.example.net'",
    };

    unsigned act = pick(seed, sizeof acts / sizeof acts[0]);

    if (*named >> act & 1)
        return NULL;
    *named |= 1U << act;
    return mem_strdup(acts[act]);
}

static struct draft random_draft(uint64_t *seed)
{
    struct draft draft = {.third_party = pick(seed, 2)};
    size_t wanted = 1 + pick(seed, LINES_MAX);
    uint64_t named[2] = {0};
    unsigned named_acts = 0;

    while (draft.count < wanted) {
        char *line = pick(seed, 6) == 0 ? random_act(seed, &named_acts) : random_rule(seed, named);

        if (line)
            draft.lines[draft.count++] = line;
    }
    return draft;
}

static void free_draft(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++)
        free(draft->lines[i]);
}

/* Without one line. NULL: such rules are refused, as those that tell half of who it is. */
static struct rules *load(void **state, struct conf_server *server, const struct draft *draft,
                          size_t left_out)
{
    struct buf text = {0};
    struct diag diag = {0};
    struct rules *rules = NULL;

    for (size_t i = 0; i < draft->count; i++)
        if (i != left_out)
            buf_append_format(&text, "%s\n", draft->lines[i]);
    server->third_party = draft->third_party;
    free(server->rules);
    server->rules = fixture_file(*state, "rules.lua", slice_str(buf_text(&text)));
    if (rules_load(server, &policy, key, &diag, &rules) < 0)
        rules = NULL;
    diag_free(&diag);
    buf_free(&text);
    return rules;
}

static const char *sample_of(enum field field)
{
    switch (field_info(field)->kind) {
    case FIELD_NUMBER:
        return field_info(field)->neutral && strcmp(field_info(field)->neutral, "1") == 0 ? "0"
                                                                                          : "1";
    case FIELD_ADDRESS: return "192.0.2.77";
    case FIELD_LOCALE: return "qz_qz";
    case FIELD_TEXT: break;
    }
    return "canary words";
}

/* What becomes of a value, kept and told, in words. */
static char *outcome(const struct rules *rules, enum rules_word word, enum field field,
                     policy_purposes agreed)
{
    struct rules_subject subject = {.purposes = agreed, .allowed = RULES_ALL};
    struct field_value value = {.field = field, .bytes = slice_str(sample_of(field))};
    struct rules_record record;
    struct buf out = {0};

    if (word == RULES_FORWARD) {
        rules_forward(rules, &subject, &value, &out);
    } else if (rules_record(rules, &subject, &value, &record)) {
        buf_append_format(&out, "%s %d %s: ", record.purpose, record.counted, field_name(field));
        buf_append_slice(&out, buf_slice(&record.text));
        buf_free(&record.text);
    }
    return buf_take_text(&out);
}

/* Where no rule names it: only what the game needs is told. */
static void assert_bare(enum rules_word word, enum field field, const char *bare)
{
    if (word == RULES_COLLECT)
        assert_string_equal(bare, "");
    else if (!field_info(field)->needed)
        assert_string_not_equal(bare, sample_of(field));
}

static void assert_nothing_added(const struct rules *all, const struct rules *fewer,
                                 const struct rules *none, enum field field)
{
    for (enum rules_word word = RULES_COLLECT; word <= RULES_FORWARD; word++) {
        for (policy_purposes agreed = 1; agreed <= 3; agreed += 2) {
            char *before = outcome(all, word, field, agreed);
            char *after = outcome(fewer, word, field, agreed);
            char *bare = outcome(none, word, field, agreed);

            assert_bare(word, field, bare);
            if (strcmp(before, after) != 0)
                assert_string_equal(after, bare);
            free(before);
            free(after);
            free(bare);
        }
    }
}

static void allowed_acts(const struct rules *rules, bool out[static ACT_SAMPLES])
{
    const struct acts *acts = rules_acts(rules);

    out[0] = acts_allow_name(acts, ACT_TO_SERVER, slice_str("mod:a"));
    out[1] = acts_allow_name(acts, ACT_TO_SERVER, slice_str("mod:b"));
    out[2] = acts_allow_name(acts, ACT_TO_CLIENT, slice_str("mod:b"));
    out[3] = acts_allow_name(acts, ACT_STORE_COOKIE, slice_str("a:b"));
    out[4] = acts_allow_name(acts, ACT_REQUEST_COOKIE, slice_str("a:c"));
    out[5] = acts_allow_host(acts, ACT_TRANSFER, "a.example.net", 25565);
    out[6] = acts_allow_host(acts, ACT_TRANSFER, "b.example.net", 4000);
    out[7] = acts_allow_host(acts, ACT_RESOURCE_PACK, "b.example.net", 443);
}

static void assert_nothing_allowed(const struct rules *all, const struct rules *fewer)
{
    bool before[ACT_SAMPLES], after[ACT_SAMPLES];

    allowed_acts(all, before);
    allowed_acts(fewer, after);
    for (size_t i = 0; i < ACT_SAMPLES; i++)
        assert_false(after[i] && !before[i]);
}

/* Returns how many files without a rule were looked at. */
static size_t take_out_each(void **state, struct conf_server *server, const struct draft *draft)
{
    static const struct draft nothing[2] = {{.third_party = false}, {.third_party = true}};
    struct rules *all = load(state, server, draft, SIZE_MAX);
    struct rules *none = load(state, server, &nothing[draft->third_party], SIZE_MAX);
    size_t looked_at = 0;

    for (size_t i = 0; all && i < draft->count; i++) {
        struct rules *fewer = load(state, server, draft, i);

        if (!fewer)
            continue;
        for (int field = FIELD_NONE + 1; field < FIELDS; field++)
            assert_nothing_added(all, fewer, none, (enum field)field);
        assert_nothing_allowed(all, fewer);
        rules_free(fewer);
        looked_at++;
    }
    rules_free(all);
    rules_free(none);
    return looked_at;
}

static void taking_out_a_rule_adds_nothing(void **state)
{
    static char name[] = "game";
    struct conf_server server = {.name = name};
    uint64_t seed = 88172645463325252;
    size_t looked_at = 0;

    for (int i = 0; i < FILES; i++) {
        struct draft draft = random_draft(&seed);

        looked_at += take_out_each(state, &server, &draft);
        free_draft(&draft);
    }
    assert_true(looked_at > (size_t)FILES * 5);
    free(server.rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taking_out_a_rule_adds_nothing),
    };

    return cmocka_run_group_tests_name("taken out", tests, fixture_folder, fixture_no_folder);
}
