/*
 * `sekisho ledger`: the newest signed head, the key to check it with, a backup that was put back;
 * whether all of it holds (ledger_verify.c), and proofs of single records (proof.c).
 */
#include "cli/ledger.h"

#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/proof.h"
#include "cli/visit.h"
#include "consent/provision.h"
#include "store/kept.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 64 * 1024 };

_Static_assert((int)CLI_KEYS_MAX <= (int)AUDIT_KEYS_MAX, "all keys that are given can count");

char *ledger_file(const char *path, struct diag *diag)
{
    FILE *file = fopen(path, "r");
    char *text;
    size_t len;

    if (!file) {
        diag_add(diag, path, 0, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    text = mem_alloc(FILE_BYTES_MAX + 1);
    len = fread(text, 1, FILE_BYTES_MAX, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static int read_keys(const struct cli_options *options, struct audit_keys *out, struct diag *diag)
{
    for (size_t i = 0; i < options->key_count; i++) {
        char *text = ledger_file(options->keys[i], diag);

        if (text && sign_public_read(text, out->keys[out->count++]) < 0)
            diag_add(diag, options->keys[i], 0,
                     "this is no public key of Ed25519 in PEM, as sekisho ledger key prints it");
        free(text);
    }
    return diag->count > 0 ? ERR_INVALID : 0;
}

int ledger_public_keys(const struct cli_options *options, const struct conf *conf,
                       struct audit_keys *out, struct diag *diag)
{
    struct sign_key *key;
    char *path;
    int err;

    *out = (struct audit_keys){0};
    if (options->key_count > 0)
        return read_keys(options, out, diag);
    if (!conf)
        return ERR_NOT_FOUND;
    path = store_key_path(conf->store);
    err = sign_key_open(path, diag, &key);
    free(path);
    if (err < 0)
        return err;
    sign_key_public(key, out->keys[out->count++]);
    sign_key_free(key);
    return 0;
}

bool ledger_is_there(const struct conf *conf, struct diag *diag)
{
    int err = visit_store(conf->store, STORE_READ, diag, NULL, NULL);

    if (err == ERR_NOT_FOUND)
        diag_add(diag, conf->store, 0, "there are no records yet: sekisho run makes the store");
    return err == 0;
}

static void on_newest(void *owner, uint64_t id, int err, const char *lines)
{
    char **newest = owner;
    const char *at = lines;

    (void)id;
    for (const char *line = lines; err >= 0 && *line; line += strcspn(line, "\n") + 1)
        at = line;
    if (err >= 0 && *at)
        *newest = mem_strndup(at, strcspn(at, "\n"));
}

static void ask_heads(struct store *store, void *owner)
{
    (void)owner;
    store_heads(store, 0, on_newest);
}

/* NULL: there is none, or it could not be read. Returns owned. */
static char *newest_head(const struct conf *conf, struct diag *diag)
{
    char *newest = NULL;

    (void)!visit_store(conf->store, STORE_READ, diag, ask_heads, &newest);
    return newest;
}

static bool print_head(const struct cli_options *options, const struct conf *conf,
                       struct diag *diag)
{
    char *head = ledger_is_there(conf, diag) ? newest_head(conf, diag) : NULL;

    (void)options;
    if (head)
        printf("%s\n", head);
    else if (diag->count == 0)
        diag_add(diag, conf->store, 0,
                 "nothing is signed yet; a running Sekisho signs its records every half minute");
    free(head);
    return head;
}

/* Which key it is, and whether it is the one that signed last. */
static void tell_signer(const uint8_t *key, const char *newest)
{
    json_t *json = newest ? json_loads(newest, 0, NULL) : NULL;
    char writer[LEDGER_WRITER_BYTES], other[LEDGER_WRITER_BYTES];
    struct ledger_head head;

    ledger_writer(key, writer);
    fprintf(stderr, "sekisho ledger: this is the key %s, which signs", writer);
    if (json && ledger_head_read(json, &head) == 0 &&
        memcmp(head.public_key, key, SIGN_PUBLIC_BYTES) != 0) {
        ledger_writer(head.public_key, other);
        fprintf(stderr, " from the next start on: the newest head is by %s still", other);
    }
    fprintf(stderr, "\n");
    json_decref(json);
}

static bool print_key(const struct cli_options *options, const struct conf *conf, struct diag *diag)
{
    struct audit_keys keys;
    int err = ledger_public_keys(options, conf, &keys, diag);
    char *path;
    char *text;

    if (err == ERR_NOT_FOUND) {
        path = store_key_path(conf->store);
        diag_add(diag, path, 0, "there is no key yet: sekisho run makes it");
        free(path);
    }
    if (err < 0)
        return false;
    text = sign_public_pem(keys.keys[0]);
    fputs(text, stdout);
    free(text);
    text = newest_head(conf, diag);
    tell_signer(keys.keys[0], text);
    free(text);
    return true;
}

struct accepting {
    const struct cli_options *options;
    int err;
};

static void on_accepted(void *owner, uint64_t id, int err)
{
    (void)id;
    ((struct accepting *)owner)->err = err;
}

static void ask_to_accept(struct store *store, void *owner)
{
    const struct accepting *accepting = owner;

    store_accept_restored(store, 0, accepting->options->by, accepting->options->reason,
                          on_accepted);
}

/* Both stand in the ledger for everybody. Returns false after an entry. */
static bool are_fit(const struct cli_options *options, struct diag *diag)
{
    const char *flaw;

    if (!options->by || !options->reason) {
        diag_add(diag, "ledger", 0,
                 "who says that a backup was put back, and why, stands in the ledger; add --by "
                 "NAME --reason TEXT");
        return false;
    }
    flaw = provision_text_flaw(options->by, NULL, NULL);
    if (flaw)
        diag_add(diag, "--by", 0, "%s", flaw);
    flaw = provision_text_flaw(options->reason, NULL, NULL);
    if (flaw)
        diag_add(diag, "--reason", 0, "%s", flaw);
    return diag->count == 0;
}

static bool accept_restored(const struct cli_options *options, const struct conf *conf,
                            struct diag *diag)
{
    struct accepting accepting = {.options = options};
    struct kept before, kept;
    char *path;

    if (!are_fit(options, diag) || !ledger_is_there(conf, diag))
        return false;
    path = store_head_path(conf->store);
    (void)!kept_read(path, &before);
    (void)!visit_store(conf->store, STORE_SERVE, diag, ask_to_accept, &accepting);
    if (accepting.err == ERR_REFUSED)
        diag_add(diag, path, 0, "the ledger is the one that it stands for: nothing is to accept");
    else if (accepting.err == ERR_UNSUPPORTED)
        diag_add(diag, conf->store, 0, "its key is missing: sekisho run makes it");
    else if (accepting.err < 0)
        visit_failed(conf->store, accepting.err, diag);
    else if (diag->count == 0 && (kept_read(path, &kept) < 0 ||
                                  memcmp(&kept.last, &before.last, sizeof kept.last) == 0))
        diag_add(diag, path, 0,
                 "it stands in the ledger that a backup was put back, and no head could be signed; "
                 "see the line above, and run this again");
    else if (diag->count == 0)
        printf(
            "it stands in the ledger that a backup was put back; the newest head is over %" PRId64
            " records\n",
            kept.head.size);
    free(path);
    return diag->count == 0;
}

static const struct verb {
    struct cli_word word;
    bool (*run)(const struct cli_options *options, const struct conf *conf, struct diag *diag);
    bool alone; /* needs no configuration */
} verbs[] = {
    {{"verify", {CLI_CONF | CLI_KEY | CLI_SINCE, 1, 1}, "[--key PEM]... [--since HEAD]"},
     ledger_verify,
     false},
    {{"prove", {CLI_CONF | CLI_SINCE, 1, 2}, "PLAYER, or --since HEAD"}, proof_make, false},
    {{"check", {CLI_KEY, 2, 2}, "PROOF [--key PEM]..."}, proof_check, true},
    {{"head", {CLI_CONF, 1, 1}, "[-c FILE]"}, print_head, false},
    {{"key", {CLI_CONF, 1, 1}, "[-c FILE]"}, print_key, false},
    {{"accept-restored", {CLI_CONF | CLI_BY | CLI_REASON, 1, 1}, "--by NAME --reason TEXT"},
     accept_restored,
     false},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

int cli_ledger(int argc, char **argv)
{
    struct cli_options options;
    const struct verb *verb = cli_read_word(argc, argv, verbs, VERBS, sizeof verbs[0], &options);
    struct diag diag = {0};
    struct conf *conf = NULL;
    bool done = false;

    if (!verb)
        return EXIT_FAILURE;
    if (verb->alone || conf_load(options.conf_path, &diag, &conf) == 0)
        done = verb->run(&options, conf, &diag);
    diag_print(&diag, stderr);
    if (diag.count > 0)
        done = false;
    diag_free(&diag);
    conf_free(conf);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
