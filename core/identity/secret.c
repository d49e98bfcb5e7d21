#include "identity/secret.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RANDOM_BYTES = 24, /* 192 bits, as hex */
    RANDOM_TEXT_BYTES = RANDOM_BYTES * 2 + 1,
    OWNER_ONLY = 0600,
    OTHERS = 077,
};

/* Where a secret stands, what it is called, the key that names its file, and how to get another. */
struct place {
    const char *path, *what, *key, *remedy;
    struct diag *diag;
};

struct secret {
    size_t len;
    char text[SECRET_FILE_BYTES_MAX];
};

static const struct place forwarding = {.what = "forwarding secret",
                                        .key = "forwarding_secret_file",
                                        .remedy = "delete the file, and sekisho run makes a new "
                                                  "one"};

__attribute__((format(printf, 2, 3))) static int refuse(const struct place *place,
                                                        const char *format, ...)
{
    va_list args;
    char *message = NULL;

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        abort();
    va_end(args);
    diag_add(place->diag, place->path, 0, "the %s %s", place->what, message);
    free(message);
    return ERR_INVALID;
}

/* The name of a new file is on disk when its folder is. */
static bool sync_folder(const char *path)
{
    char *copy = mem_strdup(path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = folder >= 0 && fsync(folder) == 0;

    if (folder >= 0)
        close(folder);
    free(copy);
    return synced;
}

static bool write_random(int file)
{
    char text[RANDOM_TEXT_BYTES];
    bool written;

    random_hex(text, RANDOM_BYTES);
    /* A umask can only have taken bits away; its owner has to be able to read it. */
    written = fchmod(file, OWNER_ONLY) == 0 &&
              write(file, text, sizeof text - 1) == (ssize_t)sizeof text - 1 && fsync(file) == 0;
    mem_wipe(text, sizeof text);
    return written;
}

/* Returns 0 when the file is there now, whoever made it. */
static int create(const struct place *place)
{
    int file = open(place->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);
    bool written;

    if (file < 0 && errno == EEXIST)
        return 0;
    if (file < 0 && errno == ENOENT)
        return refuse(place,
                      "has no folder to be created in; create the folder, or name another file "
                      "as %s",
                      place->key);
    if (file < 0)
        return refuse(place,
                      "cannot be created: %s; make its folder writable, or write a secret of 32 "
                      "and more random characters into the file",
                      strerror(errno));
    written = write_random(file);
    written = close(file) == 0 && written;
    if (written && sync_folder(place->path)) {
        log_info("%s created file=%s", place->what, place->path);
        return 0;
    }
    unlink(place->path);
    return refuse(place, "cannot be written; is the disk full?");
}

/* Neither waits for the other end of a pipe, nor follows what only looks like a file. */
static int check_file(int file, const struct place *place)
{
    struct stat stat;

    if (fstat(file, &stat) < 0 || !S_ISREG(stat.st_mode))
        return refuse(place,
                      "has to be a regular file; remove what is there, or name another file as %s",
                      place->key);
    if (stat.st_mode & OTHERS)
        return refuse(place, "is open to others (mode %04o); run: chmod 600 %s",
                      (unsigned)(stat.st_mode & 07777), place->path);
    return 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(struct secret *secret)
{
    size_t start = 0;

    while (secret->len > 0 && is_space(secret->text[secret->len - 1]))
        secret->len--;
    while (start < secret->len && is_space(secret->text[start]))
        start++;
    secret->len -= start;
    memmove(secret->text, secret->text + start, secret->len);
}

static bool is_line(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < ' ' || text.data[i] == 0x7F)
            return false;
    return slice_is_utf8(text);
}

static int read_text(int file, const struct place *place, struct secret *secret)
{
    char more;
    ssize_t len;

    while (secret->len < sizeof secret->text) {
        len = read(file, secret->text + secret->len, sizeof secret->text - secret->len);
        if (len < 0)
            return refuse(place, "cannot be read");
        if (len == 0)
            break;
        secret->len += (size_t)len;
    }
    if (read(file, &more, 1) != 0)
        return refuse(place, "is longer than 1 KiB; is this the right file?");
    trim(secret);
    if (secret->len == 0)
        return refuse(place, "is empty; %s", place->remedy);
    if (secret->len < SECRET_BYTES_MIN)
        return refuse(place, "has fewer than 8 characters and can be guessed; %s", place->remedy);
    if (!is_line(secret_bytes(secret)))
        return refuse(place, "has to be one line of text; is this the right file?");
    return 0;
}

static int open_file(const struct place *place, enum secret_mode mode, int *file)
{
    int err;

    *file = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*file < 0 && errno == ENOENT && mode == SECRET_CREATE) {
        err = create(place);
        if (err < 0)
            return err;
        *file = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    if (*file >= 0)
        return 0;
    if (errno == ENOENT && mode == SECRET_LOOK)
        return ERR_NOT_FOUND;
    return refuse(place, "cannot be opened: %s; let its owner read it", strerror(errno));
}

static int open_place(const struct place *place, enum secret_mode mode, struct secret **out)
{
    struct secret *secret;
    int file;
    int err = open_file(place, mode, &file);

    if (err < 0)
        return err;
    secret = mem_alloc(sizeof *secret);
    err = check_file(file, place);
    if (err == 0)
        err = read_text(file, place, secret);
    close(file);
    if (err < 0)
        secret_free(secret);
    else
        *out = secret;
    return err;
}

int secret_open(const char *path, enum secret_mode mode, struct diag *diag, struct secret **out)
{
    struct place place = forwarding;

    place.path = path;
    place.diag = diag;
    return open_place(&place, mode, out);
}

int secret_open_on_erasure(const struct conf_on_erasure *on_erasure, struct diag *diag,
                           struct secret **out)
{
    struct place place = {.path = on_erasure->secret_file, .diag = diag};
    int err;

    place.what = on_erasure->webhook ? "secret of the webhook" : "password of RCON";
    place.key = on_erasure->webhook ? "secret_file" : "password_file";
    place.remedy = "choose a longer one, there and here";
    err = open_place(&place, SECRET_LOOK, out);
    if (err == ERR_NOT_FOUND)
        (void)!refuse(&place,
                      "is not there; write it into this file, readable by its owner alone (mode "
                      "0600), or name another file as %s",
                      place.key);
    return err;
}

int secret_check_servers(const struct conf *conf, struct diag *diag)
{
    size_t complaints = diag->count;

    for (size_t i = 0; i < conf->server_count; i++) {
        const struct conf_server *server = &conf->servers[i];
        struct secret *secret = NULL;
        struct diag why = {0};

        if (conf_is_told_of_erasures(server) && server->on_erasure.secret_file &&
            secret_open_on_erasure(&server->on_erasure, &why, &secret) < 0)
            diag_add(diag, conf->path, server->on_erasure.line, "servers.%s.on_erasure: %s: %s",
                     server->name, why.entries[0].file, why.entries[0].message);
        diag_free(&why);
        secret_free(secret);
    }
    return diag->count > complaints ? ERR_INVALID : 0;
}

struct slice secret_bytes(const struct secret *secret)
{
    return secret ? slice_of(secret->text, secret->len) : (struct slice){0};
}

void secret_free(struct secret *secret)
{
    if (!secret)
        return;
    mem_wipe(secret, sizeof *secret);
    free(secret);
}
