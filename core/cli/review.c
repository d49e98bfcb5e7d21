/*
 * `sekisho review`: prints the state of the operation; `sign` keeps it, with the name of who looked
 * at it, and notes its hash in the ledger; `show` prints one that was kept.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/markdown.h"
#include "cli/report.h"
#include "cli/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_BYTES_MAX = 8 * 1024 * 1024 };

struct reviewing {
    const char *text; /* to sign */
    int64_t number;   /* to show */
    char *answer;     /* owned */
    int err;
};

static void on_text(void *owner, uint64_t id, int err, const char *text)
{
    struct reviewing *reviewing = owner;

    (void)id;
    reviewing->err = err;
    if (err == 0)
        reviewing->answer = mem_strdup(text);
}

static void ask_sign(struct store *store, void *owner)
{
    store_review_put(store, 0, ((struct reviewing *)owner)->text, on_text);
}

static void ask_show(struct store *store, void *owner)
{
    store_review_find(store, 0, ((struct reviewing *)owner)->number, on_text);
}

/* What somebody printed and read before, and may have added to. Returns owned or NULL. */
static char *read_report(const char *path, struct diag *diag)
{
    FILE *file = fopen(path, "rb");
    struct slice bytes;
    char *text;

    if (!file) {
        diag_add(diag, path, 0, "cannot be read: %s; name a file that sekisho review printed",
                 strerror(errno));
        return NULL;
    }
    text = mem_alloc(REPORT_BYTES_MAX + 1);
    bytes = slice_of(text, fread(text, 1, REPORT_BYTES_MAX + 1, file));
    fclose(file);
    if (bytes.len > 0 && bytes.len <= REPORT_BYTES_MAX && slice_is_utf8(bytes) &&
        !memchr(text, 0, bytes.len)) {
        text[bytes.len] = '\0';
        return text;
    }
    diag_add(diag, path, 0,
             "this is no text of at most %d MiB; name a file that sekisho review "
             "printed",
             REPORT_BYTES_MAX / 1024 / 1024);
    free(text);
    return NULL;
}

static char *make_report(const struct conf *conf, const struct policies *policies,
                         struct diag *diag)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int err;

    if (!out)
        abort();
    err = report_write(conf, policies, diag, out);
    fclose(out);
    if (err == 0)
        return text;
    free(text);
    return NULL;
}

/* The names stand in the report, and not in the ledger, which nothing is ever taken out of. */
static char *signed_report(const char *report, const struct cli_options *options)
{
    char now[CLOCK_TEXT_BYTES];
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        abort();
    clock_format(clock_wall_ms(), now);
    fprintf(out, "%s\n## Signed off\n\n- by ", report);
    markdown_text(options->by, out);
    fprintf(out, "\n- at %s\n", now);
    if (options->note) {
        fprintf(out, "- note: ");
        markdown_text(options->note, out);
        fputc('\n', out);
    }
    fclose(out);
    return text;
}

static int complain(const char *url, int err, const struct reviewing *reviewing, struct diag *diag)
{
    if (err == ERR_NOT_FOUND || reviewing->err == ERR_NOT_FOUND)
        diag_add(diag, url, 0,
                 reviewing->text ? "there are no records yet: sekisho run makes the store"
                                 : "there is no such review; sekisho review lists them at its end");
    else if (reviewing->err == ERR_DAMAGED && !reviewing->text)
        diag_add(diag, url, 0,
                 "the review is not kept as the ledger says that it was signed off; "
                 "restore the database from a backup that sekisho ledger verify finds "
                 "good");
    else if (reviewing->err < 0)
        visit_failed(url, reviewing->err, diag);
    return err < 0 ? err : reviewing->err;
}

static int sign(const struct cli_options *options, const struct conf *conf,
                const struct policies *policies, struct diag *diag)
{
    char *report = options->word_count == 2 ? read_report(options->words[1], diag)
                                            : make_report(conf, policies, diag);
    char *text = report ? signed_report(report, options) : NULL;
    struct reviewing reviewing = {.text = text};
    int err = ERR_INVALID;

    if (text) {
        err = visit_store(conf->store, STORE_SERVE, diag, ask_sign, &reviewing);
        err = complain(conf->store, err, &reviewing, diag);
    }
    if (err == 0 && options->word_count == 1)
        printf("%s\n", text);
    if (err == 0)
        printf("signed off; SHA-256 %s stands in the ledger\n", reviewing.answer);
    free(reviewing.answer);
    free(report);
    free(text);
    return err;
}

static int show(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct reviewing reviewing = {.number = strtoll(options->words[1], NULL, 10)};
    int err = visit_store(conf->store, STORE_READ, diag, ask_show, &reviewing);

    err = complain(conf->store, err, &reviewing, diag);
    if (err == 0)
        printf("%s", reviewing.answer);
    free(reviewing.answer);
    return err;
}

static int print(const struct conf *conf, const struct policies *policies, struct diag *diag)
{
    char *report = make_report(conf, policies, diag);
    char *overdue = NULL;
    int64_t due_ms;
    int err = report ? report_due(conf, diag, &due_ms) : ERR_INVALID;

    if (err == 0) {
        overdue = report_overdue(due_ms);
        printf("%s", report);
        if (overdue)
            fprintf(stderr, "sekisho review: %s\n", overdue);
    }
    free(overdue);
    free(report);
    return err;
}

static const struct cli_word words[] = {
    {"sign", {CLI_CONF | CLI_BY | CLI_NOTE, 1, 2}, "--by NAME [--note TEXT] [REPORT]"},
    {"show", {CLI_CONF, 2, 2}, "NUMBER"},
};

enum { WORDS = sizeof words / sizeof words[0] };

/* Returns false after saying what is wrong. */
static bool check_words(const struct cli_options *options)
{
    const char *wrong = NULL;

    if (strcmp(options->words[0], "sign") == 0 && (!options->by || !options->by[0]))
        wrong = "sign needs --by NAME: who looked at the report";
    else if (strcmp(options->words[0], "show") == 0 && strtoll(options->words[1], NULL, 10) <= 0)
        wrong = "show needs the number of a review";
    if (wrong)
        fprintf(stderr, "sekisho review: %s\n", wrong);
    return !wrong;
}

static bool read_words(int argc, char **argv, struct cli_options *out)
{
    if (!cli_has_word(argc, argv))
        return cli_options(argc, argv, 0, out) == 0;
    return cli_read_word(argc, argv, words, WORDS, sizeof words[0], out) && check_words(out);
}

static int run(const struct cli_options *options, const struct conf *conf,
               const struct policies *policies, struct diag *diag)
{
    if (options->word_count == 0)
        return print(conf, policies, diag);
    if (strcmp(options->words[0], "sign") == 0)
        return sign(options, conf, policies, diag);
    return show(options, conf, diag);
}

int cli_review(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct policies *policies = NULL;
    int status = EXIT_FAILURE;

    if (!read_words(argc, argv, &options))
        return EXIT_FAILURE;
    if (cli_load(options.conf_path, &diag, &conf, &policies) == 0 &&
        run(&options, conf, policies, &diag) == 0)
        status = EXIT_SUCCESS;
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}
