/* policy.lua, read with the texts that it names. */
#include "policy/policy.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "net/url.h"
#include "policy/text_file.h"
#include "script/table_reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { LABEL_CHARS_MAX = 64 };

static const int64_t GRACE_MS_MAX = (int64_t)366 * CLOCK_DAY_MS;

/* While policy.lua is read. */
struct loading {
    struct policy *policy;
    char *folder;
    char *default_language;
    bool has_purposes; /* all of them, without a complaint */
};

static void read_label(struct table_reader *reader, char **out)
{
    const char *text = reader_text(reader, "a text in quotes");
    size_t len = 0;

    if (!text)
        return;
    for (const char *c = text; *c; c++)
        len += ((unsigned char)*c & 0xC0) != 0x80;
    if (len == 0 || len > LABEL_CHARS_MAX)
        reader_complain(reader, "write 1 to %d characters", LABEL_CHARS_MAX);
    else if (!*out)
        *out = mem_strdup(text);
}

static void read_id(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;

    read_label(reader, &policy->id);
    policy->id_line = reader_line(reader);
}

static void read_version(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;

    read_label(reader, &policy->version);
    policy->version_line = reader_line(reader);
}

static void read_effective(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;
    const char *text = reader_text(reader, "a date as \"2026-01-31\"");

    if (!text)
        return;
    policy->effective_line = reader_line(reader);
    if (clock_parse_day(text, &policy->effective_ms) == 0)
        policy->effective = mem_strdup(text);
    else
        reader_complain(reader, "\"%s\" is no day of the calendar; write one as \"2026-01-31\"",
                        text);
}

static bool is_purpose_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return len > 0 && len <= POLICY_PURPOSE_CHARS_MAX && name[len] == 0;
}

static void read_title(struct table_reader *reader, const char *language, void *into)
{
    struct policy_purpose *purpose = into;
    char *title = NULL;

    read_label(reader, &title);
    if (!title)
        return;
    purpose->titles =
        mem_resize(purpose->titles, (purpose->title_count + 1) * sizeof *purpose->titles);
    purpose->titles[purpose->title_count++] =
        (struct policy_title){.language = mem_strdup(language), .title = title};
}

static void read_titles(struct table_reader *reader, void *into)
{
    reader_each(reader, into, read_title);
}

static void read_purpose(struct table_reader *reader, const char *name, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "keep",
         .kind = READER_DURATION,
         .min = 0,
         .max = (int64_t)100 * 365 * CLOCK_DAY_MS,
         .offset = offsetof(struct policy_purpose, keep_ms)},
        {.name = "optional",
         .kind = READER_BOOL,
         .offset = offsetof(struct policy_purpose, optional)},
        {.name = "title", .kind = READER_CUSTOM, .read = read_titles},
    };
    struct policy *policy = ((struct loading *)into)->policy;
    struct policy_purpose purpose = {.keep_ms = -1, .line = reader_line(reader)};
    size_t complaints = reader->diag->count;

    if (!is_purpose_name(name)) {
        reader_complain(reader, "this is no name for a purpose; use up to %d of a-z, 0-9, _ and -",
                        POLICY_PURPOSE_CHARS_MAX);
        return;
    }
    reader_table(reader, keys, COUNT(keys), &purpose);
    if (purpose.keep_ms < 0 && reader->diag->count == complaints)
        reader_complain(reader, "how long data may be kept is missing; add keep = \"180d\"");
    purpose.name = mem_strdup(name);
    policy->purposes =
        mem_resize(policy->purposes, (policy->purpose_count + 1) * sizeof *policy->purposes);
    policy->purposes[policy->purpose_count++] = purpose;
}

static int compare_purposes(const void *a, const void *b)
{
    const struct policy_purpose *left = a;
    const struct policy_purpose *right = b;

    return left->line != right->line ? left->line - right->line : strcmp(left->name, right->name);
}

static void read_purposes(struct table_reader *reader, void *into)
{
    struct loading *loading = into;
    struct policy *policy = loading->policy;
    size_t complaints = reader->diag->count;

    reader_each(reader, into, read_purpose);
    if (policy->purpose_count > POLICY_PURPOSES_MAX)
        reader_complain(reader, "there are more than %d purposes; join some", POLICY_PURPOSES_MAX);
    if (policy->purpose_count > 0)
        qsort(policy->purposes, policy->purpose_count, sizeof *policy->purposes, compare_purposes);
    loading->has_purposes = policy->purpose_count > 0 && reader->diag->count == complaints;
}

/* "ja", "pt_br": as clients send it, and as the file is called. */
static bool is_language(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return len >= 2 && len <= POLICY_LANGUAGE_CHARS_MAX && text[len] == 0;
}

static void read_language(struct table_reader *reader, void *into)
{
    struct loading *loading = into;
    struct policy *policy = loading->policy;
    const char *language = reader_text(reader, "a language as \"ja\" or \"pt_br\"");
    char *path;

    if (!language)
        return;
    if (!is_language(language)) {
        reader_complain(reader, "\"%s\" is no language; write it as \"ja\" or \"pt_br\"", language);
        return;
    }
    if (policy_text_find(policy, slice_str(language))) {
        reader_complain(reader, "\"%s\" stands here twice; take one out", language);
        return;
    }
    path = mem_format("%s/%s.md", loading->folder, language);
    policy->texts = mem_resize(policy->texts, (policy->text_count + 1) * sizeof *policy->texts);
    policy->texts[policy->text_count] = (struct policy_text){.language = mem_strdup(language)};
    text_file_load(path, reader->diag, &policy->texts[policy->text_count++]);
    free(path);
}

static void read_languages(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_language);
}

static void read_default_language(struct table_reader *reader, void *into)
{
    read_label(reader, &((struct loading *)into)->default_language);
}

static void read_url(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;
    const char *text = reader_text(reader, "a web address as \"https://example.net/privacy\"");

    if (!text)
        return;
    policy->url = url_normal(slice_str(text));
    if (!policy->url)
        reader_complain(
            reader, "\"%s\" is no web address; write https:// or http:// and a host name", text);
}

static void read_grace(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;
    const char *text = reader_text(reader, "days as \"14d\"");
    int64_t grace_ms;

    if (!text)
        return;
    if (clock_parse_duration(text, &grace_ms) < 0 || grace_ms > GRACE_MS_MAX ||
        grace_ms % CLOCK_DAY_MS != 0)
        reader_complain(reader, "\"%s\" are no whole days; write at most a year, as \"14d\"", text);
    else
        policy->grace_ms = grace_ms;
}

/* A policy cannot say that it is not material: that is for what it says to show. */
static void read_material(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;

    policy->material = lua_isboolean(reader->lua, -1) && lua_toboolean(reader->lua, -1);
    if (!policy->material)
        reader_complain(reader, "only true can be said: who accepted less is asked without it, "
                                "too; take this line out");
}

static void read_third_party(struct table_reader *reader, void *into)
{
    struct policy *policy = ((struct loading *)into)->policy;
    char *name = NULL;

    read_label(reader, &name);
    if (!name)
        return;
    policy->third_parties =
        mem_resize(policy->third_parties, (policy->third_party_count + 1) * sizeof(char *));
    policy->third_parties[policy->third_party_count++] = name;
}

static void read_third_parties(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_third_party);
}

static const struct reader_key policy_keys[] = {
    {.name = "id", .kind = READER_CUSTOM, .read = read_id},
    {.name = "version", .kind = READER_CUSTOM, .read = read_version},
    {.name = "effective", .kind = READER_CUSTOM, .read = read_effective},
    {.name = "languages", .kind = READER_CUSTOM, .read = read_languages},
    {.name = "default_language", .kind = READER_CUSTOM, .read = read_default_language},
    {.name = "purposes", .kind = READER_CUSTOM, .read = read_purposes},
    {.name = "url", .kind = READER_CUSTOM, .read = read_url},
    {.name = "grace", .kind = READER_CUSTOM, .read = read_grace},
    {.name = "material", .kind = READER_CUSTOM, .read = read_material},
    {.name = "third_parties", .kind = READER_CUSTOM, .read = read_third_parties},
};

/* About the language at `path` of the file, which has no text. */
static void complain_of_language(struct table_reader *reader, const struct policy *policy,
                                 const char *path, const char *language)
{
    const char *nearest =
        diag_nearest_in(language, policy->texts, policy->text_count, sizeof *policy->texts);
    char advice[DIAG_ADVICE_BYTES];

    diag_add(reader->diag, reader->file, script_locate(reader->script, path),
             "%s: \"%s\" is not among the languages; %s", path, language,
             diag_advice(advice, nearest, "add it, or take this out"));
}

static void check_titles(struct table_reader *reader, const struct policy *policy)
{
    for (size_t i = 0; i < policy->purpose_count; i++) {
        const struct policy_purpose *purpose = &policy->purposes[i];

        for (size_t title = 0; title < purpose->title_count; title++) {
            const char *language = purpose->titles[title].language;
            char *path = mem_format("purposes.%s.title.%s", purpose->name, language);

            if (!policy_text_find(policy, slice_str(language)))
                complain_of_language(reader, policy, path, language);
            free(path);
        }
    }
}

static void check_default_language(struct table_reader *reader, const struct loading *loading)
{
    struct policy *policy = loading->policy;

    if (!loading->default_language)
        return;
    for (size_t i = 0; i < policy->text_count; i++) {
        if (strcmp(policy->texts[i].language, loading->default_language) == 0) {
            policy->default_text = i;
            return;
        }
    }
    complain_of_language(reader, policy, "default_language", loading->default_language);
}

static void check_complete(struct table_reader *reader, const struct loading *loading)
{
    const struct policy *policy = loading->policy;
    const struct {
        bool there;
        const char *remedy;
    } needed[] = {
        {policy->id, "id = \"my-community\""},
        {policy->version, "version = \"2026-01\""},
        {policy->text_count > 0, "languages = { \"en\" }, with the text in en.md beside this file"},
        {policy->purpose_count > 0, "purposes = { service = { keep = \"180d\" } }"},
    };

    for (size_t i = 0; i < COUNT(needed); i++)
        if (!needed[i].there)
            diag_add(reader->diag, reader->file, 0, "something is missing; add %s",
                     needed[i].remedy);
    check_default_language(reader, loading);
    check_titles(reader, policy);
}

int policy_load(const char *folder, struct diag *diag, struct policy **out)
{
    struct loading loading = {.policy = mem_alloc(sizeof *loading.policy)};
    char *path = mem_format("%s/policy.lua", folder);
    struct table_reader reader = {.file = path, .diag = diag};
    size_t complaints = diag->count;
    int err;

    loading.folder = mem_strdup(folder);
    loading.policy->effective_ms = INT64_MIN;
    loading.policy->file = mem_strdup(path);
    err = script_open(path, &script_limits_usual, diag, &reader.script);
    if (err < 0)
        goto done;
    reader.lua = script_lua(reader.script);
    sha256_hex(script_source(reader.script, 0), loading.policy->sha256);
    err = script_run(reader.script, 1, diag);
    if (err < 0)
        goto done;
    if (lua_istable(reader.lua, -1)) {
        reader_check_keys(&reader);
        reader_table(&reader, policy_keys, COUNT(policy_keys), &loading);
        if (diag->count == complaints)
            check_complete(&reader, &loading);
    } else {
        diag_add(diag, path, 0,
                 "returns no table; the file has to be: return { KEY = VALUE, ... }");
    }
    for (size_t i = 0; i < loading.policy->text_count && loading.policy->id; i++)
        if (!loading.policy->texts[i].title)
            loading.policy->texts[i].title = mem_strdup(loading.policy->id);
    err = diag->count > complaints ? ERR_INVALID : 0;
done:
    script_free(reader.script);
    free(path);
    free(loading.folder);
    free(loading.default_language);
    *out = NULL;
    if (err == 0 || loading.has_purposes)
        *out = loading.policy;
    else
        policy_free(loading.policy);
    return err;
}
