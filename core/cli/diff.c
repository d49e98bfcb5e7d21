/*
 * `sekisho diff OLD NEW`: what the rules of NEW do that those of OLD did not, and to whom it does
 * not apply yet. Ends with 0 when nothing goes further, 3 when something does, 1 on any mistake.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/accepted.h"
#include "cli/cli.h"
#include "policy/widening.h"
#include "rules/change.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_MORE = 3 };

/* OLD or NEW: a configuration, or a folder with all that belongs to one. */
struct side {
    struct conf *conf;
    struct policies *policies;
    struct ruleset *set;
};

struct comparison {
    const struct side *before, *after;
    struct accepted *accepted; /* of the new side; NULL: there is no store */
    const char *server;        /* whose name was not printed yet; NULL: it was */
    const char *server_note;
    size_t more, less, alike;
};

static const uint8_t no_key[RULES_KEY_BYTES];

/* Paths in a configuration are relative to the folder that Sekisho is started in. */
static const char *enter(const char *path, int *back)
{
    struct stat stat_of;

    *back = -1;
    if (stat(path, &stat_of) < 0 || !S_ISDIR(stat_of.st_mode))
        return path;
    *back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*back >= 0 && chdir(path) == 0)
        return "config/sekisho.lua";
    return path;
}

static void leave(int back)
{
    if (back < 0)
        return;
    if (fchdir(back) < 0)
        abort();
    close(back);
}

/* What is told of files in a folder has to name it. */
static void tell_folder(struct diag *diag, const char *folder)
{
    for (size_t i = 0; i < diag->count && i < DIAG_ENTRIES_MAX; i++) {
        char *file = diag->entries[i].file;

        if (file[0] == '/')
            continue;
        diag->entries[i].file = mem_format("%s/%s", folder, file);
        free(file);
    }
}

static int load(const char *path, struct side *out, struct accepted **accepted, struct diag *diag)
{
    int back;
    const char *conf_path = enter(path, &back);
    int err = cli_load(conf_path, diag, &out->conf, &out->policies);

    if (err == 0)
        err = ruleset_load(out->conf, out->policies, no_key, diag, &out->set);
    if (err == 0 && accepted) {
        err = accepted_read(out->conf->store, out->policies->own->current, diag, accepted);
        if (err == ERR_NOT_FOUND)
            err = 0;
    }
    if (back >= 0)
        tell_folder(diag, path);
    leave(back);
    return err;
}

static void release(struct side *side)
{
    ruleset_free(side->set);
    policies_free(side->policies);
    conf_free(side->conf);
}

static void print_server(struct comparison *comparison)
{
    if (comparison->server)
        printf("server %s%s\n", comparison->server, comparison->server_note);
    comparison->server = NULL;
}

static void on_server(void *owner, const char *name, bool before, bool after)
{
    struct comparison *comparison = owner;

    comparison->server = name;
    comparison->server_note = !before ? " is new" : !after ? " is gone" : "";
    if (!before || !after)
        print_server(comparison);
}

/* `untouched` of the players who accepted, where there is a store. */
static void print_why(const struct comparison *comparison, const char *why, size_t untouched)
{
    printf("      %s: ", why);
    if (!comparison->accepted)
        printf("not for players who accepted before, until they accept anew\n");
    else
        printf("not for %zu of the %zu players who accepted, until they accept anew\n", untouched,
               accepted_count(comparison->accepted));
}

static void on_rule(void *owner, const struct change *change)
{
    struct comparison *comparison = owner;
    const char *mark = "=";

    print_server(comparison);
    if (change->reach == CHANGE_MORE) {
        mark = "+";
        comparison->more++;
    } else if (change->reach == CHANGE_LESS) {
        mark = "-";
        comparison->less++;
    } else {
        comparison->alike++;
    }
    printf("  %s %-7s %-22s %s%s%s\n", mark, rules_word_name(change->word),
           field_name(change->field), change->before_text,
           change->before_text[0] && change->after_text[0] ? " -> " : "", change->after_text);
    if (change->why)
        print_why(comparison, change->why,
                  comparison->accepted ? accepted_untouched(comparison->accepted, change->after,
                                                            change->word, change->field)
                                       : 0);
}

static void on_act(void *owner, const struct change_act *act)
{
    struct comparison *comparison = owner;
    size_t *count = act->more ? &comparison->more : &comparison->less;

    print_server(comparison);
    ++*count;
    printf("  %s %-17s %s", act->more ? "+" : "-", act_word(act->act), act->rule->pattern);
    if (act->rule->port > 0)
        printf(", port %d", act->rule->port);
    printf("\n");
    if (act->more)
        print_why(comparison, "the server may do more to a client",
                  comparison->accepted ? accepted_untouched_act(comparison->accepted, act->after,
                                                                act->act, act->rule)
                                       : 0);
}

static void on_wider(void *owner, const char *line)
{
    (void)owner;
    printf("  + %s\n", line);
}

static void on_narrower(void *owner, const char *line)
{
    (void)owner;
    printf("  - %s\n", line);
}

/* Who accepted what was in effect is asked by what is, or not. */
static void print_policy(const struct policy *before, const struct policy_set *policies)
{
    const struct policy *after = policies->current;
    bool same = strcmp(before->version, after->version) == 0;
    struct standing standing = policy_set_standing(
        policies, before->version, before->texts[before->default_text].sha256, clock_wall_ms());

    if (!same)
        printf("policy: version %s -> %s: %s\n", before->version, after->version,
               standing.kind == STANDING_ASK     ? "everybody is asked anew"
               : standing.kind == STANDING_GRACE ? "everybody is asked anew after a time of grace"
                                                 : "nobody is asked anew");
    if (!same && standing.kind == STANDING_ASK && !policy_set_find(policies, before->version))
        printf("  version %s is not in the folder any more\n", before->version);
    widening_read(before, after, on_wider, on_narrower, NULL);
    for (size_t i = 0; same && i < before->text_count; i++)
        if (!policy_has_text(after, before->texts[i].sha256))
            printf("policy: the text %s is another one: who accepted it is asked anew\n",
                   before->texts[i].language);
}

static int compare(struct comparison *comparison)
{
    struct change_reader reader = {
        .server = on_server, .rule = on_rule, .act = on_act, .owner = comparison};

    print_policy(comparison->before->policies->own->current, comparison->after->policies->own);
    changes_read(comparison->before->set, comparison->after->set, &reader);
    printf("%zu more, %zu less, %zu alike\n", comparison->more, comparison->less,
           comparison->alike);
    return comparison->more > 0 ? EXIT_MORE : EXIT_SUCCESS;
}

int cli_diff(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct side before = {0};
    struct side after = {0};
    struct comparison comparison = {.before = &before, .after = &after};
    int status = EXIT_FAILURE;
    int err;

    if (cli_read(argc, argv, (struct cli_grammar){0, 2, 2}, &options) < 0)
        return EXIT_FAILURE;
    err = load(options.words[0], &before, NULL, &diag);
    if (err == 0)
        err = load(options.words[1], &after, &comparison.accepted, &diag);
    if (err == 0)
        status = compare(&comparison);
    diag_print(&diag, stderr);
    diag_free(&diag);
    accepted_free(comparison.accepted);
    release(&before);
    release(&after);
    return status;
}
