#include "identity/secrets.h"

#include "base/err.h"
#include "base/mem.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

struct secret_file {
    char *path;
    struct secret *secret; /* NULL: it is not there yet */
};

/* Who goes by a secret: the servers in the order of the configuration, and behind them upstream. */
struct secrets {
    struct secret_file *files; /* each path once */
    size_t file_count;
    size_t server_count;
    int *holders; /* an index into `files` for each, or NONE */
};

enum { NONE = -1 };

/* Of a holder; NULL: it goes by none. */
static const char *path_of(const struct conf *conf, size_t holder)
{
    if (holder < conf->server_count)
        return conf->servers[holder].forwarding_secret_file;
    return conf->auth == CONF_AUTH_FORWARDED ? conf->forwarding_secret_file : NULL;
}

/* Returns its index. What is wrong with it stands in `diag`, once. */
static int add_file(struct secrets *secrets, const char *path, enum secret_mode mode,
                    struct diag *diag)
{
    struct secret_file *file;

    for (size_t i = 0; i < secrets->file_count; i++)
        if (strcmp(secrets->files[i].path, path) == 0)
            return (int)i;
    secrets->files = mem_resize(secrets->files, (secrets->file_count + 1) * sizeof *secrets->files);
    file = &secrets->files[secrets->file_count];
    *file = (struct secret_file){.path = mem_strdup(path)};
    (void)!secret_open(path, mode, diag, &file->secret);
    return (int)secrets->file_count++;
}

static bool is_same(const struct secrets *secrets, int a, int b)
{
    struct slice one = secret_bytes(secrets->files[a].secret);

    return a == b || (one.len > 0 && secret_equal(one, secret_bytes(secrets->files[b].secret)));
}

/* Another one who goes by the secret of this server; NONE: nobody does. */
static int find_sharer(const struct secrets *secrets, size_t server)
{
    for (size_t i = 0; i <= secrets->server_count; i++)
        if (i != server && secrets->holders[i] != NONE &&
            is_same(secrets, secrets->holders[server], secrets->holders[i]))
            return (int)i;
    return NONE;
}

void secrets_check(const struct secrets *secrets, const struct conf *conf, struct diag *diag)
{
    for (size_t i = 0; i < secrets->server_count; i++) {
        const struct conf_server *server = &conf->servers[i];
        int sharer = NONE;

        if (server->third_party && secrets->holders[i] != NONE)
            sharer = find_sharer(secrets, i);
        if (sharer == NONE)
            continue;
        diag_add(diag, conf->path, server->line,
                 "servers.%s: others run it, and its forwarding secret is also that of %s: with "
                 "it they could pass for Sekisho there; give it one of its own, "
                 "forwarding_secret_file = \"config/%s.secret\"",
                 server->name,
                 (size_t)sharer == secrets->server_count ? "the proxy in front"
                                                         : conf->servers[sharer].name,
                 server->name);
    }
}

int secrets_open(const struct conf *conf, enum secret_mode mode, struct diag *diag,
                 struct secrets **out)
{
    struct secrets *secrets = mem_alloc(sizeof *secrets);
    size_t complaints = diag->count;

    secrets->server_count = conf->server_count;
    secrets->holders = mem_array(conf->server_count + 1, sizeof *secrets->holders);
    for (size_t i = 0; i <= conf->server_count; i++) {
        const char *path = path_of(conf, i);

        secrets->holders[i] = path ? add_file(secrets, path, mode, diag) : NONE;
    }
    secrets_check(secrets, conf, diag);
    if (diag->count == complaints) {
        *out = secrets;
        return 0;
    }
    secrets_free(secrets);
    return ERR_INVALID;
}

static struct slice held(const struct secrets *secrets, size_t holder)
{
    int file = secrets->holders[holder];

    return file == NONE ? (struct slice){0} : secret_bytes(secrets->files[file].secret);
}

struct slice secrets_of_server(const struct secrets *secrets, size_t server)
{
    return held(secrets, server);
}

struct slice secrets_of_upstream(const struct secrets *secrets)
{
    return held(secrets, secrets->server_count);
}

void secrets_print(const struct secrets *secrets, FILE *out)
{
    for (size_t i = 0; i < secrets->file_count; i++)
        fprintf(out, "forwarding secret %s: %s\n", secrets->files[i].path,
                secrets->files[i].secret ? "readable by its owner alone"
                                         : "not there yet; sekisho run creates it");
}

void secrets_free(struct secrets *secrets)
{
    if (!secrets)
        return;
    for (size_t i = 0; i < secrets->file_count; i++) {
        secret_free(secrets->files[i].secret);
        free(secrets->files[i].path);
    }
    free(secrets->files);
    free(secrets->holders);
    free(secrets);
}
