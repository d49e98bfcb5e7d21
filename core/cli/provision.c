/*
 * `sekisho provision make|approve|list|show`: what is given to somebody else, and what the ledger
 * says of it.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/visit.h"
#include "policy/policies.h"
#include "rules/field.h"
#include "store/provisions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 64 };

struct job {
    const struct cli_options *options;
    const struct conf *conf;
    struct diag *diag;
    struct store *store;
    struct policies *policies;
    const struct policy_set *set; /* of them, which has the purpose */
    struct store_wanted wanted;
    const char *fields[FIELDS_MAX];
    char *field_names; /* what they point into */
    char *version;     /* that the player accepted */
    json_t *list;      /* of provisions: an object each */
    int64_t number;    /* of the one that is shown or approved; 0: all */
    int err;
};

__attribute__((format(printf, 2, 3))) static void refuse(struct job *job, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "sekisho provision: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    job->err = ERR_REFUSED;
}

static void on_provided(void *owner, uint64_t id, int err, const struct store_provided *provided)
{
    struct job *job = owner;

    (void)id;
    job->err = err;
    if (err < 0) {
        (void)visit_failed(job->conf->store, err, job->diag);
    } else if (provided->refusal) {
        refuse(job, "%s", provided->refusal);
    } else if (provided->given) {
        json_dumpf(provided->given, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        printf("provision %" PRId64 " waits: %d of %d have approved; two different people have to "
               "run: sekisho provision approve %" PRId64 " --by NAME\n",
               provided->number, provided->approvals, PROVISION_APPROVERS, provided->number);
    }
}

/* What the ledger will say to everybody and for good. */
static bool is_fit(struct job *job, const struct store_person *person, const char *option,
                   const char *text)
{
    char uuid[UUID_TEXT_BYTES];
    const char *flaw;

    uuid_format(&person->player, uuid);
    flaw = provision_text_flaw(text, person->name, uuid);
    if (flaw)
        refuse(job, "%s %s", option, flaw);
    return !flaw;
}

/* Where the policy is of which the purpose is. */
static const char *folder_of(const struct job *job)
{
    for (size_t i = 0; i < job->policies->added_count; i++)
        if (job->policies->added[i].set == job->set)
            return job->policies->added[i].folder;
    return job->conf->policy;
}

/* The store looks once more, when the entry is written, whether it is accepted still. */
static void on_consent(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct job *job = owner;
    bool accepted = record && record->decision == CONSENT_ACCEPTED;
    const struct policy *policy =
        accepted ? policy_set_find(job->set, record->policy_version) : NULL;
    const char *purpose_name = job->wanted.provision.purpose;

    (void)id;
    if (err < 0 && err != ERR_NOT_FOUND) {
        job->err = visit_failed(job->conf->store, err, job->diag);
    } else if (!accepted) {
        refuse(job, "the player accepted nothing that is in force; ask for their permission in the "
                    "game, or take another ground: law, abuse or other");
    } else if (!policy) {
        refuse(job,
               "the player accepted version %s, which is in %s no more, so nobody knows what it "
               "permits; put it back, or take another ground: law, abuse or other",
               record->policy_version, folder_of(job));
    } else if (!provision_is_permitted(policy, purpose_name, job->wanted.provision.to)) {
        refuse(job,
               "what the player accepted (version %s) permits this to nobody: %s is %s, and the "
               "policy does not name \"%s\" among its third_parties; ask for permission by an "
               "optional purpose, or take another ground: law, abuse or other",
               record->policy_version, purpose_name,
               policy_purpose_find(policy, purpose_name) ? "no optional purpose"
                                                         : "no purpose of it",
               job->wanted.provision.to);
    } else {
        job->version = mem_strdup(record->policy_version);
        job->wanted.policy = job->set->current->id;
        job->wanted.policy_version = job->version;
        store_provide(job->store, 0, &job->wanted, on_provided);
    }
}

static void on_person(void *owner, uint64_t id, int err, const struct store_person *person)
{
    struct job *job = owner;

    (void)id;
    if (err == ERR_NOT_FOUND)
        refuse(job, "nothing is held of this player; see sekisho consent list");
    else if (err == ERR_REFUSED)
        refuse(job, "several players have this name; take the UUID, which sekisho consent list "
                    "shows");
    else if (err < 0)
        job->err = visit_failed(job->conf->store, err, job->diag);
    if (err < 0 || !is_fit(job, person, "--to", job->options->to) ||
        !is_fit(job, person, "--reason", job->options->reason))
        return;
    job->wanted.player = person->player;
    if (job->wanted.provision.ground == PROVISION_PERMISSION)
        store_consent_find(job->store, 0, &person->player, job->set->current->id, on_consent);
    else
        store_provide(job->store, 0, &job->wanted, on_provided);
}

static void ask_to_make(struct store *store, void *owner)
{
    struct job *job = owner;

    job->store = store;
    store_person_find(store, 0, job->options->words[1], on_person);
}

static bool read_fields(struct job *job)
{
    char advice[DIAG_ADVICE_BYTES];
    char *rest = NULL;

    job->field_names = mem_strdup(job->options->fields);
    for (char *name = strtok_r(job->field_names, ", ", &rest); name;
         name = strtok_r(NULL, ", ", &rest)) {
        if (field_by_name(name) == FIELD_NONE) {
            refuse(job, "there is no field \"%s\"; %s", name,
                   diag_advice(advice, field_nearest(name), "sekisho explain lists them"));
            return false;
        }
        if (job->wanted.field_count == FIELDS_MAX) {
            refuse(job, "--fields names more than there are");
            return false;
        }
        job->fields[job->wanted.field_count++] = name;
    }
    if (job->wanted.field_count == 0)
        refuse(job, "--fields names none");
    return job->wanted.field_count > 0;
}

static bool read_wanted(struct job *job)
{
    const struct cli_options *options = job->options;

    if (!options->to || !options->ground || !options->reason || !options->purpose ||
        !options->fields) {
        refuse(job, "to whom, on what ground, why, for which purpose and what have to be said: "
                    "--to NAME --ground permission|law|abuse|other --reason TEXT --purpose "
                    "PURPOSE --fields FIELD,FIELD");
        return false;
    }
    job->wanted.fields = job->fields;
    job->wanted.provision = (struct provision){.to = options->to,
                                               .ground = provision_ground_by_name(options->ground),
                                               .reason = options->reason,
                                               .purpose = options->purpose};
    if (job->wanted.provision.ground == PROVISION_NONE) {
        refuse(job,
               "there is no ground \"%s\"; it is permission (the player's), law, abuse or "
               "other",
               options->ground);
        return false;
    }
    return read_fields(job);
}

static int visit(struct job *job, enum store_mode mode,
                 void (*ask)(struct store *store, void *owner))
{
    int err = visit_store(job->conf->store, mode, job->diag, ask, job);

    if (err == ERR_NOT_FOUND)
        fprintf(stderr, "sekisho provision: there is no store yet: sekisho run makes it\n");
    return err < 0 ? err : job->err;
}

/* Whose purpose it is: no two policies have one of the same name. */
static void refuse_purpose(struct job *job)
{
    const struct policies *policies = job->policies;
    const char *name = job->options->purpose;
    const char *nearest = policy_purpose_nearest(policies->own->current, name);
    char advice[DIAG_ADVICE_BYTES];

    for (size_t i = 0; i < policies->added_count && !nearest; i++)
        nearest = policy_purpose_nearest(policies->added[i].set->current, name);
    refuse(job, "there is no purpose \"%s\"; %s", name,
           diag_advice(advice, nearest, "sekisho check lists them"));
}

static int make(struct job *job)
{
    int err;

    if (!read_wanted(job))
        return ERR_INVALID;
    err = policies_load(job->conf, clock_wall_ms(), job->diag, &job->policies);
    if (err < 0)
        return err;
    job->set = policies_of_purpose(job->policies, job->options->purpose);
    if (!job->set) {
        refuse_purpose(job);
        return job->err;
    }
    return visit(job, STORE_SERVE, ask_to_make);
}

static void ask_to_approve(struct store *store, void *owner)
{
    struct job *job = owner;

    store_provision_approve(store, 0, job->number, job->options->by, on_provided);
}

static bool read_number(struct job *job)
{
    char *end;

    job->number = strtoll(job->options->words[1], &end, 10);
    if (*end == 0 && job->number > 0)
        return true;
    refuse(job, "\"%s\" is no number of a provision; see sekisho provision list",
           job->options->words[1]);
    return false;
}

static int approve(struct job *job)
{
    const char *flaw;

    if (!read_number(job))
        return job->err;
    if (!job->options->by) {
        refuse(job, "who approves has to be said: --by NAME");
        return job->err;
    }
    flaw = provision_text_flaw(job->options->by, NULL, NULL);
    if (flaw) {
        refuse(job, "--by %s", flaw);
        return job->err;
    }
    return visit(job, STORE_SERVE, ask_to_approve);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static json_t *find_provision(const struct job *job, int64_t number)
{
    json_t *one;
    size_t i;

    json_array_foreach(job->list, i, one)
    {
        if (json_integer_value(json_object_get(one, "provision")) == number)
            return one;
    }
    return NULL;
}

/* The first entry of a provision. */
static json_t *new_provision(struct job *job, const struct store_provision_step *step)
{
    char at[CLOCK_TEXT_BYTES];
    json_t *one = json_deep_copy(step->facts);

    clock_format(step->at_ms, at);
    json_object_del(one, "step");
    json_object_set_new(one, "provision", json_integer(step->seq));
    json_object_set_new(one, "asked_at", json_string(at));
    json_object_set_new(one, "state", json_string("waits for approval"));
    if (step->name[0]) {
        json_object_set_new(one, "player_name", json_string(step->name));
        json_object_set_new(one, "player_uuid", json_string(step->uuid));
    }
    json_array_append_new(job->list, one);
    return one;
}

static void note_step(struct job *job, const struct store_provision_step *step)
{
    const json_t *of = json_object_get(step->facts, "provision");
    json_t *one = of ? find_provision(job, json_integer_value(of)) : new_provision(job, step);
    const char *what = text_of(step->facts, "step");
    char at[CLOCK_TEXT_BYTES];

    if (!one)
        return;
    if (strcmp(what, "approved") == 0) {
        if (!json_object_get(one, "approved_by"))
            json_object_set_new(one, "approved_by", json_array());
        json_array_append(json_object_get(one, "approved_by"), json_object_get(step->facts, "by"));
    } else if (strcmp(what, "given") == 0) {
        clock_format(step->at_ms, at);
        json_object_set_new(one, "state", json_string("given"));
        json_object_set_new(one, "given_at", json_string(at));
        json_object_set(one, "fields", json_object_get(step->facts, "fields"));
    }
}

static void print_fields(const json_t *fields)
{
    json_t *one;
    size_t i;

    json_array_foreach(fields, i, one)
    {
        const char *name = json_string_value(one);

        printf("%s%s", i > 0 ? ", " : "", name ? name : text_of(one, "field"));
        if (!name)
            printf(" (%s)", text_of(one, "form"));
    }
    printf("\n");
}

static void print_text(const char *label, const char *text)
{
    printf("  %-8s ", label);
    visit_print_text(text, stdout);
    printf("\n");
}

static void print_provision(const json_t *one)
{
    const json_t *approvers = json_object_get(one, "approved_by");
    const char *given_at = text_of(one, "given_at");
    json_t *by;
    size_t i;

    printf("%lld  %s  %s", json_integer_value(json_object_get(one, "provision")),
           given_at[0] ? given_at : text_of(one, "asked_at"), text_of(one, "state"));
    json_array_foreach(approvers, i, by)
    {
        printf(i == 0 ? "; approved by " : ", ");
        visit_print_text(json_string_value(by), stdout);
    }
    printf("\n");
    print_text("of", text_of(one, "player_name")[0] ? text_of(one, "player_name")
                                                    : "somebody who was erased");
    print_text("to", text_of(one, "to"));
    print_text("ground", text_of(one, "ground"));
    print_text("reason", text_of(one, "reason"));
    print_text("purpose", text_of(one, "purpose"));
    printf("  %-8s ", "fields");
    print_fields(json_object_get(one, "fields"));
}

static void print_list(const struct job *job)
{
    json_t *one;
    size_t i;
    int count = 0;

    json_array_foreach(job->list, i, one)
    {
        if (job->number && json_integer_value(json_object_get(one, "provision")) != job->number)
            continue;
        count++;
        if (!job->options->json) {
            print_provision(one);
        } else {
            json_dumpf(one, stdout, JSON_COMPACT | JSON_SORT_KEYS);
            printf("\n");
        }
    }
    if (count == 0 && !job->options->json && !job->number)
        printf("no provisions: nothing was given to anybody\n");
}

static void on_step(void *owner, uint64_t id, int err, const struct store_provision_step *step)
{
    struct job *job = owner;

    (void)id;
    if (step)
        note_step(job, step);
    else if (err < 0)
        job->err = visit_failed(job->conf->store, err, job->diag);
}

static void ask_for_list(struct store *store, void *owner)
{
    store_provision_list(store, 0, on_step);
    (void)owner;
}

static int list(struct job *job)
{
    int err;

    job->list = json_array();
    err = visit_store(job->conf->store, STORE_READ, job->diag, ask_for_list, job);
    if ((err < 0 && err != ERR_NOT_FOUND) || job->err < 0)
        return ERR_IO;
    print_list(job);
    if (!job->number || find_provision(job, job->number))
        return 0;
    refuse(job, "there is no provision %" PRId64 "; see sekisho provision list", job->number);
    return job->err;
}

static int show(struct job *job)
{
    return read_number(job) ? list(job) : job->err;
}

static const struct verb {
    struct cli_word word;
    int (*run)(struct job *job);
} verbs[] = {
    {{"make",
      {CLI_CONF | CLI_TO | CLI_GROUND | CLI_REASON | CLI_PURPOSE | CLI_FIELDS, 2, 2},
      "--to NAME --ground permission|law|abuse|other --reason TEXT --purpose PURPOSE "
      "--fields FIELD,FIELD PLAYER"},
     make},
    {{"approve", {CLI_CONF | CLI_BY, 2, 2}, "N --by NAME"}, approve},
    {{"list", {CLI_CONF | CLI_JSON, 1, 1}, "[--json]"}, list},
    {{"show", {CLI_CONF | CLI_JSON, 2, 2}, "N [--json]"}, show},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

int cli_provision(int argc, char **argv)
{
    const struct verb *verb;
    struct cli_options options;
    struct diag diag = {0};
    struct conf *conf = NULL;
    struct job job = {.options = &options, .diag = &diag};
    int err;

    verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    if (!verb)
        return EXIT_FAILURE;
    err = conf_load(options.conf_path, &diag, &conf);
    job.conf = conf;
    if (err == 0)
        err = verb->run(&job);
    diag_print(&diag, stderr);
    diag_free(&diag);
    policies_free(job.policies);
    free(job.field_names);
    free(job.version);
    json_decref(job.list);
    conf_free(conf);
    return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
