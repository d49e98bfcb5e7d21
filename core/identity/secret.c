#include "identity/secret.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MADE_BYTES = 24, MADE_TEXT_BYTES = 2 * MADE_BYTES + 1 };

struct secret {
    size_t len;
    char text[SECRET_BYTES_MAX];
};

/* Makes the file if there is none. Returns 0 or ERR_IO, with errno. */
static int make_file(const char *path)
{
    char text[MADE_TEXT_BYTES];
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    ssize_t written;

    if (file < 0)
        return errno == EEXIST ? 0 : ERR_IO;
    random_hex(text, MADE_BYTES);
    text[MADE_TEXT_BYTES - 1] = '\n';
    written = write(file, text, sizeof text);
    mem_wipe(text, sizeof text);
    if (close(file) != 0 || written != (ssize_t)sizeof text) {
        unlink(path);
        return ERR_IO;
    }
    log_info("%s was made, with a new secret; give the same to the other side", path);
    return 0;
}

static bool is_private(int file, const char *path, struct diag *diag)
{
    struct stat stat;

    if (fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        diag_add(diag, path, 0, "is no file; name one in forwarding_secret_file");
        return false;
    }
    if (stat.st_mode & (S_IRWXG | S_IRWXO)) {
        diag_add(diag, path, 0,
                 "others than its owner can get at this secret; run: chmod 600 \"%s\"", path);
        return false;
    }
    return true;
}

/* Returns the bytes read; less than all of it only where it is longer than `size`. */
static ssize_t read_whole(int file, char *text, size_t size)
{
    size_t len = 0;

    while (len < size) {
        ssize_t count = read(file, text + len, size - len);

        if (count < 0)
            return count;
        if (count == 0)
            break;
        len += (size_t)count;
    }
    return (ssize_t)len;
}

static int read_secret(int file, const char *path, struct diag *diag, struct secret *secret)
{
    ssize_t len = read_whole(file, secret->text, sizeof secret->text);

    while (len > 0 && isspace((unsigned char)secret->text[len - 1]))
        len--;
    if (len < 0)
        diag_add(diag, path, 0, "cannot be read: %s", strerror(errno));
    else if (len == 0)
        diag_add(diag, path, 0, "holds no secret; remove the file to have one made");
    else if (len == SECRET_BYTES_MAX)
        diag_add(diag, path, 0, "is too long; a secret has less than %d bytes", SECRET_BYTES_MAX);
    secret->len = len > 0 ? (size_t)len : 0;
    return len > 0 && len < SECRET_BYTES_MAX ? 0 : ERR_INVALID;
}

int secret_load(const char *path, bool create, struct diag *diag, struct secret **out)
{
    struct secret *secret;
    int err = create ? make_file(path) : 0;
    int file = err == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (file < 0) {
        diag_add(diag, path, 0, "cannot be %s: %s", err < 0 ? "made" : "opened", strerror(errno));
        return ERR_INVALID;
    }
    secret = mem_alloc(sizeof *secret);
    err = is_private(file, path, diag) ? read_secret(file, path, diag, secret) : ERR_INVALID;
    close(file);
    if (err < 0)
        secret_free(secret);
    else
        *out = secret;
    return err;
}

struct slice secret_bytes(const struct secret *secret)
{
    return slice_of(secret->text, secret->len);
}

void secret_free(struct secret *secret)
{
    if (!secret)
        return;
    mem_wipe(secret, sizeof *secret);
    free(secret);
}
