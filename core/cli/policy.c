/*
 * `sekisho policy`: the versions of the policy, their texts, and what changes from one to another.
 * A text that is not in the folder any more is looked for among those that the store keeps.
 */
#include "base/clock.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/lines.h"
#include "cli/records.h"
#include "policy/widening.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_ASKED = 3 };

static const char *day_of(const struct policy *policy)
{
    return policy->effective ? policy->effective : "the start";
}

static void on_wider(void *owner, const char *line)
{
    (void)owner;
    printf("    + %s\n", line);
}

static void on_narrower(void *owner, const char *line)
{
    (void)owner;
    printf("    - %s\n", line);
}

/* What is asked of who accepted `before` once `after` is in effect. Returns the exit status. */
static int print_step(const struct policy_set *set, const struct policy *before,
                      const struct policy *after)
{
    struct standing standing = policy_set_between(set, before, after, after->effective_ms);
    char day[CLOCK_DAY_BYTES];

    (void)widening_read(before, after, on_wider, on_narrower, NULL);
    if (after->material)
        printf("    + says material = true\n");
    if (standing.kind == STANDING_GRACE) {
        clock_format_day(standing.deadline_ms, day);
        printf("    who accepted %s is asked anew from %s on, and goes on with that until then\n",
               before->version, day);
    } else {
        printf("    who accepted %s %s\n", before->version,
               standing.kind == STANDING_ASK ? "is asked anew" : "goes on and is told of it");
    }
    return standing.kind == STANDING_GOES_ON ? EXIT_SUCCESS : EXIT_ASKED;
}

static int list(const struct policy_set *set)
{
    bool comes = false;

    printf("policy %s\n", set->current->id);
    for (size_t i = 0; i < set->count; i++) {
        const struct policy *policy = set->versions[i];

        printf("%s version %s, from %s%s\n", policy == set->current ? "*" : " ", policy->version,
               day_of(policy),
               policy == set->current ? ": in effect"
               : comes                ? ": to come"
                                      : "");
        comes = comes || policy == set->current;
        if (i > 0)
            (void)print_step(set, set->versions[i - 1], policy);
        for (size_t at = 0; at < policy->text_count; at++)
            printf("    text %-5s sha256 %s%s\n", policy->texts[at].language,
                   policy->texts[at].sha256, at == policy->default_text ? ", default" : "");
    }
    return EXIT_SUCCESS;
}

/* Everybody's policy is the first, those that servers add come behind it. */
static const struct policy_set *set_at(const struct policies *policies, size_t place)
{
    if (place == 0)
        return policies->own;
    return place <= policies->added_count ? policies->added[place - 1].set : NULL;
}

static const struct policy *find_version(const struct policies *policies, const char *version)
{
    const struct policy_set *set;
    const struct policy *policy = NULL;

    for (size_t i = 0; !policy && (set = set_at(policies, i)); i++)
        policy = policy_set_find(set, version);
    return policy;
}

static int list_all(const struct conf *conf, const struct policies *policies,
                    const struct cli_options *options, struct diag *diag)
{
    const struct policy_set *set;

    for (size_t i = 0; (set = set_at(policies, i)); i++)
        (void)list(set);
    (void)conf;
    (void)options;
    (void)diag;
    return EXIT_SUCCESS;
}

static int print_text(const char *text)
{
    fputs(text, stdout);
    return EXIT_SUCCESS;
}

static int refuse_several(const char *sha256)
{
    fprintf(stderr,
            "sekisho policy: several texts have a hash that begins with %s; write more "
            "of it\n",
            sha256);
    return EXIT_FAILURE;
}

/* What the folder has of a hash that begins so. */
static void find_text(const struct policy *policy, const char *sha256,
                      const struct policy_text **found, bool *several)
{
    for (size_t i = 0; i < policy->text_count; i++) {
        const struct policy_text *text = &policy->texts[i];

        if (strncmp(text->sha256, sha256, strlen(sha256)) != 0)
            continue;
        *several = *several || (*found && strcmp((*found)->sha256, text->sha256) != 0);
        *found = text;
    }
}

static const struct policy_text *find_text_anywhere(const struct policies *policies,
                                                    const char *sha256, bool *several)
{
    const struct policy_text *found = NULL;
    const struct policy_set *set;

    *several = false;
    for (size_t i = 0; (set = set_at(policies, i)); i++)
        for (size_t version = 0; version < set->count; version++)
            find_text(set->versions[version], sha256, &found, several);
    return found;
}

static void on_document(void *owner, uint64_t id, int err, const struct store_document *document)
{
    (void)id;
    *(int *)owner = err;
    if (document)
        (void)print_text(document->text);
}

static void on_closed(void *owner)
{
    (void)owner;
}

static int show_from_store(const char *url, const char *sha256, struct diag *diag)
{
    int found = ERR_NOT_FOUND;
    struct store *store;
    uv_loop_t loop;
    int err;

    uv_loop_init(&loop);
    err = store_open(url, STORE_READ, &loop, &found, diag, &store);
    if (err == 0) {
        store_document_find(store, 0, sha256, on_document);
        store_close(store, on_closed);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&loop);
    if (found == ERR_REFUSED)
        return refuse_several(sha256);
    if (found == ERR_NOT_FOUND && diag->count == 0)
        fprintf(stderr,
                "sekisho policy: neither the folder nor the store has a version \"%s\", or a text "
                "whose hash begins so; sekisho policy list has the versions, sekisho consent list "
                "--json the hashes\n",
                sha256);
    else if (found < 0 && diag->count == 0)
        diag_add(diag, url, 0, "could not be read: %s", err_text(found));
    return found < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int show_version(const struct policy *policy, const char *language)
{
    const struct policy_text *text;

    if (!language)
        return print_text(policy->texts[policy->default_text].markdown);
    text = policy_text_find(policy, slice_str(language));
    if (text)
        return print_text(text->markdown);
    fprintf(stderr,
            "sekisho policy: version %s has no text \"%s\"; its languages are:", policy->version,
            language);
    for (size_t i = 0; i < policy->text_count; i++)
        fprintf(stderr, " %s", policy->texts[i].language);
    fprintf(stderr, "\n");
    return EXIT_FAILURE;
}

static int show(const struct conf *conf, const struct policies *policies,
                const struct cli_options *options, struct diag *diag)
{
    const char *which =
        options->word_count > 1 ? options->words[1] : policies->own->current->version;
    const char *language = options->word_count > 2 ? options->words[2] : NULL;
    const struct policy *policy = find_version(policies, which);
    const struct policy_text *text;
    bool several;

    if (policy)
        return show_version(policy, language);
    text = find_text_anywhere(policies, which, &several);
    if (several)
        return refuse_several(which);
    if (text)
        return print_text(text->markdown);
    return show_from_store(conf->store, which, diag);
}

static void print_texts(const struct policy *before, const struct policy *after)
{
    for (size_t i = 0; i < after->text_count; i++) {
        const struct policy_text *text = &after->texts[i];
        const struct policy_text *old = policy_text_find(before, slice_str(text->language));

        printf("text %s%s\n", text->language,
               !old                                     ? ": is new"
               : strcmp(old->sha256, text->sha256) == 0 ? ": as it was"
                                                        : "");
        lines_diff(old ? old->markdown : "", text->markdown, stdout);
    }
    for (size_t i = 0; i < before->text_count; i++)
        if (!policy_text_find(after, slice_str(before->texts[i].language)))
            printf("text %s: is gone\n", before->texts[i].language);
}

/* Both of one policy, whichever has them. */
static int diff(const struct conf *conf, const struct policies *policies,
                const struct cli_options *options, struct diag *diag)
{
    const struct policy *before = NULL;
    const struct policy *after = NULL;
    const struct policy_set *set = NULL;
    int status;

    (void)conf;
    (void)diag;
    for (size_t i = 0; !(before && after) && (set = set_at(policies, i)); i++) {
        before = policy_set_find(set, options->words[1]);
        after = policy_set_find(set, options->words[2]);
    }
    if (!set) {
        fprintf(stderr,
                "sekisho policy: no policy has both versions, \"%s\" and \"%s\"; sekisho policy "
                "list has them all\n",
                options->words[1], options->words[2]);
        return EXIT_FAILURE;
    }
    printf("version %s, from %s -> version %s, from %s\n", before->version, day_of(before),
           after->version, day_of(after));
    status = print_step(set, before, after);
    print_texts(before, after);
    return status;
}

static const struct verb {
    struct cli_word word;
    int (*run)(const struct conf *conf, const struct policies *policies,
               const struct cli_options *options, struct diag *diag);
} verbs[] = {
    {{"list", {CLI_CONF, 1, 1}, "[-c FILE]"}, list_all},
    {{"show", {CLI_CONF, 1, 3}, "[VERSION|SHA256] [LANGUAGE]"}, show},
    {{"diff", {CLI_CONF, 3, 3}, "OLD NEW"}, diff},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

int cli_policy(int argc, char **argv)
{
    const struct verb *verb;
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct policies *policies = NULL;
    int status = EXIT_FAILURE;

    verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    if (!verb)
        return EXIT_FAILURE;
    if (cli_load(options.conf_path, &diag, &conf, &policies) == 0)
        status = verb->run(conf, policies, &options, &diag);
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}
