/*
 * `sekisho inquiry list|show|answered`: what players asked of those who run the servers. Works
 * beside a running Sekisho.
 */
#include "base/clock.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/visit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct asking {
    bool json, show;
    int64_t number; /* 0: all of them */
    int count;
    int err;
};

static void print_json(const struct store_inquiry *inquiry)
{
    char player[UUID_TEXT_BYTES], asked[CLOCK_TEXT_BYTES], answered[CLOCK_TEXT_BYTES];
    char expires[CLOCK_TEXT_BYTES];
    json_t *json;

    uuid_format(&inquiry->player, player);
    clock_format(inquiry->asked_at_ms, asked);
    clock_format(inquiry->answered_at_ms, answered);
    clock_format(inquiry->expires_at_ms, expires);
    json = json_pack("{sI ss ss ss ss* ss s{ss* ss* ss* ss* ss*}}", "number",
                     (json_int_t)inquiry->number, "player_uuid", player, "player_name",
                     inquiry->player_name, "asked_at", asked, "answered_at",
                     inquiry->answered_at_ms ? answered : NULL, "expires_at", expires, "inquiry",
                     "company", inquiry->company, "name", inquiry->name, "email", inquiry->email,
                     "account", inquiry->account, "message", inquiry->message);
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
}

static void print_line(const struct store_inquiry *inquiry)
{
    char player[UUID_TEXT_BYTES], asked[CLOCK_TEXT_BYTES], expires[CLOCK_TEXT_BYTES];

    uuid_format(&inquiry->player, player);
    clock_format(inquiry->asked_at_ms, asked);
    clock_format(inquiry->expires_at_ms, expires);
    printf("%-4lld %s  %-8s %-16s %s  erased %s\n", (long long)inquiry->number, asked,
           inquiry->answered_at_ms ? "answered" : "waits", inquiry->player_name, player, expires);
}

static void print_text(const char *name, const char *text)
{
    if (!text || !text[0])
        return;
    printf("  %-8s ", name);
    visit_print_text(text, stdout);
    putchar('\n');
}

static void print_texts(const struct store_inquiry *inquiry)
{
    print_text("company", inquiry->company);
    print_text("name", inquiry->name);
    print_text("email", inquiry->email);
    print_text("account", inquiry->account);
    print_text("message", inquiry->message);
    if (!inquiry->message)
        printf("  its texts cannot be read: the player's key is another one\n");
}

static void on_inquiry(void *owner, uint64_t id, int err, const struct store_inquiry *inquiry)
{
    struct asking *asking = owner;

    (void)id;
    if (err < 0)
        asking->err = err;
    if (!inquiry || (asking->number && asking->number != inquiry->number))
        return;
    asking->count++;
    if (asking->json) {
        print_json(inquiry);
        return;
    }
    print_line(inquiry);
    if (asking->show)
        print_texts(inquiry);
}

static void ask_list(struct store *store, void *owner)
{
    store_inquiry_list(store, 0, on_inquiry);
    (void)owner;
}

static void on_answered(void *owner, uint64_t id, int err)
{
    struct asking *asking = owner;

    (void)id;
    asking->err = err;
    asking->count = err == 0;
}

static void ask_answered(struct store *store, void *owner)
{
    store_inquiry_answered(store, 0, ((struct asking *)owner)->number, clock_wall_ms(),
                           on_answered);
}

static int run(const char *url, bool answered, struct asking *asking, struct diag *diag)
{
    int err = answered ? visit_store(url, STORE_SERVE, diag, ask_answered, asking)
                       : visit_store(url, STORE_READ, diag, ask_list, asking);

    if (err < 0 && err != ERR_NOT_FOUND)
        return err;
    if (asking->err < 0 && asking->err != ERR_NOT_FOUND)
        return visit_failed(url, asking->err, diag);
    if (asking->number && asking->count == 0) {
        diag_add(diag, url, 0, "there is no inquiry %lld; sekisho inquiry list shows them",
                 (long long)asking->number);
        return ERR_NOT_FOUND;
    }
    if (answered)
        printf("inquiry %lld is answered; it is erased when its time is over\n",
               (long long)asking->number);
    else if (!asking->json && asking->count == 0)
        printf("no inquiries\n");
    return 0;
}

static const struct cli_word words[] = {
    {"list", {CLI_CONF | CLI_JSON, 1, 1}, "[--json]"},
    {"show", {CLI_CONF | CLI_JSON, 2, 2}, "NUMBER [--json]"},
    {"answered", {CLI_CONF, 2, 2}, "NUMBER"},
};

enum { WORDS = sizeof words / sizeof words[0] };

/* Returns false after saying what is wrong. */
static bool read_number(const struct cli_options *options, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(options->words[1], &end, 10);
    if (!*end && *out > 0 && errno == 0)
        return true;
    fprintf(stderr,
            "sekisho inquiry: \"%s\" is no number of an inquiry; sekisho inquiry list shows them\n",
            options->words[1]);
    return false;
}

int cli_inquiry(int argc, char **argv)
{
    struct cli_options options;
    struct asking asking = {0};
    struct diag diag = {0};
    struct conf *conf = NULL;
    const struct cli_word *word =
        cli_read_word(argc, argv, words, WORDS, sizeof words[0], &options);
    int status = EXIT_FAILURE;

    if (!word || (options.word_count == 2 && !read_number(&options, &asking.number)))
        return EXIT_FAILURE;
    asking.json = options.json;
    asking.show = strcmp(word->name, "show") == 0;
    if (conf_load(options.conf_path, &diag, &conf) == 0 &&
        run(conf->store, strcmp(word->name, "answered") == 0, &asking, &diag) == 0)
        status = EXIT_SUCCESS;
    diag_print(&diag, stderr);
    diag_free(&diag);
    conf_free(conf);
    return status;
}
