#include "identity/secret.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RANDOM_BYTES = 24, /* 192 bits, as hex */
    RANDOM_TEXT_BYTES = RANDOM_BYTES * 2 + 1,
    OWNER_ONLY = 0600,
    OTHERS = 077,
};

struct secret {
    size_t len;
    char text[SECRET_FILE_BYTES_MAX];
};

static int refuse(struct diag *diag, const char *path, const char *what)
{
    diag_add(diag, path, 0, "%s", what);
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
static int create(const char *path, struct diag *diag)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);
    bool written;

    if (file < 0 && errno == EEXIST)
        return 0;
    if (file < 0 && errno == ENOENT)
        return refuse(diag, path,
                      "the folder of the forwarding secret does not exist; create it, or name "
                      "another file as forwarding_secret_file");
    if (file < 0) {
        diag_add(diag, path, 0,
                 "the forwarding secret cannot be created: %s; make its folder writable, or write "
                 "a secret of 32 and more random characters into the file",
                 strerror(errno));
        return ERR_INVALID;
    }
    written = write_random(file);
    written = close(file) == 0 && written;
    if (written && sync_folder(path)) {
        log_info("forwarding secret created file=%s", path);
        return 0;
    }
    unlink(path);
    return refuse(diag, path, "the forwarding secret cannot be written; is the disk full?");
}

/* Neither waits for the other end of a pipe, nor follows what only looks like a file. */
static int check_file(int file, const char *path, struct diag *diag)
{
    struct stat stat;

    if (fstat(file, &stat) < 0 || !S_ISREG(stat.st_mode))
        return refuse(diag, path,
                      "the forwarding secret has to be a regular file; remove what is there, or "
                      "name another file as forwarding_secret_file");
    if (stat.st_mode & OTHERS) {
        diag_add(diag, path, 0,
                 "the forwarding secret is open to others (mode %04o); run: chmod 600 %s",
                 (unsigned)(stat.st_mode & 07777), path);
        return ERR_INVALID;
    }
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

static int read_text(int file, const char *path, struct diag *diag, struct secret *secret)
{
    char more;
    ssize_t len;

    while (secret->len < sizeof secret->text) {
        len = read(file, secret->text + secret->len, sizeof secret->text - secret->len);
        if (len < 0)
            return refuse(diag, path, "the forwarding secret cannot be read");
        if (len == 0)
            break;
        secret->len += (size_t)len;
    }
    if (read(file, &more, 1) != 0)
        return refuse(diag, path,
                      "the forwarding secret is longer than 1 KiB; is this the right file?");
    trim(secret);
    if (secret->len == 0)
        return refuse(diag, path,
                      "the forwarding secret is empty; delete the file, and sekisho run makes a "
                      "new one");
    if (secret->len < SECRET_BYTES_MIN)
        return refuse(
            diag, path,
            "the forwarding secret has fewer than 8 characters and can be guessed; delete "
            "the file, and sekisho run makes a new one");
    if (!is_line(secret_bytes(secret)))
        return refuse(diag, path,
                      "the forwarding secret has to be one line of text; is this the right file?");
    return 0;
}

static int open_file(const char *path, enum secret_mode mode, struct diag *diag, int *file)
{
    int err;

    *file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*file < 0 && errno == ENOENT && mode == SECRET_CREATE) {
        err = create(path, diag);
        if (err < 0)
            return err;
        *file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    if (*file >= 0)
        return 0;
    if (errno == ENOENT && mode == SECRET_LOOK)
        return ERR_NOT_FOUND;
    diag_add(diag, path, 0, "the forwarding secret cannot be opened: %s; let its owner read it",
             strerror(errno));
    return ERR_INVALID;
}

int secret_open(const char *path, enum secret_mode mode, struct diag *diag, struct secret **out)
{
    struct secret *secret;
    int file;
    int err = open_file(path, mode, diag, &file);

    if (err < 0)
        return err;
    secret = mem_alloc(sizeof *secret);
    err = check_file(file, path, diag);
    if (err == 0)
        err = read_text(file, path, diag, secret);
    close(file);
    if (err < 0)
        secret_free(secret);
    else
        *out = secret;
    return err;
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
