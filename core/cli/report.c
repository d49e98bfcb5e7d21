#include "cli/report.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/control.h"
#include "cli/markdown.h"
#include "cli/visit.h"
#include "rules/ruleset.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

enum { UNUSED_DAYS = 90, DAY_TEXT_BYTES = 11 };

struct report {
    const struct conf *conf;
    FILE *out;
    int64_t now_ms;
    json_t *survey;
    int64_t due_ms;
    int err;
};

static void day_text(int64_t wall_ms, char out[static DAY_TEXT_BYTES])
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    snprintf(out, DAY_TEXT_BYTES, "%.10s", text);
}

static const char *text_at(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

static int64_t number_at(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

/* One column of a table, and how it is made from a row. */
struct column {
    const char *title;
    const char *key;
    enum { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_DAY, COLUMN_DAYS, COLUMN_TIME } kind;
};

static void print_cell(const json_t *row, const struct column *column, FILE *out)
{
    const json_t *cell = json_object_get(row, column->key);
    char day[DAY_TEXT_BYTES];

    switch (column->kind) {
    case COLUMN_TEXT: markdown_text(text_at(row, column->key), out); break;
    case COLUMN_NUMBER: fprintf(out, "%" PRId64, number_at(row, column->key)); break;
    case COLUMN_DAYS: fprintf(out, "%" PRId64, number_at(row, column->key) / DAY_MS); break;
    case COLUMN_TIME: fprintf(out, "%.10s", text_at(row, column->key)); break;
    case COLUMN_DAY:
        day_text(number_at(row, column->key), day);
        fprintf(out, "%s", cell ? day : "");
        break;
    }
}

/* A part of the survey as a table; `none` where it has no rows. */
static void print_table(const struct report *report, const char *part, const struct column *columns,
                        size_t count, const char *none)
{
    const json_t *rows = json_object_get(report->survey, part);
    const json_t *row;
    size_t at;

    if (json_array_size(rows) == 0) {
        fprintf(report->out, "%s\n", none);
        return;
    }
    for (size_t i = 0; i < count; i++)
        fprintf(report->out, "| %s ", columns[i].title);
    fprintf(report->out, "|\n");
    for (size_t i = 0; i < count; i++)
        fprintf(report->out, "| --- ");
    fprintf(report->out, "|\n");
    json_array_foreach(rows, at, row)
    {
        for (size_t i = 0; i < count; i++) {
            fprintf(report->out, "| ");
            print_cell(row, &columns[i], report->out);
            fputc(' ', report->out);
        }
        fprintf(report->out, "|\n");
    }
}

#define PRINT_TABLE(report, part, columns, none)                                                   \
    print_table(report, part, columns, sizeof(columns) / sizeof(columns)[0], none)

static void print_held(const struct report *report)
{
    static const struct column values[] = {
        {"server", "server", COLUMN_TEXT},     {"field", "field", COLUMN_TEXT},
        {"purpose", "purpose", COLUMN_TEXT},   {"values", "held", COLUMN_NUMBER},
        {"players", "players", COLUMN_NUMBER}, {"next is erased", "next", COLUMN_DAY},
        {"overdue", "overdue", COLUMN_NUMBER},
    };
    static const struct column tallies[] = {
        {"server", "server", COLUMN_TEXT},      {"field", "field", COLUMN_TEXT},
        {"purpose", "purpose", COLUMN_TEXT},    {"counted", "held", COLUMN_NUMBER},
        {"next is erased", "next", COLUMN_DAY}, {"overdue", "overdue", COLUMN_NUMBER},
    };

    static const struct column plugins[] = {
        {"plugin", "plugin", COLUMN_TEXT},     {"purpose", "purpose", COLUMN_TEXT},
        {"values", "held", COLUMN_NUMBER},     {"players", "players", COLUMN_NUMBER},
        {"bytes", "bytes", COLUMN_NUMBER},     {"next is erased", "next", COLUMN_DAY},
        {"overdue", "overdue", COLUMN_NUMBER},
    };

    fprintf(report->out, "\n## What is held\n\nOf players:\n\n");
    PRINT_TABLE(report, "values", values, "No values.");
    fprintf(report->out, "\nBy plugins, without a purpose where it is tied to no player:\n\n");
    PRINT_TABLE(report, "plugins", plugins, "Nothing.");
    fprintf(report->out, "\nTallies, with nobody in them:\n\n");
    PRINT_TABLE(report, "tallies", tallies, "No tallies.");
    fprintf(report->out,
            "\nOverdue is what should have been erased: a running Sekisho erases every "
            "half minute.\n");
}

static void print_answers(const struct report *report)
{
    static const struct column columns[] = {
        {"policy", "policy", COLUMN_TEXT}, {"version", "version", COLUMN_TEXT},
        {"answer", "answer", COLUMN_TEXT}, {"records", "records", COLUMN_NUMBER},
        {"last", "last", COLUMN_TIME},
    };
    const json_t *persons = json_array_get(json_object_get(report->survey, "persons"), 0);

    fprintf(report->out,
            "\n## Answers to the policy\n\nPlayers that the store knows: %" PRId64 ".\n\n",
            number_at(persons, "players"));
    PRINT_TABLE(report, "answers", columns, "No answers.");
}

static void print_told_servers(const struct report *report)
{
    const struct conf *conf = report->conf;
    size_t count = 0;

    fprintf(report->out, "\nServers that are told of erasures (`on_erasure`): ");
    for (size_t i = 0; i < conf->server_count; i++) {
        if (!conf_is_told_of_erasures(&conf->servers[i]))
            continue;
        fprintf(report->out, "%s", count++ > 0 ? ", " : "");
        markdown_text(conf->servers[i].name, report->out);
    }
    fprintf(report->out, "%s.\n\n", count > 0 ? "" : "no server of the configuration");
}

static void print_requests(const struct report *report)
{
    static const struct column columns[] = {
        {"request", "kind", COLUMN_TEXT},         {"state", "state", COLUMN_TEXT},
        {"number", "requests", COLUMN_NUMBER},    {"oldest", "oldest", COLUMN_DAY},
        {"days at most", "longest", COLUMN_DAYS}, {"overdue", "overdue", COLUMN_NUMBER},
    };
    static const struct column tasks[] = {
        {"server", "server", COLUMN_TEXT},
        {"state", "state", COLUMN_TEXT},
        {"number", "tasks", COLUMN_NUMBER},
        {"oldest", "oldest", COLUMN_DAY},
        {"attempts at most", "attempts", COLUMN_NUMBER},
    };
    const json_t *inquiries = json_array_get(json_object_get(report->survey, "inquiries"), 0);
    char day[DAY_TEXT_BYTES];

    fprintf(report->out, "\n## Requests of players\n\n");
    PRINT_TABLE(report, "requests", columns, "No requests.");
    print_told_servers(report);
    PRINT_TABLE(report, "tasks", tasks, "None had to be told of one yet.");
    fprintf(report->out, "\n## Inquiries\n\nHeld: %" PRId64 ", waiting for an answer: %" PRId64,
            number_at(inquiries, "held"), number_at(inquiries, "waiting"));
    if (json_object_get(inquiries, "oldest")) {
        day_text(number_at(inquiries, "oldest"), day);
        fprintf(report->out, ", the oldest since %s", day);
    }
    if (json_object_get(inquiries, "next")) {
        day_text(number_at(inquiries, "next"), day);
        fprintf(report->out, ". The next is erased on %s; overdue: %" PRId64, day,
                number_at(inquiries, "overdue"));
    }
    fprintf(report->out, ".\n");
}

static void print_provisions(const struct report *report)
{
    static const struct column columns[] = {
        {"to", "to", COLUMN_TEXT},
        {"ground", "ground", COLUMN_TEXT},
        {"number", "provisions", COLUMN_NUMBER},
        {"last", "last", COLUMN_TIME},
    };

    fprintf(report->out, "\n## Provisions to others\n\n");
    PRINT_TABLE(report, "provisions", columns, "None.");
}

static void print_refusals(const struct report *report)
{
    static const struct column columns[] = {
        {"field", "field", COLUMN_TEXT},
        {"asked for under", "purpose", COLUMN_TEXT},
        {"times", "refusals", COLUMN_NUMBER},
        {"last", "last", COLUMN_TIME},
    };

    fprintf(report->out, "\n## Values that were asked for under a purpose that is not theirs\n\n");
    PRINT_TABLE(report, "refusals", columns, "None.");
}

/* "lobby 12 transfer" a line. */
static void print_refused(const struct report *report)
{
    char *text = control_fetch(report->conf->path, "refused");
    char *rest = text;
    char *line;

    fprintf(report->out, "\n## Acts of servers that were refused\n\n");
    if (!text)
        fprintf(report->out, "No Sekisho runs with this configuration: they are counted while it "
                             "does.\n");
    else if (!text[0])
        fprintf(report->out, "None since Sekisho was started.\n");
    else
        fprintf(report->out, "Since Sekisho was started:\n\n| server | times | act |\n"
                             "| --- | --- | --- |\n");
    while (text && (line = strsep(&rest, "\n"))) {
        char *count = strchr(line, ' ');
        char *act = count ? strchr(count + 1, ' ') : NULL;

        if (!act)
            continue;
        *count++ = '\0';
        *act++ = '\0';
        fprintf(report->out, "| ");
        markdown_text(line, report->out);
        fprintf(report->out, " | %s | %s |\n", count, act);
    }
    free(text);
}

static const struct rules *rules_of(const struct ruleset *set, const char *server)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(rules_server(set->rules[i])->name, server) == 0)
            return set->rules[i];
    return NULL;
}

/* Returns whether the rule of this row was there, and of no use, for so long. */
static bool print_unused(const struct report *report, const struct ruleset *set, const json_t *row)
{
    const struct rules *rules = rules_of(set, text_at(row, "server"));
    const char *word = text_at(row, "word");
    enum rules_word known =
        strcmp(word, rules_word_name(RULES_COLLECT)) == 0 ? RULES_COLLECT : RULES_FORWARD;
    enum field field = field_by_name(text_at(row, "field"));
    int64_t since_ms = number_at(row, "used") ? number_at(row, "used") : number_at(row, "since");
    const struct script_place *place =
        rules && field != FIELD_NONE ? rules_place(rules, known, field) : NULL;
    char day[DAY_TEXT_BYTES];

    if (!place || report->now_ms - since_ms < UNUSED_DAYS * DAY_MS)
        return false;
    day_text(since_ms, day);
    fprintf(report->out, "- `%s \"%s\"` on ", word, field_name(field));
    markdown_text(text_at(row, "server"), report->out);
    fprintf(report->out, " (`%s:%d`): %s %s\n", place->file, place->line,
            number_at(row, "used") ? "last used on" : "never used since it is there,", day);
    return true;
}

static void print_rules_use(const struct report *report, const struct ruleset *set)
{
    const json_t *rows = json_object_get(report->survey, "rules");
    const json_t *row;
    bool any = false;
    size_t i;

    fprintf(report->out, "\n## Rules that nothing came by for %d days\n\n", UNUSED_DAYS);
    json_array_foreach(rows, i, row) any = print_unused(report, set, row) || any;
    if (!any)
        fprintf(report->out,
                "None of the `collect` and `forward` rules that have been there for so "
                "long.\n");
}

static void print_ledger(const struct report *report)
{
    static const struct column columns[] = {
        {"kind", "kind", COLUMN_TEXT},
        {"entries", "entries", COLUMN_NUMBER},
        {"last", "last", COLUMN_TIME},
    };
    const json_t *head = json_array_get(json_object_get(report->survey, "head"), 0);
    json_t *signed_part = json_loads(text_at(head, "signed"), 0, NULL);

    fprintf(report->out, "\n## Ledger\n\n");
    PRINT_TABLE(report, "entries", columns, "No entries.");
    if (head)
        fprintf(report->out,
                "\nThe newest head stands for the first %" PRId64 " entries, of %.10s, "
                "root `%s`. `sekisho ledger verify` says whether the chain holds.\n",
                number_at(head, "size"), text_at(signed_part, "at"), text_at(signed_part, "root"));
    else
        fprintf(report->out, "\nNothing is signed yet.\n");
    json_decref(signed_part);
}

static void print_reviews(const struct report *report)
{
    static const struct column columns[] = {
        {"review", "number", COLUMN_NUMBER},
        {"signed off on", "at", COLUMN_TIME},
        {"SHA-256", "sha256", COLUMN_TEXT},
    };

    fprintf(report->out, "\n## Reviews before this one\n\n");
    PRINT_TABLE(report, "reviews", columns, "None.");
}

static void print_begin(const struct report *report, const struct policies *policies)
{
    char *overdue = report_overdue(report->due_ms);
    char day[DAY_TEXT_BYTES];

    day_text(report->now_ms, day);
    fprintf(report->out, "# Review of the operation, %s\n\nConfiguration `%s`, policy ", day,
            report->conf->path);
    markdown_text(policies->own->current->id, report->out);
    fprintf(report->out, ", version ");
    markdown_text(policies->own->current->version, report->out);
    fprintf(report->out, ".\n");
    if (overdue)
        fprintf(report->out, "\n**%s**\n", overdue);
    else if (report->due_ms != INT64_MAX) {
        day_text(report->due_ms, day);
        fprintf(report->out, "\nThis review is due by %s.\n", day);
    }
    free(overdue);
}

static void print_purposes(const struct report *report, const struct policy *policy)
{
    char keep[CLOCK_TEXT_BYTES];

    fprintf(report->out, "\n| purpose | kept at most | choice |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < policy->purpose_count; i++) {
        clock_format_duration(policy->purposes[i].keep_ms, keep);
        fprintf(report->out, "| %s | %s | %s |\n", policy->purposes[i].name, keep,
                policy->purposes[i].optional ? "the player's" : "required");
    }
}

/* What the server asks for besides. */
static void print_added(const struct report *report, const struct policy *policy)
{
    fprintf(report->out, "It asks for the policy ");
    markdown_text(policy->id, report->out);
    fprintf(report->out, " besides, version ");
    markdown_text(policy->version, report->out);
    fprintf(report->out, ".\n");
    print_purposes(report, policy);
    fprintf(report->out, "\n");
}

static void print_collected(const struct report *report, const struct policies *policies,
                            const struct ruleset *set)
{
    fprintf(report->out, "\n## What may be collected, and for what\n");
    print_purposes(report, policies->own->current);
    for (size_t i = 0; i < set->count; i++) {
        const struct policy_added *added = policies_added_to(policies, i);
        const struct conf_server *server = rules_server(set->rules[i]);

        fprintf(report->out, "\n### Server %s%s\n\n", server->name,
                server->third_party ? ", run by others" : "");
        if (added)
            print_added(report, added->set->current);
        rules_print_markdown(set->rules[i], report->out);
    }
}

static void on_survey(void *owner, uint64_t id, int err, const char *text)
{
    struct report *report = owner;

    (void)id;
    report->err = err;
    if (err == 0)
        report->survey = json_loads(text, 0, NULL);
}

static void on_reviewed(void *owner, uint64_t id, int err, int64_t wall_ms)
{
    struct report *report = owner;

    (void)id;
    if (err == 0)
        report->due_ms = wall_ms + report->conf->review_every_ms;
    else if (err != ERR_NOT_FOUND)
        report->err = err;
}

static void ask_all(struct store *store, void *owner)
{
    store_survey(store, 0, on_survey);
    store_reviewed(store, 0, on_reviewed);
    (void)owner;
}

static void ask_reviewed(struct store *store, void *owner)
{
    store_reviewed(store, 0, on_reviewed);
    (void)owner;
}

static int ask(struct report *report, void (*question)(struct store *store, void *owner),
               struct diag *diag)
{
    int err = visit_store(report->conf->store, STORE_READ, diag, question, report);

    if (err == 0 && report->err < 0)
        return visit_failed(report->conf->store, report->err, diag);
    return err == ERR_NOT_FOUND ? 0 : err;
}

int report_write(const struct conf *conf, const struct policies *policies, struct diag *diag,
                 FILE *out)
{
    static const uint8_t no_key[RULES_KEY_BYTES];
    struct report report = {
        .conf = conf, .out = out, .now_ms = clock_wall_ms(), .due_ms = INT64_MAX};
    struct ruleset *set;
    int err = ruleset_load(conf, policies, no_key, diag, &set);

    if (err < 0)
        return err;
    err = ask(&report, ask_all, diag);
    if (err == 0) {
        print_begin(&report, policies);
        print_collected(&report, policies, set);
        print_held(&report);
        print_answers(&report);
        print_requests(&report);
        print_provisions(&report);
        print_refusals(&report);
        print_refused(&report);
        print_rules_use(&report, set);
        print_ledger(&report);
        print_reviews(&report);
    }
    json_decref(report.survey);
    ruleset_free(set);
    return err;
}

int report_due(const struct conf *conf, struct diag *diag, int64_t *out_ms)
{
    struct report report = {.conf = conf, .due_ms = INT64_MAX};
    int err = ask(&report, ask_reviewed, diag);

    *out_ms = report.due_ms;
    return err;
}

char *report_overdue(int64_t due_ms)
{
    char day[DAY_TEXT_BYTES];

    if (due_ms > clock_wall_ms())
        return NULL;
    day_text(due_ms, day);
    return mem_format("the review of the operation was due on %s: read what sekisho review prints, "
                      "then sekisho review sign --by NAME",
                      day);
}
