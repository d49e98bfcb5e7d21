/*
 * `sekisho explain SERVER FIELD`, or SERVER ACT NAME: one decision, where it stands, and why; with
 * --player also whether it applies to that player. Without words: all fields that there are.
 */
#include "base/err.h"
#include "cli/cli.h"
#include "cli/person.h"
#include "cli/plugin_look.h"
#include "plugin/reader.h"

#include <stdlib.h>

static const uint8_t no_key[RULES_KEY_BYTES];

static const struct conf_server *find_server(const struct conf *conf, const char *name)
{
    const struct conf_server *server = conf_server_find(conf, name);
    const char *nearest = conf_server_nearest(conf, name);

    if (server)
        return server;
    fprintf(stderr, "sekisho explain: there is no server \"%s\" in %s; ", name, conf->path);
    if (nearest)
        fprintf(stderr, "did you mean \"%s\"? ", nearest);
    fprintf(stderr, "it has:");
    for (size_t i = 0; i < conf->server_count; i++)
        fprintf(stderr, " %s", conf->servers[i].name);
    fprintf(stderr, conf->server_count > 0 ? "\n" : " none\n");
    return NULL;
}

static enum field find_field(const char *name)
{
    enum field field = field_by_name(name);
    char advice[DIAG_ADVICE_BYTES];

    if (field == FIELD_NONE)
        fprintf(stderr, "sekisho explain: there is no field \"%s\"; %s\n", name,
                diag_advice(advice, field_nearest(name), "sekisho explain lists them"));
    return field;
}

static void print_forms(const char *word, unsigned forms)
{
    char text[FIELD_FORMS_TEXT_BYTES];

    if (forms != 0)
        printf("  %s: %s\n", word, field_forms_text(forms, text));
}

static void list_fields(void)
{
    for (int i = FIELD_NONE + 1; i < FIELDS; i++) {
        const struct field_info *info = field_info((enum field)i);

        printf("%s (%s%s)\n  %s\n", info->name, field_class_name(info->class),
               info->needed && info->told_as ? ", the game needs it" : "", info->where);
        print_forms("kept as", info->kept_as);
        print_forms("told as", info->told_as);
    }
}

/* What is asked about: a field, or with three words something that the server would do. */
struct topic {
    enum field field; /* NONE: a deed */
    struct deed deed;
};

static bool read_topic(const struct cli_options *options, struct topic *out)
{
    char *mistake;

    *out = (struct topic){0};
    if (options->word_count == 2) {
        out->field = find_field(options->words[1]);
        return out->field != FIELD_NONE;
    }
    mistake = deed_read(options->words[1], options->words[2], &out->deed);
    if (mistake)
        fprintf(stderr, "sekisho explain: %s\n", mistake);
    free(mistake);
    return !mistake;
}

static void explain_topic(const struct rules *rules, const struct topic *topic)
{
    if (topic->field)
        rules_explain(rules, topic->field, stdout);
    else
        rules_explain_act(rules, topic->deed.act, topic->deed.name, topic->deed.port, stdout);
}

/* What one player answered, to the policy of all and to what the server adds. */
struct answers {
    struct person own;
    const struct policy_added *added; /* NULL: nothing */
    struct person to_added;
};

static int find_answers(const struct conf *conf, const struct policies *policies,
                        const char *player, struct diag *diag, struct answers *out)
{
    struct diag unanswered = {0};
    char uuid[UUID_TEXT_BYTES];
    int err = person_find(conf->store, policies->own->current->id, player, diag, &out->own);

    if (err < 0 || !out->added)
        return err;
    uuid_format(&out->own.record.player, uuid);
    err = person_find(conf->store, out->added->set->current->id, uuid, &unanswered, &out->to_added);
    diag_free(&unanswered);
    if (err < 0 && err != ERR_NOT_FOUND)
        diag_add(diag, conf->store, 0, "cannot be read; see sekisho ledger verify");
    return err == ERR_NOT_FOUND ? 0 : err;
}

static void print_rule(const struct answers *answers, const struct rules *rules,
                       enum rules_word word, enum field field)
{
    const struct policy_purpose *purpose = scope_purpose(rules, word, field);
    bool is_added = purpose && answers->added &&
                    policy_purpose_find(answers->added->set->current, purpose->name);

    person_print_rule(is_added ? &answers->to_added : &answers->own, rules, word, field, stdout);
}

static void print_answers(const struct answers *answers, const struct policies *policies,
                          const struct rules *rules, const struct topic *topic)
{
    if (!person_print(&answers->own, policies->own, stdout))
        return;
    if (answers->added)
        person_print_added(&answers->to_added, answers->added->set, stdout);
    if (!topic->field) {
        person_print_deed(&answers->own, rules, &topic->deed, stdout);
        return;
    }
    print_rule(answers, rules, RULES_COLLECT, topic->field);
    if (field_info(topic->field)->told_as != 0)
        print_rule(answers, rules, RULES_FORWARD, topic->field);
}

static int explain_player(const struct conf *conf, const struct policies *policies,
                          const struct rules *rules, const struct cli_options *options,
                          const struct topic *topic, struct diag *diag)
{
    size_t server = (size_t)(rules_server(rules) - conf->servers);
    struct answers answers = {.added = policies_added_to(policies, server)};
    int err = find_answers(conf, policies, options->player, diag, &answers);

    if (err == 0)
        print_answers(&answers, policies, rules, topic);
    person_free(&answers.own);
    person_free(&answers.to_added);
    return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* What is read in plain can be told: whom those plugins talk to. */
static void explain_readers(const struct conf *conf, struct policies *policies)
{
    struct diag untold = {0};

    plugin_look(conf, policies, readers_print, &untold);
    diag_free(&untold);
}

static int explain(const struct cli_options *options, const struct conf *conf,
                   struct policies *policies, struct diag *diag)
{
    const struct conf_server *server = find_server(conf, options->words[0]);
    struct topic topic;
    struct rules *rules;
    int status = EXIT_FAILURE;

    if (read_topic(options, &topic) && server &&
        rules_load(server, policies_of(policies, (size_t)(server - conf->servers)), no_key, diag,
                   &rules) == 0) {
        explain_topic(rules, &topic);
        if (topic.deed.act == ACT_REVEAL)
            explain_readers(conf, policies);
        status = options->player ? explain_player(conf, policies, rules, options, &topic, diag)
                                 : EXIT_SUCCESS;
        rules_free(rules);
    }
    deed_free(&topic.deed);
    return status;
}

/* Two words or three, or none and no player. */
static int read_words(int argc, char **argv, struct cli_options *out)
{
    int err = cli_read(argc, argv, (struct cli_grammar){CLI_CONF | CLI_PLAYER, 0, 3}, out);

    if (err == 0 && (out->word_count == 1 || (out->word_count == 0 && out->player))) {
        fprintf(stderr,
                "sekisho explain: write a server and a field, or a server, an act and a name (as "
                "transfer play.example.net), or nothing for a list of the fields\n");
        err = ERR_INVALID;
    }
    return err;
}

int cli_explain(int argc, char **argv)
{
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf;
    struct policies *policies;
    int status = EXIT_FAILURE;

    if (read_words(argc, argv, &options) < 0)
        return EXIT_FAILURE;
    if (options.word_count == 0) {
        list_fields();
        return EXIT_SUCCESS;
    }
    if (cli_load(options.conf_path, &diag, &conf, &policies) == 0)
        status = explain(&options, conf, policies, &diag);
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(policies);
    conf_free(conf);
    return status;
}
